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
go-on-there = Beim nächsten Server weitermachen
no-connection = Keine Verbindung
no-connection-words = Der Server ist nicht erreichbar. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.
did-not-work = Das hat nicht geklappt
answer-not-understood = Die Antwort ist nicht zu verstehen. Laden Sie die Seite neu.

dismiss = Schließen
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
area-shrank = { $count ->
    [one] { $area } hat nur noch { $count } Platz. Ihre Auswahl wurde verkleinert.
   *[other] { $area } hat nur noch { $count } Plätze. Ihre Auswahl wurde verkleinert.
}
live = Live
reconnecting = Verbindung wird wiederhergestellt …
map-changed = Geändert
load-again = Neu laden
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
seat-is-restricted = Sicht eingeschränkt
seats-fit = { $count ->
    [one] { $count } freier Platz passt.
   *[other] { $count } freie Plätze passen.
}
list-none-fit = Kein freier Platz passt. Zeigen Sie alle Plätze, oder suchen Sie weniger streng.
map-not-shown = Der Saalplan lässt sich hier nicht anzeigen. „Beste verfügbare“ funktioniert auch ohne ihn.
map-did-not-arrive = Der Saalplan konnte nicht geladen werden
try-again = Noch einmal versuchen
seats-place = { $section }, Reihe { $row }, Plätze { $seats }
just-taken = { $count ->
    [one] { $places } hat gerade jemand anderes genommen. Der Platz ist nicht mehr in Ihrer Auswahl.
   *[other] { $places } hat gerade jemand anderes genommen. Die Plätze sind nicht mehr in Ihrer Auswahl.
}
find-nearest = { $count ->
    [one] Den nächstgelegenen Platz suchen
   *[other] Die nächstgelegenen Plätze suchen
}
taken-before-hold = { $count ->
    [one] { $places } hat eben jemand anderes genommen; es wurde nichts reserviert.
   *[other] { $places } hat eben jemand anderes genommen; es wurde nichts reserviert.
}
from-amount = ab { $price }
seats-free = { $count ->
    [one] { $count } Platz frei
   *[other] { $count } Plätze frei
}
section-sold-out = ausverkauft
map-filtered = Der Plan zeigt nur, was Sie ausgewählt haben.
map-unfiltered = Der Plan zeigt alle Plätze.
none-like-these = Andere wie diese gibt es nicht.
ask-for-fewer = Nehmen Sie weniger Tickets, oder suchen Sie überall statt an einer Stelle.
no-seats-found = { $count ->
    [one] Kein freier Platz gefunden.
   *[other] Keine { $count } freien Plätze gefunden.
}
best-for-you = Die besten für Sie: { $places }, zusammen { $total }.
not-side-by-side = Nicht nebeneinander, aber nah beieinander: { $places }, zusammen { $total }.
take-them = Nehmen
show-others = Andere zeigen
none-together = { $seats } Plätze nebeneinander gibt es nicht mehr.
places-selected = { $places } ausgewählt.
nothing-like-it = Etwas Ähnliches ist nicht mehr frei.
row-and-seat = Reihe { $row }, Platz { $seats }
row-and-seats = Reihe { $row }, Plätze { $seats }
two-apart = Diese beiden liegen auseinander: { $places }.
some-apart = Diese liegen nicht alle nebeneinander: { $places }.
find-together = { $seats } Plätze nebeneinander in der Nähe suchen
seat-in-row = Platz { $seat } in Reihe { $row }
leaves-single = { $count ->
    [one] So bleibt { $places } allein, und kaum jemand sitzt gern allein. Rücken Sie, wenn es geht, um einen Platz weiter.
   *[other] So bleiben { $places } allein, und kaum jemand sitzt gern allein. Rücken Sie, wenn es geht, um einen Platz weiter.
}
map-live-again = Der Saalplan ist wieder aktuell.
map-changed-words = Der Veranstalter hat den Saalplan geändert.
you-are-offline = Sie sind offline.
line-is-broken = Die Verbindung zu uns ist unterbrochen.
map-shows-state-of = Der Plan zeigt, was um { $time } frei war; er macht von selbst weiter, sobald die Verbindung wieder steht.
map-may-be-old = Der Plan ist vielleicht veraltet; er macht von selbst weiter, sobald die Verbindung wieder steht.
sketch-of-view = Skizze der Sicht. { $words }
about-from-stage = Etwa { $distance } entfernt: { $stage }
stage-stage = Bühne
stage-pitch = Spielfeld
stage-screen = Leinwand
