"""Analyses designs of a space together: a number that is equal in all of them stays one, others get their ends.

The analysis of each design is plain data (`Report.to_json`), and so is what comes out: the same fields, where numbers
that differ are `{"least": 3, "most": 7}`. Rows of two designs are one row where both stand at one place of the source,
in the same steps of loops and repetitions. Modules are numbered in each design, so there their names may differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from archdsl.analysis.report import Report, json_int
from archdsl.analysis.walk import walked
from archdsl.ir.graph import Graph
from archdsl.lazy import load_module
from archdsl.network import Network
from archdsl.option_costs import FIELDS
from archdsl.spaces.ends import proven
from archdsl.spaces.survey import LookedAt

if TYPE_CHECKING:
    from archdsl.spaces.space import Space

_MOST, _LEAST = 200, 20  # designs that are analysed
_OPS = 40_000  # of these, about: a few seconds
_RowKey = tuple[Any, ...]
FROM_TO = "–"  # between the numbers of a module, which no name of one has
_NUMBER = re.compile(r"(?:^|_)[0-9]+$")


class RangeRow(NamedTuple):
    """A row of some of the designs looked at: `plain` as in the data, `folds` with further rows that are always equal
    to it, `seen` in so many designs.
    """

    plain: dict[str, Any]
    seen: int
    folds: int = 1


class Ranges:
    """What `archdsl analyze` says of a space: numbers of the designs looked at, each one or from where to where.

    `look` tells which designs these are, `count` how many; `exact` are totals that are of all designs all the same.
    """

    def __init__(self, space: Space, depth: int = 1, everything: bool = False) -> None:
        self.space = space
        first = space.network(space.unrank(0))
        most = min(_MOST, max(_LEAST, _OPS // max(1, int(first.metric("ops")))))
        sampled = space.size > most
        self.look = LookedAt("sample", 0) if sampled else LookedAt("all", 0, 0, space.size)
        rng = Random(0)  # as a survey takes its sample
        chosen = [rng.randrange(space.size) for _ in range(most)] if sampled else range(space.size)
        looked = [_report(space.network(space.unrank(number)), depth, everything) for number in chosen]
        self._reports = [report for report, _ in looked]
        self.count = len(looked)
        self.exact = _of_all(space) if sampled else {}
        self._rows = _aligned([dict(zip(places, report.pop("rows"), strict=True)) for report, places in looked])

    def __str__(self) -> str:
        """What `archdsl analyze` prints."""
        return str(load_module("archdsl.spaces.ranges_table").text(self)).rstrip("\n")

    def to_json(self) -> dict[str, Any]:
        """The same as plain data, as `archdsl analyze --json` prints it."""
        rows = [
            {**_one_row([row for row in column if row]), "designs": self.count - column.count(None)}
            for column in self._rows
        ]
        return {
            "space": {
                "designs": json_int(self.space.size),
                "which": self.look.how,
                "seed": 0 if self.look.how == "sample" else None,
                "looked_at": self.count,
                "exact": [*self.exact],
            },
            "ranges": {**self.totals, "rows": rows},
        }

    @property
    def totals(self) -> dict[str, Any]:
        """All but the rows."""
        found = dict(_together(self._reports))
        for part in {"totals", "metrics"} & found.keys():
            found[part] = found[part] | {name: ends for name, ends in self.exact.items() if name in found[part]}
        return found

    def rows(self) -> Iterator[RangeRow]:
        """The rows in order; neighbours that are equal in each design are one."""
        for column, folds in _folded(self._rows):
            found = [row for row in column if row]
            yield RangeRow(_one_row(found), len(found), folds)


def _report(network: Network, depth: int, everything: bool) -> tuple[dict[str, Any], list[_RowKey]]:
    """The analysis of a design, and where its rows stand."""
    report = Report.of(network.graph)
    found = report.to_json(depth)
    found |= {"metrics": load_module("archdsl.emit.tables").metrics_json(report)} if everything else {}
    return found, [*_places(network.graph, depth)]


def _of_all(space: Space) -> dict[str, Any]:
    """The totals that are known of all designs without looking at each."""
    names = tuple(FIELDS)
    ends = proven(space, names) or {}
    return {
        name: _together([json_int(int(one.numbers[place] or 0)) for one in ends[name]])
        for place, name in enumerate(names)
        if name in ends
    }


# --- values


def _together(values: Sequence[Any]) -> Any:
    """One value for those of several designs."""
    first = values[0]
    if all(value == first for value in values):
        return first
    if all(isinstance(value, dict) for value in values) and not any("not_defined" in value for value in values):
        return _by_name(values)
    if all(isinstance(value, list) for value in values):
        alike = len({len(value) for value in values}) == 1
        return [_together(found) for found in zip(*values, strict=True)] if alike else None
    return _ends(values)


def _by_name(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = dict.fromkeys(name for value in values for name in value)
    found = {}
    for name in names:
        like = next(value[name] for value in values if name in value)
        found[name] = _together([value.get(name, _nothing(like)) for value in values])
    return found


def _nothing(like: Any) -> Any:
    """What a design has of a kind of op that it lacks."""
    return {name: _nothing(value) for name, value in like.items()} if isinstance(like, dict) else 0


def _ends(values: Sequence[Any]) -> dict[str, Any]:
    """From where to where numbers go; None, a count that is too large to be had, is above all."""
    undefined = [value for value in values if isinstance(value, dict)]
    numbers = [value for value in values if value is not None and not isinstance(value, dict)]
    found: dict[str, Any] = {}
    if numbers or not undefined:
        found = {"least": min(numbers, key=_number), "most": max(numbers, key=_number)}
        if None in values:
            found["most"] = None
    return found | (undefined[0] if undefined else {})


def _number(value: Any) -> Decimal:
    return Decimal(int(value) if isinstance(value, bool) else str(value))


# --- rows


def _places(graph: Graph, depth: int) -> Iterator[_RowKey]:
    """What tells a row from the others of its network, and finds it in others: its place in the source, and those of
    the calls around it.
    """
    around: list[tuple[Any, ...]] = []
    for here in walked(graph, depth):
        del around[here.level :]
        around.append((here.node.site, here.node.word))
        yield tuple(around)


def _one_row(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One row for those of several designs at one place."""
    name = _name([row["path"] for row in rows])
    found: dict[str, Any] = _together([row | {"path": name} for row in rows])
    return found


def _name(paths: Iterable[str]) -> str:
    """A module's name; `mbconv_3–9` where its number differs."""
    parts = [path.split(".") for path in dict.fromkeys(paths)]
    if len({*map(len, parts)}) > 1:
        return _either([".".join(words) for words in parts])
    return ".".join([_either(words) for words in zip(*parts, strict=True)])


def _either(words: Iterable[str]) -> str:
    first, *others = dict.fromkeys(words)
    if not others:
        return first
    stems = {_NUMBER.sub("", word) for word in (first, *others)}
    if len(stems) > 1:
        return f"{first} or {others[0] if len(others) == 1 else '…'}"
    low, *_, high = sorted([first, *others], key=_number_of)
    return f"{low}{FROM_TO}{_number_of(high)}"


def _number_of(word: str) -> int:
    return int(word.rpartition("_")[2]) if _NUMBER.search(word) else 0


def _aligned(designs: Sequence[dict[_RowKey, dict[str, Any]]]) -> list[list[dict[str, Any] | None]]:
    """A column per row of any design, with the row of each design, None where it has none; in order."""
    columns: dict[_RowKey, list[dict[str, Any] | None]] = {}
    before: dict[_RowKey, _RowKey] = {(): ()}  # in order, from () back to ()
    for number, rows in enumerate(designs):
        following: _RowKey = ()
        for key, row in reversed(rows.items()):
            if key not in columns:
                columns[key] = [None] * len(designs)
                before[following], before[key] = key, before[following]
            columns[key][number] = row
            following = key
    found, key = [], before[()]
    while key:
        found.append(columns[key])
        key = before[key]
    return found[::-1]


def _folded(
    columns: Sequence[list[dict[str, Any] | None]],
) -> Iterator[tuple[list[dict[str, Any] | None], int]]:
    """Columns with how many each stands for; what stands inside of folded ones is listed once."""
    blocks: list[list[list[dict[str, Any] | None]]] = []
    for column in columns:
        level = _level(column)
        if blocks and level > _level(blocks[-1][0]):
            blocks[-1].append(column)
        else:
            blocks.append([column])
    at = 0
    while at < len(blocks):
        end = at + 1
        while end < len(blocks) and list(map(_bare, blocks[end])) == list(map(_bare, blocks[at])):
            end += 1
        yield blocks[at][0], end - at
        yield from _folded(blocks[at][1:])
        at = end


def _level(column: Iterable[dict[str, Any] | None]) -> int:
    return next(int(row["level"]) for row in column if row)


def _bare(column: Iterable[dict[str, Any] | None]) -> list[Any]:
    """What equal rows have in common: all but their names."""
    return [row and {name: value for name, value in row.items() if name != "path"} for row in column]
