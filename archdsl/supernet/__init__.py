"""Turns a space into one module with all alternatives: paths by designs, mixtures by weights."""
