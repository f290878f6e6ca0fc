"""Turns names and values into DOT text that says exactly them, whatever characters they hold."""

from __future__ import annotations

from collections.abc import Mapping

POINTS = 72.0  # per inch, in which DOT counts the sizes of nodes


def quoted(text: str) -> str:
    """A DOT string that means `text`, character by character: no escapes, no entities, no control characters."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def label(text: str, justify: str = "") -> str:
    """A DOT label that shows `text`; `justify` is "" (centred) or "l" (left)."""
    # Labels, unlike other strings, also read entities (&amp;) and take `\\l` as the end of a line set left.
    shown = quoted(text.replace("&", "&amp;"))
    return shown if not justify else f'{shown[:-1]}\\{justify}"'


def attributes(values: Mapping[str, str]) -> str:
    """`[a=1, b="x"]`; the values are DOT already."""
    return "[" + ", ".join(f"{name}={value}" for name, value in values.items()) + "]"


def number(value: float) -> str:
    """A number without noise, so that equal pictures are equal text."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-0", "0") if abs(value) < 0.005 else f"{value:.2f}"


def inches(points: float) -> str:
    """Points as the inches that DOT wants for sizes of nodes."""
    return f"{points / POINTS:.4f}"
