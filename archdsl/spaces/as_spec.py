"""Writes a design down as a spec: `@picks(…)` above a variant of the space, which it imports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.elaborate.decisions import option_index
from archdsl.elaborate.spec import Spec
from archdsl.elaborate.written_picks import picks_above, written_picks
from archdsl.explore.settings import written
from archdsl.source import Source
from archdsl.syntax import tree
from archdsl.syntax.format import format_source
from archdsl.syntax.print_tree import is_name, print_expression

if TYPE_CHECKING:
    from archdsl.spaces.space import Space


def design_as_spec(space: Space, design: Mapping[str, str], network: str) -> str:
    """The text of a spec whose network of that name is that design; to stand beside the file of the space.

    Raises:
        ArchError: the space has that name itself, or is at a size of its input that no parameter gives.
    """
    family = space.family
    if network == space.name:
        message, hint = f"{network} is the space itself", f"call the design otherwise, {network}_found for example"
        raise ArchError([Diagnostic("bad-argument", message, None, help=hint)])
    if family.sizes:
        message = f"a spec cannot say at which input size {space.name} is taken"
        hint = "leave --input out; or let a parameter give the size (`x: [3, size, size]`), and set that"
        raise ArchError([Diagnostic("bad-argument", message, None, help=hint)])
    file = importable(space)
    imported = [f"import {file}: {space.name}", ""] if file else []  # else its designs stand below it
    settings = ", ".join(f"{key} = {written(value)}" for key, value in family.fixed.items())
    offered = {one.name: one.options for one in space.decisions}
    picks = [f"{_name(name)} = {_option(text, offered[name])}," for name, text in design.items()]
    lines = ["arch 1", *imported, *(["@picks(", *picks, ")"] if picks else [])]
    base = f"{space.name}({settings})" if settings else space.name
    return format_source(Source("<design>", "\n".join([*lines, f"network {network} = {base}", ""])))


def importable(space: Space) -> str:
    """The name by which a spec beside the file of a space imports it; "" where it has none."""
    file = Path(space.family.spec.root.source.name).stem
    return file if is_name(file) else ""


def _name(decision: str) -> str:
    return decision if is_name(decision) else _quoted(decision)


def _option(text: str, offered: tuple[str, ...]) -> str:
    """As it is, where that means the same; else in quotation marks."""
    if "\n" not in text:
        spec = Spec(Source("<option>", f"arch 1\n@picks(a = {text})\nnetwork b = c\n"))
        found = written_picks(spec, "b")
        meant = option_index(offered, found["a"].text) if list(found) == ["a"] and spec.networks == ["b"] else None
        if meant is not None and offered[meant] == text:
            (picked,) = picks_above(spec.root.names["b"])
            return text if not isinstance(picked.value, tree.Arithmetic) else _quoted(text)  # some of a list are no sum
    return _quoted(text)


def _quoted(text: str) -> str:
    return print_expression(tree.Text(0, 0, [text]))
