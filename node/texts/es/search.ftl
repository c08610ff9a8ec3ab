search-did-you-mean = ¿Quiso decir [{ $words }]?
