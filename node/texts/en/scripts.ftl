# What scripts say. They understand texts, arguments and counting only: no terms, functions or references.
