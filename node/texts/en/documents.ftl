# What is printed of a booking, and the links to it.

print-tickets = Print (PDF)
print-at-home = Print at home
booking-to-calendar = Add to calendar
download-everything = Download everything we keep about you
# $title: of the event.
printed-title = { $title }: tickets
# $time: of day.
doors-open-at = Doors open at { $time }.
# $zone: by its name in the IANA database.
local-time = Local time, { $zone }
ticket-counted = Ticket { $nth } of { $count }
printed-section = Section
printed-row = Row
printed-seat = Seat
printed-area = Area
printed-free-choice = Free choice
printed-kind = Kind
printed-price = Price
printed-name = Name
printed-booking = Booking
# $place: section, row and seat.
printed-code = QR code of the ticket: { $place }
printed-terms = Good to know
printed-admits = This ticket admits one person, once. Show its code on paper or on a screen: whoever comes with it first is let in, so keep it to yourself.
printed-changes = If the time or the place changes, we write to the address of your booking. Your ticket stays valid.
printed-fold-hint = Fold the page twice, with the code outside, and bring it along.
printed-fold = Fold here
