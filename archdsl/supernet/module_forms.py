"""Says whether one module serves all types that a node may take, and by what the right one is found if not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from archdsl.choices.nodes import leaves
from archdsl.ir.alternatives import Alternatives, NodeForm, Selection
from archdsl.ops.base import Op, Types
from archdsl.ops.merge import Concat, Stack
from archdsl.ops.torch_form import Method, Operand
from archdsl.types import TensorType


class KeyedForm(NamedTuple):
    """What a node is where these channels come in, of the first operand or of all; and the forms that it stands for."""

    channels: tuple[int, ...]
    form: NodeForm
    stands_for: tuple[NodeForm, ...]


class ModuleForms:
    """Compares what nodes become in PyTorch."""

    def __init__(self) -> None:
        self._bodies: dict[Alternatives, Any] = {}

    def are_one(self, forms: Sequence[NodeForm]) -> bool:
        """Whether all forms of a node are one module, or one expression."""
        first = self._written(forms[0].target, forms[0].operands)
        return all(self._written(form.target, form.operands) == first for form in forms[1:])

    def are_one_body(self, body: Alternatives, other: Alternatives) -> bool:
        """Whether two bodies are one module."""
        return bool(self._body(body) == self._body(other))

    def by_channels(self, forms: Sequence[NodeForm]) -> list[KeyedForm] | None:
        """The forms by the channels that come in, of the first operand or of all; None: these do not tell."""
        flat = [flattened(form) or form for form in forms]
        if not all(isinstance(form.target, Alternatives) or is_module(form) for form in flat):
            return None
        if len({len(form.operands) for form in flat}) > 1 or any(not x.rank for form in flat for x in form.operands):
            return None
        if len({flattened(form) is None for form in forms}) > 1:
            return None
        for many in (slice(1), slice(None)):
            found: dict[tuple[int, ...], list[tuple[NodeForm, NodeForm]]] = {}
            for form, original in zip(flat, forms, strict=True):
                found.setdefault(tuple([x.shape[0] for x in form.operands[many]]), []).append((form, original))
            if all(self.are_one([form for form, _ in alike]) for alike in found.values()):
                keyed = [KeyedForm(key, pairs[0][0], tuple([one for _, one in pairs])) for key, pairs in found.items()]
                return sorted(keyed, key=lambda one: one.channels)
        return None

    def _written(self, target: Any, types: Types) -> Any:
        if isinstance(target, Alternatives):
            return self._body(target)
        form = target.torch(types)
        return repr((form.module, form.function, form.parameter, form.before))

    def _body(self, body: Alternatives) -> Any:
        """What is equal for bodies that become one module: all but the sizes of tensors."""
        if body not in self._bodies:
            nodes: list[Any] = []
            for node in body.nodes:
                if isinstance(node, Selection):
                    nodes.append(node.refs)
                    continue
                forms = [ending.value for ending in leaves(node.variants)]
                written = frozenset([self._written(form.target, form.operands) for form in forms])
                made = node.node
                nodes.append((node.guard, node.operands, made.slot, made.length, made.each, made.site, written))
            self._bodies[body] = (body.definition, tuple(nodes), body.outputs)
        return self._bodies[body]


_LISTED = {"add": "added", "mul": "multiplied", "mean": "averaged", "maximum": "largest", "minimum": "smallest"}


def list_function(op: Op) -> str:
    """The function of the file that does what an op does, of a list of tensors of one shape; "" if there is none."""
    return _LISTED.get(op.name, "")


def may_be_listed(form: NodeForm) -> bool:
    """Whether a node can be written as a function of a list of its operands, of which some may be missing."""
    if isinstance(form.target, (Concat, Stack)):
        return True
    is_op = not isinstance(form.target, Alternatives) and list_function(form.target)
    return bool(is_op) and len({x.shape for x in form.operands}) == 1


def flattened(form: NodeForm) -> NodeForm | None:
    """The form behind a flatten, where the op needs one of its own: a linear on a map. None where it does not."""
    before = None if isinstance(form.target, Alternatives) else form.target.torch(form.operands).before
    if not isinstance(before, Method) or (before.target, before.name, before.args) != (Operand(), "flatten", (1,)):
        return None
    return form._replace(operands=(TensorType((form.operands[0].size,), form.operands[0].dtype),))


def is_module(form: NodeForm) -> bool:
    """Whether an op becomes a module that is called with the operands, and nothing else."""
    written = form.target.torch(form.operands)
    return written.module is not None and written.before is None and written.parameter is None
