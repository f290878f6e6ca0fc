"""Makes the alternatives of a body ready to be written: what is needed when, and how each chosen tensor is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.choices.nodes import Decision, Diagram, Ending, leaves
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.ir.alternatives import Alternative, Alternatives, NodeForm, Selection
from archdsl.ir.graph import INPUT, Ref
from archdsl.supernet.contexts import MOST_TESTS, Contexts, tangled
from archdsl.supernet.items import Body, BodyItem, ChosenTensor, MadeNode
from archdsl.supernet.joint import JointSelections
from archdsl.supernet.module_forms import ModuleForms, may_be_listed
from archdsl.supernet.ways import WayFinder


def made_ready(contexts: Contexts, forms: ModuleForms, source: Alternatives, asking: set[Alternatives]) -> Body:
    """The body of `source`; `asking` are the bodies below it that need the design, to which it is added if it does.

    Raises:
        ArchError: its designs return differently many tensors.
    """
    if len(source.structures) > 1:
        message = f"{source.name} returns differently many tensors in different designs, which no one module can"
        hint = "return as many in each, or pick the decisions on which that depends"
        raise ArchError([Diagnostic("no-supernet", message, source.span, help=hint)])
    diagrams = contexts.diagrams
    maker = _Maker(contexts, forms, source)
    outputs = maker.run()
    body = Body(source, maker.items, outputs)
    WayFinder(diagrams, body, asking).find()
    if any(_asks(contexts, source, item, asking) for item in maker.items.values()):
        asking.add(source)
    return body


def _asks(contexts: Contexts, source: Alternatives, item: BodyItem, asking: set[Alternatives]) -> bool:
    """Whether an item needs the design."""
    diagrams = contexts.diagrams
    if not isinstance(item, MadeNode) or any(call in asking for call in item.calls):
        return True
    is_always = diagrams.minus(contexts.under[source], item.when) is diagrams.false
    return not is_always or any(present is not diagrams.true for present in item.presents)


class _Maker:
    """Turns the nodes of one body into items: each chosen tensor into picks, of one decision each."""

    def __init__(self, contexts: Contexts, forms: ModuleForms, source: Alternatives) -> None:
        self.contexts = contexts
        self.diagrams = contexts.diagrams
        self.forms = forms
        self.source = source
        self.items: dict[int, BodyItem] = {}
        self._names: dict[Ref, Ref] = {}  # what tensors are called that are others
        self._calls: dict[object, MadeNode] = {}  # by place and operands
        self._fresh = len(source.nodes)
        self._left = MOST_TESTS  # for the tensor that is being chosen
        self._joint = JointSelections(contexts.diagrams, forms, source, contexts.nodes[source])
        self._split: dict[Ref, Diagram] = {}  # of parts of joint selections, which nodes they are

    def run(self) -> tuple[Ref, ...]:
        """Make the items; gives the outputs."""
        for index, need in enumerate(self.contexts.needs[self.source]):
            node = self.contexts.nodes[self.source][index]
            never = self.diagrams.both(self.contexts.under[self.source], need) is self.diagrams.false
            if never or (index in self._joint.parts and isinstance(node, Selection)):
                continue
            if isinstance(node, Selection):
                first = self._joint.first.get(index, frozenset())
                refs = self.diagrams.map(self._named, self._joined_refs(node, need) if first else node.refs, under=need)
                assert refs is not None
                self._names[Ref(index)] = self._named_choice(refs, need, index, first)
            else:
                self._apply(index, node, need)
        return tuple([self._named(ref) for ref in self.source.outputs])

    def _joined_refs(self, node: Selection, need: Diagram) -> Diagram:
        """What a joint selection selects, of the nodes that its parts are."""
        cases = []
        for ref, where in self.diagrams.cases(node.refs, need):
            part = self.contexts.nodes[self.source][ref.node]
            whole = part.refs if isinstance(part, Selection) else self.diagrams.leaf(ref)
            cases.append((self._split.get(ref, whole), where))
        return self.diagrams.choose(cases) or node.refs

    def _named(self, ref: Ref) -> Ref:
        return self._names.get(ref, ref)

    # --- nodes -------------------------------------------------------------------------------------------------

    def _apply(self, index: int, node: Alternative, need: Diagram) -> None:
        diagrams = self.diagrams
        variants = diagrams.apply(diagrams.leaf, node.variants, under=need)
        assert variants is not None
        forms = tuple([ending.value for ending in leaves(variants)])
        when = node.guard
        taken = [(self._named(ref), self.contexts.within(self.source, there, when)) for ref, there in node.operands]
        operands = tuple([ref for ref, there in taken if there is not diagrams.false])
        presents = tuple([there or diagrams.true for _, there in taken if there is not diagrams.false])
        types = tuple([self._types(variants, k) for k in range(len(forms[0].types))])
        made = MadeNode(index, when, operands, presents, forms, node.node, (index,), types)
        if any(present is not diagrams.true for present in presents):
            if all(map(may_be_listed, forms)):
                self.items[index] = made
            else:
                self._by_operands(made, variants, need)
            return
        if self.forms.are_one(forms) or self.forms.by_channels(forms):
            if not self._joined(made):
                self.items[index] = made
            return
        self._apart(made, [(operands, form, where) for form, where in diagrams.cases(variants, when)], need)

    def _by_operands(self, made: MadeNode, variants: Diagram, need: Diagram) -> None:
        """A node that is another one for each set of operands that may be there."""
        diagrams = self.diagrams
        held = diagrams.map(lambda *found: found, variants, *made.presents, under=made.when)
        assert held is not None
        cases = []
        for (form, *there), when in diagrams.cases(held, made.when):
            cases.append((tuple([ref for ref, is_in in zip(made.operands, there, strict=True) if is_in]), form, when))
        self._apart(made, cases, need)

    def _apart(self, made: MadeNode, cases: list[tuple[tuple[Ref, ...], NodeForm, Diagram]], need: Diagram) -> None:
        """A node that is another one in each case: its operands, its form and when."""
        diagrams = self.diagrams
        parts = [(self._part(made, *case), case[2]) for case in cases]
        for k in range(len(made.types)):
            refs = diagrams.choose((diagrams.leaf(Ref(part.key, k)), when) for part, when in parts)
            assert refs is not None
            refs = diagrams.apply(diagrams.leaf, refs, under=need)
            assert refs is not None
            if made.key in self._joint.parts:
                self._split[Ref(made.key, k)] = refs
            else:
                self._names[Ref(made.key, k)] = self._named_choice(refs, need)

    def _types(self, variants: Diagram, output: int) -> Diagram:
        found = self.diagrams.map(lambda form: form.types[output], variants)
        assert found is not None
        return found

    def _part(self, made: MadeNode, operands: tuple[Ref, ...], form: NodeForm, when: Diagram) -> MadeNode:
        """The node as it is in one of its cases."""
        types = tuple([self.diagrams.leaf(type) for type in form.types])
        key = self._new_key()
        always = (self.diagrams.true,) * len(operands)
        part = MadeNode(key, when, operands, always, (form,), made.node, made.nodes, types)
        self.items[key] = part
        return part

    def _joined(self, made: MadeNode) -> bool:
        """Whether a call is made part of an earlier one: of the same place, on the same tensors, at other types."""
        if not isinstance(made.forms[0].target, Alternatives) or made.node.slot is not None:
            return False
        target = made.forms[0].target
        key = (_place(made.node.site), made.operands, target.definition, made.node.length, made.node.each)
        first = self._calls.setdefault(key, made)
        diagrams = self.diagrams
        if first is made:
            return False
        forms = (*first.forms, *made.forms)
        if diagrams.both(first.when, made.when) is not diagrams.false or len(first.types) != len(made.types):
            return False
        if not (self.forms.are_one(forms) or self.forms.by_channels(forms)):
            return False
        pairs = zip(first.types, made.types, strict=True)
        first.types = tuple([diagrams.ite(first.when, one, other) or one for one, other in pairs])
        first.when = diagrams.either(first.when, made.when)
        first.forms = forms
        first.nodes += made.nodes
        for k in range(len(made.types)):
            self._names[Ref(made.key, k)] = Ref(first.key, k)
        return True

    # --- chosen tensors ----------------------------------------------------------------------------------------

    def _named_choice(
        self, refs: Diagram, when: Diagram, key: int | None = None, first: frozenset[Decision] = frozenset()
    ) -> Ref:
        """The name of a tensor that is chosen, first by the decisions of `first`.

        Raises:
            ArchError: that takes too many tests.
        """
        self._left = MOST_TESTS
        found = self._chosen(refs, when, key, first)
        if self._left < 0:
            raise tangled(self.diagrams, self.source, refs)
        return found

    def _chosen(self, refs: Diagram, when: Diagram, key: int | None, first: frozenset[Decision]) -> Ref:
        """A pick of its first decision, of picks of the others."""
        if isinstance(refs, Ending):
            return refs.value  # type: ignore[no-any-return]
        self._left -= 1
        if self._left < 0:
            return Ref(INPUT)
        diagrams, decision = self.diagrams, self.contexts.first_asked(self.source, refs, when, first)
        found = self.contexts.options(self.source, refs, when, decision)
        alike: dict[Diagram, list[Diagram]] = {}
        for text, below in found.items():
            alike.setdefault(below, []).append(diagrams.picked(decision, text))
        made = {
            below: self._chosen(below, diagrams.both(when, diagrams.either(*picked)), None, first)
            for below, picked in alike.items()
        }
        options = {text: made[below] for text, below in found.items()}
        distinct = list(dict.fromkeys(options.values()))
        if len(distinct) == 1:
            return distinct[0]
        types = tuple([self._type(ref) for ref in options.values()])
        key = self._new_key() if key is None else key
        self.items[key] = ChosenTensor(key, when, decision, options, types)
        return Ref(key)

    def _type(self, ref: Ref) -> Diagram:
        """The types of a tensor."""
        if ref.node == INPUT:
            return self.diagrams.leaf(self.source.inputs[ref.output])
        item = self.items[ref.node]
        if isinstance(item, ChosenTensor):
            pairs = zip(item.options, item.types, strict=True)
            found = self.diagrams.branch(item.decision, dict(pairs))
            assert found is not None
            return found
        assert isinstance(item, MadeNode)
        return item.types[ref.output]

    def _new_key(self) -> int:
        self._fresh += 1
        return self._fresh - 1


def _place(site: Sequence[object]) -> tuple[object, ...]:
    """A site without the number that tells apart what is made there several times."""
    last = max(i for i, part in enumerate(site) if isinstance(part, str))
    return tuple(site[: last + 3])
