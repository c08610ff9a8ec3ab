//! That no text is missing: none in a language, none where it is used.
