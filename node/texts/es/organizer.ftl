# What organizers read on their pages.

org-organize = Organizar
org-optional = opcional
org-save = Guardar
org-back = Cancelar
org-busy = Un momento…
org-more = Mostrar los siguientes
org-edit = Editar
org-apply = Aplicar
org-find = Buscar
org-done = Hecho
org-actions = Acciones
org-status = Estado
org-keep = Dejarlo como está
org-faults = { $count ->
    [one] Hay un dato que corregir
   *[other] Hay { $count } datos que corregir
}
org-sees-all = Como operador, ve los eventos de todos los organizadores.
org-as-customers-see = Así lo ven los clientes
org-not-known = Aún no se sabe
org-counting = Contando…
org-key = Su propio nombre
org-key-hint = Para importaciones: si se importa dos veces, se crea una sola.
org-kind = Tipo

org-steps-title = De cero a la primera entrada
org-steps-lead = Después empieza la venta.
org-step-venue = Un recinto
org-step-venue-words = Dónde tiene lugar: dirección, ciudad y la hora que rige.
org-step-hall = Una sala con su plano
org-step-hall-words = Filas, zonas y categorías de precio, dibujadas en minutos.
org-step-event = Un evento
org-step-event-words = Qué se presenta: título, artistas, descripción.
org-step-dates = Fechas y precios
org-step-dates-words = Una función o toda una serie de una vez.

org-venues = Recintos
org-venue-new = Nuevo recinto
org-venue-make = Crear el recinto
org-venue-about = El recinto
org-venue-name = Nombre
org-venue-place = Dónde está
org-venue-point = En el mapa
org-venue-point-hint = En grados. Así la encuentra quien busca cerca.
org-venue-delete = Eliminar el recinto
org-venue-delete-words = El recinto y sus salas se eliminan para siempre.
org-venue-delete-not = Tiene funciones, por eso no se puede eliminar.
org-no-venues = Aún no hay recintos
org-address = Calle y número
org-city = Ciudad
org-zip = Código postal
org-region = Estado o región
org-country = País
org-country-hint = Dos letras, por ejemplo ES.
org-time-zone = Zona horaria
org-time-zone-hint = Todas las horas son las de esta zona, por ejemplo Europe/Madrid.
org-latitude = Grados norte
org-longitude = Grados este
org-halls = { $count ->
    [one] Una sala
   *[other] { $count } salas
}
org-places = { $count ->
    [one] Una plaza
   *[other] { $count } plazas
}
org-halls-title = Salas
org-hall = Sala
org-hall-new = Nueva sala
org-no-halls = Aún no hay salas. Dibuje la primera.
org-needs-hall = Primero necesita una sala con plazas.
org-seats = Asientos
org-standing = De pie
org-capacity = Aforo
org-categories = Categorías de precio
org-category = Categoría de precio
org-edit-seat-map = Editar el plano

org-event-new = Nuevo evento
org-event-make = Crear el evento
org-event-edit = Editar el evento
org-event-about = El evento
org-event-people = Personas
org-event-facts = Detalles
org-event-title = Título
org-genres = Géneros
org-genres-hint = Separados por comas: Jazz, Soul
org-description = Descripción
org-performers = Artistas
org-performers-hint = Uno por línea.
org-host = Presentado por
org-host-hint = Si conviene indicarlo.
org-duration = Duración en minutos
org-duration-hint = Con descansos.
org-language = Idioma hablado
org-language-hint = Como código: es, en, es-MX
org-age-rating = Clasificación por edades
org-age-rating-hint = Como se usa en su país: PG-13, FSK 12
org-event-delete = Eliminar el evento
org-event-delete-words = { $count ->
    [one] El evento y su única fecha se eliminan para siempre. Solo es posible mientras nadie haya pedido nada.
   *[other] El evento y sus { $count } fechas se eliminan para siempre. Solo es posible mientras nadie haya pedido nada.
}

org-dates = { $count ->
    [one] Una fecha próxima
   *[other] { $count } fechas próximas
}
org-dates-all = { $count ->
    [one] una fecha
   *[other] { $count } fechas
}
org-dates-title = Fechas
org-all-dates = Todas las fechas
org-no-dates = Aquí no hay fechas
org-no-dates-ahead = No hay fechas próximas.
org-later-dates = Fechas posteriores
org-dates-whole = Todas las fechas en una página
org-dates-table = Descargar todas las fechas (CSV)
org-filter = Qué fechas
org-filter-show = Mostrar
org-filter-from = Desde
org-filter-from-fault = Escriba un día como 2026-12-01.
org-show-coming = Próximas
org-show-on-sale = A la venta
org-show-cancelled = Canceladas
org-show-over = Pasadas
org-show-all = Todas
org-status-cancelled = Cancelada
org-status-over = Pasada
org-status-not-yet = Aún no a la venta
org-status-sale-over = Venta cerrada
org-status-sold-out = Agotada
org-status-on-sale = A la venta
org-sold-of = { $sold } de { $capacity } vendidas
org-when = Cuándo
org-where = Dónde
org-sold = Vendidas
org-held = Reservadas
org-free = Libres
org-killed = Bloqueadas
org-revenue = Ingresos
org-refunded = Devuelto
org-waiting = Pagos en curso
org-tickets = { $count ->
    [one] Una entrada
   *[other] { $count } entradas
}
org-tickets-sold = Entradas vendidas
org-tickets-word = Entradas
org-total = Total
org-prices = Precios

org-performance = Esta función
org-performance-new = Nueva función
org-performance-make = Ponerla a la venta
org-performance-edit = Horarios, precios y condiciones
org-performance-delete = Eliminar la función
org-performance-delete-words = Nadie ha pedido nada, así que se puede eliminar para siempre.
org-performances-made = { $count ->
    [one] Se creó una función.
   *[other] Se crearon { $count } funciones.
}
org-hall-hint = La tabla de precios pertenece a la sala. Actualícela si elige otra.
org-when-hint = Según la hora del recinto, { $zone }.
org-starts-at = Comienzo
org-doors-at = Apertura de puertas
org-on-sale-from = A la venta desde
org-on-sale-from-hint = Enseguida si se deja vacío.
org-on-sale-until = A la venta hasta
org-on-sale-until-hint = Hasta el comienzo si se deja vacío.
org-on-sale-span = A la venta desde { $from } hasta { $until }
org-currency = Moneda
org-currency-hint = Tres letras, por ejemplo EUR.
org-concessions = Tarifas
org-concessions-hint = Separadas por comas, la habitual primero: adult, child, senior. Después actualice la tabla.
org-prices-hint = Lo que cuesta una entrada. Un campo vacío no se vende.
org-table-update = Actualizar la tabla
org-refund-policy = Cuando el comprador cancela
org-refund-policy-hint = Lo que usted cancele siempre se devuelve por completo.
org-refund-hours = Cancelable hasta (horas antes del comienzo)
org-refund-hours-hint = 24 significa hasta un día antes.
org-fee = Cargo en porcentaje del precio
org-fee-hint = Lo que usted retiene. 100 significa que no se devuelve nada.
org-limits = Límites
org-ticket-limit = Entradas por cliente
org-ticket-limit-hint = 0 para no limitar.
org-hold-minutes = Minutos de reserva de las plazas
org-hold-minutes-hint = Mientras alguien decide.
org-extension-minutes = Minutos de prórroga, una vez
org-payment-minutes = Minutos para pagar, como mínimo
org-note-prices = Los precios y límites valen para lo que se venda después. Las entradas vendidas conservan su precio.
org-note-refunds = La regla de cancelación también vale para pedidos posteriores: cada pedido conserva la suya.
org-note-times = Ya hay entradas pedidas. Para cambiar la hora, vea antes a quién afecta:
org-seat-map = Plano
org-seat-map-current = El que se vende (versión { $version })
org-seat-map-latest = El último de la sala (versión { $version })
org-seat-map-hint = Se rechaza si se perdieran plazas ocupadas.
org-kill-seats = Bloquear plazas
org-seat-map-live = Plano en vivo

org-series-new = Nueva serie
org-series-preview = Ver todas las fechas
org-series-make = Crearlas todas
org-series-make-hint = Aún no se ha creado nada.
org-series-count = { $count ->
    [one] Se crearía una función
   *[other] Se crearían { $count } funciones
}
org-series-taken = { $count ->
    [one] La sala está ocupada en una de ellas
   *[other] La sala está ocupada en { $count } de ellas
}
org-series-from = Primer día
org-series-until = Último día
org-weekdays = Días de la semana
org-series-times = Horas
org-series-times-hint = Separadas por comas: 15:00, 19:30
org-series-except = Pero no el
org-series-except-hint = Días separados por comas: 2026-12-24, 2026-12-25
org-sale = Venta
org-doors-before = Puertas, minutos antes
org-sale-ends-before = Fin de venta, minutos antes
org-minutes-before-hint = 0: al comienzo.

org-now = Ahora mismo
org-minutes = Pedidos por minuto
org-minutes-words = { $all } pedidos en los últimos 30 minutos, { $last } en este
org-by-category = Por categoría de precio
org-refunds-failed = { $count ->
    [one] La pasarela rechazó una devolución: revise los pedidos.
   *[other] La pasarela rechazó { $count } devoluciones: revise los pedidos.
}
org-told-cancelled = La función está cancelada. Ya no se vende nada.
org-told-rescheduled = Tiene el nuevo horario. Todas las entradas siguen siendo válidas.
org-cancelled-title = Esta función se canceló
org-cancelled-progress = Quedan { $orders } pedidos por cancelar y { $refunds } devoluciones en curso.
org-cancelled-all-refunded = Se ha devuelto el dinero a todos.

org-call-off = Cancelar la función
org-call-off-words = No se vende nada más y todos recuperan todo, diga lo que diga la regla. No se puede deshacer.
org-call-off-reason-hint = Lo leen los compradores.
org-affected = A quién afecta
org-nobody-affected = Nadie ha pedido ni reservado nada.
org-goes-back = Se devuelve
org-reason = Motivo
org-reschedule = Cambiar la fecha
org-reschedule-see = Ver a quién afecta
org-reschedule-words = Todas las entradas valen para el nuevo horario. Los compradores pueden cancelar según su regla; si es más tarde, durante más tiempo.
org-moves-along = Se mueve con el comienzo si se deja vacío.
org-hall-is-taken = La sala está ocupada a esa hora.
org-before = Antes
org-after = Después
org-may-cancel = Pedidos cancelables
org-at-most = Si todos lo hacen

org-orders = Pedidos
org-order = Pedido
org-order-search = Buscar un pedido
org-order-search-words = Ningún pedido tiene ese número. Busque nombres, correos y plazas entre los pedidos de un evento o una función.
org-order-number = Número de pedido o entrada
org-orders-q = Número, nombre, correo o plaza
org-orders-q-hint = Una plaza: Stalls row C seat 12, o C12.
org-orders-go-on = Más pedidos
org-orders-table = Descargar todas las entradas (CSV)
org-orders-looked = Quedan más pedidos por revisar.
org-no-orders = Aún no hay pedidos
org-no-orders-words = Cuando alguien compre, aparecerá aquí.
org-no-orders-found = No se encontró nada
org-no-orders-found-words = Pruebe con menos palabras o con parte del correo.
org-order-placed = Hecho
org-order-awaiting = Pendiente de pago
org-order-lapsed = Pago tardío
org-order-booked = Confirmado
org-order-declined = Pago rechazado
org-order-unfulfilled = Pagado tarde, devuelto
org-order-cancelled = Cancelado
org-buyer = Comprador
org-buyer-account = Compró con cuenta.
org-buyer-guest = Compró como invitado.
org-booking-link = Enlace a la reserva
org-booking-link-account = Se abre cuando el comprador inicia sesión.
org-booking-link-guest = Quien tenga este enlace tiene las entradas: déselo solo al comprador.
org-copy = Copiar
org-copied = Copiado
org-ticket-pending = Sin pagar
org-ticket-valid = Válida
org-ticket-cancelled = Cancelada
org-payment = Pago
org-payment-free = Nada que pagar
org-payment-pending = En curso
org-payment-action = A la espera del comprador
org-payment-captured = Pagado
org-payment-declined = Rechazado: { $message }
org-gateway = Número de la pasarela
org-cancel-until = El comprador puede cancelar hasta
org-refunds = Devoluciones
org-no-refunds = No se ha devuelto nada.
org-refundable = Se pueden devolver como máximo { $amount }.
org-refund-requested = En camino
org-refund-settled = Devuelto
org-refund-failed = Rechazada
org-history = Historial
org-history-placed = Se hizo el pedido.
org-history-paid = Se pagaron { $amount }.
org-history-paid-late = { $amount } llegaron tarde y se devuelven.
org-history-cancelled = Se cancelaron entradas por { $price }; se devuelven { $back }.
org-history-kept = { $back } (cargo { $fee })
org-history-granted = Se concedió una devolución de { $amount }.
org-history-refunded = Se devolvieron { $amount }.
org-history-came-back = Una devolución de { $amount } fue rechazada después.
org-history-failed = Se rechazó una devolución de { $amount }.
org-receipt = Probado por la entrada { $index } del libro.
org-refund = Devolver
org-refund-what = ¿Qué se devuelve?
org-refund-all = Todo el pedido
org-refund-all-words = Se cancelan todas las entradas y se devuelve su precio.
org-refund-tickets = Algunas entradas
org-refund-tickets-words = Se cancelan y se devuelve su precio.
org-refund-amount = Un importe
org-refund-amount-words = Las entradas siguen siendo válidas.
org-amount = Importe
org-refund-most = Se pueden devolver como máximo { $amount }.
org-refund-reason-hint = Lo lee el comprador.
org-refund-see = Ver lo que se devuelve
org-refund-review-amount = ¿Devolver este importe?
org-refund-review-tickets = { $count ->
    [one] ¿Cancelar una entrada?
   *[other] ¿Cancelar { $count } entradas?
}
org-refund-goes-back = Se devuelve
org-refund-reason = Motivo: { $reason }
org-refund-confirm = Devolver { $amount }

org-fault-empty = Rellene este campo.
org-fault-one-line = Debe ser una sola línea.
org-fault-characters = Como máximo { $most } caracteres.
org-fault-control = Contiene signos que no se pueden mostrar.
org-fault-country = Escriba las dos letras de un país, por ejemplo ES.
org-fault-zone = Esa zona horaria no existe. Escriba una como Europe/Madrid.
org-fault-point = Los grados están entre -90 y 90, y entre -180 y 180.
org-fault-degrees = Escriba grados como 40,4168.
org-fault-both-degrees = Escriba los dos grados o ninguno.
org-fault-price = El precio es demasiado alto.
org-fault-minutes = Escriba minutos de { $least } a { $most }.
org-fault-between = Escriba un número de { $least } a { $most }.
org-fault-at-most = Como máximo { $most }.
org-fault-whole = Escriba un número entero.
org-fault-doors = Las puertas deben abrirse antes del comienzo.
org-fault-sale-order = La venta debe terminar después de empezar.
org-fault-sale-late = La venta debe terminar dentro del día siguiente al comienzo.
org-fault-twice = Está repetido.
org-fault-time = Escriba día y hora.
org-fault-year = Elija un año de { $least } a { $most }.
org-fault-gap = { $time } no existe en { $zone }: los relojes se adelantan { $minutes } minutos. Elija otra hora.
org-fault-gap-day = { $time } no existe en { $zone }: los relojes se adelantan { $minutes } minutos. Elija otra hora u omita ese día.
org-fault-fold = { $time } ocurre dos veces en { $zone } porque los relojes se atrasan. Añada el desfase: { $offsets }.
org-fault-fold-day = { $time } ocurre dos veces en { $zone } porque los relojes se atrasan ({ $offsets }). Omita ese día y créelo aparte.
org-fault-currency = Escriba tres letras, por ejemplo EUR.
org-fault-currency-unknown = No existe la moneda { $code }.
org-fault-amount = Escriba un importe como 45 o 45,50.
org-fault-no-price = Escriba al menos un precio.
org-fault-negative = No puede ser menor que cero.
org-fault-digits = Como máximo { $digits } decimales.
org-fault-no-cents = Esta moneda no tiene fracciones: escriba un número entero.
org-fault-too-much = Es demasiado.
org-fault-nothing = Debe ser más que nada.
org-fault-reason = Diga por qué: lo leen los compradores.
org-fault-day = Escriba un día como 2026-12-01.
org-fault-no-day = { $word } no es un día. Escriba días como 2026-12-24.
org-fault-no-time = { $word } no es una hora. Escriba horas como 19:30.
org-fault-no-times = Escriba al menos una hora, por ejemplo 19:30.
org-fault-no-weekday = Elija al menos un día de la semana.
org-fault-no-days = Ninguno de esos días está entre el primero y el último.
org-fault-many = { $count } funciones son demasiadas a la vez: como máximo { $most }.
org-fault-backwards = El último día no puede ser anterior al primero.
org-fault-long = Como máximo cinco años después del primer día.
org-fault-past = Está en el pasado.
org-fault-no-ticket = Elija al menos una entrada.
org-fault-no-ticket-left = Ya no queda ninguna entrada válida que cancelar.
org-fault-table = Hacen falta otros precios: rellene la tabla y guarde de nuevo.
org-fault-key-taken = Ya tiene otro con ese nombre: { $key }.
