# The part in brackets is a link.
search-did-you-mean = Did you mean [{ $words }]?
