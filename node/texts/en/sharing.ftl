# What pages say of themselves to search engines, and to who shares them.

site-description = Tickets for theatre, concerts, movies and sport. Pick your seats on a live map, and pay what you see.
venue-description = What’s on at { $venue }: dates, prices and seats.
event-description = Dates, prices and seats for { $event }.
