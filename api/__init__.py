"""The doors: HTTP application, web page and command line.

They translate to and from `retrieval.service.Service` and hold no logic of their own.
"""
