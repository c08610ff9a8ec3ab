search-found = { $count ->
    [one] { $count } resultado para «{ $words }»
   *[other] { $count } resultados para «{ $words }»
}
search-found-nothing = Ningún resultado para «{ $words }»
find-something = Encuentre algo que ver
narrow-results = Filtrar los resultados
price-up-to = Precio máximo
any-price = Cualquiera
order-of-results = Orden
sort-relevance = Más relevantes
sort-date = Más próximos en fecha
sort-distance = Más cercanos
sort-price = Más baratos
sort-rating = Mejor valorados
with-free-places = Con plazas libres
apply = Aplicar
search-understood = Entendido:
search-did-you-mean = ¿Quiso decir [{ $words }]?
no-such-zip = El código postal { $zip } no existe. Cerca están
no-results-hint = Pruebe con menos palabras, otra grafía o un lugar más grande. En inglés puede escribir como habla: “jazz near 60601 this weekend”.
see-whats-on = Ver la cartelera
more-results = Más resultados
sold-out = Agotado
places-left = { $count ->
    [one] Queda { $count } plaza
   *[other] Quedan { $count } plazas
}
within = { $place }, a menos de { $distance }
near-you = cerca de usted
day-to-day = { $from } al { $to }
free-of-charge = gratis
up-to-price = hasta { $price }

kinds-concert = Conciertos
kinds-movie = Películas
kinds-theatre = Teatro
kinds-musical = Musicales
kinds-opera = Ópera
kinds-dance = Danza
kinds-sport = Deporte
kinds-comedy = Comedia
kinds-family = Familia
kinds-festival = Festivales
kinds-talk = Charlas
kinds-other = Otros eventos
kinds-venue = Recintos
kinds-person = Artistas
