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
no-connection = No connection
no-connection-words = The server cannot be reached. Check your connection and try again.
did-not-work = That did not work
answer-not-understood = The answer cannot be understood. Reload the page.

# The seat map.
dismiss = Dismiss
map-not-shown = The seat map cannot be shown here. Use “Best available” below.
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
just-taken = { $count ->
    [one] { $places } was just taken by somebody else. It was removed from your selection.
   *[other] { $places } were just taken by somebody else. They were removed from your selection.
}
area-shrank = { $count ->
    [one] { $area } has only { $count } place left. Your selection was reduced.
   *[other] { $area } has only { $count } places left. Your selection was reduced.
}
live = Live
reconnecting = Reconnecting…
map-changed = Changed
map-changed-words = The seat map was changed by the organizer.
load-again = Load it again
taken-before-hold = { $count ->
    [one] { $places } was taken by somebody else a moment ago, so nothing was held.
   *[other] { $places } were taken by somebody else a moment ago, so nothing was held.
}
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
