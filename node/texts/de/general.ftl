skip-to-content = Zum Inhalt springen
main-navigation = Hauptnavigation
breadcrumb = Sie sind hier
language = Sprache
whats-on = Programm
my-bookings = Meine Buchungen
cluster = Cluster
help = Hilfe
refunds = Erstattungen
for-developers = Für Entwickler
promise = Marquee verkauft jeden Platz nur einmal. Der angezeigte Preis ist der Endpreis.
stale = Sie sehen den Stand von vor { $age }. Inzwischen können Plätze vergeben sein; gleich können Sie wieder buchen.
site-description = Tickets für Theater, Konzerte, Kino und Sport. Wählen Sie Ihre Plätze im aktuellen Saalplan, zum angezeigten Endpreis.
search = Suchen
search-everything = Alles durchsuchen
search-placeholder = Events, Künstler, Orte suchen
how-refunds-work = So funktionieren Erstattungen
from-price = ab [{ $price }]
stars-of-five = { $stars } von 5 Sternen

tickets = { $count ->
    [one] { $count } Ticket
   *[other] { $count } Tickets
}
seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
}
minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
# After "vor": in the dative.
days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tagen
}
time-of-city = Ortszeit { $city }
metres-away = { $distance }{ "\u00A0" }m
kilometres-away = { $distance }{ "\u00A0" }km
miles-away = { $distance }{ "\u00A0" }Meilen
