"""Holds what one tensor sees of an axis of another, by all paths together; composes it, joins it, reads it off ops."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from archdsl.analysis import intervals
from archdsl.analysis.intervals import MOST_PHASES, Intervals, TooManyPhasesError
from archdsl.ops.base import IDENTITY, All, ChannelsSeen, Kind, Op, Phases, Reach, Types, Undefined, Unseen, Window
from archdsl.remembered import remembered

Rational = int | Fraction  # whole numbers are kept as int, because they are common and fast


class Bundle(NamedTuple):
    """The windows of all paths with one effective stride, in input elements.

    `seen` are the hulls over the paths, position by position. The doubled centre of each path lies from `low` to
    `high`: first + last element of output 0, on average over the phases; equal means that all agree. `least` and `most`
    are the sizes of the smallest and the largest window of a single path, None where they differ by position.
    """

    stride: Rational
    seen: Intervals
    low: Rational
    high: Rational
    least: int | None
    most: int | None


class View(NamedTuple):
    """What one tensor sees of one axis of one input of its body, by all paths together.

    A path is *direct* if it crosses windows only, *whole* if it first crosses an op that sees the whole axis, else
    undefined: it first crosses an op that has no windows, for the reason `undefined`. `crossed` is the smallest number
    of global ops on a path. `bundles`, sorted by stride, are the windows of the paths that cross so few, each up to its
    first global op; none where a path is undefined.

    All channels count together. `channels` says whether each sees as much as all: ALIKE, or LIKE_INPUT (if the channels
    of the input do), or APART. `picks` says that some channels of the input may be left out: if those differ, an output
    may see less than this.
    """

    direct: bool
    whole: bool
    undefined: str
    crossed: int
    bundles: tuple[Bundle, ...]
    channels: int
    picks: bool

    @property
    def aligned(self) -> bool:
        """Whether all windows have one stride and one centre."""
        return len(self.bundles) < 2 and all(bundle.low == bundle.high for bundle in self.bundles)

    @property
    def sees_nothing(self) -> bool:
        """Whether no position sees anything: of an enlarged tensor it reads what nothing was put into."""
        ends = (end for bundle in self.bundles for end in bundle.seen.first)
        return self.bundles != () and not self.crossed and not self.whole and all(end is None for end in ends)

    def bounded(self) -> View:
        """The same, its windows known as bounds only."""
        return self._replace(bundles=tuple([b._replace(seen=b.seen.bounded()) for b in self.bundles]))


ALIKE, LIKE_INPUT, APART = range(3)
HERE = View(True, False, "", 0, (Bundle(1, intervals.HERE, 0, 0, 1, 1),), LIKE_INPUT, False)
WHOLE = View(False, True, "", 1, HERE.bundles, ALIKE, False)
_NORMED = View(True, True, "", 0, HERE.bundles, LIKE_INPUT, False)

# What a tensor sees of each axis of each input of its body; None where there is no path.
Views = tuple[tuple[View | None, ...], ...]


def undefined(reason: str) -> View:
    """The view along which no window lies, and why."""
    return View(False, False, reason, 0, (), ALIKE, False)


def then(before: View, after: View) -> View:
    """What is seen through `after` by a tensor that sees a tensor that sees `before`."""
    if after is HERE:
        return before
    if before is HERE:
        return after
    if before.sees_nothing or after.sees_nothing:  # nor does what sees all of it
        return before if before.sees_nothing else after
    reasons = (before.undefined, after.undefined if before.direct else "")
    undefined = min(filter(None, reasons), default="")
    bundles: tuple[Bundle, ...] = ()
    if not undefined:
        try:
            bundles = _bundles(before, after)
        except TooManyPhasesError:
            undefined = _TOO_MANY
    return View(
        before.direct and after.direct,
        before.whole or (before.direct and after.whole),
        undefined,
        before.crossed + after.crossed,
        bundles,
        before.channels if after.channels == LIKE_INPUT else after.channels,
        before.picks or (after.picks and before.channels != ALIKE),
    )


_TOO_MANY = f"its windows take more than {MOST_PHASES} forms"


def _bundles(before: View, after: View) -> tuple[Bundle, ...]:
    if before.crossed or after.bundles is HERE.bundles:
        bundles = before.bundles
    else:
        bundles = _merged([_composed(p, q) for p in before.bundles for q in after.bundles])
    if after.picks and before.channels == APART and not before.crossed:
        return tuple([b._replace(seen=b.seen.bounded()) for b in bundles])
    return bundles


def beside(a: View, b: View) -> View:
    """What is seen by the paths of either."""
    if a is b or b.sees_nothing:
        return a
    if a.sees_nothing:
        return b
    undefined = min(filter(None, (a.undefined, b.undefined)), default="")
    bundles: tuple[Bundle, ...] = ()
    if a.crossed != b.crossed and not undefined:
        bundles = a.bundles if a.crossed < b.crossed else b.bundles
    elif not undefined:
        try:
            bundles = _merged([*a.bundles, *b.bundles])
        except TooManyPhasesError:
            undefined = _TOO_MANY
    return View(
        a.direct or b.direct,
        a.whole or b.whole,
        undefined,
        min(a.crossed, b.crossed),
        bundles,
        max(a.channels, b.channels),
        a.picks or b.picks,
    )


def _composed(p: Bundle, q: Bundle) -> Bundle:
    s = p.stride
    whole = type(s) is int
    return Bundle(
        _plain(s * q.stride),
        intervals.composed(p.seen, q.seen),
        _plain(p.low + s * q.low),
        _plain(p.high + s * q.high),
        None if not whole or p.least is None or q.least is None else p.least + int(s) * (q.least - 1),
        None if not whole or p.most is None or q.most is None else p.most + int(s) * (q.most - 1),
    )


def _merged(bundles: list[Bundle]) -> tuple[Bundle, ...]:
    if len(bundles) == 1:
        return (bundles[0],)
    found: dict[Rational, Bundle] = {}
    for b in bundles:
        a = found.get(b.stride)
        found[b.stride] = b if a is None or a == b else Bundle(
            a.stride,
            intervals.united(a.seen, b.seen),
            min(a.low, b.low),
            max(a.high, b.high),
            None if a.least is None or b.least is None else min(a.least, b.least),
            None if a.most is None or b.most is None else max(a.most, b.most),
        )  # fmt: skip
    return tuple([found[stride] for stride in sorted(found)])


def _plain(value: Rational) -> Rational:
    return value if type(value) is int or value.denominator != 1 else value.numerator


@remembered
def edges(op: Op, inputs: Types) -> tuple[Views, ...]:
    """An op's `reach` as views: a row per output, in it an entry per operand, in it one per spatial axis of that."""
    return tuple(
        tuple(
            tuple([_view(reach, op.kind, *_CHANNELS[op.channels_seen(x, y)]) for reach in reaches])
            for reaches, x in zip(output, inputs, strict=True)
        )
        for output, y in zip(op.reach(inputs), op.results(inputs), strict=True)
    )


@remembered
def turned_edge(op: Op, inputs: Types, order: tuple[int, ...]) -> tuple[View | None, ...]:
    """The same for an op of `turns.Turn`, told along the axes as they were: `order[i]` is now at place i."""
    along: tuple[Reach, ...] = (IDENTITY, *op.reach(inputs)[0][0])  # the first axis is left alone
    at = [along[order.index(axis)] for axis in range(len(order))]
    channels = LIKE_INPUT if at[0] == IDENTITY else ALIKE
    return tuple([_view(reach, op.kind, channels, False) for reach in at[1:]])


# `channels` and `picks` of a view.
_CHANNELS = {
    ChannelsSeen.ALL: (ALIKE, False),
    ChannelsSeen.OWN: (LIKE_INPUT, False),
    ChannelsSeen.SOME: (APART, True),
    ChannelsSeen.APART: (APART, False),
}


def _view(reach: Reach, kind: Kind, channels: int, picks: bool) -> View | None:
    if isinstance(reach, Unseen):
        return None
    if reach == IDENTITY:
        view = HERE
    elif isinstance(reach, All):
        view = _NORMED if reach.through else WHOLE
    elif isinstance(reach, Undefined):
        return undefined(reach.reason)
    else:
        view = _windowed(reach, kind)
    same = channels == LIKE_INPUT and not picks
    return view if same else view._replace(channels=channels, picks=picks)


def _windowed(reach: Window | Phases, kind: Kind) -> View:
    if isinstance(reach, Window):
        # Along the axis of a concat an output sees one operand only.
        taps = range(reach.begin, reach.begin + reach.size, reach.gap)
        seen = intervals.made(reach.stride, (taps,), exact=kind is not Kind.CONCAT)
        centre: Rational = 2 * reach.begin + reach.size - 1
        sizes: tuple[int | None, int | None] = (reach.size, reach.size)
    elif reach.count > MOST_PHASES:
        return undefined(_TOO_MANY)
    else:
        seen = intervals.made(reach.advance, [reach.taps(phase) for phase in range(reach.count)], reach.exact)
        centre, sizes = _plain(seen.centre), (None, None)
    return View(True, False, "", 0, (Bundle(_plain(seen.stride), seen, centre, centre, *sizes),), LIKE_INPUT, False)
