"""Turns marks with places (text, rectangles, wires) into files: svg, pdf, png, tikz."""
