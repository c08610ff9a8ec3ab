suggestions = Sugerencias
what-movie = película
what-concert = concierto
what-theatre = teatro
what-musical = musical
what-opera = ópera
what-dance = danza
what-sport = deporte
what-comedy = comedia
what-family = familiar
what-festival = festival
what-talk = charla
what-other = otros
what-venue = recinto
what-performer = artista
what-help = ayuda
what-city = ciudad
what-genre = género

one-minute-left = Queda un minuto para pagar sus butacas.
fifteen-seconds-left = Quedan quince segundos.
one-moment = Un momento…

moved-here = El servidor en el que estaba no responde, así que continúa en este.
moved-on = El servidor en el que estaba no responde, así que otro continúa por usted.
no-connection = Sin conexión
no-connection-words = No se puede contactar con el servidor. Compruebe su conexión y vuelva a intentarlo.
did-not-work = No ha funcionado
answer-not-understood = No se entiende la respuesta. Vuelva a cargar la página.

dismiss = Cerrar
map-not-shown = El plano no se puede mostrar aquí. Use «Las mejores disponibles» más abajo.
seat-not-sold-online = no se vende en línea
seat-selected = seleccionada
seat-taken = ocupada
seat-name = Fila { $row }, butaca { $seat }
seat-place = { $section }, fila { $row }, butaca { $seat }
seat-place-short = { $section } · Fila { $row } · Butaca { $seat }
row-name = Fila { $row }
row-of-section = { $section }, fila { $row }
seat-number = Butaca { $seat }
is-taken = { $place } está ocupada.
now-selected = { $place } seleccionada. { $tickets }, { $total }.
now-removed = { $place } quitada. { $tickets }, { $total }.
ticket-count = { $count ->
    [one] { $count } entrada
   *[other] { $count } entradas
}
just-taken = { $count ->
    [one] Otra persona acaba de tomar { $places }. Se ha quitado de su selección.
   *[other] Otra persona acaba de tomar { $places }. Se han quitado de su selección.
}
area-shrank = { $count ->
    [one] En { $area } solo queda { $count } plaza. Se ha reducido su selección.
   *[other] En { $area } solo quedan { $count } plazas. Se ha reducido su selección.
}
live = En directo
reconnecting = Reconectando…
map-changed = Cambiado
map-changed-words = El organizador ha cambiado el plano.
load-again = Volver a cargarlo
taken-before-hold = { $count ->
    [one] Otra persona acaba de tomar { $places }, así que no se ha reservado nada.
   *[other] Otra persona acaba de tomar { $places }, así que no se ha reservado nada.
}
continue-with-rest = Continúe con el resto o elija otras.
choose-others = Elija otras.
still-held = Aún tiene butacas reservadas para esta función, durante { $left } minutos.
go-to-checkout = Ir al pago
give-back = Devolverlas
given-back = Sus butacas se han devuelto.
ticket-for = Entrada para { $place }
remove = Quitar
remove-place = Quitar { $place }
tickets-for-area = Entradas de { $kind } para { $area }, { $price } cada una
one-less = Una menos: { $kind }, { $area }
one-more = Una más: { $kind }, { $area }
places-left-in-area = { $count ->
    [one] queda { $count }
   *[other] quedan { $count }
}
area-sold-out = Agotado
none-free = ninguna libre
free-count = { $count ->
    [one] { $count } libre
   *[other] { $count } libres
}
not-for-sale = { $place } ya no está a la venta.
place-not-sold-online = { $place } no se vende en línea.
area-has-left = { $count ->
    [one] En { $area } queda { $count } plaza.
   *[other] En { $area } quedan { $count } plazas.
}
one-customer-limit = { $count ->
    [one] Cada cliente puede tener { $count } entrada para esta función.
   *[other] Cada cliente puede tener { $count } entradas para esta función.
}
seat-is-wheelchair = plaza para silla de ruedas
seat-is-companion = butaca de acompañante
