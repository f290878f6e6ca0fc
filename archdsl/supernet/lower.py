"""Turns the bodies of a space into bodies that the writer of PyTorch takes: options and conditions become nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archdsl.choices.nodes import Decision, Diagram, leaves
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.emit.pytorch.designs import (
    ALL_CHANNELS_BODY,
    CHANNELS_BODY,
    CHOICE_BODY,
    DESIGN,
    Condition,
    SelectByDesign,
    SpaceGraph,
)
from archdsl.emit.pytorch.names import next_variable
from archdsl.emit.pytorch.submodule_names import is_key
from archdsl.ir.alternatives import Alternatives, NodeForm
from archdsl.ir.graph import INPUT, Node, Ref
from archdsl.ops.base import Op, Types
from archdsl.supernet.conditions import DesignTests
from archdsl.supernet.contexts import Contexts
from archdsl.supernet.items import Body, BodyItem, ChosenHow, ChosenTensor, MadeNode, Selected
from archdsl.supernet.labels import decision_label, module_names
from archdsl.supernet.module_forms import ModuleForms, flattened, list_function
from archdsl.supernet.picking_ops import Flat, Listed, Picked, PickTensor, Same
from archdsl.types import TensorType

_DESIGN_TYPE = TensorType(())


@dataclass(frozen=True)
class Lowered:
    """A body as it is written. `places` tells for each node of the alternatives, and each of its forms, the path of
    its module inside the body: "" where it is none.
    """

    graph: SpaceGraph
    places: dict[tuple[int, NodeForm], str]


class Lowering:
    """Lowers the bodies of one space, callees first; `done` has them."""

    def __init__(
        self,
        contexts: Contexts,
        bodies: Mapping[Alternatives, Body],
        forms: ModuleForms,
        weighed: frozenset[Decision],
    ) -> None:
        self.contexts = contexts
        self.roots = contexts.roots
        self.bodies = bodies
        self.forms = forms
        self.weighed = weighed
        self.dotted = False
        self.done: dict[Alternatives, Lowered] = {}

    def lower(self, source: Alternatives) -> Lowered:
        """The body of `source`, whose callees are done."""
        made = BodyLowering(self, self.bodies[source]).run()
        self.done[source] = made
        return made


@dataclass
class Nodes:
    """The nodes of a body under construction."""

    made: list[Node] = field(default_factory=list)
    taken: dict[Node, Types] = field(default_factory=dict)

    def add(
        self,
        target: Any,
        operands: tuple[Ref, ...],
        takes: Types,
        types: Types,
        label: str = "",
        like: Node | None = None,
        names: tuple[str, ...] = (),
        site: tuple[Any, ...] | None = None,
    ) -> Ref:
        """Add a node; what it has beside its target is that of `like`."""
        if like is None:
            node = Node(target, operands, types, label, (), site or (), names=names)
        else:
            node = like._replace(target=target, operands=operands, types=types, label=label)
        self.taken[node] = takes
        self.made.append(node)
        return Ref(len(self.made) - 1)


class BodyLowering:
    """Lowers one body."""

    def __init__(self, space: Lowering, body: Body) -> None:
        self.space = space
        self.body = body
        self.source = body.source
        self.diagrams = space.contexts.diagrams
        self.conditions = DesignTests(space.contexts, body.source, space.weighed)
        self.nodes = Nodes()
        self.refs: dict[int, Ref] = {}  # of the first output of an item
        self.whens: dict[Node, Condition] = {}
        self.present: dict[Node, tuple[Condition | None, ...]] = {}
        self.places: dict[tuple[int, NodeForm], str] = {}
        self.slots: dict[int, Op | SpaceGraph] = {}  # the first target of what shares weights
        self.asks = body.source in space.roots  # these take the design whether they ask or not
        self.design = Ref(INPUT, len(self.source.inputs))

    def run(self) -> Lowered:
        """The body as it is written."""
        swallowed = self._swallowed()
        items = [item for item in self.body.items.values() if item.key not in swallowed]
        applied = [item for item in items if isinstance(item, MadeNode)]
        picks = [item for item in items if isinstance(item, ChosenTensor) and item.way is ChosenHow.MODULES]
        plain = frozenset([item.key for item in applied if self._is_plain(item)])
        labels = module_names(self.source, applied, picks, plain)
        for item in items:
            before = len(self.nodes.made)
            self.refs[item.key] = self._add(item, labels.get(item.key, ""))
            condition = self.conditions.condition(item.when)
            if condition is not None:
                self.asks = True
                self.whens.update(dict.fromkeys(self.nodes.made[before:], condition))
        return Lowered(self._graph(), self.places)

    def _swallowed(self) -> set[int]:
        """The items that are parts of options."""
        picks = [
            item
            for item in self.body.items.values()
            if isinstance(item, ChosenTensor) and item.way is ChosenHow.MODULES
        ]
        for pick in picks:
            keys = [text.replace(".", "_") for text in pick.options]
            if len(set(keys)) < len(keys) or not all(map(is_key, keys)):
                pick.way = ChosenHow.RESULTS
        kept = [pick for pick in picks if pick.way is ChosenHow.MODULES]
        return {item.key for pick in kept for chain in pick.chains.values() for item in chain}

    def _is_plain(self, item: MadeNode) -> bool:
        """Whether a node may stand in an nn.Sequential."""
        asks = any(self.space.done[call].graph.asks for call in item.calls)
        return len(item.operands) == 1 and len(item.types) == 1 and not asks

    def _condition(self, condition: Diagram, when: Diagram) -> Condition | None:
        """A condition that is tested where another holds."""
        return self.conditions.condition(self.space.contexts.within(self.source, condition, when) or condition)

    def _ref(self, ref: Ref) -> Ref:
        return ref if ref.node == INPUT else Ref(self.refs[ref.node].node, ref.output)

    def _add(self, item: BodyItem, label: str) -> Ref:
        if isinstance(item, Selected):
            condition = self._condition(item.condition, item.when)
            if condition is None:
                return self._ref(item.then)
            self.asks = True
            type = self._types_of(item.then)
            sides = (self._ref(item.then), self._ref(item.otherwise))
            return self.nodes.add(SelectByDesign(condition), sides, (type, type), (type,), site=("select",))
        if isinstance(item, MadeNode):
            return self._apply(item, label)
        self.asks = True
        site = ("pick", decision_label(item.decision.name))
        contexts = self.space.contexts
        default = contexts.default(item.decision, self.diagrams.both(contexts.under[self.source], item.when))
        picking = Picked(item.decision.name, default)
        picked = self.nodes.add(picking, (self.design,), (_DESIGN_TYPE,), (_DESIGN_TYPE,), site=site)
        if item.way is ChosenHow.MODULES:
            return self._choice(item, picked, label)
        types = tuple([self._types_of(ref) for ref in item.options.values()])
        target = PickTensor(tuple(item.options), item.way is ChosenHow.RESULTS)
        operands = (picked, *[self._ref(ref) for ref in item.options.values()])
        names = self._names(item)
        return self.nodes.add(target, operands, (_DESIGN_TYPE, *types), types[:1], names=names, site=(*site, "of"))

    def _types_of(self, ref: Ref) -> TensorType:
        """A type that a tensor has."""
        if ref.node == INPUT:
            return self.source.inputs[ref.output]
        item = self.body.items[ref.node]
        if isinstance(item, MadeNode):
            return item.forms[0].types[ref.output]
        if isinstance(item, Selected):
            return self._types_of(item.then)
        return leaves(item.types[0])[0].value  # type: ignore[no-any-return]

    # --- nodes and calls -----------------------------------------------------------------------------------------

    def _apply(self, item: MadeNode, label: str) -> Ref:
        first = item.forms[0]
        target = self._target(item, label)
        operands = tuple([self._ref(ref) for ref in item.operands])
        takes = first.operands
        if isinstance(target, SpaceGraph) and target.kind == CHANNELS_BODY and flattened(first) is not None:
            operands = (self.nodes.add(Flat(), operands, takes, target.inputs[:1], site=("flat",)),)
            takes = target.inputs[:1]
        self._check_shared(item, target)
        if isinstance(target, SpaceGraph) and target.asks:
            self.asks = True
            operands, takes = (*operands, self.design), (*takes, _DESIGN_TYPE)
        ref = self.nodes.add(target, operands, takes, first.types, label, item.node)
        if self._is_listed(item):
            self.asks = True
            found = [self._condition(present, item.when) for present in item.presents]
            self.present[self.nodes.made[ref.node]] = tuple(found)
        return ref

    def _check_shared(self, item: MadeNode, target: Op | SpaceGraph) -> None:
        """See that a shared module is asked the same wherever it is applied.

        Raises:
            ArchError: it is not.
        """
        slot = item.node.slot
        if slot is None or self.slots.setdefault(slot, target) is target:
            return
        if any(isinstance(one, SpaceGraph) and one.asks for one in (target, self.slots[slot])):
            message = f"{item.node.word} has one set of weights, but is asked anew wherever it is applied"
            hint = "make it a cell, whose decisions are the same everywhere, or pick them"
            raise ArchError([Diagnostic("no-supernet", message, item.node.spans[0], help=hint)])

    def _target(self, item: MadeNode, path: str) -> Op | SpaceGraph:
        """What a node applies, at whatever types its operands have."""
        first = item.forms[0]
        for form in item.forms:
            for index in item.nodes:
                self.places[index, form] = path
        if self._is_listed(item):
            function = list_function(first.target)
            return Listed(function) if function else first.target
        if self.space.forms.are_one(item.forms):
            return self._one(first.target)
        keyed = self.space.forms.by_channels(item.forms)
        assert keyed is not None
        nodes = Nodes()
        inputs = (flattened(first) or first).operands
        asks = any(isinstance(t := self._one(one.form.target), SpaceGraph) and t.asks for one in keyed)
        given = tuple([Ref(INPUT, k) for k in range(len(inputs) + asks)])
        for number, (channels, form, stands_for) in enumerate(keyed):
            takes = (*form.operands, _DESIGN_TYPE) if asks else form.operands
            nodes.add(self._one(form.target), given, takes, form.types, str(number), site=("channels", number))
            for index in item.nodes:
                self.places.update({(index, one): f"{path}.{'_'.join(map(str, channels))}" for one in stands_for})
        outputs = tuple([Ref(0, k) for k in range(len(first.types))])
        keys = tuple([one.channels for one in keyed])
        kind = CHANNELS_BODY if len(keys[0]) == 1 else ALL_CHANNELS_BODY
        doc = f"`{item.node.word}`, for all numbers of channels that may come in."
        return self._options(kind, item.node.word, nodes, inputs, outputs, doc, keys, asks)

    def _is_listed(self, item: MadeNode) -> bool:
        """Whether some of its operands may be missing."""
        return any(present is not self.diagrams.true for present in item.presents)

    def _one(self, target: Any) -> Op | SpaceGraph:
        return self.space.done[target].graph if isinstance(target, Alternatives) else target

    # --- options -------------------------------------------------------------------------------------------------

    def _choice(self, pick: ChosenTensor, picked: Ref, label: str) -> Ref:
        """The call of the modules that are the options of a pick."""
        assert pick.operand is not None
        nodes = Nodes()
        takes = self._types_of(pick.operand)
        type = leaves(pick.types[0])[0].value
        for text, chain in pick.chains.items():
            key = text.replace(".", "_")
            self.space.dotted |= key != text
            ref = Ref(INPUT)
            words = _words([item.node.word for item in chain])
            for item, word in zip(chain, words, strict=True):
                inside = key if len(chain) == 1 else f"{key}.{word}"
                target = self._target(item, f"{label}.{inside}")
                form = item.forms[0]
                ref = nodes.add(target, (ref,), form.operands, form.types, inside, site=(key, word))
            if not chain:
                nodes.add(Same(), (ref,), (takes,), (type,), key, site=(key,))
        doc = f"The options of `{pick.decision.name.rpartition('.')[2]}`."
        role = decision_label(pick.decision.name.rpartition(".")[2])
        graph = self._options(CHOICE_BODY, role, nodes, (takes,), (Ref(len(nodes.made) - 1),), doc)
        operands = (self._ref(pick.operand), picked)
        names = self._names(pick)
        return self.nodes.add(
            graph, operands, (takes, _DESIGN_TYPE), (type,), label, names=names, site=("choice", label)
        )

    def _names(self, pick: ChosenTensor) -> tuple[str, ...]:
        """The variables to which all options are assigned."""
        items = [self.body.items.get(ref.node) for ref in pick.options.values()]
        found = {item.node.names for item in items if isinstance(item, MadeNode)}
        return found.pop() if len(found) == 1 else ()

    def _options(
        self,
        kind: str,
        name: str,
        nodes: Nodes,
        inputs: Types,
        outputs: tuple[Ref, ...],
        doc: str,
        keys: tuple[tuple[int, ...], ...] = (),
        asks: bool = False,
    ) -> SpaceGraph:
        return SpaceGraph(
            name, kind, (kind, name), (), tuple([f"x{k}" for k in range(len(inputs))]), inputs, tuple(nodes.made),
            outputs, self.source.span, doc,
            asks=asks, taken=nodes.taken, keys=keys,
        )  # fmt: skip

    # --- the body ------------------------------------------------------------------------------------------------

    def _graph(self) -> SpaceGraph:
        source = self.source
        names, inputs = source.input_names, source.inputs
        if self.asks:
            others = [name if name != DESIGN.text else next_variable(name, {*names}) for name in names]
            names, inputs = (*others, DESIGN.text), (*inputs, _DESIGN_TYPE)
        outputs = tuple([self._ref(ref) for ref in self.body.outputs])
        return SpaceGraph(
            source.name, source.kind, source.definition, source.arguments, names, inputs, tuple(self.nodes.made),
            outputs, source.span, source.doc,
            asks=self.asks, taken=self.nodes.taken, whens=self.whens, present=self.present,
        )  # fmt: skip


def _words(words: Sequence[str]) -> list[str]:
    """The words, counted where one comes again."""
    found: list[str] = []
    for word in words:
        count = words[: len(found)].count(word)
        found.append(f"{word}_{count}" if count else word)
    return found
