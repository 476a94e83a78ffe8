"""A million passages on one machine; see `__main__`."""
