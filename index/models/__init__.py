"""The models that Pincite knows by name: what they are, how they are found, fetched and checked."""
