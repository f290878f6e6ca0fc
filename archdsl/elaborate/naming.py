"""Names what `oneof` asks: by the way that leads to it from the innermost cell, or from the network, and by its role.

`normal.0.left` is what the name `left` gets in the step 0 of the cell `normal`; `stage_2.mb[0].kernel` the parameter
`kernel` in the first repetition of `mb` in the block that the text names a second time as `stage`.
docs/language/06-cells-and-choices.md has the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from archdsl.elaborate.homonyms import file_prefix
from archdsl.elaborate.places import Mention, places_of
from archdsl.elaborate.session import BodyFrame, Frame
from archdsl.elaborate.shown import show
from archdsl.elaborate.turns import LIST, LOOP, PARTS, LoopTurn, steps_of
from archdsl.elaborate.values import UNKNOWN, ListValue, Stage, place
from archdsl.source import Span
from archdsl.syntax import tree


@dataclass(frozen=True)
class ChoiceName:
    """The name of a decision; `by_instance`, the one that it has where another one has that: for another instance of a
    cell, with its arguments; at the top of another file, behind the name of the file. `instance` gives that.

    `place`: equal for one decision alone, where two places would make the same text.
    """

    text: str
    instance: Callable[[], str]
    place: Hashable

    @cached_property
    def by_instance(self) -> str:
        """The name where another decision has `text`."""
        return self.instance()


def choice_name(frame: Frame, node: tree.Expr) -> ChoiceName:
    """How the decision is called that the call `node` of `oneof` asks in `frame`.

    `Names.settle` (archdsl/elaborate/decisions.py) makes of it the name under which it is asked, which is nearly always
    its `text`.
    """
    segments, key, cell = _way(frame)
    places = places_of(frame.session.spec, frame.module, frame.item)
    role = places.roles.get(node.start)
    if role is None:  # `choose = oneof`, and then `choose(list)`
        mention = places.first(node.start, node.end)
        role = "out" if mention is None else mention.word
    if isinstance(frame.item.declaration, tree.Constant) and len(segments) == 1 and role == frame.item.declaration.name:
        text = segments[0]  # `WIDTH = oneof([8, 16])` is WIDTH
    else:
        text = ".".join([*segments, role])
    frame.session.charge(len(segments) + (len(text) >> 6))

    def instance() -> str:
        if cell is None:  # the top of a file: another may have a constant of that name
            return f"{Path(str(key[0])).stem}.{text}"
        arguments = _told_apart(cell, frame, node)
        return text if not arguments else f"{segments[0]}({arguments})" + text[len(segments[0]) :]

    return ChoiceName(text, instance, (*key, frame.item.source.name, frame.item.offset + node.start))


def _way(frame: Frame) -> tuple[list[str], list[Hashable], BodyFrame | None]:
    """What leads to `frame`, as segments of a name and as something to compare; and the cell where it begins."""
    inward: list[tuple[list[str], list[Hashable]]] = []
    entered: Frame | None = None
    while True:
        inward.append(_within(frame, entered))
        if isinstance(frame, BodyFrame) and frame.block.kind == "cell":
            file, name = frame.block.item.source.name, frame.block.name
            inward.append(([_top(frame, file, name)], [(file, name)]))
            break
        if frame.caller is None:
            inward.append((_root(frame), [frame.item.source.name, frame.item.offset]))
            break
        frame, entered = frame.caller, frame
    segments = [word for words, _ in reversed(inward) for word in words]
    key = [part for _, parts in reversed(inward) for part in parts]
    return segments, key, frame if isinstance(frame, BodyFrame) else None


def _root(frame: Frame) -> list[str]:
    """The top of a file: the name of a constant or a variant; nothing for a network."""
    declaration = frame.item.declaration
    if not isinstance(declaration, (tree.Constant, tree.Variant)) or frame.item.kind == "network":
        return []
    return [_top(frame, frame.item.source.name, declaration.name)]


def _top(frame: Frame, file: str, name: str) -> str:
    """A name at the top of a file, told apart from that of another file."""
    return file_prefix(frame.session.spec, frame.session.home, file, name) + name


def _within(frame: Frame, entered: Frame | None) -> tuple[list[str], list[Hashable]]:
    """The steps of the loops of one frame, and the call that leads on to the next."""
    use = frame.body.shared_use if isinstance(frame, BodyFrame) else None
    turns = frame.turns if use is None else frame.turns[use.turns :]
    steps, key = steps_of(turns)
    if entered is None or (frame.caller is None and isinstance(frame.item.declaration, tree.Definition)):
        return steps, key  # the network itself is called by nobody
    words = _call(frame, entered, None if use is None else use.stage.word)
    for index, turn in enumerate(turns):
        shown = "" if turn.kind == LOOP else _count(frame, entered, turn)
        if shown:
            words[-1] += f"[{shown}]"
        if turn.kind == PARTS:  # how many parts are before it may be chosen
            key[index] = (turn.kind, shown)
        elif turn.place is not None and not shown:
            key[index] = (turn.kind, turn.place)
    written = None if entered.written is None else place(entered.written)
    assert entered.at is not None
    if use is None:
        return steps + words, [*key, entered.at.start, written, entered.entered]
    around, before = use.stage.steps  # what is asked in a shared stage is asked once, wherever it is applied
    return around + words, [*before, use.stage.span.start, *key, written, entered.entered]


def _call(frame: Frame, entered: Frame, shared: str | None) -> list[str]:
    """The words of a call: what stands where it is applied, or the name of the `shared` stage that is; then what stands
    where the stage was written.
    """
    at, written = entered.at, entered.written
    assert at is not None
    applied = _mention(frame, at) if shared is None else Mention(at.start, shared, shared, loop=False)
    if written is None or _inside(written, at):
        named = applied if written is None else _mention(frame, written)
        words = [] if named is None else [named]
    else:
        named = _mention(frame, written)
        words = [mention for mention in (applied, named) if mention is not None]
    last = [] if words and words[-1].id == entered.entered else [entered.entered]
    return [*[mention.word for mention in words], *last]


def _mention(frame: Frame, span: Span) -> Mention | None:
    """The first name in a part of the text, which stands in the frame's definition or in another."""
    module, item = frame.module, frame.item
    if span.source is not item.source or not item.offset <= span.start < item.offset + len(item.text):
        found = frame.session.spec.find_item(span)
        if found is None:
            return None
        module, item = found
    return places_of(frame.session.spec, module, item).first(span.start - item.offset, span.end - item.offset)


def _inside(inner: Span, outer: Span) -> bool:
    return inner.source is outer.source and outer.start <= inner.start and inner.end <= outer.end


def _count(frame: Frame, entered: Frame, turn: LoopTurn) -> str:
    """What tells the step of a repetition; "" where the text of the call tells it already."""
    written = entered.written
    if turn.kind == LIST and written is not None and entered.at is not None and _inside(written, entered.at):
        mention = _mention(frame, written)
        return str(turn.index) if mention is None or mention.loop else ""
    if turn.kind != PARTS:
        return str(turn.index)
    before = turn.index if written is None else sum(place(written) in _places(p) for p in turn.values[: turn.index])
    return str(before or "")


def _places(value: Any) -> set[tuple[str, int, int]]:
    """Where the stages in a value were written."""
    found: set[tuple[str, int, int]] = set()
    pending, seen = [value], set()
    while pending:
        part = pending.pop()
        if isinstance(part, tuple):
            pending += part
        elif isinstance(part, (Stage, ListValue)) and id(part) not in seen:
            seen.add(id(part))
            span = getattr(part, "span", None)
            if span is not None:
                found.add(place(span))
            pending += [part.items] if isinstance(part, ListValue) else [getattr(part, name) for name in part.made_of]
    return found


def _told_apart(frame: BodyFrame, asking: Frame, node: tree.Expr) -> str:
    """The arguments of this instance that are not the signature's defaults: those that decide what the body consists
    of, where there are such ones. What is chosen and not asked yet tells nothing: a design may never ask it.
    """
    block, session = frame.block, frame.session
    assert frame.callee is not None
    unlike = []
    for param, given in zip(block.definition.params, frame.callee[2], strict=True):
        value = session.picking.as_asked(asking, given, node)
        if value is UNKNOWN:
            continue
        default = block.defaults.get(param.name, param.default)
        if isinstance(default, (tree.Number, tree.Boolean)):
            default = default.value
        elif isinstance(default, tree.Text):
            default = "".join(map(str, default.parts))
        if isinstance(default, tree.Expr) or default is None or session.identity(default) != session.identity(value):
            unlike.append((param.name, value))
    steering = [(name, value) for name, value in unlike if name in block.steering]
    return ", ".join(f"{name} = {show(value)}" for name, value in steering or unlike)
