"""Turns an SVG as Graphviz and matplotlib write it into one that names no file on the network."""

from __future__ import annotations

import re

_DOCTYPE = re.compile(rb"<!DOCTYPE [^>]*>\s*")


def without_doctype(picture: bytes) -> bytes:
    """An SVG without its DOCTYPE, for which some XML readers ask the network; any other picture as it is."""
    return _DOCTYPE.sub(b"", picture, count=1) if picture.startswith(b"<?xml") else picture
