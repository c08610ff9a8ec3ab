# What stands on printed tickets.

print-pdf = Print (PDF)
print-at-home = Print at home
add-booking-to-calendar = Add to calendar
printed-title = { $title }: tickets
printed-doors = Doors open at { $time }.
printed-zone = Local time, { $zone }
printed-counted = Ticket { $nth } of { $count }
printed-admits = This ticket admits one person, once. Show its code on paper or on a screen: whoever comes with it first is let in, so keep it to yourself.
printed-changes = If the time or the place changes, we write to the address of your booking. Your ticket stays valid.
printed-fold = Fold the page twice, with the code outside, and bring it along.
printed-fold-here = Fold here
printed-kind = Kind
printed-price = Price
printed-name = Name
printed-booking = Booking
printed-code = QR code of the ticket: { $place }
printed-free-choice = Free choice
