"""Writes what a network's input size changes as text: working sizes, formulas, losses, numbers at sizes."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Iterator, Sequence
from itertools import chain

from archdsl.analysis.mixing import remark
from archdsl.analysis.sizes.answer import MapSize, Sizes, SizeVariant
from archdsl.analysis.sizes.forms import LARGEST
from archdsl.analysis.sizes.formulas import NO_FORMULA, form_text
from archdsl.analysis.sizes.loss import Loss
from archdsl.analysis.sizes.regions import Region
from archdsl.analysis.sizes.sets import SizeSet
from archdsl.emit.cells import cut, cut_left
from archdsl.emit.html import preformatted
from archdsl.emit.memory_table import place
from archdsl.emit.size_words import ranges, set_text, wrapped
from archdsl.source import Span

MOST_NEAR = 512  # sizes on either side of the declared one that are looked at
MOST_MAPS = 12
MOST_BOXES = 6


@dataclasses.dataclass(frozen=True)
class PrintedSizes(Sizes):
    """Sizes whose text is what `archdsl sizes` prints, but for the module of PyTorch; `home` is the spec's file."""

    home: str = ""

    @classmethod
    def of(cls, found: Sizes, home: str) -> PrintedSizes:
        """The same, with a text."""
        return cls(**{each.name: getattr(found, each.name) for each in dataclasses.fields(found)}, home=home)

    def __str__(self) -> str:
        return text(self, usual(self, None), None, self.home).rstrip("\n")

    def __repr__(self) -> str:
        return f"<Sizes of {self.name}: {' x '.join(axis.name for axis in self.axes) or 'none varies'}>"

    def _repr_html_(self) -> str:
        return preformatted(str(self))


def text(sizes: Sizes, at: Sequence[tuple[int, ...]], axis: int | None, home: str, follows_size: bool = False) -> str:
    """At most 80 columns. `at` are the sizes to tabulate; `axis` leaves only what one axis decides.

    `follows_size`: a module that is made at the declared size is not for the others.
    """
    native = " x ".join(str(size) for size in sizes.native)
    title = f"{sizes.name}: input sizes (declared: {native} as {', '.join(_axis_words(sizes))})"
    lines = [*textwrap.wrap(title, 80, break_long_words=False), ""]
    if sizes.problem:
        assert sizes.tried is not None
        tried = f"each size from {sizes.tried[0]} to {sizes.tried[1]} was elaborated instead"
        lines += wrapped(f"no formulas: {sizes.problem}; {tried}", "")
        lines += [*_tried_lines(sizes, axis), *_module_lines(follows_size)]
    else:
        lines += _working_lines(sizes, axis, home)
        lines += _module_lines(follows_size)
        lines += ["", *_map_lines(sizes, axis, home), *_loss_lines(sizes, axis, home)]
        lines += _weights_lines(sizes)
    lines += ["", *_field_lines(sizes, axis), *_near_lines(sizes, axis)]
    return "\n".join([*lines, "", *_at_lines(sizes, at, home)]) + "\n"


def _axis_words(sizes: Sizes) -> list[str]:
    return [f"{axis.name} {axis.letter}" for axis in sizes.axes]


def _shown_axes(sizes: Sizes, axis: int | None) -> list[int]:
    return [i for i in range(len(sizes.axes)) if axis in (None, i)]


# --- which sizes work ------------------------------------------------------------------------------------------


def _working_lines(sizes: Sizes, axis: int | None, home: str) -> Iterator[str]:
    assert sizes.works is not None
    if sizes.works.separate:
        parts = sizes.works.boxes[0]
        yield from _per_axis("works", sizes, list(parts), axis)
    else:
        yield from wrapped("the axes depend on each other: one line per group", "works")
        for box in sizes.works.boxes[:MOST_BOXES]:
            described = (set_text(part, x.letter) for part, x in zip(box, sizes.axes, strict=True))
            yield from wrapped(" and ".join(described), "")
        if len(sizes.works.boxes) > MOST_BOXES:
            yield from wrapped(f"… {len(sizes.works.boxes) - MOST_BOXES} more groups", "")
        yield from wrapped(f"{_equal(sizes)}: {set_text(sizes.alike, 's')}", "")
    reasons: dict[str, dict[str, None]] = {}
    for refusal in sizes.refusals:
        reasons.setdefault(refusal.problem.code, {})[line_of(refusal.problem.span, home)] = None
    for code, places in reasons.items():
        yield from wrapped(f"else {code}: {', '.join(places)}", "")
    for mixed, region in sizes.mixed:
        yield from wrapped(f"{remark(mixed)}: {_region_text(sizes, region)}", "caution")


def _module_lines(follows_size: bool) -> Iterator[str]:
    if follows_size:
        yield from wrapped("made for one size: for each other size compile the spec again, with --input", "PyTorch")


def _region_text(sizes: Sizes, region: Region) -> str:
    """Where something holds, as sets of sizes; in short where it takes many."""
    if region.separate and len(set(region.boxes[0])) == 1:
        return f"{' and '.join(x.letter for x in sizes.axes)}, separately: {set_text(region.boxes[0][0], 's')}"
    boxes = [
        " and ".join(set_text(part, x.letter) for part, x in zip(box, sizes.axes, strict=True)) for box in region.boxes
    ]
    return "; or ".join(boxes[:MOST_BOXES]) + (
        f"; or {len(boxes) - MOST_BOXES} more" if len(boxes) > MOST_BOXES else ""
    )


def _tried_lines(sizes: Sizes, axis: int | None) -> Iterator[str]:
    assert sizes.tried is not None
    yield from wrapped(
        f"of those tried, {sizes.tried[0]} to {sizes.tried[1]} (the table and --at try others):", "works"
    )
    if len(sizes.axes) > 1 and axis is None:
        yield from wrapped(f"{_equal(sizes)}: {set_text(sizes.alike, 's')}", "")
    for i in _shown_axes(sizes, axis):
        others = ", ".join(f"{x.letter} = {x.native}" for j, x in enumerate(sizes.axes) if j != i)
        described = set_text(sizes.alone[i], sizes.axes[i].letter)
        yield from wrapped(described + (f" (with {others})" if others else ""), "")


def _equal(sizes: Sizes) -> str:
    return " = ".join(axis.letter for axis in sizes.axes if axis.input == sizes.axes[0].input) + " = s"


def _per_axis(title: str, sizes: Sizes, parts: list[SizeSet], axis: int | None) -> Iterator[str]:
    """One line for axes that are alike."""
    shown = _shown_axes(sizes, axis)
    if len(shown) > 1 and len({parts[i] for i in shown}) == 1:
        letters = " and ".join(sizes.axes[i].letter for i in shown)
        yield from wrapped(f"{letters}, separately: {set_text(parts[shown[0]], 's')}", title)
        return
    for i in shown:
        yield from wrapped(set_text(parts[i], sizes.axes[i].letter), title if i == shown[0] else "")


def line_of(span: Span | None, home: str) -> str:
    """ "line 24", or "std.arch:11" in another file than `home`."""
    shown = cut_left(place(span, home), 60)
    return f"line {shown}" if shown.isdecimal() else shown


# --- formulas --------------------------------------------------------------------------------------------------


def _map_lines(sizes: Sizes, axis: int | None, home: str) -> Iterator[str]:
    """The sizes of the maps on the way; one axis where both read alike."""
    rows = list(_map_rows(sizes, sizes.variant, axis))
    alike = axis is None and len(sizes.axes) == 2 and all(row[2] for row in rows)
    names = " x ".join(x.name for x in sizes.axes if x.input == sizes.axes[0].input)
    title = f"{sizes.axes[0].letter}, and {sizes.axes[1].letter} alike" if alike else names
    if rows:
        yield f"{'size of the maps':<28}{title if axis is None else sizes.axes[axis].letter}"
    for m, shape, half in rows[:MOST_MAPS]:
        name, where = f"  {cut_left(m.path or m.word, 25):<26}", f"{m.word}, {line_of(m.span, home)}"
        size = f"{name}{half if alike else shape:<20}"
        if len(size) > 59:
            yield from wrapped(f"{shape} {cut_left(where, 50)}", name[:-2].rstrip().ljust(26))
        else:
            yield f"{size} {cut_left(where, 79 - len(size))}"
    if len(rows) > MOST_MAPS:
        yield f"  … {len(rows) - MOST_MAPS} more; all with --json"


def _map_rows(sizes: Sizes, variant: SizeVariant, axis: int | None) -> Iterator[tuple[MapSize, str, str]]:
    """Each map with its spatial sizes, and with the first of them if the second reads the same in its letter."""
    for m in variant.maps:
        texts = [form_text(n, sizes.axes, variant.region) or NO_FORMULA for n in m.shape if set(n) - {()}]
        texts = [f"({t})" if " " in t and len(texts) > 1 else t for t in texts]
        if axis is not None:
            texts = [t for t in texts if sizes.axes[axis].letter in t]
        if not texts:
            continue
        same = len(texts) == 2 and len(sizes.axes) == 2
        same = same and texts[0] == texts[1].replace(sizes.axes[1].letter, sizes.axes[0].letter)
        yield m, " x ".join(texts), _bare(texts[0]) if same else ""


def _bare(text: str) -> str:
    return text[1:-1] if text.startswith("(") else text


def _loss_lines(sizes: Sizes, axis: int | None, home: str) -> Iterator[str]:
    shown = list(_loss_rows(sizes, axis))
    if not shown:
        yield from wrapped("nothing is cut off at any size", "pixels lost")
        return
    yield "pixels lost (rows at the end of an op's operand that no window reads)"
    for loss, described in shown[:MOST_MAPS]:
        most = loss.most()
        amount = "1 row" if most == 1 else f"up to {most} rows" if most else "rows"
        yield from wrapped(
            f"{amount} where {described}", f"  {cut_left(loss.path or loss.word, 25)}, {line_of(loss.span, home)}"
        )
    if len(shown) > MOST_MAPS:
        yield f"  … {len(shown) - MOST_MAPS} more; all with --json"


def _loss_rows(sizes: Sizes, axis: int | None) -> Iterator[tuple[Loss, str]]:
    """Each loss with the sizes at which it happens; one line for height and width where they are alike."""
    seen = set()
    for loss in sizes.variant.losses:
        if loss.axis is None:
            yield loss, "the size is any" if loss.most() else "height and width ask for it"
            continue
        found = loss.sizes(loss.axis)
        key = (loss.span, loss.word, found)
        works = sizes.alone[loss.axis]
        if axis not in (None, loss.axis) or key in seen or (found is not None and not found & works):
            continue
        seen.add(key)
        letter = sizes.axes[loss.axis].letter
        yield loss, "--at tells so" if found is None else set_text(found & works, letter, works)


def _weights_lines(sizes: Sizes) -> Iterator[str]:
    """Whether weights trained at the declared size fit at others."""
    weights, works = sizes.variant.weights, sizes.works
    assert works is not None
    everywhere = Region(tuple(chain.from_iterable(v.weights.boxes for v in sizes.variants if v.weights is not None)))
    if weights is None:
        yield from wrapped("whether they fit at other sizes cannot be told by formula; see the table", "weights")
    elif not works - everywhere:
        yield from wrapped("the same at every size that works", "weights")
    elif everywhere.separate:
        yield from _per_axis("weights", sizes, list(everywhere.boxes[0]), None)
        yield from wrapped("at other sizes they have other shapes: those trained here do not fit", "")
    else:
        axes = tuple(i for i, x in enumerate(sizes.axes) if x.input == sizes.axes[0].input)
        squares = everywhere.equal(axes, sizes.native)
        yield from wrapped(f"fit where {_equal(sizes)}: {set_text(squares, 's')}", "weights")
        yield from wrapped("(and some where the axes differ); else they have other shapes", "")


def _field_lines(sizes: Sizes, axis: int | None) -> Iterator[str]:
    for number, fields in enumerate(sizes.fields):
        which = f"output {number + 1}" if len(sizes.fields) > 1 else "output"
        shape = sizes.variants[0].outputs[number] if sizes.variants else ()
        if any(set(n) - {()} for n in shape):
            formulas = (form_text(n, sizes.axes, sizes.variants[0].region) or NO_FORMULA for n in shape)
            yield from wrapped(f"[{', '.join(formulas)}]", which)
            which = ""
        shown = [f for f in fields if axis is None or f.name == sizes.axes[axis].name]
        alike = len({(str(f), f.stride, f.pad_begin) for f in shown}) == 1
        for f in shown[:1] if alike else shown:
            name = "" if alike else f" {f.name}"
            yield from wrapped(f"receptive field{name}: {f}", which)
            which = ""
            if f.stride is not None:
                yield from wrapped(f"stride {f.stride}, the first field begins at {-(f.pad_begin or 0)}", "")


def _near_lines(sizes: Sizes, axis: int | None) -> Iterator[str]:
    """The sizes around the declared one that work and cut nothing off."""
    i = axis or 0
    native = sizes.native[i]
    least, most = max(native * 6 // 7, native - MOST_NEAR, 1), min(-(-native * 8 // 7), native + MOST_NEAR, LARGEST)
    if sizes.tried is not None:
        least, most = max(least, sizes.tried[0]), min(most, sizes.tried[1])
    if least > most:
        return
    good = []
    for size in range(least, most + 1):
        found = sizes.at(*point_of(sizes, (size,), axis))
        if found.works and not any(axis is None or lost.side == sizes.axes[i].name for lost in found.lost):
            good.append(size)
    known = _lossless(sizes, axis)
    described = "all" if len(good) == most - least + 1 else ranges(good) or "none"
    if known is not None and len(good) > MOST_MAPS and described != "all":
        described = set_text(known, "s" if axis is None else sizes.axes[i].letter)
    yield from wrapped(f"of {least} to {most}: {described}", "nothing lost")


def _lossless(sizes: Sizes, axis: int | None) -> SizeSet | None:
    """The sizes (all axes alike, or one) at which nothing is cut off, as a set."""
    if sizes.problem:
        return None
    good = sizes.alike if axis is None else sizes.alone[axis]
    for loss in sizes.variant.losses:
        found = loss.sizes(0 if loss.axis is None else loss.axis)
        if found is None:
            return None
        if axis is None or loss.axis in (None, axis):
            good -= found
    return good


def point_of(sizes: Sizes, given: tuple[int, ...], axis: int | None) -> tuple[int, ...]:
    """One size per axis from `given`: one for all axes of the first input, or for `axis` alone, or one per axis."""
    if axis is not None and len(given) == 1:
        return (*sizes.native[:axis], given[0], *sizes.native[axis + 1 :])
    if len(given) == 1:
        first = sizes.axes[0].input
        return tuple(given[0] if x.input == first else x.native for x in sizes.axes)
    return given


def usual(sizes: Sizes, axis: int | None) -> list[tuple[int, ...]]:
    """The points from half to twice the declared size, along all axes or one."""
    native = sizes.native[axis or 0]
    return [point_of(sizes, (max(native * quarters // 4, 1),), axis) for quarters in (2, 3, 4, 5, 6, 8)]


# --- numbers at sizes ------------------------------------------------------------------------------------------


def at_text(sizes: Sizes, at: Sequence[tuple[int, ...]], home: str) -> str:
    """The table of numbers alone, then what is cut off at each of the first sizes."""
    return "\n".join([*_at_lines(sizes, at, home), *_lost_lines(sizes, at[:MOST_MAPS], home)]) + "\n"


def _at_lines(sizes: Sizes, at: Sequence[tuple[int, ...]], home: str) -> Iterator[str]:
    found = [sizes.at(*point) for point in at]
    rows: list[tuple[str, ...]] = [("input", "output", "macs", "params", "activations", "cut off")]
    for here in found:
        name = "x".join(map(str, here.sizes)) if len(set(here.sizes)) > 1 else str(here.sizes[0])
        output = ", ".join("x".join(map(str, shape)) for shape in here.outputs)
        if here.problem is not None:
            rows.append((name, f"does not work: {line_of(here.problem.span, home)}"))
            continue
        numbers = (f"{number:,}" for number in (here.macs, here.params, here.activations))
        mark = ("" if here.same_weights else " *") + (" +" if here.mixed else "")
        rows.append((name, cut_left(output, 12), *numbers, (_counted(len(here.lost))) + mark))
    whole = [row for row in rows if len(row) == len(rows[0])]
    widths = [max(len(row[0]) for row in rows), *(max(len(row[column]) for row in whole) for column in range(1, 5))]
    for row in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(row[:-1], widths, strict=False)]
        yield cut(f"{'  '.join(cells)}  {row[-1]}", 80)
    if any(here.works and not here.same_weights for here in found):
        yield "* other weight shapes than at the declared size"
    for text in dict.fromkeys(remark(mixed) for here in found for mixed in here.mixed):
        yield from textwrap.wrap(f"+ {text}", 80)


def _counted(ops: int) -> str:
    return "none" if not ops else "1 op" if ops == 1 else f"{ops} ops"


def _lost_lines(sizes: Sizes, at: Sequence[tuple[int, ...]], home: str) -> Iterator[str]:
    """What is cut off at each size, op by op."""
    for here in (sizes.at(*point) for point in at):
        name = "x".join(map(str, here.sizes)) if len(set(here.sizes)) > 1 else str(here.sizes[0])
        places: dict[tuple[str, str], list[str]] = {}
        for lost in here.lost:
            last = "column" if lost.side == "width" else "row" if lost.side == "height" else f"position of {lost.side}"
            what = f"the last {last}" if lost.rows == 1 else f"the last {lost.rows} {last}s"
            places.setdefault((lost.path or lost.word, line_of(lost.span, home)), []).append(what)
        for (path, where), parts in places.items():
            yield from wrapped(f"{path}, {where}, ignores {' and '.join(parts)}", f"at {name}")
