# Tickets that go from one person to another. $name and $holder are people, by name, some with their address in brackets.

# For who gives.
give-away = Give to somebody else
their-email = Their e-mail
their-name = Their name
give-hint = You get a link to send them. The ticket is theirs when they accept; the code you have stops working at once.
give-this-ticket = Give this ticket
offered-to = Offered to { $name }
given-to = Given to { $holder }
waits-for = Waits for { $name } to accept
waits-hint = Until then nobody can come with this ticket. You can take it back at any time before.
send-link-to = Send this link to { $name }
copy-link = Copy
link-copied = Copied
link-hint = Whoever opens it first can take the ticket.
write-to = Write to { $email }
offer-mail-subject = A ticket for you
call-back = Take the ticket back

# For who cancels.
cancel-given = { $name } has this ticket and loses it.
cancel-offered = Offered to { $name }, who cannot accept it any more.

# For who is offered a ticket.
somebody = Somebody
ticket-from = A ticket from { $name }
gives-you-a-ticket = { $name } gives you a ticket
accept-into-account = The ticket goes into your account:
accept-sign-in = [Sign in] to keep the ticket in your account, or accept it as a guest.
email-hint-holder = We write there if something changes.
accept-ticket = Accept the ticket
accepting-now = Accepting…
accept-hint = It gets a code that only you see. Then { $name } cannot take it back, and this link stops working.
link-is-spent = This link does not work any more
link-is-spent-words = The link to a ticket works once.
link-spent-accepted = If you accepted the ticket, it is in your bookings, or at the link that you were shown then.
link-spent-called-back = If you did not, who gave it took it back or gave it to somebody else. Ask for another link.

# A ticket that somebody was given.
ticket-of = Ticket: { $title }
your-ticket = Your ticket
ticket-valid = Valid
ticket-on-offer = Waits to be accepted
given-to-you = Given to you
given-to-you-by = Given to you by { $name }
have-as-guest = You accepted this ticket as a guest. This browser remembers it; from others, [this link] leads here. Keep it to yourself.
given-ticket-cancelled = Who bought it, or the organizer, cancelled it. It admits nobody any more; the money goes back to who paid.
given-terms = Only who bought the ticket can cancel it; what is paid back goes to them. You can give it to somebody else.
ticket-number = Ticket number
print-receipt = Print on a receipt roll
printed-given = Only who bought this ticket can cancel it.
printed-given-by = This ticket was given by { $name }. Only who bought it can cancel it.
