search-did-you-mean = Meinten Sie [{ $words }]?
