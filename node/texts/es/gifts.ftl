# Entradas que pasan de una persona a otra. $name y $holder son personas, por su nombre, algunas con su dirección entre paréntesis.

# Para quien cede.
give-away = Ceder a otra persona
their-email = Correo electrónico de la persona
their-name = Nombre de la persona
give-hint = Recibirá un enlace para enviárselo. La entrada será suya cuando la acepte; el código que usted tiene deja de servir de inmediato.
give-this-ticket = Ceder esta entrada
offered-to = Ofrecida a { $name }
given-to = Cedida a { $holder }
waits-for = A la espera de que { $name } acepte
waits-hint = Hasta entonces nadie puede entrar con esta entrada. Mientras tanto puede recuperarla cuando quiera.
send-link-to = Envíe este enlace a { $name }
copy-link = Copiar
link-copied = Copiado
link-hint = Quien lo abra primero puede quedarse con la entrada.
write-to = Escribir a { $email }
offer-mail-subject = Una entrada para ti
call-back = Recuperar la entrada

# Para quien cancela.
cancel-given = { $name } tiene esta entrada y la pierde.
cancel-offered = Ofrecida a { $name }, que ya no podrá aceptarla.

# Para quien recibe una oferta.
somebody = Alguien
ticket-from = Una entrada de { $name }
gives-you-a-ticket = { $name } le cede una entrada
accept-into-account = La entrada pasará a su cuenta:
accept-sign-in = [Inicie sesión] para guardar la entrada en su cuenta o acéptela como invitado.
email-hint-holder = Ahí le escribiremos si algo cambia.
accept-ticket = Aceptar la entrada
accepting-now = Aceptando…
accept-hint = Recibe un código que solo usted ve. Después { $name } ya no podrá recuperarla y este enlace dejará de funcionar.
link-is-spent = Este enlace ya no funciona
link-is-spent-words = El enlace a una entrada sirve una vez.
link-spent-accepted = Si aceptó la entrada, está en sus reservas o en el enlace que vio entonces.
link-spent-called-back = Si no, quien la cedió la recuperó o se la dio a otra persona. Pídale otro enlace.

# Una entrada que alguien recibió.
ticket-of = Entrada: { $title }
your-ticket = Su entrada
ticket-valid = Válida
ticket-on-offer = Pendiente de aceptar
given-to-you = Para usted
given-to-you-by = De { $name } para usted
have-as-guest = Aceptó esta entrada como invitado. Este navegador la recuerda; desde otros, [este enlace] le trae aquí. No lo comparta.
given-ticket-cancelled = La canceló quien la compró o el organizador. Ya no sirve para entrar; el dinero vuelve a quien pagó.
given-terms = Solo quien compró la entrada puede cancelarla; a esa persona vuelve el dinero. Usted puede cederla a otra.
ticket-number = Número de entrada
print-receipt = Imprimir en rollo de recibos
printed-given = Solo quien compró esta entrada puede cancelarla.
printed-given-by = Esta entrada la cedió { $name }. Solo quien la compró puede cancelarla.
