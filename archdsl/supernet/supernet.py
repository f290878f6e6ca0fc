"""Holds a whole space as one PyTorch module: its source, the module, and which of its weights a design uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from archdsl.choices.nodes import leaves, value_of
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.elaborate.open import OpenNetwork
from archdsl.emit.pytorch.designs import SPACE_IMPORTS
from archdsl.emit.pytorch.file import file_text, network_class
from archdsl.emit.pytorch.names import identifier, unique
from archdsl.emit.pytorch.program import Program
from archdsl.ir.alternatives import Alternatives, NodeForm, Selection
from archdsl.ir.graph import Graph
from archdsl.ir.weights import module_path
from archdsl.supernet.bodies import made_ready
from archdsl.supernet.contexts import Contexts
from archdsl.supernet.lower import Lowering
from archdsl.supernet.module_forms import ModuleForms
from archdsl.supernet.offers import offers
from archdsl.supernet.prelude import prelude
from archdsl.supernet.relaxed import obstacles, warned
from archdsl.supernet.told import docstring, root_docstring

if TYPE_CHECKING:
    from torch import nn


class Supernet:
    """All networks of a space as one PyTorch module.

    `fixed` has the decisions that a design can only pick and not weigh, each with the reason; `warnings` tells them.
    `files` are the paths of the spec and of all that it imports.
    """

    def __init__(
        self,
        space: OpenNetwork,
        network: Callable[[Mapping[str, Any]], Graph],
        written: Callable[[Mapping[str, Any]], Mapping[str, str]],
        size: int,
        origin: str = "",
        files: tuple[str, ...] = (),
    ) -> None:
        self.files = files
        self._asked = asked = space.asked
        self._network = network
        self._written = written
        self._size = size
        self._origin = origin
        self._outputs = [" or ".join(str(one.value) for one in leaves(types)) for types in space.roots[0][1].types]
        self._roots = [(condition, root.graph) for condition, root in space.roots]
        root = self._roots[0][1]
        forms = ModuleForms()
        contexts = Contexts(asked, self._roots)
        if not all(forms.are_one_body(root, other) for _, other in self._roots[1:]):
            message = f"the inputs of {root.name} are chosen, and the networks of the space are no one module"
            hint = "pick the decisions on which its inputs depend"
            raise ArchError([Diagnostic("no-supernet", message, root.span, help=hint)])
        asking: set[Alternatives] = set()
        bodies = {source: made_ready(contexts, forms, source, asking) for source in contexts.bodies}
        self._obstacles = obstacles(asked, bodies.values())
        weighed = frozenset([decision for decision in asked.domains if decision not in self._obstacles])
        self._offers = offers(asked)
        self._lowering = Lowering(contexts, bodies, forms, weighed)
        for source in contexts.bodies:
            self._lowering.lower(source)
        self._graph = self._lowering.done[root].graph

    @property
    def fixed(self) -> dict[str, str]:
        """The decisions that a design can only pick, by name, each with the reason why it cannot be weighed."""
        return {decision.name: why for decision, why in self._obstacles.items()}

    @property
    def warnings(self) -> list[Diagnostic]:
        """What is to be said of the decisions that cannot be weighed."""
        return warned(self._obstacles)

    def source(self) -> str:
        """The text of a file that needs torch alone."""
        weighed, fixed = self._lowering.weighed, [*self.fixed]
        needed = prelude(bool(weighed), self._lowering.dotted, fixed, self._offers)
        graph = replace(self._graph, helpers=needed)
        root = root_docstring(graph, self._outputs, bool(weighed), bool(fixed))
        return file_text(graph, self._class_name, root, docstring(graph, self._origin, self._size))

    @property
    def _class_name(self) -> str:
        """The name of the class of the whole space: none that the file has for something else."""
        taken = [helper.name for helper in prelude(True, False, (), {})]
        return unique(network_class(self._graph), {*taken, *SPACE_IMPORTS})

    def build(self) -> nn.Module:
        """The module, with fresh weights.

        Raises:
            ImportError: torch is not installed.
        """
        program = Program(identifier(self._graph.name), self.source())
        module: nn.Module = program.classes[self._class_name]()
        return module

    # --- weights -------------------------------------------------------------------------------------------------

    def state_of(self, design: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
        """The state dict of the network of a design, of that of the supernet: its own keys, the supernet's tensors.

        Raises:
            ArchError: it is no design of this space.
        """
        found = {}
        for key, other in self.modules_of(design).items():
            for name, value in state.items():
                if name == other or name.startswith(other + "."):
                    found[key + name.removeprefix(other)] = value
        return found

    def modules_of(self, design: Mapping[str, Any]) -> dict[str, str]:
        """Where each module of the network of a design stands in the supernet: paths there, by paths in the network.

        Raises:
            ArchError: it is no design of this space.
        """
        network, picks = self._network(design), self._written(design)
        root = next(root for condition, root in self._roots if value_of(condition, picks))
        return dict(self._paths(network, root, picks))

    def _paths(self, network: Graph, source: Alternatives, design: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        places = self._lowering.done[source].places
        for node, (index, form) in zip(network.nodes, _live(source, design), strict=True):
            place = places[index, form]
            if isinstance(node.target, Graph):
                below = self._paths(node.target, form.target, design)
                yield from ((f"{_path(node.label)}.{one}", f"{_path(place)}.{other}") for one, other in below)
            elif node.label:
                yield _path(node.label), _path(place)


def _path(label: str) -> str:
    """What a module of this label is called in PyTorch."""
    return ".".join(module_path(label))


def _live(source: Alternatives, design: Mapping[str, str]) -> list[tuple[int, NodeForm]]:
    """The nodes of a body that a design has, in order, and what each is."""
    wanted = {ref.node for ref in source.outputs}
    found = []
    for index in range(len(source.nodes) - 1, -1, -1):
        node = source.nodes[index]
        if index not in wanted:
            continue
        if isinstance(node, Selection):
            wanted.add(value_of(node.refs, design).node)
            continue
        found.append((index, value_of(node.variants, design)))
        wanted.update(ref.node for ref, present in node.operands if value_of(present, design))
    return found[::-1]
