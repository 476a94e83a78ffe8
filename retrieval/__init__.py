"""From a question to ranked passages, an answer with checked citations, and a confidence.

May import `corpus` and `index`; knows neither HTTP nor the command line.
"""
