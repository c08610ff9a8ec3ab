# Lo que se imprime de una reserva, y los enlaces a ello.

print-tickets = Imprimir (PDF)
print-at-home = Imprimir en casa
booking-to-calendar = Añadir al calendario
download-everything = Descargar todo lo que guardamos sobre usted
printed-title = { $title }: entradas
doors-open-at = Apertura de puertas a las { $time }.
local-time = Hora local, { $zone }
ticket-counted = Entrada { $nth } de { $count }
printed-section = Sector
printed-row = Fila
printed-seat = Asiento
printed-area = Zona
printed-free-choice = Libre elección
printed-kind = Tipo
printed-price = Precio
printed-name = Nombre
printed-booking = Reserva
printed-code = Código QR de la entrada: { $place }
printed-terms = Conviene saber
printed-admits = Esta entrada vale para una persona y una sola vez. Muestre el código en papel o en una pantalla: entra quien llegue primero con él, así que no lo comparta.
printed-changes = Si cambian la hora o el lugar, escribimos a la dirección de su reserva. Su entrada sigue siendo válida.
printed-fold-hint = Doble la hoja dos veces, con el código hacia fuera, y tráigala.
printed-fold = Doblar aquí
