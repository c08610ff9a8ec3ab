# What stands around every page, and words that several pages share.

skip-to-content = Skip to content
main-navigation = Main
breadcrumb = Breadcrumb
language = Language
whats-on = What’s on
my-bookings = My bookings
cluster = Cluster
help = Help
refunds = Refunds
for-developers = For developers
promise = Marquee sells every seat once. Prices are what you pay.
# $age: how long ago, such as "12 seconds".
stale = You see what this place knew { $age } ago. What is free may have changed; buying works again in a moment.
site-description = Tickets for theatre, concerts, movies and sport. Pick your seats on a live map, and pay what you see.
search = Search
search-everything = Everything
search-placeholder = Search events, people, places
how-refunds-work = How refunds work
# The price in brackets is shown larger.
from-price = from [{ $price }]
stars-of-five = { $stars } of 5 stars

tickets = { $count ->
    [one] { $count } ticket
   *[other] { $count } tickets
}
seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
# The time zone of a place, where it has no short name that people know.
time-of-city = { $city } time
metres-away = { $distance }{ "\u00A0" }m
kilometres-away = { $distance }{ "\u00A0" }km
miles-away = { $distance }{ "\u00A0" }mi
