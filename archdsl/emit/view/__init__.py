"""Turns a network into one self-contained page to walk through it."""
