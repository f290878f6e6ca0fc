"""Draws plots: numbers of one network along its depth, and points of many networks."""
