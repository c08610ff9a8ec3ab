# Was von einer Buchung gedruckt wird, und die Verweise darauf.

print-tickets = Drucken (PDF)
print-at-home = Zu Hause drucken
booking-to-calendar = In den Kalender eintragen
download-everything = Alles herunterladen, was wir über Sie speichern
printed-title = { $title }: Tickets
doors-open-at = Einlass ab { $time }.
local-time = Ortszeit, { $zone }
ticket-counted = Ticket { $nth } von { $count }
printed-section = Bereich
printed-row = Reihe
printed-seat = Platz
printed-area = Fläche
printed-free-choice = Freie Wahl
printed-kind = Art
printed-price = Preis
printed-name = Name
printed-booking = Buchung
printed-code = QR-Code des Tickets: { $place }
printed-terms = Gut zu wissen
printed-admits = Dieses Ticket gilt für eine Person und einmal. Zeigen Sie den Code auf Papier oder auf einem Bildschirm: Wer zuerst damit kommt, wird eingelassen. Behalten Sie ihn also für sich.
printed-changes = Ändern sich Zeit oder Ort, schreiben wir an die Adresse Ihrer Buchung. Ihr Ticket bleibt gültig.
printed-fold-hint = Falten Sie das Blatt zweimal, mit dem Code nach außen, und bringen Sie es mit.
printed-fold = Hier falten
