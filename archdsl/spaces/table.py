"""Turns what was found in a space into text of at most 80 columns, JSON and CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from itertools import zip_longest
from textwrap import wrap
from typing import Any

from archdsl.analysis.report import json_int
from archdsl.choices.wording import Said
from archdsl.diagnostics.display import safe
from archdsl.emit.cells import cut, number_text, table
from archdsl.spaces.decisions import OpenDecision
from archdsl.spaces.looking import SeenDesign
from archdsl.spaces.space import Space
from archdsl.spaces.survey import Amount, Survey

_NAME = 34  # columns of a name, at most
_LISTED = 20  # designs
_READABLE = 10**12  # numbers of designs
_IN_FULL = 10**45  # a line holds so many
_LINES = 4  # of one design
_PLACE = 16  # columns of its lines
_BOUND = "\xa0"  # a blank at which no line is broken; what is `safe` holds none


def text(survey: Survey, width: int = 80, listed: bool = False) -> str:
    """What is chosen, how many designs there are, the extremes, and with `listed` the designs looked at."""
    space = survey.space
    many = len(space.decisions)
    lines = [
        f"{safe(space.name)}: {f'{many} decisions' if many > 1 else '1 decision' if many else 'nothing is open'}",
        "",
    ]
    lines += _decisions(space, width)
    for name, said in _amounts(survey):
        lines += wrap(f"{name:<10}{said}", width, subsequent_indent=" " * 10)
    lines += ["", *_extremes(survey, width)]
    if survey.front:
        goals = ", ".join(map(str, survey.front.goals))
        lines += ["", *wrap(f"{len(survey.best):,} that no other beats in {goals}", width), ""]
        lines += _designs(survey, _rows(survey, survey.best), len(survey.best), width)
    elif listed and survey.seen:
        lines += ["", *(wrap(looked_at(survey).removeprefix("of ") + ":", width) if survey.proven else [])]
        lines += [*_designs(survey, survey.seen, len(survey.seen), width)]
    return "\n".join(lines) + "\n"


def _decisions(space: Space, width: int) -> Iterator[str]:
    """What each is called, its options, where it stands; below that when it is asked."""
    groups = [*_alike(space.decisions)]
    if not groups:
        return
    names = [group[0].name + (f" to {group[-1].name}" if len(group) > 1 else "") for group in groups]
    places = [_places(group[0]) for group in groups]
    wide = min(_NAME, max(map(len, names)))
    room = width - wide - 4 - max(map(len, places))
    for group, name, where in zip(groups, names, places, strict=True):
        one = group[0]
        said = [f"{len(group)}, each " * (len(group) > 1) + ", ".join(one.options)]
        if one.offers:
            said += [f"{', '.join(texts)} where {when.text}" for texts, when in one.offers]
        elif one.asked.text:
            said.append(f"asked where {one.asked.text}")
        beside = [line for part in said for line in wrap(safe(part), room, subsequent_indent="  ")]
        for left, right, last in zip_longest(wrap(safe(name), wide), beside, [where], fillvalue=""):
            yield f"{left:<{wide}}  {right:<{room}}  {last}".rstrip()
    yield ""


def _places(one: OpenDecision) -> str:
    lines = [str(line) for line in dict.fromkeys(span.line for span in one.spans)]
    return cut(f"line{'s' * (len(lines) > 1)} {', '.join(lines)}", _PLACE)


def _alike(decisions: Iterable[OpenDecision]) -> Iterator[list[OpenDecision]]:
    """Neighbours of which the same is said."""
    group: list[OpenDecision] = []
    for decision in decisions:
        if group and decision[1:] != group[-1][1:]:
            yield group
            group = []
        group.append(decision)
    if group:
        yield group


def _amounts(survey: Survey) -> Iterator[tuple[str, str]]:
    space = survey.space
    failing = f"; {number_text(space.failing)} more do not elaborate" if space.failing else ""
    digits = f"{space.size:,}" if space.size < _IN_FULL else f"{number_text(space.size)} (all digits: --json)"
    yield "designs", f"{digits}, exact{failing}"
    allowed = survey.allowed
    if space.required:
        asked = ", ".join(bound.text for bound in space.required)
        share = "" if allowed.known == "exact" else f": {survey.within:,} of {survey.looked:,} looked at"
        yield "allowed", f"{_amount(allowed)}{share} (@require {asked})"
    said = _amount(survey.networks)
    if survey.bounds and survey.exact:
        said += f", of the {number_text(len(survey.seen))} designs below"
    if survey.forms is None:
        said += ": --networks counts them"
    elif not survey.exact:
        said += f"; the {len(survey.seen):,} below are {len(survey.forms):,}"
    yield "networks", said


def _amount(amount: Amount) -> str:
    if amount.number is None:
        return "not known"
    return (
        f"at most {number_text(amount.number)}" if amount.known == "at most" else f"{number_text(amount.number)}, exact"
    )


def _extremes(survey: Survey, width: int) -> Iterator[str]:
    """The least and the most of each number, with designs that have them."""
    rows = [["", "least", "design", "most", "design"]]
    shown: dict[int, None] = {}
    for place, metric in enumerate(survey.metrics):
        found = survey.extremes[metric]
        if found is None:
            rows.append([metric, "-", "", "-", ""])
            continue
        cells = [cell for one in found for cell in (number_text(one.numbers[place]), _label(survey, one.design))]
        rows.append([metric, *cells])
        shown.update(dict.fromkeys(one.design for one in found))
    yield from table(rows, width, texts=1).splitlines()
    yield from wrap(f"of all designs, {survey.how}" if survey.proven else looked_at(survey), width)
    if survey.space.decisions:
        for design in shown:
            yield from ["", *_picks(survey, design, width)]


def _label(survey: Survey, design: int) -> str:
    """The number of a design; where that is too long to read, a letter, or the place at which it was looked at."""
    if survey.space.size <= _READABLE:
        return number_text(design)
    ends = [*dict.fromkeys(one.design for found in survey.extremes.values() for one in found or ())]
    if design in ends:
        place = ends.index(design)
        return chr(ord("A") + place % 26) * (1 + place // 26)
    return f"#{next(place for place, one in enumerate(survey.seen, 1) if one.design == design)}"


def _picks(survey: Survey, number: int, width: int) -> list[str]:
    """A design, no pick of it broken at the end of a line where it fits on one."""
    picks = [safe(f"{name} = {text}") for name, text in survey.space.unrank(number).items()]
    label = _label(survey, number)
    which = label if survey.space.size <= _READABLE else f"{label}, number {number}"
    said = f"design {which}: {', '.join(pick.replace(' ', _BOUND) for pick in picks)}"
    lines = [line.replace(_BOUND, " ") for line in wrap(said, width, subsequent_indent="  ", break_on_hyphens=False)]
    return lines if len(lines) <= _LINES else [*lines[: _LINES - 1], "  … (all: --json)"]


def looked_at(survey: Survey) -> str:
    """Which designs these numbers are of, and where they come from."""
    return f"of {which(survey)}, {survey.how}"


def which(survey: Survey, counted: bool = False) -> str:
    """Which designs were looked at; `counted`: how many all of them are."""
    look, size = survey.look, number_text(survey.space.size)
    if look.how == "sample":
        what = f"{survey.looked:,} designs at random (seed {look.seed}) of {size}, not of all"
    elif survey.exact:
        what = (
            "the only design" if survey.looked == 1 else f"all {survey.looked:,} designs" if counted else "all designs"
        )
    else:
        what = f"the {survey.looked:,} designs from {look.first:,} on, of {size}, not of all"
    if bounds := (*survey.space.required, *survey.bounds):
        share = f" ({100 * len(survey.seen) / survey.looked:.3g} %)" if survey.looked else ""
        what = f"{len(survey.seen):,}{share} that have {', '.join(one.text for one in bounds)}, of {what}"
    ends = f", and {survey.ends} with the least and the most of all" if survey.ends else ""
    return f"{what}{ends}"


def _designs(survey: Survey, seen: Sequence[SeenDesign], count: int, width: int) -> Iterator[str]:
    """The first ones, with their picks as far as there is room."""
    rows = [["picks", "design", *survey.metrics]]
    for one in seen[:_LISTED]:
        picks = " ".join(survey.space.unrank(one.design).values())
        rows.append([picks, _label(survey, one.design), *map(number_text, one.numbers)])
    yield from table(rows, width, texts=1).splitlines()
    if count > _LISTED:
        yield f"{count - _LISTED:,} more: --csv and --json list all"


def _rows(survey: Survey, designs: Iterable[int]) -> list[SeenDesign]:
    numbers = {one.design: one for one in survey.seen}
    return [numbers[design] for design in designs]


def csv_text(survey: Survey) -> str:
    """A line per design looked at, or per best one: its number, its numbers, and what is picked, "" where not asked."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    names = [one.name for one in survey.space.decisions]
    writer.writerow(["design", *survey.metrics, *names])
    for one in _rows(survey, survey.best) if survey.front else survey.seen:
        design = survey.space.unrank(one.design)
        numbers = ["" if number is None else _plain(number) for number in one.numbers]
        writer.writerow([one.design, *numbers, *(design.get(name, "") for name in names)])
    return file.getvalue()


def as_json(survey: Survey, listed: bool = False) -> dict[str, Any]:
    """The same as plain data."""
    space, look = survey.space, survey.look
    seen = _rows(survey, survey.best) if survey.front else survey.seen if listed else []
    return {
        "network": space.name,
        "hash": space.hash,
        "designs": _amount_json(Amount(space.size, "exact")),
        "failing": json_int(space.failing),
        "networks": _amount_json(survey.networks),
        "allowed": _amount_json(survey.allowed),
        "required": [bound.text for bound in space.required],
        "decisions": [_decision_json(one) for one in space.decisions],
        "looked_at": {
            "which": look.how,
            "seed": look.seed if look.how == "sample" else None,
            "first": None if look.how == "sample" else json_int(look.first),
            "designs": survey.looked,
            "where": [bound.text for bound in survey.bounds],
            "within": len(survey.seen),
            "exact": survey.exact,
            "how": survey.how,
        },
        "extremes_exact": survey.exact or survey.proven,
        "extremes": {
            metric: None if found is None else dict(
                zip(("least", "most"), (_extreme_json(survey, one, place) for one in found), strict=True)
            )
            for place, (metric, found) in enumerate(survey.extremes.items())
        },
        "pareto": [str(goal) for goal in survey.front.goals] if survey.front else None,
        "listed": [
            {
                **_design_json(space, one.design),
                "numbers": dict(zip(survey.metrics, map(_plain, one.numbers), strict=True)),
            }
            for one in seen
        ],
    }  # fmt: skip


def _amount_json(amount: Amount) -> dict[str, Any]:
    return {"number": None if amount.number is None else json_int(amount.number), "known": amount.known}


def _decision_json(one: OpenDecision) -> dict[str, Any]:
    offers = one.offers or ((one.options, one.asked),)
    return {
        "name": one.name,
        "options": list(one.options),
        "asked": _said_json(one.asked),
        "offers": [{"options": list(texts), "asked": _said_json(when)} for texts, when in offers],
        "places": [{"file": span.source.name, "line": span.line} for span in one.spans],
    }


def _said_json(said: Said) -> dict[str, Any]:
    return {"where": said.text, "whole": said.whole}


def _extreme_json(survey: Survey, one: SeenDesign, place: int) -> dict[str, Any]:
    return {"number": _plain(one.numbers[place]), **_design_json(survey.space, one.design)}


def _design_json(space: Space, number: int) -> dict[str, Any]:
    return {"design": json_int(number), "picks": space.unrank(number)}


def _plain(number: int | float | None) -> int | float | str | None:
    return json_int(number) if isinstance(number, int) else number
