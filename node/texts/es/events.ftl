events = Eventos
kind = Tipo
kind-any = Todo
city-or-zip = Ciudad o código postal
anywhere = En cualquier lugar
from-day = Desde
until-day = Hasta
picks-personal = Para usted
picks-near = Cerca de usted
picks-popular = Populares
because-followed = Sigue a { $name }
because-like = Similar a «{ $name }»
because-near = a { $distance }
everything-on = Toda la cartelera
nothing-found = No se encontró nada
no-events-hint = Ningún evento coincide con estos filtros. Pruebe con una ciudad más grande cercana, otro tipo o una fecha anterior.
show-everything = Mostrar todo
event-summary = { $kind }: fechas, precios y butacas para { $title }.
venue-summary = Cartelera de { $name }, { $place }: fechas, precios y butacas.
venue-heading = Cartelera de { $name }, { $place }
more-events = Más eventos
take-along = Llévese esta lista:
calendar = calendario
feed = feed
no-dates-yet = Aún sin fechas
dates = { $count ->
    [one] { $count } fecha
   *[other] { $count } fechas
}
over-dates = { $count ->
    [one] más de { $count } fecha
   *[other] más de { $count } fechas
}

dates-and-tickets = Fechas y entradas
no-dates-hint = Todavía no hay fechas. Vuelva más adelante.
later-dates = Fechas posteriores
add-to-calendar = Añadir las fechas a su calendario
presented-by = Presentado por
genre = Género
spoken-language = Idioma
length = Duración
rated = Clasificación
hours-and-minutes = { $hours } h { $minutes } min
only-hours = { $hours } h
only-minutes = { $minutes } min
choose-seats = Elegir butacas
cancelled = Cancelado
sale-is-over = Venta finalizada
on-sale-from = A la venta: { $when }
follow-heading = No se pierda nada
follow-hint = Lo que sigue aparece primero en sus recomendaciones.
follow-event = Seguir este evento
following-event = Sigue este evento
follow = Seguir a { $name }
following = Sigue a { $name }
reviews-heading = Lo que dicen quienes estuvieron
from-reviews = { $count ->
    [one] de { $count } opinión
   *[other] de { $count } opiniones
}
organizer-answers = El organizador responde
were-you-there = ¿Estuvo allí? Cuéntenos cómo fue
stars = Estrellas
in-a-few-words = En pocas palabras
send = Enviar
review-hint = Para quienes tuvieron entrada, una vez terminada la función. Se mostrará su nombre de pila.
change-your-review = Ya contó cómo fue. Cambiarlo
save-review = Guardar
# $because: lo que escribió el equipo de ayuda.
review-hidden = Los demás no ven lo que escribió: { $because }
review-too-long = Como máximo { $max } caracteres; aquí hay { $count }.
review-unreadable = Contiene signos que no se pueden mostrar. Escríbalo sin ellos.

on-here = Qué hay aquí
nothing-planned = Aquí aún no hay nada programado.

kind-movie = Película
kind-concert = Concierto
kind-theatre = Teatro
kind-musical = Musical
kind-opera = Ópera
kind-dance = Danza
kind-sport = Deporte
kind-comedy = Comedia
kind-family = Familiar
kind-festival = Festival
kind-talk = Charla
kind-other = Otros
kind-venue = Recinto
kind-person = Artista
kind-help = Ayuda
venue-theater = Teatro
venue-cinema = Cine
venue-arena = Arena
venue-stadium = Estadio
venue-concert-hall = Sala de conciertos
venue-opera-house = Ópera
venue-club = Club
venue-comedy-club = Club de comedia
venue-open-air = Al aire libre
venue-other = Otro

language-en = Inglés
language-de = Alemán
language-es = Español
language-fr = Francés
language-it = Italiano
language-ja = Japonés
language-ko = Coreano
language-pt = Portugués
language-ru = Ruso
language-zh = Chino
