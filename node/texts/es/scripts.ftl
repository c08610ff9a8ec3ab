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
go-on-there = Continuar en el siguiente servidor
no-connection = Sin conexión
no-connection-words = No se puede contactar con el servidor. Compruebe su conexión y vuelva a intentarlo.
did-not-work = No ha funcionado
answer-not-understood = No se entiende la respuesta. Vuelva a cargar la página.

dismiss = Cerrar
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
area-shrank = { $count ->
    [one] En { $area } solo queda { $count } plaza. Se ha reducido su selección.
   *[other] En { $area } solo quedan { $count } plazas. Se ha reducido su selección.
}
live = En directo
reconnecting = Reconectando…
map-changed = Cambiado
load-again = Volver a cargarlo
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
seat-is-restricted = visibilidad reducida
seats-fit = { $count ->
    [one] Encaja { $count } butaca libre.
   *[other] Encajan { $count } butacas libres.
}
list-none-fit = No encaja ninguna butaca libre. Muestre todas las butacas o busque con menos condiciones.
map-not-shown = El plano no se puede mostrar aquí. «Las mejores disponibles» funciona sin él.
map-did-not-arrive = El plano no ha llegado
try-again = Reintentar
seats-place = { $section }, fila { $row }, butacas { $seats }
just-taken = { $count ->
    [one] Otra persona acaba de tomar { $places }; se ha quitado de su selección.
   *[other] Otra persona acaba de tomar { $places }; se han quitado de su selección.
}
find-nearest = { $count ->
    [one] Buscar la más cercana
   *[other] Buscar las más cercanas
}
taken-before-hold = { $count ->
    [one] Otra persona acaba de tomar { $places }, así que no se ha reservado nada.
   *[other] Otra persona acaba de tomar { $places }, así que no se ha reservado nada.
}
from-amount = desde { $price }
seats-free = { $count ->
    [one] { $count } butaca libre
   *[other] { $count } butacas libres
}
section-sold-out = agotado
map-filtered = El plano muestra solo lo que ha pulsado.
map-unfiltered = El plano muestra todas las butacas.
none-like-these = No hay otras como estas.
ask-for-fewer = Pida menos entradas o busque en cualquier lugar.
no-seats-found = { $count ->
    [one] No se encontró ninguna butaca.
   *[other] No se encontraron { $count } butacas.
}
best-for-you = Las mejores para usted: { $places }, { $total } en total.
not-side-by-side = No juntas, pero cerca: { $places }, { $total } en total.
take-them = Elegirlas
show-others = Mostrar otras
none-together = Ya no hay { $seats } butacas juntas.
places-selected = { $places } seleccionadas.
nothing-like-it = No queda nada parecido.
row-and-seat = fila { $row }, butaca { $seats }
row-and-seats = fila { $row }, butacas { $seats }
two-apart = Estas dos están separadas: { $places }.
some-apart = Estas no están todas juntas: { $places }.
find-together = Buscar { $seats } juntas cerca
seat-in-row = la butaca { $seat } de la fila { $row }
leaves-single = { $count ->
    [one] Así queda suelta { $places }, y a pocos les gusta sentarse solos. Si puede, córrase una butaca.
   *[other] Así quedan sueltas { $places }, y a pocos les gusta sentarse solos. Si puede, córrase una butaca.
}
map-live-again = El plano vuelve a estar en directo.
map-changed-words = El organizador ha cambiado el plano.
you-are-offline = No tiene conexión.
line-is-broken = Se ha cortado la conexión con nosotros.
map-shows-state-of = El plano muestra lo que estaba libre a las { $time }; seguirá por sí solo en cuanto vuelva la conexión.
map-may-be-old = El plano puede estar desactualizado; seguirá por sí solo en cuanto vuelva la conexión.
sketch-of-view = Boceto de la vista. { $words }
about-from-stage = A unos { $distance } de: { $stage }
stage-stage = escenario
stage-pitch = campo
stage-screen = pantalla
