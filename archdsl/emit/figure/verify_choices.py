"""Compares what a box says of a choice with the choice: the texts of options, what picks take, how often it repeats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from archdsl.emit.figure.scene import Box, Fold, Phrase
from archdsl.emit.figure.words import LEFT, TAKEN, either, passed
from archdsl.ir.chosen import OneOf
from archdsl.ir.graph import Node


def choice_differences(
    box: Box, phrases: Mapping[str, Phrase], units: Sequence[Sequence[Node]], chooser: OneOf
) -> Iterator[str]:
    """Where a box that stands for these units, the last of which takes one, does not say what may be taken."""
    if len(chooser.options) != len(box.feeds):
        yield "it has other options"
    elif box.fold is Fold.COUNTED:
        yield from _counts(box, phrases, len(units), chooser)
    else:
        yield from _options(box, phrases, units, chooser)


def _counts(box: Box, phrases: Mapping[str, Phrase], count: int, chooser: OneOf) -> Iterator[str]:
    counts = [count - lag if lag else 0 for lag, _ in box.feeds]
    told = [f"{TAKEN if place == chooser.taken else ''}{times}" for place, times in enumerate(counts)]
    said = phrases["counts"].text if "counts" in phrases else ""
    if said != f"× {either(told)}":
        yield f"it repeats {said}, not {either(told)}"


def _options(box: Box, phrases: Mapping[str, Phrase], units: Sequence[Sequence[Node]], chooser: OneOf) -> Iterator[str]:
    last = len(units) - 1
    lines = [{phrase.key for phrase in row.phrases} for row in box.rows]
    before: set[str] = set()  # what stands in the line of the option before
    for place, (text, (lag, _)) in enumerate(zip(chooser.options, box.feeds, strict=True)):
        sign = "" if chooser.taken < 0 else TAKEN if place == chooser.taken else LEFT
        form = place > 0 and text != "" and text == chooser.options[place - 1]
        key, wanted = f"pass {place}", {sign + passed(text, form)}
        if lag:
            known = {node.word for node in units[last - lag]}
            key, wanted = f"{last - lag}:option", {f"{sign}{text}:"}
            if not text or text.partition("(")[0] in known:
                wanted.add(sign)
            if form:
                wanted = {sign}
        if key not in phrases or phrases[key].text not in wanted:
            yield f"option {place + 1} is {text}, which is not said"
        elif (key in before) != form:
            yield f"option {place + 1} is {text}, and its line is that of another one"
        before = next((line for line in lines if key in line), set())
