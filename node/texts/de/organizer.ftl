# What organizers read on their pages.

org-organize = Veranstalten
org-optional = optional
org-save = Speichern
org-back = Abbrechen
org-busy = Einen Moment …
org-more = Die nächsten zeigen
org-edit = Bearbeiten
org-apply = Anwenden
org-find = Suchen
org-done = Erledigt
org-actions = Aktionen
org-status = Status
org-keep = So lassen
org-faults = { $count ->
    [one] Eine Angabe stimmt nicht
   *[other] { $count } Angaben stimmen nicht
}
org-sees-all = Sie sind Betreiber und sehen die Veranstaltungen aller Veranstalter.
org-as-customers-see = So sehen es Kunden
org-not-known = Noch nicht bekannt
org-counting = Wird gezählt …
org-key = Ihr eigener Name dafür
org-key-hint = Für Importe: Zweimal importiert, entsteht es nur einmal.
org-kind = Art

org-steps-title = In vier Schritten zum ersten Ticket
org-steps-lead = Danach beginnt Ihr Verkauf.
org-step-venue = Eine Spielstätte
org-step-venue-words = Wo es stattfindet: Adresse, Ort und die Uhr, nach der die Zeiten gelten.
org-step-hall = Ein Saal mit Saalplan
org-step-hall-words = Reihen, Bereiche und Preiskategorien, in Minuten gezeichnet.
org-step-event = Eine Veranstaltung
org-step-event-words = Was gezeigt wird: Titel, Mitwirkende, Beschreibung.
org-step-dates = Termine und Preise
org-step-dates-words = Ein einzelner Termin oder gleich eine ganze Reihe.

org-venues = Spielstätten
org-venue-new = Neue Spielstätte
org-venue-make = Spielstätte anlegen
org-venue-about = Die Spielstätte
org-venue-name = Name
org-venue-place = Wo sie liegt
org-venue-point = Auf der Karte
org-venue-point-hint = In Grad. So findet sie, wer in der Nähe sucht.
org-venue-delete = Spielstätte entfernen
org-venue-delete-words = Die Spielstätte und ihre Säle werden endgültig entfernt.
org-venue-delete-not = Sie hat Termine und kann deshalb nicht entfernt werden.
org-no-venues = Noch keine Spielstätten
org-address = Straße und Hausnummer
org-city = Ort
org-zip = Postleitzahl
org-region = Bundesland oder Region
org-country = Land
org-country-hint = Zwei Buchstaben, etwa DE.
org-time-zone = Zeitzone
org-time-zone-hint = Alle Zeiten dort gelten nach dieser Uhr, etwa Europe/Berlin.
org-latitude = Grad Nord
org-longitude = Grad Ost
org-halls = { $count ->
    [one] Ein Saal
   *[other] { $count } Säle
}
org-places = { $count ->
    [one] Ein Platz
   *[other] { $count } Plätze
}
org-halls-title = Säle
org-hall = Saal
org-hall-new = Neuer Saal
org-no-halls = Es gibt noch keinen Saal. Zeichnen Sie den ersten.
org-needs-hall = Zuerst brauchen Sie einen Saal mit Plätzen.
org-seats = Sitzplätze
org-standing = Stehplätze
org-capacity = Kapazität
org-categories = Preiskategorien
org-category = Preiskategorie
org-edit-seat-map = Saalplan bearbeiten

org-event-new = Neue Veranstaltung
org-event-make = Veranstaltung anlegen
org-event-edit = Veranstaltung bearbeiten
org-event-about = Die Veranstaltung
org-event-people = Mitwirkende
org-event-facts = Einzelheiten
org-event-title = Titel
org-genres = Genres
org-genres-hint = Durch Kommas getrennt: Jazz, Soul
org-description = Beschreibung
org-performers = Auftretende
org-performers-hint = Einer pro Zeile.
org-host = Präsentiert von
org-host-hint = Falls das genannt werden soll.
org-duration = Dauer in Minuten
org-duration-hint = Mit Pausen.
org-language = Gesprochene Sprache
org-language-hint = Als Kürzel: de, en, es-MX
org-age-rating = Altersfreigabe
org-age-rating-hint = Wie im jeweiligen Land üblich: FSK 12, PG-13
org-event-delete = Veranstaltung entfernen
org-event-delete-words = { $count ->
    [one] Die Veranstaltung und ihr einziger Termin werden endgültig entfernt. Das geht nur, solange niemand etwas bestellt hat.
   *[other] Die Veranstaltung und ihre { $count } Termine werden endgültig entfernt. Das geht nur, solange niemand etwas bestellt hat.
}

org-dates = { $count ->
    [one] Ein kommender Termin
   *[other] { $count } kommende Termine
}
org-dates-all = { $count ->
    [one] ein Termin
   *[other] { $count } Termine
}
org-dates-title = Termine
org-all-dates = Alle Termine
org-no-dates = Hier sind keine Termine
org-no-dates-ahead = Keine kommenden Termine.
org-later-dates = Spätere Termine
org-dates-whole = Alle Termine auf einer Seite
org-dates-table = Alle Termine herunterladen (CSV)
org-filter = Welche Termine
org-filter-show = Zeigen
org-filter-from = Ab
org-filter-from-fault = Schreiben Sie einen Tag wie 2026-12-01.
org-show-coming = Kommende
org-show-on-sale = Im Verkauf
org-show-cancelled = Abgesagte
org-show-over = Vergangene
org-show-all = Alle
org-status-cancelled = Abgesagt
org-status-over = Vorbei
org-status-not-yet = Noch nicht im Verkauf
org-status-sale-over = Verkauf beendet
org-status-sold-out = Ausverkauft
org-status-on-sale = Im Verkauf
org-sold-of = { $sold } von { $capacity } verkauft
org-when = Wann
org-where = Wo
org-sold = Verkauft
org-held = Reserviert
org-free = Frei
org-killed = Gesperrt
org-revenue = Einnahmen
org-refunded = Erstattet
org-waiting = Zahlungen unterwegs
org-tickets = { $count ->
    [one] Ein Ticket
   *[other] { $count } Tickets
}
org-tickets-sold = Verkaufte Tickets
org-tickets-word = Tickets
org-total = Summe
org-prices = Preise

org-performance = Dieser Termin
org-performance-new = Neuer Termin
org-performance-make = In den Verkauf geben
org-performance-edit = Zeiten, Preise und Bedingungen
org-performance-delete = Termin entfernen
org-performance-delete-words = Niemand hat etwas bestellt, also kann er endgültig entfernt werden.
org-performances-made = { $count ->
    [one] Ein Termin wurde angelegt.
   *[other] { $count } Termine wurden angelegt.
}
org-hall-hint = Die Preistabelle unten gehört zum Saal. Erneuern Sie sie, wenn Sie einen anderen wählen.
org-when-hint = Nach der Uhr der Spielstätte, { $zone }.
org-starts-at = Beginn
org-doors-at = Einlass
org-on-sale-from = Verkauf ab
org-on-sale-from-hint = Sofort, wenn leer.
org-on-sale-until = Verkauf bis
org-on-sale-until-hint = Bis zum Beginn, wenn leer.
org-on-sale-span = Im Verkauf von { $from } bis { $until }
org-currency = Währung
org-currency-hint = Drei Buchstaben, etwa EUR.
org-concessions = Ermäßigungen
org-concessions-hint = Durch Kommas getrennt, der Normalpreis zuerst: adult, child, senior. Danach die Tabelle erneuern.
org-prices-hint = Was ein Ticket kostet. Ein leeres Feld wird nicht verkauft.
org-table-update = Tabelle erneuern
org-refund-policy = Wenn Käufer stornieren
org-refund-policy-hint = Was Sie selbst absagen, wird immer ganz erstattet.
org-refund-hours = Stornierbar bis (Stunden vor Beginn)
org-refund-hours-hint = 24 heißt: bis einen Tag davor.
org-fee = Gebühr in Prozent des Preises
org-fee-hint = Was Sie behalten. 100 heißt, dass nichts zurückgeht.
org-limits = Grenzen
org-ticket-limit = Tickets pro Kunde
org-ticket-limit-hint = 0 für keine Grenze.
org-hold-minutes = Minuten, die Plätze reserviert bleiben
org-hold-minutes-hint = Während sich jemand entscheidet.
org-extension-minutes = Minuten Verlängerung, einmal
org-payment-minutes = Minuten zum Bezahlen, mindestens
org-note-prices = Preise und Grenzen gelten für alles, was danach verkauft wird. Verkaufte Tickets behalten ihren Preis.
org-note-refunds = Auch die Stornoregel gilt für spätere Bestellungen: Jede behält die Regel, unter der sie gekauft wurde.
org-note-times = Es wurden Tickets bestellt. Sehen Sie zuerst, wen ein anderer Beginn betrifft:
org-seat-map = Saalplan
org-seat-map-current = Der verkaufte (Version { $version })
org-seat-map-latest = Der neueste des Saals (Version { $version })
org-seat-map-hint = Wird abgelehnt, wenn vergebene Plätze verloren gingen.
org-kill-seats = Plätze sperren
org-seat-map-live = Saalplan live

org-series-new = Neue Terminreihe
org-series-preview = Alle Termine zeigen
org-series-make = Alle anlegen
org-series-make-hint = Noch ist nichts angelegt.
org-series-count = { $count ->
    [one] Ein Termin würde angelegt
   *[other] { $count } Termine würden angelegt
}
org-series-taken = { $count ->
    [one] An einem davon ist der Saal belegt
   *[other] An { $count } davon ist der Saal belegt
}
org-series-from = Erster Tag
org-series-until = Letzter Tag
org-weekdays = Wochentage
org-series-times = Uhrzeiten
org-series-times-hint = Durch Kommas getrennt: 15:00, 19:30
org-series-except = Aber nicht am
org-series-except-hint = Tage, durch Kommas getrennt: 2026-12-24, 2026-12-25
org-sale = Verkauf
org-doors-before = Einlass, Minuten davor
org-sale-ends-before = Verkaufsende, Minuten davor
org-minutes-before-hint = 0: zum Beginn.

org-now = Jetzt gerade
org-minutes = Bestellungen pro Minute
org-minutes-words = { $all } Bestellungen in den letzten 30 Minuten, { $last } in dieser
org-by-category = Nach Preiskategorie
org-refunds-failed = { $count ->
    [one] Eine Erstattung hat der Zahlungsdienst abgelehnt: Sehen Sie in den Bestellungen nach.
   *[other] { $count } Erstattungen hat der Zahlungsdienst abgelehnt: Sehen Sie in den Bestellungen nach.
}
org-told-cancelled = Der Termin ist abgesagt. Es wird nichts mehr verkauft.
org-told-rescheduled = Der neue Termin gilt. Alle Tickets bleiben gültig.
org-cancelled-title = Dieser Termin wurde abgesagt
org-cancelled-progress = { $orders } Bestellungen sind noch zu stornieren, { $refunds } Erstattungen unterwegs.
org-cancelled-all-refunded = Alle haben ihr Geld zurück.

org-call-off = Absagen
org-call-off-words = Es wird nichts mehr verkauft, und alle bekommen alles zurück, was auch immer vereinbart war. Das lässt sich nicht rückgängig machen.
org-call-off-reason-hint = Das lesen die Käufer.
org-affected = Wen es betrifft
org-nobody-affected = Niemand hat etwas bestellt oder reserviert.
org-goes-back = Geht zurück
org-reason = Grund
org-reschedule = Verlegen
org-reschedule-see = Zeigen, wen es betrifft
org-reschedule-words = Alle Tickets gelten für den neuen Termin. Käufer können nach ihrer Regel stornieren; bei späterem Beginn entsprechend länger.
org-moves-along = Verschiebt sich mit dem Beginn, wenn leer.
org-hall-is-taken = Der Saal ist zu dieser Zeit belegt.
org-before = Bisher
org-after = Neu
org-may-cancel = Stornierbare Bestellungen
org-at-most = Wenn es alle tun

org-orders = Bestellungen
org-order = Bestellung
org-order-search = Bestellung suchen
org-order-search-words = Keine Bestellung hat diese Nummer. Nach Namen, Adressen und Plätzen suchen Sie bei den Bestellungen einer Veranstaltung oder eines Termins.
org-order-number = Bestell- oder Ticketnummer
org-orders-q = Bestellnummer, Name, E-Mail oder Platz
org-orders-q-hint = Ein Platz: Stalls row C seat 12, oder C12.
org-orders-go-on = Weitere Bestellungen
org-orders-table = Alle Tickets herunterladen (CSV)
org-orders-looked = Es gibt noch mehr Bestellungen zu durchsuchen.
org-no-orders = Noch keine Bestellungen
org-no-orders-words = Wenn jemand kauft, steht es hier.
org-no-orders-found = Nichts gefunden
org-no-orders-found-words = Versuchen Sie weniger Wörter oder einen Teil der Adresse.
org-order-placed = Bestellt
org-order-awaiting = Wartet auf Zahlung
org-order-lapsed = Zahlung verspätet
org-order-booked = Gebucht
org-order-declined = Zahlung abgelehnt
org-order-unfulfilled = Zu spät bezahlt, erstattet
org-order-cancelled = Storniert
org-buyer = Käufer
org-buyer-account = Mit Konto gekauft.
org-buyer-guest = Als Gast gekauft.
org-booking-link = Link zur Buchung
org-booking-link-account = Öffnet sich, wenn der Käufer angemeldet ist.
org-booking-link-guest = Wer diesen Link hat, hat die Tickets: Geben Sie ihn nur dem Käufer.
org-copy = Kopieren
org-copied = Kopiert
org-ticket-pending = Nicht bezahlt
org-ticket-valid = Gültig
org-ticket-cancelled = Storniert
org-payment = Zahlung
org-payment-free = Nichts zu bezahlen
org-payment-pending = Unterwegs
org-payment-action = Wartet auf den Käufer
org-payment-captured = Bezahlt
org-payment-declined = Abgelehnt: { $message }
org-gateway = Nummer beim Zahlungsdienst
org-cancel-until = Käufer kann stornieren bis
org-refunds = Erstattungen
org-no-refunds = Es wurde nichts erstattet.
org-refundable = Höchstens { $amount } können erstattet werden.
org-refund-requested = Unterwegs
org-refund-settled = Erstattet
org-refund-failed = Abgelehnt
org-history = Was geschah
org-history-placed = Die Bestellung wurde aufgegeben.
org-history-paid = { $amount } wurden bezahlt.
org-history-paid-late = { $amount } kamen zu spät und gehen zurück.
org-history-cancelled = Tickets für { $price } wurden storniert; { $back } gehen zurück.
org-history-kept = { $back } (Gebühr { $fee })
org-history-granted = Eine Erstattung von { $amount } wurde gewährt.
org-history-refunded = { $amount } wurden erstattet.
org-history-came-back = Eine Erstattung von { $amount } kam zurück.
org-history-failed = Eine Erstattung von { $amount } wurde abgelehnt.
org-receipt = Belegt durch Eintrag { $index } des Hauptbuchs.
org-refund = Erstatten
org-refund-what = Was geht zurück?
org-refund-all = Die ganze Bestellung
org-refund-all-words = Alle Tickets werden storniert, ihr Preis geht zurück.
org-refund-tickets = Einzelne Tickets
org-refund-tickets-words = Sie werden storniert, ihr Preis geht zurück.
org-refund-amount = Ein Betrag
org-refund-amount-words = Die Tickets bleiben gültig.
org-amount = Betrag
org-refund-most = Höchstens { $amount } können erstattet werden.
org-refund-reason-hint = Das liest der Käufer.
org-refund-see = Zeigen, was zurückgeht
org-refund-review-amount = Diesen Betrag erstatten?
org-refund-review-tickets = { $count ->
    [one] Ein Ticket stornieren?
   *[other] { $count } Tickets stornieren?
}
org-refund-goes-back = Geht zurück
org-refund-reason = Grund: { $reason }
org-refund-confirm = { $amount } erstatten

org-fault-empty = Bitte ausfüllen.
org-fault-one-line = Es muss eine Zeile sein.
org-fault-characters = Höchstens { $most } Zeichen.
org-fault-control = Es enthält Zeichen, die sich nicht anzeigen lassen.
org-fault-country = Schreiben Sie die zwei Buchstaben eines Landes, etwa DE.
org-fault-zone = Diese Zeitzone gibt es nicht. Schreiben Sie eine wie Europe/Berlin.
org-fault-point = Grad liegen zwischen -90 und 90 und zwischen -180 und 180.
org-fault-degrees = Schreiben Sie Grad wie 52,5163.
org-fault-both-degrees = Schreiben Sie beide Grade oder keinen.
org-fault-price = Der Preis ist zu hoch.
org-fault-minutes = Schreiben Sie Minuten von { $least } bis { $most }.
org-fault-between = Schreiben Sie eine Zahl von { $least } bis { $most }.
org-fault-at-most = Höchstens { $most }.
org-fault-whole = Schreiben Sie eine ganze Zahl.
org-fault-doors = Der Einlass muss vor dem Beginn liegen.
org-fault-sale-order = Der Verkauf muss nach seinem Anfang enden.
org-fault-sale-late = Der Verkauf muss binnen eines Tages nach Beginn enden.
org-fault-twice = Das steht zweimal da.
org-fault-time = Schreiben Sie Tag und Uhrzeit.
org-fault-year = Wählen Sie ein Jahr von { $least } bis { $most }.
org-fault-gap = { $time } gibt es in { $zone } nicht: Die Uhren werden dann um { $minutes } Minuten vorgestellt. Wählen Sie eine andere Zeit.
org-fault-gap-day = { $time } gibt es in { $zone } nicht: Die Uhren werden dann um { $minutes } Minuten vorgestellt. Wählen Sie eine andere Zeit, oder lassen Sie den Tag aus.
org-fault-fold = { $time } kommt in { $zone } zweimal vor, weil die Uhren dann zurückgestellt werden. Fügen Sie den gemeinten Versatz an: { $offsets }.
org-fault-fold-day = { $time } kommt in { $zone } zweimal vor, weil die Uhren dann zurückgestellt werden ({ $offsets }). Lassen Sie den Tag aus, und legen Sie ihn einzeln an.
org-fault-currency = Schreiben Sie drei Buchstaben, etwa EUR.
org-fault-currency-unknown = Eine Währung { $code } gibt es nicht.
org-fault-amount = Schreiben Sie einen Betrag wie 45 oder 45,50.
org-fault-no-price = Schreiben Sie mindestens einen Preis.
org-fault-negative = Es darf nicht unter null sein.
org-fault-digits = Höchstens { $digits } Stellen hinter dem Komma.
org-fault-no-cents = Diese Währung hat keine kleinere Einheit: Schreiben Sie eine ganze Zahl.
org-fault-too-much = Das ist zu viel.
org-fault-nothing = Es muss mehr als nichts sein.
org-fault-reason = Sagen Sie, warum: Die Käufer lesen es.
org-fault-day = Schreiben Sie einen Tag wie 2026-12-01.
org-fault-no-day = { $word } ist kein Tag. Schreiben Sie Tage wie 2026-12-24.
org-fault-no-time = { $word } ist keine Uhrzeit. Schreiben Sie Uhrzeiten wie 19:30.
org-fault-no-times = Schreiben Sie mindestens eine Uhrzeit, etwa 19:30.
org-fault-no-weekday = Wählen Sie mindestens einen Wochentag.
org-fault-no-days = Keiner dieser Tage liegt zwischen dem ersten und dem letzten.
org-fault-many = { $count } Termine sind zu viele auf einmal: höchstens { $most }.
org-fault-backwards = Der letzte Tag darf nicht vor dem ersten liegen.
org-fault-long = Höchstens fünf Jahre nach dem ersten Tag.
org-fault-past = Das liegt in der Vergangenheit.
org-fault-no-ticket = Wählen Sie mindestens ein Ticket.
org-fault-no-ticket-left = Es gibt kein gültiges Ticket mehr zu stornieren.
org-fault-table = Es werden andere Preise gebraucht: Füllen Sie die Tabelle aus, und speichern Sie noch einmal.
org-fault-key-taken = Sie haben schon etwas mit diesem Namen: { $key }.
