"""Answers the choices that `oneof` asks during elaboration, and remembers them: they pick one network of a space."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from archdsl.diagnostics.display import brief
from archdsl.diagnostics.model import Diagnostic
from archdsl.elaborate.naming import ChoiceName
from archdsl.elaborate.shown import show
from archdsl.elaborate.written_picks import WrittenPick
from archdsl.numerals import as_int
from archdsl.source import Span

NEAR = 0.4  # options are short, and all of them are shown beside the nearest
_NUMBER = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{1,300})?")
CLOSE = 0.7  # names are long
MOST_SHOWN = 20


@dataclass(frozen=True)
class Choice:
    """One decision: where it was asked, the texts of its options, and the index of the one taken."""

    span: Span
    options: tuple[str, ...]
    index: int

    @property
    def picked(self) -> str:
        """The text of the option taken."""
        return self.options[self.index]


class PickError(Exception):
    """A pick does not fit the space: the message says how, `help` what would, `span` where the spec writes it."""

    def __init__(self, message: str, help: str, span: Span | None = None) -> None:
        super().__init__(message)
        self.help = help
        self.span = span


class Names:
    """The names under which decisions are asked: those of their places, unless another decision has one already."""

    def __init__(self) -> None:
        self._owners: dict[str, tuple[Hashable, tuple[str, ...]]] = {}
        self._found: dict[tuple[Hashable, tuple[str, ...]], str] = {}
        self._counts: dict[str, int] = {}

    def settle(self, name: ChoiceName, options: tuple[str, ...], picks: Mapping[str, str]) -> str:
        """The name of the decision between these options.

        One place asks one decision, however often, while the options are equal. The first to ask has the name of the
        place; with other options it is that of the instance, or else one with a number. Where a design was made by a
        run that asked in another order, its `picks` say which.
        """
        asked = (name.place, options)
        found = self._found.get(asked)
        if found is not None:
            return found
        free = [text for text in (name.text, name.by_instance) if text not in self._owners]
        fitting = [text for text in free if option_index(options, picks.get(text)) is not None]
        found = next(iter(fitting + free), "") or self._numbered(name.text)
        self._owners[found] = asked
        self._found[asked] = found
        return found

    def _numbered(self, text: str) -> str:
        while True:
            count = self._counts[text] = self._counts.get(text, 1) + 1
            if f"{text}_{count}" not in self._owners:
                return f"{text}_{count}"


class Decisions:
    """Answers by the texts of options under the names of decisions; the first option where nothing is picked.

    `choices` holds what was asked, by name, in order of first use; `offered` also what nobody used. `written` are the
    picks of the spec itself, which `picks` go before. Whoever samples or searches a space overrides `pick`.
    """

    def __init__(
        self, picks: Mapping[str, str] | None = None, written: Mapping[str, WrittenPick] | None = None
    ) -> None:
        self.picks = dict(picks or {})
        self.choices: dict[str, Choice] = {}
        self.offered: dict[str, Choice] = {}
        self._names = Names()
        self.follow(written or {})

    def follow(self, written: Mapping[str, WrittenPick]) -> None:
        """Take the picks that stand in the spec, for what `picks` leave open."""
        self.written = written
        self._wanted = {**{name: pick.text for name, pick in written.items()}, **self.picks}

    def pick(self, name: str, options: tuple[str, ...]) -> int:
        """The index of the option to take for the decision of that name.

        Raises:
            PickError: the pick is none of the options.
        """
        text = self._wanted.get(name)
        index = 0 if text is None else option_index(options, text)
        if index is None:
            near = difflib.get_close_matches(str(text), options, 1, NEAR)
            shown = ", ".join(options[:MOST_SHOWN]) + (", …" if len(options) > MOST_SHOWN else "")
            hint = f"did you mean {near[0]}? it has: {shown}" if near else f"it has: {shown}"
            written = None if name in self.picks else self.written[name].span
            raise PickError(f"{name} has no option {text}", hint, written)
        return index

    def offer(self, name: ChoiceName, options: tuple[str, ...], span: Span) -> tuple[str, int]:
        """The name under which a choice is asked, and the index of the option to take; an equal place with equal
        options is one decision.

        Raises:
            PickError: as `pick`.
        """
        found = self._names.settle(name, options, self._wanted)
        choice = self.offered.get(found)
        if choice is None:
            choice = self.offered[found] = Choice(span, options, self.pick(found, options))
        return found, choice.index

    def ask(self, name: str) -> None:
        """What was offered under this name is used."""
        self.choices.setdefault(name, self.offered[name])

    @property
    def unused(self) -> tuple[str, ...]:
        """Names of picks that are no decision."""
        return tuple(name for name in self.picks if name not in self.offered)

    @property
    def open(self) -> tuple[str, ...]:
        """Names of decisions that took their first option since nothing picks another."""
        return tuple(name for name in self.choices if name not in self._wanted)

    def misfits(
        self, overridden: bool = False, when_asked: Callable[[], Mapping[str, str]] = dict[str, str]
    ) -> list[Diagnostic]:
        """What is wrong with picks that nothing asked for, once all is asked; `when_asked` says what other designs ask.

        Those of the spec itself are for the network as it stands: where it is `overridden`, it may ask others.
        """
        lost: list[tuple[str, Span | None]] = [(name, None) for name in self.unused[:MOST_SHOWN]]
        if not overridden and not self.picks:
            own = [(name, pick.span) for name, pick in self.written.items() if pick.own and name not in self.offered]
            lost += own[:MOST_SHOWN]
        whens = when_asked() if lost else {}
        return [
            unasked(f"this design does not ask {name}", whens[name], span)
            if name in whens
            else self._misfit(name, span)
            for name, span in lost
        ]

    def _misfit(self, name: str, span: Span | None) -> Diagnostic:
        near = difflib.get_close_matches(name, self.offered, 1, CLOSE)
        names = list(self.offered)[:MOST_SHOWN]
        hint = f"it decides {', '.join(names)}{', …' if len(self.offered) > len(names) else ''}"
        if near:
            hint = f"did you mean {near[0]}?"
        elif not self.offered:
            hint = "it leaves nothing open: `oneof` in a spec does"
        return Diagnostic("bad-pick", f"no decision of this network is called {name}", span, help=hint)


def unasked(what: str, when: str, span: Span | None = None) -> Diagnostic:
    """That something is picked for a decision that is not asked there, but is `when`."""
    return Diagnostic("bad-pick", what, span, help=f"it is asked where {when}; leave it out")


def names_of(name: ChoiceName) -> Iterator[str]:
    """The names that a decision may have: the next where one is taken."""
    yield name.text
    if name.by_instance != name.text:
        yield name.by_instance
    for number in count(2):
        yield f"{name.text}_{number}"


def option_index(options: tuple[str, ...], text: str | None) -> int | None:
    """Which of the options a text means: it is one, or one in quotation marks, or else the only one that differs in
    blanks, or that is an equal number (3.0 for 3); None where it is none.
    """
    if text is None:
        return None
    for written in (text, f'"{text}"'):
        if written in options:
            return options.index(written)
    for alike in (_unspaced, _number):
        meant = alike(text)
        found = [place for place, option in enumerate(options) if meant is not None and alike(option) == meant]
        if len(found) == 1:
            return found[0]
    return None


def _unspaced(text: str) -> str | None:
    return "".join(text.split()) or None


def _number(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def as_picks(given: Mapping[str, Any]) -> dict[str, str]:
    """Options given as values of Python, as the texts that a spec would write.

    Raises:
        TypeError: one is no number, text, true, false or list of these.
    """
    picks = {}
    for name, value in given.items():
        if not isinstance(name, str):
            raise TypeError(f"picks takes names of decisions, not {brief(name)}")
        picks[name] = value if isinstance(value, str) else _written(value)
    return picks


def _written(value: Any) -> str:
    value = as_int(value)
    if isinstance(value, (bool, int, float, str)):
        return show(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_written, value))}]"
    raise TypeError(f"picks takes texts of options, and numbers, not {brief(value)}")


def pick_of(text: str) -> tuple[str, str] | None:
    """`NAME=OPTION` as a name and an option; a name may have arguments, as in `c(stride = 2).op=relu`."""
    depth = 0
    for index, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "=" and depth == 0 and text[:index].strip():
            return text[:index].strip(), text[index + 1 :].strip()
    return None
