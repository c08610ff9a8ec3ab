# The page of help. Parts in brackets are links.

help-lead = How buying, cancelling and entering work here.
help-seats = Choosing seats
help-seats-live = Every seat on the map is live: what turns grey was just taken by somebody else. When you continue to the checkout, your seats are kept for you alone for some minutes. You can ask for more time once.
help-seats-keys = The map works with a mouse, fingers or keys; the list below it has the same seats by section and row. Wheelchair spaces are square, with the companion’s seats beside them.
help-paying = Paying
help-paying-words = Your card’s details go to the payment gateway only. If your bank wants to ask you first, you go to its page and come back. If a payment takes longer than your seats were kept, you get the same seats if they are still free, and all your money back if they are not: without asking.
help-tickets-words = Your tickets are in [My bookings]. Show the QR code at the door, on your phone or on paper. You can give a ticket to somebody else: send them the link that you get. When they accept, the ticket gets a code that only they see; until then you can take it back.
help-refunds = Cancelling and refunds
help-refunds-words = Until when you can cancel and what share comes back stands beside the Pay button, and stays as it was when you bought. You can cancel some tickets or all; you see what comes back before you agree. If a performance is called off, everyone gets everything back without asking.
help-account = Your account
help-account-words = You can buy without one. With one, all your bookings are in one place. [Delete it] whenever you like: your name and addresses are removed.
help-number = If you ask for help, tell this number:
