"""Says what to call two networks that stand beside each other, so that a reader tells them apart."""

from __future__ import annotations

from pathlib import PurePath

from archdsl.ir.graph import Graph
from archdsl.lazy import load_module


def titles(old: Graph, new: Graph) -> tuple[str, str]:
    """What to call two networks: their names; where these are one, with the files, or with what they are given."""
    if old.name != new.name:
        return old.name, new.name
    paths = [PurePath(graph.span.source.name) for graph in (old, new)]
    if paths[0] != paths[1]:
        one, other = _told_apart(*paths)
        return f"{one}:{old.name}", f"{other}:{new.name}"
    words = load_module("archdsl.emit.figure.words")
    given = [dict(graph.arguments) for graph in (old, new)]
    told = [name for name in given[1] if given[0].get(name) != given[1][name]]
    said = [", ".join(f"{name} = {words.value_text(values.get(name))}" for name in told) for values in given]
    if not told:
        said = [", ".join(map(words.shape_text, graph.inputs)) for graph in (old, new)]
    return (old.name, new.name) if said[0] == said[1] else (f"{old.name}({said[0]})", f"{new.name}({said[1]})")


def _told_apart(one: PurePath, other: PurePath) -> tuple[str, str]:
    """The ends of two paths, as short as they can be and still differ: `a/net.arch` and `b/net.arch`."""
    for count in range(1, max(len(one.parts), len(other.parts)) + 1):
        ends = "/".join(one.parts[-count:]), "/".join(other.parts[-count:])
        if ends[0] != ends[1]:
            return ends
    return str(one), str(other)
