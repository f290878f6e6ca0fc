"""Puts one spec through everything that the compiler does with it, and says what must not be."""

from __future__ import annotations

import ast
import re
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from archdsl import network as networks
from archdsl.analysis.registry import names as metrics
from archdsl.diagnostics.catalog import codes
from archdsl.diagnostics.model import ERROR, ArchError, Diagnostic
from archdsl.diagnostics.render import render
from archdsl.elaborate.budget import Limits
from archdsl.elaborate.elaborator import complete_networks
from archdsl.elaborate.spec import Spec
from archdsl.emit import field_table, memory_table, sizes_table, tables
from archdsl.ir.graph import Graph
from archdsl.ir.hashing import exact_hash
from archdsl.ir.read_text import read_graph
from archdsl.ir.text import print_graph
from archdsl.ir.verify import violations
from archdsl.network import Network
from archdsl.source import Source
from archdsl.syntax.format import format_source

PACKAGE = str(Path(networks.__file__).parent)
# Lower than a reader's, so that what stays within them ends within seconds.
LIMITS = Limits(elements=100_000, flat_ops=50_000, nodes=20_000, steps=100_000, evaluations=200_000)
NETWORKS = 3  # of a spec, from the end, that are put through everything
LARGEST = 2_000_000  # weights, multiply-accumulates, a twentieth of the elements, of a network that is built and run
Finding = tuple[str, str]  # what tells findings apart, and all that is known


def exercise(text: str, *, thorough: bool = True, limits: Limits = LIMITS) -> list[Finding]:
    """Everything that is wrong with how the compiler answers to `text`: tracebacks, and answers that do not fit.

    `thorough`: also what takes longer, down to the module that is built and run. A step that takes too long or too much
    memory is for the caller to end; it raises nothing else.
    """
    found: list[Finding] = []

    def attempt(step: str, act: Callable[[], Iterator[str] | None]) -> None:
        try:
            for problem in act() or ():
                found.append((f"{step}: {re.sub(r'[0-9]+', 'N', problem)[:80]}", f"{step}: {problem}"))
        except MemoryError:
            raise
        except Exception as error:
            found.append((f"{step}: {_where(error)}", f"{step}: {''.join(traceback.format_exception(error))}"))

    diagnostics: list[Diagnostic] = []

    def check() -> Iterator[str]:
        diagnostics.extend(networks.check_source(Source("fuzz.arch", text), limits))
        yield from unsound(diagnostics)

    attempt("check", check)
    attempt("fmt", lambda: _formats(text))
    if found or any(diagnostic.severity == ERROR for diagnostic in diagnostics):
        return found
    spec: list[Spec] = []
    attempt("read", lambda: spec.append(Spec(Source("fuzz.arch", text), limits)))
    names: list[str] = []
    attempt("networks", lambda: names.extend(complete_networks(spec[0])))
    for name in names[-NETWORKS:]:
        made: list[Network] = []
        attempt("load", partial(_loads, spec[0], name, made))
        for step, act in (QUICK | SLOW if thorough else QUICK).items():
            if made:
                attempt(step, partial(act, made[0]))
    return found


def _loads(spec: Spec, name: str, made: list[Network]) -> None:
    made.append(networks.from_spec(spec, name))


def _where(error: BaseException) -> str:
    """Kind of an exception and the function of ours that raised it; for a diagnostic its code."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(PACKAGE)]
    at = f"{Path(frames[-1].filename).stem}.{frames[-1].name}" if frames else "?"
    code = f" [{error.diagnostics[0].code}]" if isinstance(error, ArchError) else ""
    return f"{type(error).__name__}{code} in {at}"


def unsound(diagnostics: list[Diagnostic]) -> Iterator[str]:
    """What is wrong with diagnostics: each has a known code, a message, a help line and places inside its file."""
    known = set(codes())
    for diagnostic in diagnostics:
        if diagnostic.code not in known:
            yield f"no page for {diagnostic.code}"
        if not diagnostic.message.strip() or not diagnostic.help.strip():
            yield f"{diagnostic.code} has no message or no help"
        for span in [diagnostic.span, *[label.span for label in diagnostic.labels]]:
            if span is not None and not 0 <= span.start <= span.end <= len(span.source.text):
                yield f"{diagnostic.code} is outside its file"
        render(diagnostic, color=True)


def _formats(text: str) -> Iterator[str]:
    try:
        once = format_source(Source("fuzz.arch", text))
    except ArchError as error:
        yield from unsound(error.diagnostics)
        return
    if format_source(Source("fuzz.arch", once)) != once:
        yield "the canonical form has another canonical form"


def _analyzes(network: Network) -> Iterator[str]:
    report = network.analyze()
    shown = tables.analysis_text(report, by="block", sort="order", depth=9, width=80, kernels=False)
    if not shown.isprintable() and any(not line.isprintable() for line in shown.split("\n")):
        yield "the table holds control characters"
    report.to_json(9)
    for name in metrics():
        try:
            network.metric(name)
        except ValueError as error:  # not defined, with the reason
            if not str(error):
                yield f"{name} is not defined, and nobody says why"


def _writes(network: Network) -> Iterator[str]:
    source = network.source()
    compile(ast.parse(source), "emitted", "exec")
    graph = network.graph
    yield from violations(graph)
    if exact_hash(read_graph(print_graph(graph))) != exact_hash(graph):
        yield "the graph's text is another graph"


def _tabulates(network: Network) -> None:
    graph = network.graph
    network.lint()
    memory_table.text(graph, order="minimal", steps=True)
    try:
        field_table.text(graph, field_table.rows_at(graph, 9, None))
    except ValueError as error:
        assert str(error), "no field, and nobody says why"


def _sizes(network: Network) -> Iterator[str]:
    try:
        found = network.sizes()
    except ValueError as error:
        if not str(error):
            yield "no sizes, and nobody says why"
        return
    sizes_table.text(found, [sizes_table.point_of(found, (found.native[0],), None)], None, "fuzz.arch")


def _draws(network: Network) -> Iterator[str]:
    if not network.draw().startswith(b"<svg"):
        yield "no picture"


def _builds(network: Network) -> Iterator[str]:
    """The module is made, has the parameters, and gives the shapes that the graph says."""
    elements = sum(x.size for x in network.graph.inputs) + network.metric("activations")
    if max(network.params, network.macs) > LARGEST or elements > 20 * LARGEST:
        return
    module = network.build().eval()
    graph = network.graph
    count = sum(parameter.numel() for parameter in module.parameters())
    if count != network.params:
        yield f"{count} parameters are built, {network.params} are said"
    inputs = _inputs(graph)
    with torch.no_grad():
        made = module(*inputs)
    results = [made] if isinstance(made, Tensor) else list(made)
    shapes = [tuple(result.shape[1:]) if inputs else tuple(result.shape) for result in results]
    wanted = [tuple(kind.shape) for kind in graph.output_types]
    if inputs and shapes != wanted:
        yield f"the module gives {shapes}, the graph says {wanted}"


def _inputs(graph: Graph) -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [
        torch.zeros((2, *kind.shape), dtype=torch.int64)
        if kind.dtype == "int"
        else torch.randn((2, *kind.shape), generator=generator)
        for kind in graph.inputs
    ]


Step = Callable[[Network], Iterator[str] | None]
QUICK: dict[str, Step] = {"analyze": _analyzes, "compile": _writes}
SLOW: dict[str, Step] = {"tables": _tabulates, "sizes": _sizes, "draw": _draws, "build": _builds}
