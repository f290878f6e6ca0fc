"""Tells whether the PyTorch form of a network follows the size of its input, or is one for all sizes that work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from archdsl.analysis.sizes.answer import SizeAxis
from archdsl.analysis.sizes.input_sizes import Elaborate, made_at, size_axes
from archdsl.analysis.sizes.products import equality, plus, value_at
from archdsl.analysis.sizes.regions import Region, everything
from archdsl.analysis.sizes.sets import TooIrregular
from archdsl.analysis.sizes.traced import Extent, explore, read_as_text
from archdsl.diagnostics.model import Diagnostic
from archdsl.ir.graph import Graph, Node, bodies

CodeKey = tuple[Any, ...]  # what is emitted, as far as it matters to the module: equal for equal modules
BodyForms = list[tuple[Graph, list[Any]]]  # bodies, callees first, with what is emitted of each of their nodes
OTHERS: tuple[Callable[[int], int], ...] = (lambda n: n - 1, lambda n: n + 1, lambda n: n // 2, lambda n: 2 * n)


def follows_size(native: Graph, elaborate: Elaborate) -> bool:
    """Whether `native` at another size that works is other code: another setting, another op, another weight.

    `elaborate` makes it at other sizes, as for `input_sizes`. The network is run for all sizes at once, and the PyTorch
    forms of its ops are looked at: a number in one that is not the same at all sizes of its path, or two paths with
    different forms. Where there is no formula: whether its definitions read a size, or it is other code at one of a few
    other sizes.
    """
    axes = size_axes(native)
    point = tuple(axis.native for axis in axes)

    def run(sizes: tuple[int, ...]) -> BodyForms | None:
        graph, _ = made_at(native, axes, elaborate, sizes, True)
        if isinstance(graph, Diagnostic):
            return None
        found = _forms(graph)
        if read_as_text():
            raise TooIrregular("a size is read as text")
        return found

    codes: set[CodeKey] = set()
    numbers: dict[CodeKey, int] = {}
    try:
        for outcome in explore(everything(len(point)), point, run) if axes else ():
            if outcome.result is not None:
                codes.add(_code(outcome.result, outcome.region, numbers))
            if len(codes) > 1:
                return True
    except _Follows:
        return True
    except TooIrregular:
        return any(body.reads_size for body in bodies(native)) or _differs(native, axes, elaborate)
    return False


def _differs(native: Graph, axes: Sequence[SizeAxis], elaborate: Elaborate) -> bool:
    """Whether the code is another one at some other size, each axis alone or all together, where that works."""
    nothing, numbers = Region(()), dict[CodeKey, int]()
    wanted = _code(_forms(native), nothing, numbers)
    point = tuple(axis.native for axis in axes)
    for changed in [range(len(axes)), *([i] for i in range(len(axes)))]:
        for other in OTHERS:
            sizes = tuple(max(other(n), 1) if i in changed else n for i, n in enumerate(point))
            graph, _ = made_at(native, axes, elaborate, sizes, False)
            if isinstance(graph, Graph) and _code(_forms(graph), nothing, numbers) != wanted:
                return True
    return False


class _Follows(Exception):
    """A number in the code is not the same at all sizes of its path."""


def _forms(graph: Graph) -> BodyForms:
    return [(body, [_form(body, node) for node in body.nodes]) for body in bodies(graph)]


def _form(graph: Graph, node: Node) -> Any:
    """What is emitted of a node besides its place: the form of an op; of a scan the states that it starts with."""
    if node.op is not None:
        return node.op.torch(graph.operand_types(node))
    started = node.states > 0 and len(node.operands) == 1
    return [x.shape for x in node.body.inputs[1:]] if started and node.body is not None else None


def _code(made: BodyForms, region: Region, numbers: dict[CodeKey, int]) -> CodeKey:
    """The code of a network, whose bodies come callees first; `numbers` tells bodies of equal code by one number.

    Raises:
        _Follows: it is not the same everywhere in `region`.
        TooIrregular: that cannot be told by formula.
    """
    calls: dict[int, int] = {}
    code: CodeKey = ()
    for graph, forms in made:
        nodes = [
            (calls.get(id(n.target)), n.length is None, n.each, n.operands, n.label, n.slot, _settled(form, region))
            for n, form in zip(graph.nodes, forms, strict=True)
        ]
        code = (tuple(nodes), graph.outputs)
        calls[id(graph)] = numbers.setdefault(code, len(numbers))
    return code


def _settled(form: Any, region: Region) -> Any:
    """A form with plain numbers in the place of sizes.

    Raises:
        _Follows: such a size is not the same everywhere in `region`.
    """
    if isinstance(form, Extent):
        point = region.some
        number = value_at(form.parts, point)
        if region - equality(plus(form.parts, {(): -number}), len(point), region):
            raise _Follows
        return repr(number)
    if isinstance(form, (tuple, list)):
        return tuple([_settled(part, region) for part in form])
    if is_dataclass(form):
        return type(form).__name__, *[_settled(getattr(form, field.name), region) for field in fields(form)]
    return repr(form)
