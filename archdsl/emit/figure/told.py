"""Turns a panel's boxes and edges into lines of text: what each box is, and what it takes."""

from __future__ import annotations

from archdsl.emit.figure.scene import Edge, Sketch


def told(found: Sketch) -> tuple[str, ...]:
    """A line per box in order, numbered from 1: `3: 3×3 conv, 64; BN · ReLU of 2`."""
    into: dict[int, list[Edge]] = {}
    for edge in found.edges:
        into.setdefault(edge.target, []).append(edge)
    outs = [box.outs for box in found.boxes]
    lines = []
    for number, box in enumerate(found.boxes):
        text = "; ".join(line.text for line in box.lines) or ("output" if number in into else "input")
        sources = ", ".join(_source(edge, outs[edge.source]) for edge in into.get(number, []))
        lines.append(f"{number + 1}: {text}" + (f" of {sources}" if sources else ""))
    return tuple(lines)


def _source(edge: Edge, outs: int) -> str:
    """`h = 2`, `2 (output 1)`, `2 (last but one)`."""
    which = [f"output {edge.output + 1}"] * (outs > 1) + ["last but one"] * (edge.back > 0)
    text = f"{edge.source + 1}" + (f" ({', '.join(which)})" if which else "")
    return f"{edge.name} = {text}" if edge.name else text
