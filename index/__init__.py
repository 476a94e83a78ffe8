"""Embedding models, the vector index, the word index, and the ingestion that feeds them.

May import `corpus`; knows neither questions nor HTTP.
"""
