"""Turns a graph into readable text, one section per body, callees first; `read_text` turns it back."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from typing import Any

from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies
from archdsl.ops.base import Op

_BARE = re.compile(r"(?!(?:inf|nan)\b)[^\W\d][\w.]*")
_WORDS: dict[object, str] = {None: "none", True: "true", False: "false"}


def print_graph(root: Graph, spans: bool = False) -> str:
    """Every body reachable from `root`, callees first, `root` last.

        block bottleneck(width = 64) in x: [64, 56, 56]
          from "resnet.arch" bottleneck
          %1 = conv(out = 64, kernel = (1, 1)) %x : [64, 56, 56]  as conv1  named y  at (40,)
          %2 = call projection@2 %1 : [256, 56, 56]  as shortcut  slot 0  at (61, 0)
          %3 = scan lstm %xs over 35 : [35, 650], [650], [650]  as lstm  at (80,)
          return %2

    `named y` says that the spec's statement assigns to y. Output k of a node with several outputs is written `%3.k`.
    Bodies whose name is not unique are numbered `name@2`.
    With `spans` each node ends in a comment that says where it was applied.
    """
    order = list(bodies(root))
    names = _body_names(order)
    return "\n".join(_print_body(graph, names, spans) for graph in order)


def _body_names(order: list[Graph]) -> dict[int, str]:
    counts = Counter(graph.name for graph in order)
    seen: Counter[str] = Counter()
    names: dict[int, str] = {}
    for graph in order:
        seen[graph.name] += 1
        number = f"@{seen[graph.name]}" if counts[graph.name] > 1 else ""
        names[id(graph)] = _bare(graph.name) + number
    return names


def _print_body(graph: Graph, names: dict[int, str], spans: bool) -> str:
    arguments = ", ".join(f"{_bare(name)} = {_value(value)}" for name, value in graph.arguments)
    inputs = ", ".join(f"{name}: {type_}" for name, type_ in zip(graph.input_names, graph.inputs, strict=True))
    lines = [f"{graph.kind} {names[id(graph)]}({arguments}){' in ' if inputs else ''}{inputs}"]
    file, definition = graph.definition
    lines.append(f"  from {json.dumps(file)} {_bare(definition)}")
    if graph.doc:
        lines.append(f"  doc {json.dumps(graph.doc)}")
    if graph.decisions:
        lines.append(f"  decisions {graph.decisions}")
    if graph.reads_size:
        lines.append("  reads size")
    for i, node in enumerate(graph.nodes):
        line = f"  %{i + 1} = {_print_node(graph, node, names)}"
        lines.append(f"{line}  # {node.spans[0]}" if spans and node.spans else line)
    lines.append(f"  return {', '.join(_ref(graph, ref) for ref in graph.outputs)}")
    return "\n".join(lines) + "\n"


def _print_node(graph: Graph, node: Node, names: dict[int, str]) -> str:
    what = _op(node.target) if isinstance(node.target, Op) else f"call {names[id(node.target)]}"
    operands = "".join(f" {_ref(graph, ref)}" for ref in node.operands)
    if node.length is not None:
        word = "each" if node.each else "scan"
        what, operands = f"{word} {names[id(node.target)]}", f"{operands} over {node.length}"
    out = f"{what}{operands} : {', '.join(map(str, node.types))}"
    if node.label:
        out += f"  as {_bare(node.label)}"
    if node.slot is not None:
        out += f"  slot {node.slot}"
    if node.names:
        out += f"  named {', '.join(map(_bare, node.names))}"
    return out + f"  at {_value(node.site)}"


def _op(op: Op) -> str:
    arguments = ", ".join(f"{field.name} = {_value(getattr(op, field.name))}" for field in dataclasses.fields(op))
    return f"{op.name}({arguments})"


def _ref(graph: Graph, ref: Ref) -> str:
    if ref.node == INPUT:
        return f"%{graph.input_names[ref.output]}"
    return f"%{ref.node + 1}" + (f".{ref.output}" if len(graph.nodes[ref.node].types) > 1 else "")


def _bare(text: str) -> str:
    return text if _BARE.fullmatch(text) else json.dumps(text)


def _value(value: Any) -> str:
    """A literal: none, true, 3, 0.5, "text", (1, 2).

    Raises:
        TypeError: the value is of no such kind.
    """
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(_value, value))}{',' if len(value) == 1 else ''})"
    raise TypeError(f"no text form for {value!r}")
