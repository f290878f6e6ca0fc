"""Widths that do not suit a figure: what a message says of them holds, and what it gives as help does help."""

from __future__ import annotations

import re
from typing import Any

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.emit.figure import compose
from archdsl.emit.figure.look import look, paper
from archdsl.emit.figure.measure import text_width
from archdsl.emit.figure.placed import wrap
from archdsl.emit.figure.sheets import drawing
from archdsl.network import Network
from tests.emit_figure.geometry import smallest_print


def told(network: Network, other: Network | None, code: str, options: dict[str, Any]) -> Diagnostic | None:
    """What is said of a figure under a code, be it drawn or refused."""
    try:
        found = list(network.figure("pdf", other, **options)[1])
    except ArchError as error:
        found = error.diagnostics
    return next((item for item in found if item.code == code), None)


@pytest.mark.parametrize(
    ("names", "options", "helps"),
    [
        (["nasnetalarge"], {"block": "normal", "cells": True, "width": "3.5in"}, {"width", "cells"}),
        (["nasnetalarge"], {"block": "normal", "cells": True, "width": "5cm"}, {"width", "cells"}),
        (["resnet18"], {"width": "24mm"}, {"width"}),
        (["nasnetalarge", "resnet18"], {"cells": True, "width": "280pt"}, {"width"}),
        (["res2next50"], {"depth": 1, "width": "a4"}, {"width"}),
        (["darts_v2_cifar", "darts_v1_cifar"], {"cells": True, "width": "4in"}, {"width"}),
    ],
)
def test_what_is_given_as_help_helps(names: list[str], options: dict[str, Any], helps: set[str]) -> None:
    network, *others = map(archdsl.load, names)
    other = others[0] if others else None
    found = told(network, other, "page-too-narrow", options)
    assert found is not None
    width = re.search(r"([\d.]+(?:in|cm|mm|pt)) would hold it", found.help)
    flags = {flag.replace("-", "_") for flag in re.findall(r"without --([a-z-]+) it has room", found.help)}
    assert helps == flags | ({"width"} if width else set())
    for flag in flags:
        assert told(network, other, "page-too-narrow", {**options, flag: False}) is None
    if width:
        assert width[1][-2:] == options["width"][-2:].replace("a4", "in")  # in the unit that was asked in
        assert told(network, other, "page-too-narrow", {**options, "width": width[1]}) is None


@pytest.mark.parametrize("width", ["14cm", "30cm", "slide", "400mm", "84cm", "3000pt", "60in"])
@pytest.mark.parametrize("name", ["alexnet", "resnet50"])
def test_that_a_poster_is_not_filled_is_told(name: str, width: str) -> None:
    picture, said = archdsl.load(name).figure("svg", width=width)
    got, asked = float(re.findall(rb'width="([\d.]+)pt"', picture)[0]), paper(width).width
    [found] = [item for item in said if item.code == "page-too-wide"] or [None]
    assert (found is not None) == (asked > 960 and got < 0.9 * asked)
    if found is not None:
        assert f"is {paper(width).said(got)} wide, not {width}" in found.message
        scale = re.search(r"print it at (\d+) %", found.help)
        assert scale and abs(int(scale[1]) * got / 100 - asked) < 0.01 * asked


@pytest.mark.parametrize("most", [44, 64, 96])
def test_a_line_never_ends_between_an_argument_and_its_value(most: float) -> None:
    text = "stride = 2 · out = 1024 · kernel = (3, 3) · 64 × 56 × 56"
    lines = wrap(text, lambda part: text_width(part, 8.0) <= most)
    assert len(lines) > 1 and not any(line.endswith(("=", "×")) or line.startswith(("=", "×")) for line in lines)


@pytest.mark.parametrize("name", ["alexnet", "efficientnet_b0", "nasnetalarge"])
def test_more_width_is_never_worse(name: str) -> None:
    """Of two widths, half an inch apart, the larger one has no more pages, and no smaller print on as many."""
    network, before = archdsl.load(name), None
    for half_inches in range(11, 17):
        asked, odd = look(width=f"{half_inches / 2}in"), Diagnostics()
        made = drawing(compose(network.graph, asked, odd), asked, odd)
        assert max(leaf.width for leaf in made.leaves) <= 36 * half_inches + 0.01
        assert max(leaf.height for leaf in made.leaves) <= paper("5.5in").height + 0.01
        now = len(made.leaves), -round(smallest_print(made), 3)
        assert before is None or now <= before, half_inches
        before = now
