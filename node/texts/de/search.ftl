search-found = { $count ->
    [one] { $count } Treffer für „{ $words }“
   *[other] { $count } Treffer für „{ $words }“
}
search-found-nothing = Keine Treffer für „{ $words }“
find-something = Finden Sie etwas, das Sie sehen wollen
narrow-results = Ergebnisse eingrenzen
price-up-to = Preis bis
any-price = Beliebig
order-of-results = Sortierung
sort-relevance = Beste zuerst
sort-date = Früheste zuerst
sort-distance = Nächste zuerst
sort-price = Günstigste zuerst
sort-rating = Bestbewertete zuerst
with-free-places = Mit freien Plätzen
apply = Anwenden
search-understood = Verstanden:
search-did-you-mean = Meinten Sie [{ $words }]?
no-such-zip = Die Postleitzahl { $zip } gibt es nicht. In der Nähe liegen
no-results-hint = Versuchen Sie es mit weniger Wörtern, anderer Schreibweise oder einem größeren Ort. Auf Englisch können Sie auch ganze Sätze schreiben: “jazz near 60601 this weekend”.
see-whats-on = Zum Programm
more-results = Weitere Treffer
sold-out = Ausverkauft
places-left = { $count ->
    [one] Noch { $count } Platz
   *[other] Noch { $count } Plätze
}
within = { $place }, Umkreis { $distance }
near-you = in Ihrer Nähe
day-to-day = { $from } bis { $to }
free-of-charge = kostenlos
up-to-price = bis { $price }

kinds-concert = Konzerte
kinds-movie = Filme
kinds-theatre = Theater
kinds-musical = Musicals
kinds-opera = Oper
kinds-dance = Tanz
kinds-sport = Sport
kinds-comedy = Comedy
kinds-family = Familie
kinds-festival = Festivals
kinds-talk = Vorträge
kinds-other = Sonstige Events
kinds-venue = Spielstätten
kinds-person = Künstler
