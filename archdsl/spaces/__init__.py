"""Tells the designs of a space apart: which of them are one network."""
