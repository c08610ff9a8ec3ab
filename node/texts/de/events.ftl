events = Events
kind = Art
kind-any = Alle
city-or-zip = Ort oder Postleitzahl
anywhere = Überall
from-day = Ab
until-day = Bis
picks-personal = Für Sie
picks-near = In Ihrer Nähe
picks-popular = Beliebt
because-followed = Sie folgen { $name }
because-like = Ähnlich wie „{ $name }“
because-near = { $distance } entfernt
everything-on = Das ganze Programm
nothing-found = Nichts gefunden
no-events-hint = Zu diesen Filtern passt kein Event. Versuchen Sie es mit einer größeren Stadt in der Nähe, einer anderen Art oder einem früheren Datum.
show-everything = Alles anzeigen
event-summary = { $kind }: Termine, Preise und Plätze für { $title }.
venue-summary = Programm: { $name }, { $place }. Termine, Preise und Plätze.
venue-heading = Programm: { $name }, { $place }
more-events = Weitere Events
take-along = Diese Liste mitnehmen:
calendar = Kalender
feed = Feed
no-dates-yet = Noch keine Termine
dates = { $count ->
    [one] { $count } Termin
   *[other] { $count } Termine
}
over-dates = { $count ->
    [one] mehr als { $count } Termin
   *[other] mehr als { $count } Termine
}

dates-and-tickets = Termine und Tickets
no-dates-hint = Es gibt noch keine Termine. Schauen Sie später wieder vorbei.
later-dates = Spätere Termine
add-to-calendar = Termine in Ihren Kalender übernehmen
presented-by = Veranstalter
genre = Genre
spoken-language = Sprache
length = Dauer
rated = Freigabe
hours-and-minutes = { $hours } Std. { $minutes } Min.
only-hours = { $hours } Std.
only-minutes = { $minutes } Min.
choose-seats = Plätze wählen
cancelled = Abgesagt
sale-is-over = Verkauf beendet
on-sale-from = Verkaufsstart: { $when }
follow-heading = Nichts verpassen
follow-hint = Ihre Favoriten stehen in Ihren Empfehlungen ganz oben.
follow-event = Diesem Event folgen
following-event = Sie folgen diesem Event
follow = { $name } folgen
following = Sie folgen { $name }
reviews-heading = Das sagen Besucher
from-reviews = { $count ->
    [one] aus { $count } Bewertung
   *[other] aus { $count } Bewertungen
}
organizer-answers = Antwort des Veranstalters
were-you-there = Waren Sie dabei? Erzählen Sie, wie es war
stars = Sterne
in-a-few-words = In wenigen Worten
send = Absenden
review-hint = Für alle mit Ticket, nach der Vorstellung. Andere sehen Ihren Vornamen.
change-your-review = Sie haben erzählt, wie es war. Ändern
save-review = Speichern
# $because: was der Support geschrieben hat.
review-hidden = Andere sehen nicht, was Sie geschrieben haben: { $because }
review-too-long = Höchstens { $max } Zeichen; das sind { $count }.
review-unreadable = Es enthält Zeichen, die sich nicht zeigen lassen. Schreiben Sie es ohne sie.

on-here = Das läuft hier
nothing-planned = Hier ist noch nichts geplant.

kind-movie = Film
kind-concert = Konzert
kind-theatre = Theater
kind-musical = Musical
kind-opera = Oper
kind-dance = Tanz
kind-sport = Sport
kind-comedy = Comedy
kind-family = Familie
kind-festival = Festival
kind-talk = Vortrag
kind-other = Sonstiges
kind-venue = Spielstätte
kind-person = Künstler
kind-help = Hilfe
venue-theater = Theater
venue-cinema = Kino
venue-arena = Arena
venue-stadium = Stadion
venue-concert-hall = Konzerthaus
venue-opera-house = Opernhaus
venue-club = Club
venue-comedy-club = Comedy-Club
venue-open-air = Freilichtbühne
venue-other = Sonstiges

language-en = Englisch
language-de = Deutsch
language-es = Spanisch
language-fr = Französisch
language-it = Italienisch
language-ja = Japanisch
language-ko = Koreanisch
language-pt = Portugiesisch
language-ru = Russisch
language-zh = Chinesisch
