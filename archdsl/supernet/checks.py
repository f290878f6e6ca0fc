"""Holds what of a supernet's file sees that it is given a design: the options of all decisions, and where they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from archdsl.emit.pytorch.code import Apply, Atom, Code, DictDisplay, SequenceDisplay, flat, literal
from archdsl.emit.pytorch.layout import INDENT, layout
from archdsl.ops.torch_form import Helper
from archdsl.supernet.offers import Offer, Where

_Value = TypeVar("_Value")

_ASKED = "Where decisions are asked that not all designs ask: by picks of others."
_WHERE = "Where decisions are asked, and have which options, if that depends on picks of others."

_TAKES = '''
def takes(picked: str | Tensor | None, *texts: str | None) -> bool:
    """Whether one of these options is picked, or all are weighed."""
    return isinstance(picked, Tensor) or picked in texts
'''

_AS_TEXT = '''
def as_text(picked: object) -> {kind}:
    """A pick as the text of an option{weights}."""
{bools}    return {text}
'''

_BOOLS = """\
    if isinstance(picked, bool):
        return str(picked).lower()
"""

_FITS = '''
def fits(picked: str | Tensor | None, options: tuple[str, ...]) -> bool:
    """Whether it is one of these options, or a weight for each."""
    if isinstance(picked, Tensor):
        return picked.shape[:1] == (len(options),)
    return picked in options
'''

_OFFERED = '''
def offered(name: str, picks: Design) -> tuple[str, ...]:
    """The options that a decision has at these picks: none where it is not asked."""
    for where in WHERE.get(name, ({{}},)):
        if all({holds}):
            return {options}
    return ()
'''

# By whether decisions may be weighed, and whether a case has options of the decision itself.
_HOLDS = {
    (False, False): "picks.get(other) in texts for other, texts in where.items()",
    (True, False): "takes(picks.get(other), *texts) for other, texts in where.items()",
    (False, True): """
            picks.get(other) in texts for other, texts in where.items() if other != name
        """,
    (True, True): """
            takes(picks.get(other), *texts)
            for other, texts in where.items()
            if other != name
        """,
}

_CHECKED = '''
def checked(design: Design) -> Design:
    """The picks of a design, as texts; refuses what is no design of the space."""
    for name in design:
        if name not in OPTIONS:
            raise ValueError(f"there is no decision {{name}}, only {{', '.join(OPTIONS)}}")
{refuse}    picks = {{name: {text} for name, picked in design.items()}}
{single}{loop}            raise ValueError(
                f"the design has {{design.get(name, 'nothing')}} for {{name}}, "
                f"which takes one of {{' | '.join(options)}}{weights}"
            )
    return picks
'''
_REFUSE = """\
    for name in PICKED:
        if isinstance(design.get(name), Tensor):
            raise TypeError(f"{name} can only be picked, by a text: it has no weights")
"""
_SINGLE = """\
    for name, options in OPTIONS.items():
        if len(options) == 1:
            picks.setdefault(name, options[0])
"""
_ALWAYS_ASKED = """\
    for name, options in OPTIONS.items():
        if {fails}:
"""
_ASKED_SOMEWHERE = """\
    for name in OPTIONS:
        options = offered(name, picks)
        if not options:
            picks.pop(name, None)
        elif {fails}:
"""


def checks(weighs: bool, fixed: Sequence[str], offers: Mapping[str, Sequence[Offer]]) -> tuple[Helper, ...]:
    """The tables of the file, and the function that holds a design against them."""
    options = {name: tuple(dict.fromkeys(t for one in found for t in one.texts)) for name, found in offers.items()}
    where = {
        name: [one.where if one.texts == options[name] else {**one.where, name: one.texts} for one in found]
        for name, found in offers.items()
        if len(found) != 1 or found[0].where
    }
    varied = any(name in case for name, cases in where.items() for case in cases)
    as_text, text = _as_text(weighs, {text for some in options.values() for text in some})
    fails = "not fits(picks.get(name), options)" if weighs else "picks.get(name) not in options"
    checked = _CHECKED.format(
        refuse=_REFUSE if weighs and fixed else "",
        text=text,
        single=_SINGLE if any(len(some) == 1 for some in options.values()) else "",
        loop=(_ASKED_SOMEWHERE if where else _ALWAYS_ASKED).format(fails=fails),
        weights=", or a weight for each" if weighs else "",
    )
    offered = _OFFERED.format(
        holds=_HOLDS[weighs, varied], options="where.get(name, OPTIONS[name])" if varied else "OPTIONS[name]"
    )
    picked = layout("PICKED = ", literal((*fixed,)))
    return (
        Helper("OPTIONS", _table("The options of each decision.", "OPTIONS", options, literal)),
        Helper("WHERE", _table(_WHERE if varied else _ASKED, "WHERE", where, _cases)),
        Helper("PICKED", "\n".join(["# Decisions that are never weighed.", *picked])),
        Helper("takes", _TAKES),
        Helper("as_text", as_text),
        Helper("fits", _FITS),
        Helper("offered", offered),
        Helper("checked", checked),
    )


def _as_text(weighs: bool, texts: set[str]) -> tuple[str, str]:
    """The function that turns a pick into text, and its call."""
    bools = _BOOLS if texts & {"true", "false"} else ""
    if not bools and not weighs:
        return "", "str(picked)"
    kind, weights = ("str | Tensor", "; weights as they are") if weighs else ("str", "")
    text = "picked if isinstance(picked, Tensor) else str(picked)" if weighs else "str(picked)"
    return _AS_TEXT.format(kind=kind, weights=weights, bools=bools, text=text), "as_text(picked)"


def _table(doc: str, name: str, values: Mapping[str, _Value], code: Callable[[_Value], Code]) -> str:
    """A table by decision, those with the same value together."""
    groups: dict[Code, list[Code]] = {}
    for decision, value in values.items():
        groups.setdefault(code(value), []).append(literal(decision))
    lines = []
    for made, names in groups.items():
        if len(names) == 1:
            lines += layout(f"{flat(names[0])}: ", made, ",", INDENT)
        else:
            same = Apply(Atom("dict.fromkeys"), (("", SequenceDisplay((*names,), "()")), ("", made)))
            lines += layout("**", same, ",", INDENT)
    return "\n".join([f"# {doc}", f"{name} = {{", *lines, "}"] if lines else [f"# {doc}", f"{name} = {{}}"])


def _cases(cases: Sequence[Where]) -> Code:
    """Any of some cases: `({"depth": ("3", "4")},)`."""
    displays = [[(literal(other), literal(texts)) for other, texts in case.items()] for case in cases]
    return SequenceDisplay(tuple([DictDisplay(tuple(display)) for display in displays]), "()")
