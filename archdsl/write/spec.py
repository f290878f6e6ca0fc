"""Turns a graph into a spec: the text whose network is that graph again.

Bodies that differ in numbers alone become one definition, the numbers its parameters (`ir` knows which bodies come from
one definition of the source; structure decides). What `load` makes of the text equals the graph in

* ops and their arguments, operands, the order of nodes, types, slots, callees: the exact hash (`ir/hashing.py`);
* labels, and so the keys of all weights.

It differs in what a text cannot keep: spans and sites; the names and arguments of the source's definitions, which are
named and counted anew, but for an argument that the numbers which differ are; how results were nested in lists; that a
network was a part of a network (it becomes a block).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from textwrap import wrap

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.elaborate.advice import library_words
from archdsl.ir.graph import Graph, bodies
from archdsl.ir.hashing import exact_hash
from archdsl.ir.per_body import per_body
from archdsl.ir.weights import keys
from archdsl.ops.arguments import shown
from archdsl.source import Source
from archdsl.syntax import tree
from archdsl.syntax.format import format_source
from archdsl.syntax.print_tree import RESERVED, is_name, print_declaration
from archdsl.transform.written_out import written_out
from archdsl.write.body import BodyWriter
from archdsl.write.definition import DefinitionTemplate, key_of
from archdsl.write.trees import Unwritable

WIDTH = 100
_MANY = 4  # values of one argument, which documentation does not list


def write_spec(root: Graph) -> str:
    """The canonical text of a spec whose only network is `root`.

    Raises:
        Unwritable: the language has no words for something in it.
    """
    root = written_out(root)
    order = list(bodies(root))
    scanned = {n.target for g in order for n in g.nodes if n.states and len(n.operands) == 1}
    made: dict[Graph, DefinitionTemplate] = {}
    used = {*library_words(), *RESERVED, root.name}
    templates: list[DefinitionTemplate] = []
    for level in _levels(order):
        groups: dict[object, list[Graph]] = {}
        for graph in level:
            groups.setdefault(key_of(graph, made, graph in scanned), []).append(graph)
        for graphs in groups.values():
            label = root.name if root in graphs else _unique(graphs[0].name, used)
            used.add(label)
            template = DefinitionTemplate(label, graphs, made, used, graphs[0] in scanned)
            templates.append(template)
            made.update(dict.fromkeys(graphs, template))
    text = "\n".join(_definition(template, root) for template in templates)
    return format_source(Source("<written>", text), WIDTH)


def proven_spec(root: Graph, load: Callable[[str], Graph]) -> str:
    """`write_spec`, shown to be right: `load` makes of it a graph that is equal in all that the module promises.

    Raises:
        ArchError: the graph cannot be written.
    """
    try:
        text = write_spec(root)
        again = load(text)
    except ArchError as error:
        raise _refused(root, error.diagnostics[0].message) from None
    except Unwritable as error:
        raise _refused(root, str(error)) from None
    if exact_hash(again) != exact_hash(root) or keys(again) != keys(root):
        raise _refused(root, "what was written makes another network")
    return text


def _refused(root: Graph, reason: str) -> ArchError:
    hint = "keep the spec that it came from; the network can be analysed, compiled and drawn as it is"
    return ArchError([Diagnostic("no-spec", f"{root.name} cannot be written as a spec: {reason}", None, help=hint)])


def _levels(order: list[Graph]) -> Iterable[list[Graph]]:
    """The bodies by how deep calls go below them, the deepest callees first."""
    levels: dict[int, list[Graph]] = {}
    for graph in order:
        levels.setdefault(_height(graph), []).append(graph)
    return [levels[key] for key in sorted(levels)]


@per_body
def _height(graph: Graph) -> int:
    return 1 + max([_height(callee) for _, _, callee in graph.calls], default=-1)


def _unique(label: str, used: set[str]) -> str:
    label = label if is_name(label) else "part"
    number, found = 1, label
    while found in used:
        number += 1
        found = f"{label}_{number}"
    return found


def _definition(template: DefinitionTemplate, root: Graph) -> str:
    graph = template.graph
    is_root = graph is root
    kind = "network" if is_root else "cell" if graph.kind == "cell" else "block"
    body = BodyWriter(template).statements()
    inputs = template.tensor_inputs(is_root)
    definition = tree.Definition(kind, template.name, inputs, template.params(), body, 0, 0, 0, 0)
    lines = [*_doc_lines(graph.doc), *_doc_lines(_settled(template))]
    return "".join(f"## {line}".rstrip() + "\n" for line in lines) + print_declaration(definition)


def _settled(template: DefinitionTemplate) -> str:
    """The values of what the documentation calls by name, in backticks, but the text has no parameter for; or ""."""
    named = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`]*`", template.graph.doc))))
    named -= {parameter.name for parameter in template.params()}
    values: dict[str, dict[str, None]] = {}
    for graph in template.graphs:
        for argument, value in graph.arguments:
            if argument in named:
                text = " ".join(value.split()) if isinstance(value, str) else shown(value)
                values.setdefault(argument, {})[text] = None
    settled = [
        f"{name} = {' or '.join(found)}" if len(found) < _MANY else f"{name} has several values"
        for name, found in values.items()
    ]
    return f"Here {', '.join(settled)}." if settled else ""


def _doc_lines(doc: str) -> Iterator[str]:
    """The lines of a documentation as they are, those that are too long broken."""
    for line in doc.split("\n") if doc else ():
        if len(line) <= WIDTH - 3 and line.isprintable():
            yield line
        else:
            indent = line[: len(line) - len(line.lstrip(" "))][: WIDTH // 2]
            yield from wrap(line, WIDTH - 3, subsequent_indent=indent, break_on_hyphens=False)
