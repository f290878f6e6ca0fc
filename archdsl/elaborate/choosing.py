"""Runs `oneof` and `someof`: asks which of their options is taken."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb

from archdsl.elaborate.decisions import PickError
from archdsl.elaborate.naming import choice_name
from archdsl.elaborate.open_values import Chosen
from archdsl.elaborate.operators import as_list, is_int
from archdsl.elaborate.option_texts import option_texts, unlike
from archdsl.elaborate.picking import shallow
from archdsl.elaborate.session import Frame
from archdsl.elaborate.shown import kind_of
from archdsl.elaborate.values import ListValue, Value, size_of, tensors_in
from archdsl.syntax import tree
from archdsl.syntax.format_words import on_one_line
from archdsl.syntax.parts import mentioned
from archdsl.types import known

_SHOWN = 60  # characters of options in a message
MOST_OPTIONS = 10_000  # that `someof` leaves: each is a text, and a list

Options = tuple[Sequence[Value], tuple[str, ...]]


def choose(frame: Frame, values: list[Value], node: tree.Call) -> Value:
    """What is taken of a choice, which is asked where that is used; `values` are the arguments of the call `node`.

    Raises:
        Problem: there is nothing to choose from, or the pick is no option.
    """
    options, texts = options_of(frame, values, node)
    if frame.asker is not None:
        frame.asker.asked += 1
    try:
        return frame.session.picking.offer(choice_name(frame, node), texts, options, frame.span(node))
    except PickError as error:
        raise frame.problem(error.span or node, "bad-pick", str(error), help=error.help) from None


def options_of(frame: Frame, values: list[Value], node: tree.Call) -> Options:
    """The options of a choice, and their texts.

    Raises:
        Problem: there are none, or too many.
    """
    frame.session.charge(size_of(values[0]))  # each option is shown
    if not isinstance(values[0], (ListValue, range)):
        raise _unfit(frame, node, 0, "a list", values[0])
    items: Sequence[Value] = as_list(frame, values[0], node).items
    if _filters(node.arguments[0].value):  # what a filter has looked at is known, each time that this is evaluated
        items = [shallow(frame, i, node) if _is_asked(frame, i) else i for i in items]
    items = [frame.session.picking.told(frame, i, node) for i in items]
    frame.session.charge(len(items))
    if len(values) == 2:
        return _some(frame, items, values[1], node)
    if not items:
        raise frame.problem(
            node, "empty-choice", "oneof needs at least one option", help="for example `oneof([id, conv(64, 3)])`"
        )
    return items, option_texts(frame, items, node)


def _filters(node: tree.Expr) -> bool:
    """Whether a list is written as a comprehension with a filter that looks at what it keeps."""
    if not isinstance(node, tree.Comprehension):
        return False
    targets = {target.id for clause in node.clauses for target in tree.names_in(clause.targets)}
    return any(targets & mentioned(condition) for clause in node.clauses for condition in clause.conditions)


def _is_asked(frame: Frame, value: Value) -> bool:
    """Whether all that a chosen number, text or stage comes from has been asked."""
    return isinstance(value, Chosen) and not tensors_in(value) and frame.session.picking.is_asked(value.needs)


def _some(frame: Frame, items: Sequence[Value], wanted: Value, node: tree.Call) -> Options:
    if not is_int(wanted):
        raise _unfit(frame, node, 1, "an int", wanted)
    count = known(wanted)
    if not 0 <= count <= len(items):
        raise frame.problem(
            node.arguments[1],
            "empty-choice",
            f"someof cannot take {count} of a list of {len(items)}",
            help="the second argument says how many are taken: `someof(states, 2)`",
        )
    if comb(len(items), count) > MOST_OPTIONS:
        raise frame.problem(
            node,
            "too-many-options",
            f"{count} of {len(items)} can be taken in over {MOST_OPTIONS:,} ways",
            help="choose for each element, as in `[x for x in xs if oneof([true, false])]`, which asks one by one",
        )
    texts = option_texts(frame, items, node)
    ways = list(combinations(range(len(items)), count))
    frame.session.charge(len(ways) * (1 + count))
    lists = [ListValue(tuple([items[index] for index in way])) for way in ways]
    return lists, unlike([" + ".join([texts[index] for index in way]) or "[]" for way in ways])


def _unfit(frame: Frame, node: tree.Call, index: int, wanted: str, value: Value) -> Exception:
    name = frame.span(node.callee).text
    message = f"{name} takes {wanted}, this is {kind_of(value)}"
    return frame.problem(node.arguments[index], "wrong-kind", message, help=choice_help(frame, node))


def choice_help(frame: Frame, node: tree.Call, listed: bool = False) -> str:
    """How to write the call of `oneof` or `someof`: options stand in a list; `listed`: the first argument is one."""
    texts = [on_one_line(frame.span(argument).text) for argument in node.arguments]
    if frame.span(node.callee).text == "someof":
        weights = "; options have no weights" if texts[2:] else ""
        return f"a list, and how many are taken of it: `someof([a, b, c], 2)`{weights}"
    written = ", ".join(texts)
    few = written if node.arguments and len(written) <= _SHOWN else "a, b"
    if listed and texts[1:]:
        first = texts[0] if len(texts[0]) <= _SHOWN else "[a, b]"
        return f"oneof takes one list, and options have no weights: `oneof({first})`; `+` joins lists"
    return f"the options stand in a list: `oneof([{few}])`"
