suggestions = Vorschläge
what-movie = Film
what-concert = Konzert
what-theatre = Theater
what-musical = Musical
what-opera = Oper
what-dance = Tanz
what-sport = Sport
what-comedy = Comedy
what-family = Familie
what-festival = Festival
what-talk = Vortrag
what-other = Sonstiges
what-venue = Spielstätte
what-performer = Künstler
what-help = Hilfe
what-city = Ort
what-genre = Genre

one-minute-left = Noch eine Minute, um Ihre Plätze zu bezahlen.
fifteen-seconds-left = Noch fünfzehn Sekunden.
one-moment = Einen Moment …

moved-here = Der bisherige Server antwortet nicht; Sie machen auf diesem weiter.
moved-on = Der bisherige Server antwortet nicht; ein anderer macht für Sie weiter.
no-connection = Keine Verbindung
no-connection-words = Der Server ist nicht erreichbar. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.
did-not-work = Das hat nicht geklappt
answer-not-understood = Die Antwort ist nicht zu verstehen. Laden Sie die Seite neu.

dismiss = Schließen
map-not-shown = Der Saalplan lässt sich hier nicht anzeigen. Nutzen Sie „Beste verfügbare“ weiter unten.
seat-not-sold-online = nicht online erhältlich
seat-selected = ausgewählt
seat-taken = vergeben
seat-name = Reihe { $row }, Platz { $seat }
seat-place = { $section }, Reihe { $row }, Platz { $seat }
seat-place-short = { $section } · Reihe { $row } · Platz { $seat }
row-name = Reihe { $row }
row-of-section = { $section }, Reihe { $row }
seat-number = Platz { $seat }
is-taken = { $place } ist vergeben.
now-selected = { $place } ausgewählt. { $tickets }, { $total }.
now-removed = { $place } entfernt. { $tickets }, { $total }.
ticket-count = { $count ->
    [one] { $count } Ticket
   *[other] { $count } Tickets
}
just-taken = { $count ->
    [one] { $places } hat gerade jemand anderes genommen. Der Platz wurde aus Ihrer Auswahl entfernt.
   *[other] { $places } hat gerade jemand anderes genommen. Die Plätze wurden aus Ihrer Auswahl entfernt.
}
area-shrank = { $count ->
    [one] { $area } hat nur noch { $count } Platz. Ihre Auswahl wurde verkleinert.
   *[other] { $area } hat nur noch { $count } Plätze. Ihre Auswahl wurde verkleinert.
}
live = Live
reconnecting = Verbindung wird wiederhergestellt …
map-changed = Geändert
map-changed-words = Der Veranstalter hat den Saalplan geändert.
load-again = Neu laden
taken-before-hold = { $count ->
    [one] { $places } hat eben jemand anderes genommen; es wurde nichts reserviert.
   *[other] { $places } hat eben jemand anderes genommen; es wurde nichts reserviert.
}
continue-with-rest = Machen Sie mit den übrigen weiter, oder wählen Sie andere.
choose-others = Wählen Sie andere.
still-held = Für diese Vorstellung sind noch { $left } Minuten lang Plätze für Sie reserviert.
go-to-checkout = Zur Kasse
give-back = Zurückgeben
given-back = Ihre Plätze wurden zurückgegeben.
ticket-for = Ticket für { $place }
remove = Entfernen
remove-place = { $place } entfernen
tickets-for-area = Tickets für { $area }, { $kind }, je { $price }
one-less = Eins weniger: { $kind }, { $area }
one-more = Eins mehr: { $kind }, { $area }
places-left-in-area = { $count ->
    [one] noch { $count }
   *[other] noch { $count }
}
area-sold-out = Ausverkauft
none-free = keine frei
free-count = { $count ->
    [one] { $count } frei
   *[other] { $count } frei
}
not-for-sale = { $place } ist nicht mehr zu haben.
place-not-sold-online = { $place } wird nicht online verkauft.
area-has-left = { $count ->
    [one] { $area } hat noch { $count } Platz.
   *[other] { $area } hat noch { $count } Plätze.
}
one-customer-limit = { $count ->
    [one] Pro Person gibt es für diese Vorstellung { $count } Ticket.
   *[other] Pro Person gibt es für diese Vorstellung { $count } Tickets.
}
seat-is-wheelchair = Rollstuhlplatz
seat-is-companion = Begleitplatz
