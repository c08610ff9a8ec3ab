site-description = Entradas para teatro, conciertos, cine y deporte. Elige tus asientos en un plano en vivo y paga lo que ves.
venue-description = Cartelera de { $venue }: fechas, precios y asientos.
event-description = Fechas, precios y asientos de { $event }.
