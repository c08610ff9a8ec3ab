# Tickets, die von einer Person zur anderen gehen. $name und $holder sind Personen, mit Namen, manche mit ihrer Adresse in Klammern.

# Für die, die ein Ticket weitergeben.
give-away = An jemand anderen weitergeben
their-email = E-Mail der Person
their-name = Name der Person
give-hint = Sie bekommen einen Link, den Sie der Person schicken. Das Ticket gehört ihr, sobald sie es annimmt; Ihr jetziger Code gilt ab sofort nicht mehr.
give-this-ticket = Ticket weitergeben
offered-to = Angeboten: { $name }
given-to = Weitergegeben an { $holder }
waits-for = Wartet darauf, dass { $name } annimmt
waits-hint = Bis dahin kommt mit diesem Ticket niemand hinein. Solange können Sie es jederzeit zurückholen.
send-link-to = Schicken Sie diesen Link an { $name }
copy-link = Kopieren
link-copied = Kopiert
link-hint = Wer ihn zuerst öffnet, kann das Ticket nehmen.
write-to = An { $email } schreiben
offer-mail-subject = Ein Ticket für dich
call-back = Ticket zurückholen

# Für die, die stornieren.
cancel-given = { $name } hat dieses Ticket und verliert es.
cancel-offered = Angeboten: { $name } kann es dann nicht mehr annehmen.

# Für die, denen ein Ticket angeboten wird.
somebody = Jemand
ticket-from = Ein Ticket von { $name }
gives-you-a-ticket = { $name } gibt Ihnen ein Ticket
accept-into-account = Das Ticket kommt in Ihr Konto:
accept-sign-in = [Melden Sie sich an], um das Ticket in Ihrem Konto zu haben, oder nehmen Sie es als Gast an.
email-hint-holder = Dorthin schreiben wir, wenn sich etwas ändert.
accept-ticket = Ticket annehmen
accepting-now = Wird angenommen…
accept-hint = Es bekommt einen Code, den nur Sie sehen. { $name } kann es dann nicht mehr zurückholen, und dieser Link gilt nicht mehr.
link-is-spent = Dieser Link gilt nicht mehr
link-is-spent-words = Der Link zu einem Ticket gilt einmal.
link-spent-accepted = Haben Sie das Ticket angenommen, finden Sie es in Ihren Buchungen oder unter dem Link, den Sie dabei gesehen haben.
link-spent-called-back = Wenn nicht, wurde es zurückgeholt oder jemand anderem gegeben. Bitten Sie um einen neuen Link.

# Ein Ticket, das jemand bekommen hat.
ticket-of = Ticket: { $title }
your-ticket = Ihr Ticket
ticket-valid = Gültig
ticket-on-offer = Noch nicht angenommen
given-to-you = Für Sie
given-to-you-by = Von { $name } für Sie
have-as-guest = Sie haben dieses Ticket als Gast angenommen. Dieser Browser merkt es sich; von anderen führt [dieser Link] hierher. Geben Sie ihn nicht weiter.
given-ticket-cancelled = Wer es gekauft hat oder der Veranstalter hat es storniert. Es gilt nicht mehr; das Geld geht an die Person zurück, die bezahlt hat.
given-terms = Stornieren kann nur, wer das Ticket gekauft hat; dorthin geht auch das Geld zurück. Weitergeben können Sie es.
ticket-number = Ticketnummer
print-receipt = Auf Bonrolle drucken
printed-given = Stornieren kann nur, wer dieses Ticket gekauft hat.
printed-given-by = Dieses Ticket kommt von { $name }. Stornieren kann nur, wer es gekauft hat.
