"""Turns constants, and the indices of `take`, into buffers that no state_dict has, and the lines that make them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from archdsl.emit.pytorch import code
from archdsl.emit.pytorch.code import Apply, Atom, Attribute, Binary, Code, SequenceDisplay
from archdsl.emit.pytorch.modules import InitStatement, Modules, registered
from archdsl.emit.pytorch.names import RESERVED, unique, variable_name
from archdsl.emit.pytorch.submodule_names import is_attribute
from archdsl.emit.pytorch.template import Site, Template
from archdsl.emit.pytorch.unify import render
from archdsl.ops.torch_form import Call, Infix, ListDisplay, Method, NamedValues, Operand, Subscript

_SELF = Atom("self")
_LONGEST = 56  # columns of an expression inside another
_WIDEST = 68  # of one with others in it


def hold_constants(template: Template, modules: Modules) -> None:
    """Add the statements of `__init__` that register the buffers, and how `forward` reaches each."""
    held = [n for n, s in enumerate(template.sites) if s.form.buffer is not None and not s.form.persistent]
    writer = _BufferWriter(modules, {*RESERVED, *_parameters(template)})
    values = {n: writer.parts(template.sites[n]) for n in held}
    taken = set(modules.names)
    for number in held:
        site = template.sites[number]
        is_result = any(ref.node == number for ref in template.outputs)
        name = unique(
            _name(site, _words(template, site)) or (template.graphs[0].name if is_result else site.word), taken
        )
        while not is_attribute(name):
            name = unique(f"{name}_", taken)
        taken.add(name)
        modules.names.add(name)
        modules.access[number] = Attribute(_SELF, name)
        value = writer.value(values[number], site, number, name)
        modules.statements.append(registered(_SELF, name, value, site, number))


def _name(site: Site, words: set[str]) -> str:
    """What the spec calls it, "" where by its word alone; an index is called so, behind what it makes."""
    called = variable_name(site.spoken[0]) if len(site.spoken) == 1 else ""
    if site.operands:
        return f"{called}_index" if called else "index"
    label = site.label[-1] if site.label else ""
    by_word = not label or re.sub(r"_[0-9]+$", "", label) in words
    return called or ("" if by_word else variable_name(label))


def _words(template: Template, site: Site) -> set[str]:
    """The words after which the spec's own labels are made: that of the op, or of the last that made the constant."""
    graph, node = next((g, n) for g, n in zip(template.graphs, site.nodes, strict=True) if n is not None)
    steps = getattr(graph.nodes[node].target, "steps", ())
    return {site.word, *(step[0] for step in steps[-1:])}


@dataclass(frozen=True)
class _BufferPart:
    """A value on the way to a buffer: its expression over those before, and the text of all of it."""

    called: str
    form: Any
    text: str


@dataclass
class _BufferWriter:
    """Writes what several read, or what is long, as a variable of its own."""

    modules: Modules
    variables: set[str]
    readers: dict[str, set[tuple[str, int]]] = field(default_factory=dict)  # by the text of a part
    made: dict[tuple[str, object], Code] = field(default_factory=dict)  # by text and option

    def parts(self, site: Site) -> list[_BufferPart]:
        """The parts of the value of a buffer, the last being all of it."""
        form = site.form.buffer
        lines = form.values if isinstance(form, NamedValues) else (("", form),)
        found: list[_BufferPart] = []
        for called, value in lines:
            text = code.flat(render(value, [Atom(f"({part.text})") for part in found]))
            for position, number in enumerate(_operands(value)):
                self.readers.setdefault(found[number].text, set()).add((text, position))
            found.append(_BufferPart(called, value, text))
        self.readers.setdefault(found[-1].text, set()).add((f"buffer {id(site)}", 0))
        return found

    def value(self, parts: list[_BufferPart], site: Site, number: int, name: str) -> Code:
        """The code of the value, behind statements for parts of it."""
        codes: list[Code] = []
        for part in parts:
            known = self.made.get((part.text, site.option))
            if known is not None:
                codes.append(known)
                continue
            made = _shortest(render(part.form, codes))
            if len(code.flat(made)) > _WIDEST:
                for index in _operands(part.form):
                    if not isinstance(codes[index], Atom):
                        codes[index] = self._variable(parts[index], codes[index], site, number, "values")
                made = _shortest(render(part.form, codes))
            last = part is parts[-1]
            long = len(code.flat(made)) > _LONGEST and (not last or isinstance(made, Binary))
            if len(self.readers[part.text]) > 1 or long:
                made = self._variable(part, made, site, number, name if last else "values")
            codes.append(made)
        return codes[-1]

    def _variable(self, part: _BufferPart, made: Code, site: Site, number: int, name: str) -> Code:
        """A variable that holds `made` from here on."""
        variable = unique(variable_name(part.called or name), self.variables)
        self.variables.add(variable)
        self.modules.statements.append(InitStatement(Atom(variable), made, site.option, number))
        self.made[part.text, site.option] = Atom(variable)
        return Atom(variable)


def _shortest(made: Code) -> Code:
    """`torch.tensor([0.0, 1.0])` needs no dtype; a list of ints does."""
    match made:
        case Apply(Atom("torch.tensor") as function, (values, ("dtype", _))):
            numbers = code.atoms(values[1])
            if isinstance(values[1], SequenceDisplay) and all("." in text or "e" in text for text in numbers):
                return Apply(function, (values,))
    return made


def _operands(form: Any) -> Iterator[int]:
    """The parts that an expression reads, as often as it does."""
    match form:
        case Operand(index):
            yield index
        case Call(_, args, kwargs) | Method(_, _, args, kwargs):
            for part in (*([form.target] if isinstance(form, Method) else []), *args, *(v for _, v in kwargs)):
                yield from _operands(part)
        case Infix(_, left, right):
            yield from (*_operands(left), *_operands(right))
        case Subscript(target, index):
            yield from (*_operands(target), *_operands(index))
        case ListDisplay(values):
            yield from _operands(values)
        case tuple():
            for part in form:
                yield from _operands(part)


def _parameters(template: Template) -> set[str]:
    """Names in the code of the leaves, which variables must not hide."""
    found: set[str] = set()

    def note(local: code.Local) -> Code:
        found.add(local.name)
        return local

    for leaf in template.leaves:
        if leaf.code is not None:
            code.transform(leaf.code, lambda atom: atom, note)
    return found
