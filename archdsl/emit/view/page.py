"""Turns a network into one HTML file that needs nothing else: data, style and script are inside, nothing is loaded."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import zlib
from functools import cache
from pathlib import Path

from archdsl.analysis.cost import cost
from archdsl.diagnostics.display import brief
from archdsl.emit.figure import short
from archdsl.emit.figure.scene import Style
from archdsl.emit.marks.font import text_width
from archdsl.emit.marks.palettes import COST_STEPS, DARK, LIGHT, Palette
from archdsl.emit.titles import titles
from archdsl.emit.view.data import page_data
from archdsl.emit.view.pair import pair_data
from archdsl.ir.graph import Graph

_FOLDER = Path(__file__).parent
COLORS = ("kind", "params", "macs", "memory")
# In this order: what a file uses when it is loaded stands ahead of it.
SCRIPTS = ("layered", "data", "fold", "parts", "nest", "paint", "find", "stage", "panels", "main")
_START = 'unpacked("data").then((json) => { globalThis.page = new Page(json); });'
_SAMPLE = "3×3 conv, 64 bottleneck 256 × 56 × 56"


def page(graph: Graph, other: Graph | None = None, start: str = "") -> str:
    """The page of `graph`, with an `other` network beside it and what differs marked; equal input gives equal text.

    `start` is what the page shows where its address says nothing, as its address says it.
    """
    name, totals, data = _told(graph, other)
    return _written(name, totals, data, _script(SCRIPTS, _START), "", start)


def start_of(color: str | None, theme: str | None) -> str:
    """The address of a page that begins with these.

    Raises:
        ValueError: there is no such color or theme.
    """
    if color not in (None, *COLORS):
        raise ValueError(f"a page has no color {brief(color)}: choose one of {', '.join(COLORS)}")
    if theme not in (None, "light", "dark"):
        raise ValueError(f"a page has no theme {brief(theme)}: choose light or dark")
    return "&".join(f"{name}={value}" for name, value in (("colour", color), ("theme", theme)) if value)


def live_page(*graphs: Graph) -> tuple[str, str]:
    """The page of one network or two as it is served while the spec is worked on, and a word that tells it from others.

    It asks for news, and has room for what is wrong; without a graph that is all there is.
    """
    name, totals, data = _told(*graphs) if graphs else ("waiting for a spec that can be drawn", "", "")
    digest = hashlib.sha256(data.encode()).hexdigest()[:16]
    script = _script((*SCRIPTS, "live"), _START) if graphs else _script(("live",), "")
    live = f'<section id="problems" role="alert" hidden></section><script type="text/plain" id="live">{digest}</script>'
    return _written(name, totals, data, script, live), digest


def _told(graph: Graph, other: Graph | None = None) -> tuple[str, str, str]:
    """Name, totals and data of a page of one network or two."""
    if other is None:
        return graph.name, _totals(graph), packed(page_data(graph))
    return " → ".join(titles(graph, other)), _both_totals(graph, other), packed(pair_data(graph, other))


def _totals(graph: Graph) -> str:
    found = cost(graph)
    return f"{short(found.params)} parameters, {short(found.macs)} multiply-accumulates"


def _both_totals(old: Graph, new: Graph) -> str:
    a, b = cost(old), cost(new)
    params, macs = (f"{short(before)} → {short(after)}" for before, after in ((a.params, b.params), (a.macs, b.macs)))
    return f"{params} parameters, {macs} multiply-accumulates"


def _written(name: str, totals: str, data: str, script: tuple[str, str], live: str, start: str = "") -> str:
    style, connect = _style(), "connect-src 'self'; " if live else ""
    runner = _file("unpack.js")
    policy = (
        f"default-src 'none'; script-src 'sha256-{_digest(runner)}' 'sha256-{script[1]}'; "
        f"style-src 'sha256-{_digest(style)}'; {connect}base-uri 'none'; form-action 'none'"
    )
    parts = {
        "policy": policy,
        "title": html.escape(f"{name} · archdsl"),
        "name": html.escape(name),
        "totals": html.escape(totals),
        "style": style,
        "tip": _tip(),
        "sample": json.dumps({"text": _SAMPLE, "width": text_width(_SAMPLE, 100), "start": start}),
        "data": data,
        "live": live,
        "code": script[0],
        "runner": runner,
    }
    return _filled(_file("page.html"), parts)


def framed(text: str) -> str:
    """The page within another page, as of a notebook; it can do nothing there but be looked at and be saved."""
    return (
        f'<iframe srcdoc="{html.escape(text)}" sandbox="allow-scripts allow-downloads allow-modals" title="network" '
        'width="100%" height="600" style="border: 1px solid #8888; border-radius: 6px"></iframe>'
    )


# Of 85 signs for 4 bytes in 5, those that mean something in HTML are written otherwise.
_SIGNS = str.maketrans("<>&", ",.:")
_BYTES = str.maketrans(",.:", "<>&")


def packed(data: object) -> str:
    """JSON, deflated (a fifth of its size) and in base 85: no text in it can end the element that it stands in."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return base64.b85encode(zlib.compress(text.encode(), 9)).decode().translate(_SIGNS)


def unpacked(text: str) -> object:
    """The data of `packed`."""
    return json.loads(zlib.decompress(base64.b85decode(text.translate(_BYTES))))


def _filled(template: str, parts: dict[str, str]) -> str:
    """The template with `{{name}}` replaced, once: what is put in is not read again."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)


@cache
def _file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


@cache
def _script(names: tuple[str, ...], start: str) -> tuple[str, str]:
    """The JavaScript of these files in a scope of its own, packed, and its hash."""
    text = "\n".join(['(() => {\n"use strict";', *(_file(f"{name}.js") for name in names), start, "})();"])
    return packed(text), _digest(text)


@cache
def _style() -> str:
    """The style sheet, with the colours of the figures' palettes as variables and a class for each kind of box."""
    kinds = [(f"k{number}", style.name.lower()) for number, style in enumerate(Style)]
    rules = [_rule(kind, f"var(--{role}-fill)", f"var(--{role}-border)", "var(--ink)") for kind, role in kinds]
    for step in range(COST_STEPS):
        rules.append(_rule(f"m{step}", f"var(--cost-{step})", "var(--cost-border)", f"var(--cost-{step}-ink)"))
    rules.append(_rule("d0", "var(--frame-fill)", "var(--frame)", "var(--soft)"))
    for number, change in enumerate(("added", "removed", "changed"), start=1):
        rules.append(_rule(f"d{number}", f"var(--{change}-fill)", f"var(--{change}-border)", "var(--ink)"))
        rules.append(f".b{number} > circle {{ fill: var(--{change}-border); }}")
    sheet = _filled(_file("style.css"), {"classes": "\n".join(rules)})
    themes = {":root": LIGHT, ':root[data-theme="dark"]': DARK}
    text = "\n".join([*(f"{theme} {{ {_variables(palette, sheet)} }}" for theme, palette in themes.items()), sheet])
    text = re.sub(r"\s+", " ", text)  # what only its readers need
    return re.sub(r" ?([{};,>]) ?|(:) ", lambda found: found[1] or found[2], text).replace(";}", "}")


def _rule(kind: str, fill: str, border: str, ink: str) -> str:
    """What the style sheet fills, draws and writes boxes of a class with."""
    return f".{kind} {{ --f: {fill}; --s: {border}; --i: {ink}; }}"


def _variables(palette: Palette, sheet: str) -> str:
    """The colours that a style sheet uses."""
    named = {f"--{role.replace('.', '-')}": value for role, value in palette.items()}
    return " ".join(f"{name}: {value};" for name, value in named.items() if f"var({name})" in sheet)


def _tip() -> str:
    """The arrow head, as the script says it too."""
    found = re.search(r"const TIP = '(.*)';", _file("paint.js"))
    assert found is not None
    return found[1]


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
