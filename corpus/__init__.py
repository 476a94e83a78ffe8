"""Documents: bytes to canonical text with pages and sections, passages as spans, and the database that keeps them.

Imports none of the other rooms; knows neither vectors nor questions.
"""
