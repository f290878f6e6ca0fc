"""Turns nodes and links, known by size alone, into places and wires: the layered layout of figures and of the page."""
