"""Turns the PyTorch forms of corresponding nodes into one form whose differing values are leaves.

Anti-unification: the most special form of which all given ones are instances (Plotkin, A note on inductive
generalization, Machine Intelligence 5, 1970), with variables for values only. Of `nn.Conv2d(8, 16, stride=2)` and
`nn.Conv2d(8, 32)` it is `nn.Conv2d(8, a, stride=b)`, a = (16, 32), b = (2, 1). That equal pairs get one variable is the
solver's part (`parameters.py`). docs/emit-pytorch.md has a whole example.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archdsl.emit.pytorch import code
from archdsl.emit.pytorch.code import Code
from archdsl.emit.pytorch.spelled import spelled_code
from archdsl.ops import torch_form
from archdsl.ops.constant import count_of


class Incompatible(Exception):
    """The bodies differ in a way that constructor parameters cannot express: they need classes of their own."""


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()  # value of a leaf in an instance that lacks the node

LeafValue = Any  # int, float, bool, str, None or tuples of these
LeafValues = tuple[LeafValue, ...]


@dataclass(eq=False, slots=True)
class FormLeaf:
    """A value of a form, once for every instance; `role` is torch's name for it, `name` that of a parameter for it.

    A soft leaf belongs to an optional node and has one value; it may be written as a parameter that has this value
    there, else as the number. `code` is filled in by the solver.
    """

    role: str
    values: LeafValues
    row: int
    name: str
    soft: bool = False
    code: Code | None = None


_NOTHING = code.Atom("")


@dataclass(frozen=True, slots=True)
class InlineCall(torch_form.Call):
    """The call of a constructor that is no class, but written out: `body` with `args` for its `params`."""

    body: Code = _NOTHING
    params: tuple[str, ...] = ()


_FEW_NUMBERS = 16  # of a list that is written as it is, however it was made
_MOST_NUMBERS = 64  # of a list that a constructor is given
DECISION = "decision"  # the role of a name under which the design is asked

# What torch assumes for an argument that a form leaves out.
_DEFAULTS: dict[str, LeafValue] = {
    "stride": 1,
    "padding": 0,
    "output_padding": 0,
    "dilation": 1,
    "groups": 1,
    "bias": True,
    "eps": 1e-05,
    "momentum": 0.1,
    "affine": True,
    "ceil_mode": False,
    "count_include_pad": True,
    "divisor_override": None,
    "p": 0.5,
    "elementwise_affine": True,
    "inplace": False,
    "start_dim": 1,
    "padding_mode": "zeros",
}

# The order of torch's own signatures, for keywords that only some forms have.
_ORDER = (
    "kernel_size",
    "stride",
    "padding",
    "output_padding",
    "dilation",
    "groups",
    "bias",
    "ceil_mode",
    "count_include_pad",
)


def _role(form: torch_form.Call | torch_form.Method, position: int) -> str:
    """torch's name of a positional argument, or one made up from the function's."""
    if position < len(form.names):
        return form.names[position]
    name = form.function.rpartition(".")[2] if isinstance(form, torch_form.Call) else form.name
    position += isinstance(form, torch_form.Method)  # what it is a method of comes first
    return f"{name.lower()}_{position}" if position else name.lower()


def _default(function: str, name: str) -> LeafValue:
    if name == "stride" and "pool" in function.lower():
        return None
    if name not in _DEFAULTS:
        raise Incompatible
    return _DEFAULTS[name]


@dataclass
class Unifier:
    """Walks forms in parallel. `where` lists the instances that have the row, out of `count`."""

    count: int
    where: Sequence[int]
    row: int
    leaves: list[FormLeaf] = dataclasses.field(default_factory=list)

    def __call__(self, forms: Sequence[Any], role: str = "value") -> Any:
        """One form; a value that differs becomes a FormLeaf (also kept in `leaves`).

        Raises:
            Incompatible: the forms differ in more than values.
        """
        first = forms[0]
        if len(forms) == self.count and all(f is first for f in forms):
            return first
        if isinstance(first, torch_form.Expression | torch_form.Operands):
            if any(type(f) is not type(first) for f in forms):
                raise Incompatible
            return self._expression(first, forms)
        if any(_is_expression(f) for f in forms):
            raise Incompatible
        if all(isinstance(f, tuple) and len(f) == len(first) for f in forms) and _has_expression(first):
            return tuple(self([f[i] for f in forms], role) for i in range(len(first)))
        if any(_has_expression(f) for f in forms):
            raise Incompatible
        return self.leaf(forms, role)

    def leaf(self, values: Sequence[LeafValue], role: str, name: str = "") -> Any:
        """The common value, or a FormLeaf."""
        first = values[0]
        constant = all(same(v, first) for v in values)
        optional = constant and len(self.where) < self.count and type(first) is int
        soft = optional and (isinstance(role, torch_form.Channels) or role == "stride")
        if constant and not soft:
            return first
        full = [ABSENT] * self.count
        for instance, value in zip(self.where, values, strict=True):
            full[instance] = value
        leaf = FormLeaf(role, tuple(full), self.row, name or role, soft)
        self.leaves.append(leaf)
        return leaf

    def decision(self, names: Sequence[str]) -> Any:
        """The name of a decision: where only what stands before the last dot differs, the rest is written out."""
        paths = [name.rpartition(".") for name in names]
        role = paths[0][2]
        if len(set(names)) > 1 and all(path and last == role for path, _, last in paths):
            return torch_form.Infix("+", self.leaf([path for path, _, _ in paths], DECISION, "name"), f".{role}")
        return self.leaf(names, DECISION, "name")

    def _expression(self, first: Any, forms: Sequence[Any]) -> Any:
        match first:
            case torch_form.Call():
                if any(f.function != first.function for f in forms):
                    raise Incompatible
                args, kwargs = self._arguments(forms, first.function)
                return dataclasses.replace(first, args=args, kwargs=kwargs)
            case torch_form.Method():
                if any(f.name != first.name for f in forms):
                    raise Incompatible
                target = self([f.target for f in forms])
                args, kwargs = self._arguments(forms, first.name)
                return torch_form.Method(target, first.name, args, kwargs, first.names)
            case torch_form.Infix():
                if any(f.operator != first.operator for f in forms):
                    raise Incompatible
                return torch_form.Infix(first.operator, self([f.left for f in forms]), self([f.right for f in forms]))
            case torch_form.Subscript():
                if any(type(f.index) is not type(first.index) for f in forms):
                    raise Incompatible
                index = self._index(first.index, forms)
                return torch_form.Subscript(self([f.target for f in forms]), index)
            case torch_form.SlicePart():
                return self._slice(forms)
            case torch_form.Spelled():
                values = first.values if all(f.values == first.values for f in forms) else None
                if values is not None and count_of(values) <= _FEW_NUMBERS:
                    return torch_form.ListDisplay(values)
                return torch_form.Spelled(self._spelled([f.expression for f in forms]), values)
            case torch_form.NamedValues():
                if any(len(f.values) != len(first.values) for f in forms):
                    raise Incompatible
                columns = zip(*(f.values for f in forms), strict=True)
                return torch_form.NamedValues(tuple([(c[0][0], self([value for _, value in c])) for c in columns]))
            case torch_form.ListDisplay() if any(_has_expression(f.values) for f in forms):
                return torch_form.ListDisplay(self([f.values for f in forms]))
            case torch_form.ListDisplay():
                if any(count_of(f.values) > _MOST_NUMBERS for f in forms) and any(f != first for f in forms):
                    raise Incompatible
                if all(len(f.values) == 1 for f in forms):
                    return torch_form.ListDisplay((self.leaf([f.values[0] for f in forms], "values"),))
                return torch_form.ListDisplay(self.leaf([f.values for f in forms], "values"))
            case torch_form.Keyed():
                if any(f.default != first.default for f in forms):
                    raise Incompatible
                target = self([f.target for f in forms])
                return torch_form.Keyed(target, self.decision([f.key for f in forms]), first.default)
            case _:
                if any(f != first for f in forms):
                    raise Incompatible
                return first

    def _slice(self, forms: Sequence[torch_form.SlicePart]) -> Any:
        steps, ends = [f.step for f in forms], [f.upper for f in forms]
        if any((end is None) != (ends[0] is None) for end in ends) or any(step != steps[0] for step in steps):
            raise Incompatible
        from_start = all(f.lower is None for f in forms)
        lower = None if from_start else self.leaf([f.lower or 0 for f in forms], "start")
        return torch_form.SlicePart(lower, None if ends[0] is None else self.leaf(ends, "end"), steps[0])

    def _spelled(self, parts: Sequence[Any]) -> Any:
        first = parts[0]
        if isinstance(first, str) or any(type(part) is not type(first) for part in parts):
            if any(part != first for part in parts):
                raise Incompatible
            return first
        if not isinstance(first, tuple):
            return self.leaf(parts, "size")
        if any(len(part) != len(first) for part in parts):
            raise Incompatible
        return tuple([self._spelled(column) for column in zip(*parts, strict=True)])

    def _index(self, first: Any, forms: Sequence[Any]) -> Any:
        if isinstance(first, tuple) and all(len(f.index) == len(first) for f in forms):
            return tuple([self([f.index[i] for f in forms]) for i in range(len(first))])
        if any(f.index != first for f in forms):
            raise Incompatible
        return first

    def _arguments(self, forms: Sequence[Any], function: str) -> tuple[tuple[Any, ...], tuple[tuple[str, Any], ...]]:
        count = len(forms[0].args)
        if any(len(f.args) != count for f in forms):
            raise Incompatible
        args = tuple(self([f.args[i] for f in forms], _role(forms[0], i)) for i in range(count))
        names = list(dict.fromkeys(name for f in forms for name, _ in f.kwargs))
        kwargs = []
        for name in sorted(names, key=lambda n: _ORDER.index(n) if n in _ORDER else len(_ORDER)):
            values = [v[name] if name in (v := dict(f.kwargs)) else _default(function, name) for f in forms]
            kwargs.append((name, self(values, name)))
        return args, tuple(kwargs)


def same(left: LeafValue, right: LeafValue) -> bool:
    """Equal as literals: True is not 1, and 1 is not 1.0."""
    return type(left) is type(right) and repr(left) == repr(right)


def _is_expression(value: Any) -> bool:
    return isinstance(value, torch_form.Expression | torch_form.Operands)


def _has_expression(value: Any) -> bool:
    return isinstance(value, tuple) and any(_is_expression(v) or _has_expression(v) for v in value)


def render(form: Any, operands: Sequence[Code] = ()) -> Code:
    """The code of a unified form whose leaves are solved, over the code of the operands."""
    match form:
        case FormLeaf():
            assert form.code is not None
            return form.code
        case torch_form.Operand(index):
            return operands[index]
        case torch_form.Operands():
            return code.SequenceDisplay(tuple(operands))
        case torch_form.Own():
            return operands[-1]
        case torch_form.Spelled(expression, values) if values is not None and count_of(values) <= _FEW_NUMBERS:
            return _list(values, operands)
        case torch_form.Spelled(expression):
            return spelled_code(expression, render)
        case torch_form.ListDisplay(values):
            return render(values) if isinstance(values, FormLeaf) else _list(values, operands)
        case InlineCall():
            passed = dict(zip(form.params, form.args, strict=True))
            return code.transform(form.body, lambda atom: atom, lambda local: render(passed[local.name]))
        case torch_form.Call():
            return code.Apply(code.Atom(form.function), _rendered(form, operands))
        case torch_form.Method():
            return code.Apply(code.Attribute(render(form.target, operands), form.name), _rendered(form, operands))
        case torch_form.Infix():
            return code.Binary(form.operator, render(form.left, operands), render(form.right, operands))
        case torch_form.SlicePart(lower, upper, step):
            return code.SliceDisplay(*[None if part is None else render(part) for part in (lower, upper, step)])
        case torch_form.Subscript(target, str(index)):
            return code.Index(render(target, operands), index)
        case torch_form.Subscript(target, parts):
            shown = [code.Atom(part) if isinstance(part, str) else render(part, operands) for part in parts]
            return code.Index(render(target, operands), code.SequenceDisplay(tuple(shown), ""))
        case torch_form.Keyed():
            default = None if form.default is None else code.literal(form.default)
            return code.item(render(form.target, operands), render(form.key), default)
        case torch_form.OptionTable(texts, later):
            given = [code.Lambda(operand) if later else operand for operand in operands[1:]]
            keys = [code.Atom(code.quote(text)) for text in texts]
            return code.DictDisplay(tuple(zip(keys, given, strict=True)))
        case tuple() if _has_expression(form) or any(isinstance(f, FormLeaf) for f in form):
            return code.SequenceDisplay(tuple(render(f, operands) for f in form), "()")
        case _:
            return code.literal(form)


def _list(values: Any, operands: Sequence[Code]) -> Code:
    if isinstance(values, tuple):
        return code.SequenceDisplay(tuple([_list(value, operands) for value in values]))
    return render(values, operands)


def _rendered(form: torch_form.Call | torch_form.Method, operands: Sequence[Code]) -> tuple[tuple[str, Code], ...]:
    positional = tuple(("", render(a, operands)) for a in form.args)
    return positional + tuple((name, render(value, operands)) for name, value in form.kwargs)
