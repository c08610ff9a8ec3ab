# What scripts say. They understand texts, arguments and counting only: no terms, functions or references.

suggestions = Suggestions
# What a suggestion is.
what-movie = movie
what-concert = concert
what-theatre = theatre
what-musical = musical
what-opera = opera
what-dance = dance
what-sport = sport
what-comedy = comedy
what-family = family
what-festival = festival
what-talk = talk
what-other = other
what-venue = venue
what-performer = performer
what-help = help
what-city = city
what-genre = genre

one-minute-left = One minute left to pay for your seats.
fifteen-seconds-left = Fifteen seconds left.
one-moment = One moment…

# When the server does not answer, or not as expected.
moved-here = The server that you were with does not answer, so you go on at this one.
moved-on = The server that you were with does not answer, so another one goes on for you.
go-on-there = Go on at the next server
no-connection = No connection
no-connection-words = The server cannot be reached. Check your connection and try again.
did-not-work = That did not work
answer-not-understood = The answer cannot be understood. Reload the page.

# The seat map.
dismiss = Dismiss
seat-not-sold-online = not sold online
seat-selected = selected
seat-taken = taken
seat-name = Row { $row }, seat { $seat }
seat-place = { $section }, row { $row }, seat { $seat }
seat-place-short = { $section } · Row { $row } · Seat { $seat }
row-name = Row { $row }
row-of-section = { $section }, row { $row }
seat-number = Seat { $seat }
is-taken = { $place } is taken.
now-selected = { $place } selected. { $tickets }, { $total }.
now-removed = { $place } removed. { $tickets }, { $total }.
ticket-count = { $count ->
    [one] { $count } ticket
   *[other] { $count } tickets
}
area-shrank = { $count ->
    [one] { $area } has only { $count } place left. Your selection was reduced.
   *[other] { $area } has only { $count } places left. Your selection was reduced.
}
live = Live
reconnecting = Reconnecting…
map-changed = Changed
load-again = Load it again
continue-with-rest = Continue with the rest, or choose others.
choose-others = Choose others.
still-held = You still hold seats for this performance, for { $left } minutes.
go-to-checkout = Go to checkout
give-back = Give them back
given-back = Your seats were given back.
ticket-for = Ticket for { $place }
remove = Remove
remove-place = Remove { $place }
tickets-for-area = { $kind } tickets for { $area }, { $price } each
one-less = One less: { $kind }, { $area }
one-more = One more: { $kind }, { $area }
places-left-in-area = { $count ->
    [one] { $count } left
   *[other] { $count } left
}
area-sold-out = Sold out
none-free = none free
free-count = { $count ->
    [one] { $count } free
   *[other] { $count } free
}
not-for-sale = { $place } is not for sale any more.
place-not-sold-online = { $place } is not sold online.
area-has-left = { $count ->
    [one] { $area } has { $count } place left.
   *[other] { $area } has { $count } places left.
}
one-customer-limit = { $count ->
    [one] One customer can have { $count } ticket for this performance.
   *[other] One customer can have { $count } tickets for this performance.
}
seat-is-wheelchair = wheelchair space
seat-is-companion = companion seat
seat-is-restricted = restricted view
seats-fit = { $count ->
    [one] { $count } free seat fits.
   *[other] { $count } free seats fit.
}
list-none-fit = No free seat fits. Show all seats, or look for less.
map-not-shown = The seat map cannot be shown here. “Best available” works without it.
map-did-not-arrive = The seat map did not arrive
try-again = Try again
seats-place = { $section }, row { $row }, seats { $seats }
just-taken = { $count ->
    [one] { $places } was just taken by somebody else, and was removed from your selection.
   *[other] { $places } were just taken by somebody else, and were removed from your selection.
}
find-nearest = { $count ->
    [one] Find me the nearest
   *[other] Find me the nearest ones
}
taken-before-hold = { $count ->
    [one] { $places } was taken by somebody else a moment ago, so nothing was held.
   *[other] { $places } were taken by somebody else a moment ago, so nothing was held.
}
from-amount = from { $price }
seats-free = { $count ->
    [one] { $count } seat free
   *[other] { $count } seats free
}
section-sold-out = sold out
map-filtered = The map shows only what you pressed.
map-unfiltered = The map shows all seats.
none-like-these = There are no others like these.
ask-for-fewer = Ask for fewer tickets, or look anywhere instead of in one place.
no-seats-found = { $count ->
    [one] No { $count } seat found.
   *[other] No { $count } seats found.
}
best-for-you = The best for you: { $places }, { $total } in all.
not-side-by-side = Not side by side, but near each other: { $places }, { $total } in all.
take-them = Take them
show-others = Show others
none-together = There are no { $seats } seats side by side any more.
places-selected = { $places } selected.
nothing-like-it = There is nothing like it left.
row-and-seat = row { $row }, seat { $seats }
row-and-seats = row { $row }, seats { $seats }
two-apart = These two are apart: { $places }.
some-apart = These are not all side by side: { $places }.
find-together = Find { $seats } together nearby
seat-in-row = seat { $seat } in row { $row }
leaves-single = { $count ->
    [one] This leaves { $places } single, and few want to sit alone. If you can, move over by one and leave it a neighbour.
   *[other] This leaves { $places } single, and few want to sit alone. If you can, move over by one and leave them a neighbour.
}
map-live-again = The seat map is live again.
map-changed-words = The organizer changed the seat map.
you-are-offline = You are offline.
line-is-broken = The line to us is broken.
map-shows-state-of = The map shows what was free at { $time }; it goes on by itself as soon as the line is back.
map-may-be-old = The map may be old; it goes on by itself as soon as the line is back.
sketch-of-view = Sketch of the view. { $words }
about-from-stage = About { $distance } from: { $stage }
stage-stage = stage
stage-pitch = pitch
stage-screen = screen
