"""Finds what a figure says once instead of in every box: the eps of all norms, that convolutions have no bias."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from archdsl.emit.figure.scene import BoxRow, Phrase, Sketch
from archdsl.ops.base import Kind

_NUMBERS = ("eps", "momentum")
# What most ops of a kind may agree on, and how it is said.
_AGREED = {
    "bias": (Kind.CONVOLUTION, "convolutions have no bias unless said"),
    "count_padding": (Kind.POOL, "average pools do not count padding unless said"),
}
_NAMES = (*_NUMBERS, *_AGREED)

Setting = tuple[str, str, str]  # ops, argument, value


def settings_of(sketches: Sequence[Sketch]) -> list[Setting]:
    """The settings that boxes need not repeat.

    Norms of one kind that agree on an eps or a momentum that a reader would not expect have it as a setting. That
    convolutions have no bias is one where fewer boxes then say `bias` than would say `no bias` without, and so on.
    """
    values: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    balance: Counter[str] = Counter()  # boxes that say less with the setting, less those that say more
    for op, phrase in (found for sketch in sketches for found in _phrases(sketch)):
        key = phrase.key.rpartition(".")[2]
        if key in _NUMBERS:
            values[op.text, key].add((phrase.value, phrase.text))
        elif op.value == _AGREED[key][0]:
            balance[key] += (phrase.text != "") - (phrase.value == "true")
    agreed = [(word, key, *found.pop()) for (word, key), found in values.items() if len(found) == 1]
    made = [(word, key, value) for word, key, value, text in agreed if text]
    return [*made, *((str(kind), key, "false") for key, (kind, _) in _AGREED.items() if balance[key] > 0)]


def said(setting: Setting) -> str:
    """A setting as a remark: `BN eps 0.001`."""
    op, name, value = setting
    return _AGREED[name][1] if name in _AGREED else f"{op} {name} {value}"


def _phrases(sketch: Sketch) -> Iterator[tuple[Phrase, Phrase]]:
    """What a sketch says of arguments that may be settings, beside what it calls the op."""
    for _, box in sketch.all_boxes():
        for row in box.rows:
            yield from ((op, phrase) for op, phrase, _ in _settable(row, _NAMES))


def _settable(row: BoxRow, names: tuple[str, ...]) -> Iterator[tuple[Phrase, Phrase, int]]:
    """The phrases of a row about arguments of these names, each after the one that names its op, and their places."""
    ops: dict[str, Phrase] | None = None
    for place, phrase in enumerate(row.phrases):
        if phrase.key.endswith(names) and phrase.key.rpartition(".")[2] in names:
            step = phrase.key.rpartition(".")[0]
            ops = ops or {p.key.rpartition(".")[0]: p for p in row.phrases if p.key.endswith(".op")}
            yield ops[step], phrase, place


def silenced(found: Sketch, settings: Collection[Setting]) -> Sketch:
    """A sketch whose boxes do not repeat the settings."""
    if not settings:
        return found
    names = tuple({name for _, name, _ in settings})
    boxes = []
    for box in found.boxes:
        rows = tuple([_silenced(row, settings, names) for row in box.rows])
        inside = None if box.inside is None else silenced(box.inside, settings)
        boxes.append(box if inside is None and rows == box.rows else box._replace(rows=rows, inside=inside))
    return replace(found, boxes=tuple(boxes))


def _silenced(row: BoxRow, settings: Collection[Setting], names: tuple[str, ...]) -> BoxRow:
    made: list[Phrase] | None = None
    for op, phrase, place in _settable(row, names):
        key = phrase.key.rpartition(".")[2]
        value = next((v for subject, name, v in settings if name == key and subject in (op.text, op.value)), None)
        if value is not None:
            made = made or list(row.phrases)
            text = "" if phrase.value == value else phrase.text or phrase.form.partition(" {}")[0]
            made[place] = phrase._replace(text=text)
    return row if made is None else row._replace(phrases=tuple(made))
