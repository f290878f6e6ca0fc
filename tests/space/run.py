"""One run of a program: which decisions it meets, which of them it uses, and what fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.space.naming import Mentions, Places
from tests.space.program import Assign, For, Listing, Name, Node, Program, walk, write
from tests.space.values import Body, Decision, Value, came_from, holds_tensor, renewed, show, together


class Unpicked(Exception):
    """A decision is used for which there is no pick."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.name)
        self.decision = decision


class Fails(Exception):
    """This design does not elaborate."""


class Run:
    """The decisions of one run. `picks` are indices by name; `texts` are the same as a reader writes them.

    Whatever is used without a pick stops the run, unless `first`, which takes the first option.
    """

    def __init__(self, picks: Mapping[str, int], texts: Mapping[str, str] | None = None, first: bool = False) -> None:
        self.picks = picks
        self.texts = texts or {}
        self.first = first
        self.met: dict[str, Decision] = {}
        self.asked: dict[str, Decision] = {}
        self.surely: set[str] = set()  # asked where another option surely gives another value

    def use(self, *values: Value) -> None:
        """What is used asks the decisions that it came from, in their order."""
        for decision, surely in together(*(value.deps for value in values)):
            if surely:
                self.surely.add(decision.name)
            if decision.name not in self.asked:
                if not self.first and decision.name not in self.picks:
                    raise Unpicked(decision)
                self.asked[decision.name] = decision

    def decide(self, name: str, options: tuple[str, ...], frame: Frame) -> Decision:
        """The decision of that name; in a cell it is one for all instances that offer the same options, and in a shared
        stage for all applications.
        """
        names, cell, again = [name], frame.cell, frame.cell or frame.shared
        if cell and frame.arguments:
            names.append(f"{cell}({frame.arguments}){name[len(cell) :]}")
        if again:
            names += [f"{name}_{number}" for number in range(2, 9)]
        for candidate in names:
            before = self.met.get(candidate)
            if before is None:
                return self._new(candidate, options)
            if again and before.options == options:
                return before
        raise AssertionError(f"two decisions are called {name}")

    def _new(self, name: str, options: tuple[str, ...]) -> Decision:
        index = self.picks.get(name, 0)
        if name in self.texts and self.texts[name] in options:
            index = options.index(self.texts[name])
        made = self.met[name] = Decision(name, options, min(index, len(options) - 1))
        return made

    def design(self) -> dict[str, str]:
        return {name: decision.options[decision.index] for name, decision in self.asked.items()}

    def indices(self) -> dict[str, int]:
        return {name: decision.index for name, decision in self.asked.items()}


@dataclass
class Frame:
    """Where evaluation stands: the names that are set, and the path that leads here."""

    places: Places
    path: tuple[str, ...] = ()
    locals: dict[str, Value] = field(default_factory=dict)
    body: Body | None = None
    kind: str = "fn"
    inputs: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()  # the names that get a value once
    cell: str = ""  # the innermost cell around
    arguments: str = ""  # of its instance, where they are not its defaults
    shared: bool = False  # whether a shared stage is around

    def within(self, places: Places, *segments: str, **changes: Any) -> Frame:
        """A frame for what is called from here."""
        around = {"cell": self.cell, "arguments": self.arguments, "shared": self.shared}
        return Frame(places, (*self.path, *segments), **around, **changes)

    def text(self, value: Value, place: int, written: Node | None = None, settled: bool = False) -> str:
        """The text of an option: `place` in the list, where it is `written` if that is written out. `settled`: what it
        is shows, if that was chosen, too.
        """
        if isinstance(value.raw, tuple) and not value.deps and holds_tensor(value):
            parts = written.items if isinstance(written, Listing) else (None,) * len(value.raw)
            items = enumerate(zip(value.raw, parts, strict=True))
            return f"[{', '.join(self.text(item, index, part) for index, (item, part) in items)}]"
        if holds_tensor(value) and isinstance(written, Name) and written.id in self.lasting:
            return written.id
        if holds_tensor(value):
            return next((name for name in self.lasting if self._holds(name, value)), str(place))
        text = show(value, settled) if written is None or not came_from(value) else write(written)
        return text if len(text) <= 60 else text[:57] + "…"

    def renew(self, statement: Node, lists: bool = True) -> None:
        """What a condition or a loop sets bears no other name behind it; lists that grow in a loop keep theirs."""
        for each in walk(statement):
            for name in each.targets if isinstance(each, Assign | For) else ():
                value = self.locals.get(name)
                if value is not None and (lists or value.deps or not isinstance(value.raw, tuple)):
                    self.locals[name] = renewed(value)

    def _holds(self, name: str, value: Value) -> bool:
        """Whether a name is that of a tensor: as it was made, or was chosen."""
        held = self.locals.get(name)
        return held is not None and held.raw is value.raw and held.deps == value.deps


@dataclass(frozen=True)
class Setting:
    """A program with what is known of its text."""

    program: Program
    places: dict[str, Places]
    mentions: Mentions

    @classmethod
    def of(cls, program: Program) -> Setting:
        signatures = {made.name: tuple(p.name for p in made.parameters) for made in program.definitions}
        for made in program.definitions:  # a variant takes what its base takes
            if made.kind != "constant" and made.value is not None:
                signatures[made.name] = signatures[made.value.callee.id]  # type: ignore[attr-defined]
        places = {made.name: Places(made, signatures) for made in program.definitions}
        return cls(program, places, Mentions(program))
