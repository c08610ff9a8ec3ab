# What is on: the first page, events, venues.

events = Events
kind = Kind
kind-any = Everything
city-or-zip = City or zip code
anywhere = Anywhere
from-day = From
until-day = Until
picks-personal = For you
picks-near = Near you
picks-popular = Popular
# Why an event was picked.
because-followed = You follow { $name }
because-like = Like { $name }
because-near = { $distance } away
everything-on = Everything that is on
nothing-found = Nothing found
no-events-hint = No event fits these filters. Try a larger city nearby, another kind, or an earlier date.
show-everything = Show everything
event-summary = { $kind }: dates, prices and seats for { $title }.
venue-summary = What’s on at { $name }, { $place }: dates, prices and seats.
venue-heading = What’s on at { $name }, { $place }
more-events = More events
take-along = Take this list with you:
calendar = calendar
feed = feed
no-dates-yet = No dates yet
dates = { $count ->
    [one] { $count } date
   *[other] { $count } dates
}
over-dates = { $count ->
    [one] over { $count } date
   *[other] over { $count } dates
}

# An event.
dates-and-tickets = Dates and tickets
no-dates-hint = There are no dates yet. Come back later.
later-dates = Later dates
add-to-calendar = Add the dates to your calendar
presented-by = Presented by
genre = Genre
spoken-language = Language
length = Length
rated = Rated
hours-and-minutes = { $hours } h { $minutes } min
only-hours = { $hours } h
only-minutes = { $minutes } min
choose-seats = Choose seats
cancelled = Cancelled
sale-is-over = Sale is over
on-sale-from = On sale { $when }
follow-heading = Hear of it first
follow-hint = What you follow comes first in your feed.
follow-event = Follow this event
following-event = Following this event
follow = Follow { $name }
following = Following { $name }
reviews-heading = What people who were there say
from-reviews = { $count ->
    [one] from { $count } review
   *[other] from { $count } reviews
}
organizer-answers = The organizer answers
were-you-there = Were you there? Say how it was
stars = Stars
in-a-few-words = In a few words
send = Send
review-hint = For who had a ticket, once it is over. Readers see your first name.
change-your-review = You said how it was. Change it
save-review = Save
# $because: what support wrote.
review-hidden = Others do not see what you wrote: { $because }
review-too-long = At most { $max } characters; these are { $count }.
review-unreadable = There are signs in it that cannot be shown. Write it anew without them.

# A venue.
on-here = What’s on here
nothing-planned = Nothing is planned here yet.

# What an event or a venue is.
kind-movie = Movie
kind-concert = Concert
kind-theatre = Theatre
kind-musical = Musical
kind-opera = Opera
kind-dance = Dance
kind-sport = Sport
kind-comedy = Comedy
kind-family = Family
kind-festival = Festival
kind-talk = Talk
kind-other = Other
kind-venue = Venue
kind-person = Performer
kind-help = Help
venue-theater = Theater
venue-cinema = Cinema
venue-arena = Arena
venue-stadium = Stadium
venue-concert-hall = Concert hall
venue-opera-house = Opera house
venue-club = Club
venue-comedy-club = Comedy club
venue-open-air = Open air
venue-other = Other

# Languages of events.
language-en = English
language-de = German
language-es = Spanish
language-fr = French
language-it = Italian
language-ja = Japanese
language-ko = Korean
language-pt = Portuguese
language-ru = Russian
language-zh = Chinese
