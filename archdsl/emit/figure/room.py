"""Says where a page does not suit a figure: print is small, pages are several or far wider, or fonts lack letters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from archdsl.diagnostics.model import INFO, WARNING, ArchError, Diagnostic, Diagnostics
from archdsl.emit.figure.frames import Framer
from archdsl.emit.figure.look import Look, Paper
from archdsl.emit.figure.page import COMFORTABLE, Arrangement
from archdsl.emit.figure.scene import SMALL, Scene
from archdsl.emit.marks.font import font, printable
from archdsl.emit.marks.model import Drawing, GroupMark, Mark, TextMark

_OTHERWISE = "without --width it has its natural size; --block draws other blocks alone"
_LEAST_PRINT = 3.5  # points; smaller print is none
_AT_HAND = 960.0  # points: pages of papers and slides, on which a figure may well be narrower than its page
_FILLED = 0.98  # share of a page's width that a figure has which fills it


def is_small(page: Arrangement, paper: Paper) -> bool:
    """Whether print is smaller than it should be."""
    return SMALL * page.scale < paper.least - 0.001


def what_helps(look: Look, fits: Callable[[Look], bool], needed: Paper | None) -> Iterator[str]:
    """What gives the figure that `look` asks for room in large print: a width, where one is known, or fewer options.

    `fits` says whether another look has room; it is asked about nothing else.
    """
    if needed is not None:
        yield f"{needed.said(needed.width)} would hold it at {needed.least:g} points or more"
    for flag, other in (("cells", replace(look, cells=False)), ("left-to-right", replace(look, left_to_right=False))):
        if other != look and fits(other):
            yield f"without --{flag} it has room as it is"
    if look.depth or look.inline:
        yield "panels with less opened in them are smaller: --depth, --inline"


def tell_print(page: Arrangement, scene: Scene, paper: Paper, diagnostics: Diagnostics, helps: Iterator[str]) -> None:
    """Says that print is smaller than it should be, which panel is to blame, and what helps.

    Raises:
        ArchError: nothing could be read (page-too-narrow).
    """
    size = SMALL * page.scale
    larger = max(page.frames, key=lambda frame: max(frame.width / page.width, frame.height / page.most))
    name = scene.panels[larger.number - 1].title.text
    help = "; ".join(helps) or _OTHERWISE
    fitting = f"at this width the smallest print is {size:.1f} points"
    if size < _LEAST_PRINT:
        message = f"the panel {name} has no room: {fitting}"
        raise ArchError([Diagnostic("page-too-narrow", message, None, help=help)])
    diagnostics.add(Diagnostic("page-too-narrow", f"the panel {name} is large: {fitting}", None, WARNING, help=help))


def refuse_hopeless(framers: Sequence[Framer], scene: Scene, paper: Paper) -> None:
    """Refuses a figure of which one layout shows that nothing could be read of it, before others are tried.

    Raises:
        ArchError: a panel has no room (page-too-narrow).
    """
    scale = _LEAST_PRINT / SMALL
    for framer in framers:
        if framer.hopeless((paper.width - 2 * paper.margin) / scale, (paper.height - 2 * paper.margin) / scale):
            name = scene.panels[framer.number - 1].title.text
            message = f"the panel {name} has no room: at this width no print would have {_LEAST_PRINT:g} points"
            raise ArchError([Diagnostic("page-too-narrow", message, None, help=_OTHERWISE)])


def tell_pages(found: Drawing, format: str, diagnostics: Diagnostics, part: str = "block") -> None:
    """Says that the pages of a figure stand below each other where a format, svg or png, has but one.

    `part` is the option that asks for less.
    """
    if len(found.leaves) > 1 and format in ("svg", "png"):
        message = f"the figure has {len(found.leaves)} pages, which stand below each other in one {format}"
        help = f"a pdf has them one by one; a larger --width, or --{part}, needs fewer"
        diagnostics.add(Diagnostic("several-pages", message, None, WARNING, help=help))


def tell_caption(told: Iterable[str], diagnostics: Diagnostics) -> None:
    """Says what a bare figure leaves out and its reader needs to know, as text for the caption below it."""
    if text := " · ".join(filter(None, told)):
        help = "the figure does not say it: a caption below it can"
        diagnostics.add(Diagnostic("for-caption", f"for the caption: {text}", None, INFO, help=help))


def tell_glyphs(found: Drawing, format: str, diagnostics: Diagnostics) -> None:
    """Says which characters of a figure are boxes where a format has no other fonts than those that are shipped."""
    if format == "svg":
        return
    texts = ((mark.text, font(mark.bold).glyphs) for leaf in found.leaves for mark in _texts(leaf.marks))
    lacking = dict.fromkeys(c for text, known in texts for c in printable(text) if c not in known)
    if lacking:
        first = next(iter(lacking))
        more = f" and {len(lacking) - 1:,} more" if len(lacking) > 1 else ""
        message = f"the fonts of a {format} lack {first} (U+{ord(first):04X}){more}: they are drawn as boxes, all alike"
        help = "an svg shows them, in the fonts of the machine that it is seen on"
        diagnostics.add(Diagnostic("not-in-fonts", message, None, WARNING, help=help))


def _texts(marks: Sequence[Mark]) -> Iterator[TextMark]:
    for mark in marks:
        if isinstance(mark, GroupMark):
            yield from _texts(mark.marks)
        elif isinstance(mark, TextMark):
            yield mark


def tell_width(found: Drawing, paper: Paper, diagnostics: Diagnostics) -> None:
    """Says that a figure is narrower than the poster that it is drawn for."""
    width = max(leaf.width for leaf in found.leaves)
    if paper.width <= _AT_HAND or width >= _FILLED * paper.width:
        return
    size = f"its smallest print is {SMALL * COMFORTABLE:g} points, and is made no larger"
    message = f"the figure is {paper.said(width)} wide, not {paper.said(paper.width)}: {size}"
    help = f"print it at {100 * paper.width / width:.0f} %: an svg or a pdf is scaled without loss"
    diagnostics.add(Diagnostic("page-too-wide", message, None, WARNING, help=help))
