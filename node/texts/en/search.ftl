# Searching, and what was found. Parts in brackets are links.

search-found = { $count ->
    [one] { $count } result for “{ $words }”
   *[other] { $count } results for “{ $words }”
}
search-found-nothing = Nothing for “{ $words }”
find-something = Find something to see
narrow-results = Narrow the results
price-up-to = Price up to
any-price = Any
order-of-results = Order
sort-relevance = Best first
sort-date = Soonest first
sort-distance = Nearest first
sort-price = Cheapest first
sort-rating = Best rated first
with-free-places = With free places
apply = Apply
search-understood = Understood:
search-did-you-mean = Did you mean [{ $words }]?
no-such-zip = There is no zip code { $zip }. Near it are
no-results-hint = Try fewer words, another spelling, or a larger place. You can write as you speak: “jazz near 60601 this weekend”.
see-whats-on = See what’s on
more-results = More results
sold-out = Sold out
places-left = { $count ->
    [one] { $count } left
   *[other] { $count } left
}
# What a search was taken to say.
within = { $place }, within { $distance }
near-you = near you
day-to-day = { $from } to { $to }
free-of-charge = free
up-to-price = up to { $price }

# Groups of results.
kinds-concert = Concerts
kinds-movie = Movies
kinds-theatre = Theatre
kinds-musical = Musicals
kinds-opera = Opera
kinds-dance = Dance
kinds-sport = Sport
kinds-comedy = Comedy
kinds-family = Family
kinds-festival = Festivals
kinds-talk = Talks
kinds-other = Other events
kinds-venue = Venues
kinds-person = Performers
