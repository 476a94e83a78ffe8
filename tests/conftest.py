from hypothesis import settings

# The tests share their machine with whatever else runs on it: an example that takes long is no fault of its own.
settings.register_profile("pincite", deadline=None)
settings.load_profile("pincite")
