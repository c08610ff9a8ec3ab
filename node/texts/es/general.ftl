skip-to-content = Saltar al contenido
main-navigation = Navegación principal
breadcrumb = Ruta de navegación
language = Idioma
whats-on = Cartelera
my-bookings = Mis reservas
cluster = Clúster
help = Ayuda
refunds = Reembolsos
for-developers = Para desarrolladores
promise = Marquee vende cada butaca una sola vez. El precio que ve es el que paga.
stale = Está viendo los datos de hace { $age }. La disponibilidad puede haber cambiado; en un momento podrá volver a comprar.
site-description = Entradas para teatro, conciertos, cine y deporte. Elija sus butacas en un plano en directo y pague lo que ve.
search = Buscar
search-everything = Buscar en todo el sitio
search-placeholder = Buscar eventos, artistas, lugares
how-refunds-work = Cómo funcionan los reembolsos
from-price = desde [{ $price }]
stars-of-five = { $stars } de 5 estrellas

tickets = { $count ->
    [one] { $count } entrada
   *[other] { $count } entradas
}
seconds = { $count ->
    [one] { $count } segundo
   *[other] { $count } segundos
}
minutes = { $count ->
    [one] { $count } minuto
   *[other] { $count } minutos
}
hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
time-of-city = hora de { $city }
metres-away = { $distance }{ "\u00A0" }m
kilometres-away = { $distance }{ "\u00A0" }km
miles-away = { $distance }{ "\u00A0" }millas
