# What organizers read on their pages.

org-organize = Organize
org-optional = optional
org-save = Save
org-back = Cancel
org-busy = One moment…
org-more = Show the next ones
org-edit = Edit
org-apply = Apply
org-find = Find
org-done = Done
org-actions = Actions
org-status = Status
org-keep = Keep it as it is
org-faults = { $count ->
    [one] One thing to correct
   *[other] { $count } things to correct
}
org-sees-all = You are an operator: you see the events of all organizers.
org-as-customers-see = As customers see it
org-not-known = Not known yet
org-counting = Being counted…
org-key = Your own name for it
org-key-hint = For imports: importing twice makes it once.
org-kind = Kind

org-steps-title = From nothing to the first ticket
org-steps-lead = Four steps, and you are on sale.
org-step-venue = A venue
org-step-venue-words = Where it takes place: address, city, and the clock that its times are by.
org-step-hall = A hall with its seat map
org-step-hall-words = Rows, areas and price categories, drawn in minutes.
org-step-event = An event
org-step-event-words = What is shown: title, people, description.
org-step-dates = Dates and prices
org-step-dates-words = One performance, or a whole series at once.

org-venues = Venues
org-venue-new = New venue
org-venue-make = Make the venue
org-venue-about = The venue
org-venue-name = Name
org-venue-place = Where it is
org-venue-point = On the map
org-venue-point-hint = In degrees. People who search near them find it by this.
org-venue-delete = Remove this venue
org-venue-delete-words = The venue and its halls are removed for good.
org-venue-delete-not = It has performances, so it cannot be removed.
org-no-venues = No venues yet
org-address = Street and number
org-city = City
org-zip = Postal code
org-region = State or region
org-country = Country
org-country-hint = Two letters, such as US.
org-time-zone = Time zone
org-time-zone-hint = All times there are by this clock, such as America/New_York.
org-latitude = Degrees north
org-longitude = Degrees east
org-halls = { $count ->
    [one] One hall
   *[other] { $count } halls
}
org-places = { $count ->
    [one] One place
   *[other] { $count } places
}
org-halls-title = Halls
org-hall = Hall
org-hall-new = New hall
org-no-halls = There is no hall yet. Draw the first one.
org-needs-hall = First you need a hall with seats.
org-seats = Seats
org-standing = Standing
org-capacity = Capacity
org-categories = Price categories
org-category = Price category
org-edit-seat-map = Edit seat map

org-event-new = New event
org-event-make = Make the event
org-event-edit = Edit event
org-event-about = The event
org-event-people = People
org-event-facts = Details
org-event-title = Title
org-genres = Genres
org-genres-hint = With commas between them: Jazz, Soul
org-description = Description
org-performers = Performers
org-performers-hint = One to a line.
org-host = Presented by
org-host-hint = If that is worth saying.
org-duration = Duration in minutes
org-duration-hint = With intervals.
org-language = Language spoken
org-language-hint = As a tag: en, de, es-MX
org-age-rating = Age rating
org-age-rating-hint = In the words of its country: PG-13, FSK 12
org-event-delete = Remove this event
org-event-delete-words = { $count ->
    [one] The event and its only date are removed for good. This works only while nobody has ordered anything.
   *[other] The event and its { $count } dates are removed for good. This works only while nobody has ordered anything.
}

org-dates = { $count ->
    [one] One date ahead
   *[other] { $count } dates ahead
}
org-dates-all = { $count ->
    [one] one date
   *[other] { $count } dates
}
org-dates-title = Dates
org-all-dates = All dates
org-no-dates = No dates here
org-no-dates-ahead = Nothing ahead.
org-later-dates = Later dates
org-dates-whole = All dates on one page
org-dates-table = Download all dates (CSV)
org-filter = Which dates
org-filter-show = Show
org-filter-from = From
org-filter-from-fault = Write a day such as 2026-12-01.
org-show-coming = Coming
org-show-on-sale = On sale
org-show-cancelled = Cancelled
org-show-over = Over
org-show-all = All
org-status-cancelled = Cancelled
org-status-over = Over
org-status-not-yet = Not on sale yet
org-status-sale-over = Sale over
org-status-sold-out = Sold out
org-status-on-sale = On sale
org-sold-of = { $sold } of { $capacity } sold
org-when = When
org-where = Where
org-sold = Sold
org-held = Held
org-free = Free
org-killed = Out of sale
org-revenue = Revenue
org-refunded = Paid back
org-waiting = Payments under way
org-tickets = { $count ->
    [one] One ticket
   *[other] { $count } tickets
}
org-tickets-sold = Tickets sold
org-tickets-word = Tickets
org-total = Total
org-prices = Prices

org-performance = This performance
org-performance-new = New performance
org-performance-make = Put it on sale
org-performance-edit = Times, prices and terms
org-performance-delete = Remove this performance
org-performance-delete-words = Nobody has ordered anything, so it can be removed for good.
org-performances-made = { $count ->
    [one] One performance was made.
   *[other] { $count } performances were made.
}
org-hall-hint = The table of prices below belongs to the hall. Update it when you choose another one.
org-when-hint = By the clock of the venue, { $zone }.
org-starts-at = Start
org-doors-at = Doors open
org-on-sale-from = On sale from
org-on-sale-from-hint = At once if it is empty.
org-on-sale-until = On sale until
org-on-sale-until-hint = Until the start if it is empty.
org-on-sale-span = On sale from { $from } until { $until }
org-currency = Currency
org-currency-hint = Three letters, such as USD.
org-concessions = Concessions
org-concessions-hint = With commas between them, the usual one first: adult, child, senior. Then update the table.
org-prices-hint = What a ticket costs. An empty field is not sold.
org-table-update = Update the table
org-refund-policy = When buyers cancel
org-refund-policy-hint = What you call off yourself is always paid back in full.
org-refund-hours = Can cancel until (hours before the start)
org-refund-hours-hint = 24 means: until a day before.
org-fee = Fee in percent of the price
org-fee-hint = What you keep. 100 means that nothing goes back.
org-limits = Limits
org-ticket-limit = Tickets per customer
org-ticket-limit-hint = 0 for no limit.
org-hold-minutes = Minutes that seats are kept
org-hold-minutes-hint = While somebody decides.
org-extension-minutes = Minutes more, once
org-payment-minutes = Minutes to pay, at least
org-note-prices = Prices and limits hold for what is sold from then on. Sold tickets keep the price they were bought for.
org-note-refunds = The rule for cancelling holds for later orders too: every order keeps the rule it was bought under.
org-note-times = Tickets were ordered. To change the start, see first who is affected:
org-seat-map = Seat map
org-seat-map-current = The one that is sold (version { $version })
org-seat-map-latest = The latest of the hall (version { $version })
org-seat-map-hint = Refused if seats that somebody has would be lost.
org-kill-seats = Take seats out of sale
org-seat-map-live = Live seat map

org-series-new = New series
org-series-preview = See all dates
org-series-make = Make them all
org-series-make-hint = Nothing has been made yet.
org-series-count = { $count ->
    [one] One performance would be made
   *[other] { $count } performances would be made
}
org-series-taken = { $count ->
    [one] The hall has something else at one of them
   *[other] The hall has something else at { $count } of them
}
org-series-from = First day
org-series-until = Last day
org-weekdays = Days of the week
org-series-times = Times
org-series-times-hint = With commas between them: 15:00, 19:30
org-series-except = But not on
org-series-except-hint = Days with commas between them: 2026-12-24, 2026-12-25
org-sale = Sale
org-doors-before = Doors open, minutes before
org-sale-ends-before = Sale ends, minutes before
org-minutes-before-hint = 0: at the start.

org-now = Just now
org-minutes = Orders per minute
org-minutes-words = { $all } orders in the last 30 minutes, { $last } in this one
org-by-category = By price category
org-refunds-failed = { $count ->
    [one] One refund was refused by the gateway: look at the orders.
   *[other] { $count } refunds were refused by the gateway: look at the orders.
}
org-told-cancelled = It is called off. Nothing more is sold.
org-told-rescheduled = It has the new time. All tickets stay valid.
org-cancelled-title = This performance was called off
org-cancelled-progress = { $orders } orders are still to be cancelled, { $refunds } refunds are under way.
org-cancelled-all-refunded = Everybody has been refunded.

org-call-off = Call it off
org-call-off-words = Nothing more is sold, and everybody gets everything back, whatever the policy says. This cannot be undone.
org-call-off-reason-hint = The buyers read this.
org-affected = Who is affected
org-nobody-affected = Nobody has ordered or holds anything.
org-goes-back = Goes back
org-reason = Reason
org-reschedule = Reschedule
org-reschedule-see = See who is affected
org-reschedule-words = All tickets stay valid for the new time. Buyers can cancel under the rule they bought under; a later start gives them longer.
org-moves-along = Moves along with the start if it is empty.
org-hall-is-taken = The hall has something else at that time.
org-before = Before
org-after = After
org-may-cancel = Orders that may cancel
org-at-most = If all of them do

org-orders = Orders
org-order = Order
org-order-search = Find an order
org-order-search-words = No order has this number. Look among the orders of an event or a performance for names, addresses and seats.
org-order-number = Order or ticket number
org-orders-q = Order number, name, e-mail or seat
org-orders-q-hint = For a seat: Stalls row C seat 12, or C12.
org-orders-go-on = More orders
org-orders-table = Download all tickets (CSV)
org-orders-looked = There are more orders to look through.
org-no-orders = No orders yet
org-no-orders-words = When somebody buys, it is here.
org-no-orders-found = Nothing found
org-no-orders-found-words = Try fewer words, or a part of the address.
org-order-placed = Placed
org-order-awaiting = Awaiting payment
org-order-lapsed = Payment late
org-order-booked = Booked
org-order-declined = Payment declined
org-order-unfulfilled = Paid too late, refunded
org-order-cancelled = Cancelled
org-buyer = Buyer
org-buyer-account = Bought with an account.
org-buyer-guest = Bought as a guest.
org-booking-link = Link to the booking
org-booking-link-account = Opens after the buyer has signed in.
org-booking-link-guest = Whoever has this link has the tickets: give it to the buyer only.
org-copy = Copy
org-copied = Copied
org-ticket-pending = Not paid
org-ticket-valid = Valid
org-ticket-cancelled = Cancelled
org-payment = Payment
org-payment-free = Nothing to pay
org-payment-pending = Under way
org-payment-action = Waits for the buyer
org-payment-captured = Paid
org-payment-declined = Declined: { $message }
org-gateway = Gateway’s number
org-cancel-until = Buyer can cancel until
org-refunds = Refunds
org-no-refunds = Nothing was paid back.
org-refundable = At most { $amount } can be paid back.
org-refund-requested = On its way
org-refund-settled = Paid back
org-refund-failed = Refused
org-history = What happened
org-history-placed = The order was placed.
org-history-paid = { $amount } were paid.
org-history-paid-late = { $amount } came too late and go back.
org-history-cancelled = Tickets for { $price } were cancelled; { $back } go back.
org-history-kept = { $back } (fee { $fee })
org-history-granted = A refund of { $amount } was granted.
org-history-refunded = { $amount } were paid back.
org-history-came-back = A refund of { $amount } came back.
org-history-failed = A refund of { $amount } was refused.
org-receipt = Proved by entry { $index } of the ledger.
org-refund = Refund
org-refund-what = What goes back?
org-refund-all = The whole order
org-refund-all-words = Every ticket is cancelled, and its price goes back.
org-refund-tickets = Some tickets
org-refund-tickets-words = They are cancelled, and their price goes back.
org-refund-amount = An amount
org-refund-amount-words = The tickets stay valid.
org-amount = Amount
org-refund-most = At most { $amount } can be paid back.
org-refund-reason-hint = The buyer reads this.
org-refund-see = See what goes back
org-refund-review-amount = Pay this back?
org-refund-review-tickets = { $count ->
    [one] Cancel one ticket?
   *[other] Cancel { $count } tickets?
}
org-refund-goes-back = Goes back
org-refund-reason = Reason: { $reason }
org-refund-confirm = Pay { $amount } back

org-fault-empty = Please fill this in.
org-fault-one-line = It must be one line.
org-fault-characters = At most { $most } characters, in one line.
org-fault-control = There are signs in it that cannot be shown.
org-fault-country = Write the two letters of a country, such as US.
org-fault-zone = There is no such time zone. Write one such as America/New_York.
org-fault-point = Degrees lie between -90 and 90, and between -180 and 180.
org-fault-degrees = Write degrees such as 37.8083.
org-fault-both-degrees = Write both degrees, or none.
org-fault-price = The price is too high.
org-fault-minutes = Write minutes from { $least } to { $most }.
org-fault-between = Write a number from { $least } to { $most }.
org-fault-at-most = At most { $most }.
org-fault-whole = Write a whole number.
org-fault-doors = The doors must open before the start.
org-fault-sale-order = The sale must end after it begins.
org-fault-sale-late = The sale must end within a day of the start.
org-fault-twice = This is named twice.
org-fault-time = Write a day and a time.
org-fault-year = Choose a year from { $least } to { $most }.
org-fault-gap = There is no { $time } in { $zone }: the clocks go forward by { $minutes } minutes then. Choose another time.
org-fault-gap-day = There is no { $time } in { $zone }: the clocks go forward by { $minutes } minutes then. Choose another time, or leave that day out.
org-fault-fold = { $time } comes twice in { $zone }, since the clocks go back then. Add the offset that is meant: { $offsets }.
org-fault-fold-day = { $time } comes twice in { $zone }, since the clocks go back then ({ $offsets }). Leave that day out, and make it by itself.
org-fault-currency = Write three letters, such as USD.
org-fault-currency-unknown = There is no currency { $code }.
org-fault-amount = Write an amount such as 45 or 45.50.
org-fault-no-price = Write at least one price.
org-fault-negative = It must not be below zero.
org-fault-digits = At most { $digits } digits behind the point.
org-fault-no-cents = This currency has no smaller unit: write a whole number.
org-fault-too-much = This is too much.
org-fault-nothing = It must be more than nothing.
org-fault-reason = Say why: the buyers read it.
org-fault-day = Write a day such as 2026-12-01.
org-fault-no-day = { $word } is not a day. Write days such as 2026-12-24.
org-fault-no-time = { $word } is not a time. Write times such as 19:30.
org-fault-no-times = Write at least one time, such as 19:30.
org-fault-no-weekday = Choose at least one day of the week.
org-fault-no-days = None of these days lies between the first and the last day.
org-fault-many = { $count } performances are too many at once: at most { $most }.
org-fault-backwards = The last day must not be before the first.
org-fault-long = At most five years after the first day.
org-fault-past = This lies in the past.
org-fault-no-ticket = Choose at least one ticket.
org-fault-no-ticket-left = There is no valid ticket left to cancel.
org-fault-table = Other prices are needed: fill in the table, and save again.
org-fault-key-taken = You have another one with this name: { $key }.
