# From the checkout to the ticket, and back. Parts in brackets are links or shown otherwise.

checkout = Checkout
# The countdown stands where the brackets are; $until is a time of day.
kept-for = Your seats are kept for [4:05] minutes, until { $until }.
more-time = Give me { $time } more
choose-other-seats = Choose other seats
where-tickets-go = Where your tickets go
email-hint-buyer = Your tickets belong to this address.
buying-as-guest = You buy as a guest. [Sign in] to find the tickets in your account.
how-you-pay = How you pay
test-gateway = This is the test gateway: no real money moves. Each card shows one way a payment can go.
card = Card
payment-method = Payment method
payment-method-hint = The token of a card, as the gateway gave it.
booking-now = Booking…
paying-now = Paying…
book-now = Book now
pay-amount = Pay { $amount }
total = Total
seat-words = { $section }, row { $row }, seat { $seat }
no-refund = Tickets cannot be given back. If the performance is cancelled, you get everything back.
refund-until = You can cancel until { $until } and get { $share } of the price back. If the performance is cancelled, you get everything back.

# The cards of the test gateway.
card-ok = Card that works
card-ok-hint = Paid at once.
card-two-step = Card that asks you
card-two-step-hint = Your bank’s page asks you to approve.
card-declined = Card that is declined
card-declined-hint = You can try another one.
card-slow = Slow card
card-slow-hint = Takes some seconds.
card-late = Very late card
card-late-hint = Paid after your seats were kept.
card-twice = Card that reports twice
card-twice-hint = You are charged once.
card-lost = Card whose report is lost
card-lost-hint = The node asks the gateway itself.

# Ticket types that many organizers have.
concession-adult = Adult
concession-child = Child
concession-student = Student
concession-senior = Senior
concession-senior-citizen = Senior citizen
concession-reduced = Reduced
concession-standard = Standard

# A booking.
booking-of = Booking: { $title }
your-tickets = Your tickets
one-more-step = One more step
paying = Paying
still-waiting = Still waiting for your payment
not-paid = Not paid
seats-were-gone = Sorry, your seats were gone
cancelled-booking = Cancelled booking
order-awaiting-payment = Awaiting payment
order-lapsed = Payment late
order-booked = Booked
order-declined = Payment declined
order-unfulfilled = Refunded
order-cancelled = Cancelled
payment-free = Nothing to pay
payment-pending = Under way
payment-action-required = Waits for you
payment-captured = Paid
card-was-declined = The card was declined.
gateway-refused = The gateway refused.
choose-seats-again = Choose seats again
go-to-your-bank = Go to your bank
bank-asks = Your bank wants to ask you
bank-asks-words = Approve the payment on its page; you come back here. Your seats are kept meanwhile.
payment-under-way = Your payment is under way
payment-under-way-words = Your seats are kept. You can close this page: the tickets will be here.
payment-takes-long = Your payment takes longer than your seats were kept
payment-takes-long-words = If it comes, you get the same seats if they are still free. If not, the money goes back by itself.
payment-declined = The payment was declined
payment-declined-words = { $said } Nothing was charged.
try-another-card = Try another card
paid-too-late = The payment came after somebody else took the seats
paid-too-late-words = All of the money goes back the way it came, without asking.
changes-by-itself = This page changes by itself. [Look now]
bought-as-guest = You bought as a guest. This browser remembers the booking; from others, [this link] leads here. Keep it to yourself.
tickets-heading = Tickets
cancel-tickets = Cancel tickets
qr-label = QR code of this ticket, to be shown at the door
ticket-cancelled = Cancelled
payment = Payment
placed = Placed
refund = Refund
refund-requested = On its way
refund-settled = Paid back
refund-failed = Being looked at
cancelled-by-buyer = Cancelled by the buyer
cancelled-by-organizer = Cancelled by the organizer
good-to-know = Good to know
booking-number = Booking number
entry-in-ledger = Entry in the ledger
ledger-entry = entry { $number }
ledger-not-yet = not yet
section = Section
row = Row
seat = Seat
area = Area

# All bookings.
no-bookings-yet = No bookings yet
no-bookings-hint = When you buy tickets, they are here.
older-bookings = Older bookings
sign-in-for-bookings = Sign in to see your bookings
guest-bookings-hint = Did you buy as a guest? Your booking is at the address you were shown after paying, and in this browser’s history.

# Cancelling.
cancel-question = { $count ->
    [one] Do you want to cancel { $count } ticket?
   *[other] Do you want to cancel { $count } tickets?
}
cancel-count = { $count ->
    [one] Cancel { $count } ticket
   *[other] Cancel { $count } tickets
}
cancelling-now = Cancelling…
paid-amount = paid { $price }
you-get-back = You get back
cancel-warning = The money goes back the way it came. The seats go on sale again at once, so this cannot be undone.
keep-them = Keep them
keep-all = Keep all
which-tickets = Which tickets?
cancel-line = { $kind }, paid { $price }, you get back { $refund }
see-what-comes-back = See what you get back
