"""Draws a network: its figure, plots of it, and the page to walk through it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from warnings import warn

from archdsl.diagnostics.display import brief
from archdsl.diagnostics.model import Diagnostics
from archdsl.ir.graph import Graph
from archdsl.lazy import load_module
from archdsl.takes import NAME, NAMES, PATH, SWITCH, TEXT, WHOLE, ArgumentKind, no_option, takes

OTHER = ArgumentKind("a Network or None", lambda value: value is None or isinstance(value, Pictured))


class Picture(bytes):
    """A picture as the bytes of its file; a notebook shows it (svg, png, pdf).

    `str` says what it is: `decode()` gives the text of an svg, a tikz, a dot or a mermaid.
    """

    format: str

    def __new__(cls, data: bytes, format: str) -> Picture:
        """`data` in a `format`: "svg", "png", "pdf", …"""
        made = super().__new__(cls, data)
        made.format = format
        return made

    def __reduce__(self) -> tuple[type[Picture], tuple[bytes, str]]:
        return Picture, (bytes(self), self.format)

    def __repr__(self) -> str:
        return f"<Picture: {self.format}, {len(self):,} bytes>"

    __str__ = __repr__  # what `print` shows; `decode` gives the text of an svg

    def _repr_svg_(self) -> str | None:
        return self.decode() if self.format == "svg" else None

    def _repr_png_(self) -> bytes | None:
        return bytes(self) if self.format == "png" else None

    def _repr_pdf_(self) -> bytes | None:
        return bytes(self) if self.format == "pdf" else None


class PageText(str):
    """A page as the text of its file; a notebook shows it in a frame."""

    def __repr__(self) -> str:
        return f"<PageText: html, {len(self):,} characters>"

    def _repr_html_(self) -> str:
        return str(load_module("archdsl.emit.view.page").framed(str(self)))


class Pictured:
    """What can be seen of a network: its `graph`, which was read from `files`."""

    graph: Graph
    files: tuple[str, ...]

    @takes(path=PATH, format=NAME, other=OTHER, verify=SWITCH)
    def draw(
        self, path: str | Path | None = None, format: str | None = None, other: Pictured | None = None, **options: Any
    ) -> Picture:
        """The figure in a format of `archdsl/emit/pictures/` (svg), also written to `path`, whose ending decides.

        `options` are those of `archdsl draw`, in the same words: `width = "5.5in"`, `block = "bottleneck"`,
        `inline = ["stem"]`, `depth = 1`, `cells = True`, `color = "macs"`, `theme = "dark"`, `left_to_right = True`,
        `dpi = 300`, `bare = True`; docs/pictures.md shows what each does. `warnings.warn` says what is odd about the
        figure. With `verify = True` it is proved first that the figure shows all ops and operands of the network. An
        `other` network is drawn beside this one, with what was added, removed and changed from this one to it.

        Raises:
            ArchError: the format is unknown, the width too narrow, or `path` is a spec, cannot be written, or ends as
                something else does.
            KeyError: there is no block of a name that is given; the message says which name is near.
            ValueError: an option has no such value.
            TypeError: there is no such option.
        """
        ending = "svg" if path is None else load_module("archdsl.emit.endings").format_of(path)
        chosen = ending if format is None else format
        if options.pop("verify", False):
            if other is not None:
                raise ValueError("verify is about the figure of one network")
            self.figure_proof(chosen, **options)
        picture, odd = self.figure(chosen, other, **options)
        for item in odd:
            warn(item.message, stacklevel=3)  # past `takes`
        if idle := load_module("archdsl.emit.registry").unused(
            chosen, [name for name, value in options.items() if value not in (None, False)]
        ):
            warn(idle, stacklevel=3)
        if path is not None:
            _write(path, picture, chosen, (*self.files, *(other.files if other is not None else ())))
        return Picture(picture, chosen)

    @takes(path=PATH, what=NAMES, format=NAME, theme=TEXT, width=NAME, dpi=WHOLE)
    def plot(
        self,
        path: str | Path | None = None,
        what: str | Sequence[str] = (),
        format: str | None = None,
        theme: str = "light",
        width: str | None = None,
        dpi: int = 144,
    ) -> Picture:
        """Plots of "cost", "field" and "memory" along depth and of the "share" of cost, all unless `what` names some.

        As svg, pdf, png or tikz, as `format` or the ending of `path` says, where it is also written; `theme` is
        "light", "dark" or "print", `width` and `dpi` as of `draw`. Without a `width` they stand on one page;
        `warnings.warn` says where pages of a `width` stand below each other in one svg or png.

        Raises:
            KeyError: there is no such plot; the message says which name is near.
            ArchError: the format is unknown, the width too narrow, or `path` is a spec, cannot be written, or ends as
                something else does.
            ValueError: there is no such theme, width or dpi.
        """
        ending = "svg" if path is None else load_module("archdsl.emit.endings").format_of(path)
        look = load_module("archdsl.emit.figure.look").look(theme=theme, width=width, dpi=dpi)
        subjects = (what,) if isinstance(what, str) else what
        chosen, odd = ending if format is None else format, Diagnostics()
        picture: bytes = load_module("archdsl.emit.plots.page").picture(self.graph, subjects, chosen, look, odd)
        for item in odd:
            warn(item.message, stacklevel=3)  # past `takes`
        if idle := load_module("archdsl.emit.registry").unused(chosen, [] if dpi == 144 else ["dpi"]):
            warn(idle, stacklevel=3)
        if path is not None:
            _write(path, picture, chosen, self.files)
        return Picture(picture, chosen)

    @takes(format=TEXT, other=OTHER)
    def figure(self, format: str = "svg", other: Pictured | None = None, **options: Any) -> tuple[bytes, Diagnostics]:
        """What `draw` gives, and what is odd about it."""
        odd = Diagnostics()
        look = look_of(options)
        if other is None:
            drawn: bytes = load_module("archdsl.emit.figure").draw(self.graph, format, look, odd)
        else:
            drawn = load_module("archdsl.emit.figure.pairs").draw_two(self.graph, other.graph, format, look, odd)
        return drawn, odd

    @takes(format=TEXT)
    def figure_proof(self, format: str = "svg", **options: Any) -> str:
        """What the figure that `draw` gives shows of the network, found by comparing it with the IR, in a sentence.

        Its data are compared, and the svg is read back; of another `format` the sentence says that it was not.

        Raises:
            ArchError: it shows something else (figure-differs), or it cannot be drawn.
        """
        look = look_of(options)
        return str(load_module("archdsl.emit.figure").proof(self.graph, look, format))

    @takes(path=PATH, other=OTHER, color=NAME, theme=NAME)
    def view(
        self,
        path: str | Path | None = None,
        other: Pictured | None = None,
        color: str | None = None,
        theme: str | None = None,
    ) -> PageText:
        """A page to walk through the network in: one HTML file that needs nothing else, also written to `path`.

        An `other` network stands beside this one, with what was added, removed and changed from this one to it.
        `color` is what colours tell at first, "kind", "params", "macs" or "memory", and `theme` "light" or "dark".

        Raises:
            ArchError: `path` is a spec, cannot be written, or ends as something else does.
            ValueError: there is no such color or theme.
        """
        pages = load_module("archdsl.emit.view.page")
        second, start = None if other is None else other.graph, pages.start_of(color, theme)
        page: str = pages.page(self.graph, second, start)
        if path is not None:
            read = (*self.files, *(other.files if other is not None else ()))
            load_module("archdsl.emit.endings").write_as(Path(path), page, read, "html", "a page")
        return PageText(page)

    def _repr_html_(self) -> str:
        return self.view()._repr_html_()

    def _repr_svg_(self) -> str:
        return self.draw(format="svg").decode()


def _write(path: str | Path, picture: bytes, format: str, read: Sequence[str]) -> None:
    endings = load_module("archdsl.emit.endings")
    endings.write_as(Path(path), picture, read, *endings.picture_as(format))


def look_of(options: Mapping[str, Any]) -> Any:
    """How to draw, by the options of `draw`.

    Raises:
        TypeError: there is none of such a name, or it takes another kind of value.
    """
    looks = load_module("archdsl.emit.figure.look")
    for name, value in options.items():
        kind = looks.OPTIONS.get(name)
        if kind is None:
            raise no_option("draw", name, [*looks.OPTIONS, "format", "path", "other", "verify"])
        if not kind.fits(value):
            raise TypeError(f"draw takes {kind.words} as {name}, not {brief(value)}")
    return looks.look(**options)
