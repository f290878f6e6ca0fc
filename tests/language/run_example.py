"""Runs an example of a page: what is reported at which line, and the text of the blocks that follow the spec."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archdsl.analysis import registry
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.diagnostics.render import render
from archdsl.elaborate.decisions import pick_of
from archdsl.elaborate.elaborator import value_of
from archdsl.elaborate.shown import show
from archdsl.elaborate.spec import Spec
from archdsl.expect import read_claim
from archdsl.ir.graph import Graph, bodies
from archdsl.ir.text import print_graph
from archdsl.network import Network, check_source, from_source
from archdsl.source import Source
from archdsl.syntax import tree
from tests.language.examples import CODE, Check, Example, Row

ANNOTATION = re.compile(r"#\s*(error|warning)\[([a-z0-9-]+)\](?::\s*(.*))?$")


def sources(example: Example, folder: Path) -> tuple[Source, list[Source]]:
    """The file to check, and all files; several files are written to `folder`, so that they can import each other."""
    if len(example.files) == 1:
        only = Source(*next(iter(example.files.items())))
        return only, [only]
    found = []
    for name, text in example.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        found.append(Source(str(path), text))
    return found[-1], found


def expected_messages(files: list[Source]) -> Iterator[tuple[str, int, str, str, str]]:
    """(file, line, severity, code, beginning of the message) of each annotation.

    A comment on a line of its own speaks of the line above it, so that a line can have several.
    """
    for source in files:
        place = 0
        for number, line in enumerate(source.text.splitlines(), 1):
            found = ANNOTATION.search(line)
            if found is None or line[: found.start()].strip():
                place = number
            if found is not None:
                yield source.name, place, found[1], found[2], (found[3] or "").strip()


def mismatches(example: Example, folder: Path) -> tuple[list[str], list[Diagnostic]]:
    """What is reported without being expected, and expected without being reported; and all that is reported."""
    main, files = sources(example, folder)
    reported = list(check_source(main))
    open_ = list(reported)
    wrong = []
    for name, line, severity, code, beginning in expected_messages(files):
        for diagnostic in open_:
            span = diagnostic.span
            place = (span.source.name, span.line) if span is not None else (main.name, 0)
            if (diagnostic.severity, diagnostic.code, place) == (severity, code, (name, line)):
                if not diagnostic.message.startswith(beginning):
                    wrong.append(f"line {line}: the message is {diagnostic.message!r}, not {beginning!r}")
                open_.remove(diagnostic)
                break
        else:
            wrong.append(f"line {line}: missing {severity}[{code}]: {beginning}")
    return wrong + [f"not expected: {render(diagnostic)}" for diagnostic in open_], reported


def networks(source: Source) -> dict[str, Network]:
    """The networks of a clean file that elaborate at their defaults."""
    found = {}
    for name in Spec(source).networks:
        try:
            found[name] = from_source(source, name)
        except ArchError as error:
            if {d.code for d in error.diagnostics} != {"missing-argument"}:
                raise
    return found


def never_run(source: Source) -> set[str]:
    """Blocks and cells of a clean file that no network calls: what the page says of them would not be tested."""
    items = Spec(source).root.file.items
    defined = {
        item.declaration.name
        for item in items
        if isinstance(item.declaration, tree.Definition | tree.Variant) and item.declaration.kind in ("block", "cell")
    }
    made = networks(source).values()
    if any(network.choices for network in made):
        return set()  # other picks may call it
    called = {body.name for network in made for body in bodies(network.graph)}
    bases = {
        re.split(r"\W", item.span(item.declaration.base.start, item.declaration.base.end).text)[0]
        for item in items
        if isinstance(item.declaration, tree.Variant)
    }
    return defined - called - bases


def actual(example: Example, check: Check, folder: Path, reported: list[Diagnostic]) -> str:
    """What a block after a spec should say.

    Its arguments: the name of a network (of any body, for `graph`), and `pick=NAME=OPTION`, `input=3x64x64`,
    `name=value`; what has spaces stands in quotation marks.
    """
    if check.kind == "messages":
        return "\n".join(render(d) + "\n" for d in reported)
    main, _ = sources(example, folder)
    words = shlex.split(check.arguments)
    picks = dict(filter(None, [pick_of(word.removeprefix("pick=")) for word in words if word.startswith("pick=")]))
    options = dict(word.split("=", 1) for word in words if "=" in word and not word.startswith("pick="))
    name = next((word for word in words if "=" not in word), None)
    shape = [int(extent) for extent in options.pop("input", "").split("x") if extent] or None
    names = Spec(main).networks
    body = name if check.kind == "graph" and name not in names else None
    called = names[-1] if body or name is None else name
    network = from_source(main, called, options, input=shape, picks=picks)
    if check.kind == "graph":
        return _section(print_graph(network.graph), body or network.name)
    if check.kind == "modules":
        return "\n".join(dict.fromkeys(path for path, _ in leaves(network.graph))) + "\n"
    if check.kind == "keys":
        keys = (f"{path}.{weight}" for path, weights in leaves(network.graph) for weight in weights)
        return "\n".join(dict.fromkeys(keys)) + "\n"
    return _numbers(network, check.text)


def _section(text: str, name: str) -> str:
    """One body of the printed graph, without the places in the file, which would change with every edit."""
    found = re.search(rf"^\w+ {name}(@\d+)?\(.*?(?=^\S|\Z)", text, re.M | re.S)
    assert found is not None, f"no body is called {name}"
    lines = [re.sub(r"  at \(.*\)$", "", line) for line in found[0].splitlines()]
    return "\n".join(line for line in lines if not line.startswith(("  from ", "  doc "))) + "\n"


def leaves(graph: Graph, prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    """Dotted path and weights of each op that is a module, in order of application."""
    for node in graph.nodes:
        if node.body is not None:
            yield from leaves(node.body, f"{prefix}{node.label}.")
        elif node.label and node.op is not None:
            yield prefix + node.label, [w.name for w in node.op.weights(graph.operand_types(node))]


def _numbers(network: Network, text: str) -> str:
    """The lines of a `numbers` block; a number that rounds to what is written is given back as written."""
    lines = []
    for line in text.splitlines():
        name, _, written = line.strip().partition(" ")
        if name in ("calls", "bodies") and " " in written:
            counted, _, written = written.partition(" ")
            name = f"{name} {counted}"
        value = _number(network, name)
        claim = None if isinstance(value, str) else read_claim(written.strip())
        shown = written.strip() if claim is not None and claim.holds(value) else value
        lines.append(f"{name} {shown}")
    return "\n".join(lines) + "\n"


def _number(network: Network, name: str) -> Any:
    if name == "output":
        return ", ".join(map(str, network.graph.output_types))
    word, _, counted = name.partition(" ")
    if word == "bodies":
        return sum(body.name == counted for body in bodies(network.graph))
    if word == "calls":
        return sum(
            node.body is not None and node.word == counted for body in bodies(network.graph) for node in body.nodes
        )
    if name == "choices":
        return len(network.choices)
    return registry.metric(name)(network.graph)


def row_result(row: Row) -> str:
    """What the second column of a table's row should say, written as that column writes it."""
    wanted = CODE.findall(row.expected)
    main = Source("example.arch", row.text(row.code))
    if row.kind == "value":
        return _value(main)
    reported = [d for d in check_source(main) if d.code != "unused-parameter"]  # a row uses some of what its table has
    if reported:
        return ", ".join(f"{d.severity}[{d.code}]" for d in reported)
    network = list(networks(main).values())[-1]
    if row.kind == "gives":
        return ", ".join(map(str, network.graph.output_types))
    if row.kind == "modules":
        return ", ".join(dict.fromkeys(path for path, _ in leaves(network.graph))) or "none"
    assert row.kind == "same", f"unknown kind of table {row.kind}"
    other = list(networks(Source("other.arch", row.text(wanted[0]))).values())[-1]
    return wanted[0] if flat(network.graph) == flat(other.graph) else flat(network.graph)


def _value(main: Source) -> str:
    diagnostics = Diagnostics()
    value = value_of(Spec(main), "it", diagnostics)
    return ", ".join(f"{d.severity}[{d.code}]" for d in diagnostics) or show(value)


def flat(graph: Graph) -> str:
    """The graph's text without names and places: equal for specs that mean the same."""
    text = re.sub(r"  (as|at|slot) .*$", "", print_graph(graph), flags=re.M)
    return re.sub(r"^  (from|doc) .*\n", "", text, flags=re.M)
