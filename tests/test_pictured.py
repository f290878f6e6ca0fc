"""What `draw`, `plot` and `view` give: bytes and text that a notebook shows, and that pickle."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.emit.figure.look import OPTIONS
from archdsl.emit.registry import PICTURES, names
from archdsl.pictured import PageText, Picture

NETWORK = archdsl.loads("network n(x: [3, 8, 8]) = x -> conv(4, 3) -> relu")


@pytest.mark.parametrize("format", ["svg", "png", "pdf", "tikz", "dot"])
def test_a_picture_is_bytes_that_are_shown(format: str) -> None:
    picture = NETWORK.draw(format=format)
    assert isinstance(picture, bytes) and picture == bytes(picture) and picture.format == format
    shown = {"svg": picture._repr_svg_(), "png": picture._repr_png_(), "pdf": picture._repr_pdf_()}
    assert {name for name, found in shown.items() if found is not None} == {format} & {*shown}
    assert repr(picture) == str(picture) == f"<Picture: {format}, {len(picture):,} bytes>"
    again = pickle.loads(pickle.dumps(picture))
    assert isinstance(again, Picture) and again == picture and again.format == format


def test_plots_and_pictures_of_two_are_shown_too() -> None:
    for picture in (NETWORK.plot(what="cost"), NETWORK.draw(other=NETWORK)):
        assert picture._repr_svg_() == picture.decode()


def test_plots_below_each_other_and_dots_of_what_has_none_are_told() -> None:
    with pytest.warns(UserWarning, match="2 pages, which stand below each other in one svg"):
        NETWORK.plot(width="slide")
    with pytest.warns(UserWarning, match="dpi says nothing to svg"):
        NETWORK.plot(what="cost", dpi=300)
    sizes = [int.from_bytes(NETWORK.plot(what="cost", format="png", dpi=dpi)[16:20]) for dpi in (72, 144)]
    assert sizes[1] == 2 * sizes[0]


@pytest.mark.parametrize("make", ["draw", "plot"])
def test_a_picture_is_not_named_as_something_else(tmp_path: Path, make: str) -> None:
    for ending, format in (("svg", "png"), ("html", "svg"), ("py", "pdf"), ("tex", "pdf")):
        with pytest.raises(archdsl.ArchError, match="ending says something else"):
            getattr(NETWORK, make)(tmp_path / f"net.{ending}", format=format)
    for ending, format in (("tex", "tikz"), ("txt", "svg"), ("", "png")):
        getattr(NETWORK, make)(tmp_path / f"net.{ending}", format=format)
    assert len([*tmp_path.iterdir()]) == 3


def test_a_page_is_text_that_is_shown_in_a_frame() -> None:
    page = NETWORK.view()
    assert isinstance(page, str) and page.startswith("<!doctype html>") and "iframe" in page._repr_html_()
    assert NETWORK._repr_html_() == page._repr_html_()
    assert isinstance(pickle.loads(pickle.dumps(page)), PageText) and len(repr(page)) < 60


def test_an_option_that_is_none_is_refused_with_the_nearest() -> None:
    with pytest.raises(TypeError, match="draw takes no option form; did you mean format"):
        NETWORK.draw(form="svg")
    with pytest.raises(TypeError, match="draw takes no option colour; did you mean color"):
        NETWORK.draw(colour="macs", verify=True)
    with pytest.raises(TypeError, match="draw takes no option zzz; there are width, block"):
        NETWORK.draw(zzz=1)


TEXT = (
    "block f(x; c = 4) = x -> conv(c, 3) -> bn -> relu -> conv(c)\ncell g(x) = x -> f(4) -> max_pool(2)\n"
    "network n(x: [3, 16, 16]) = x -> g -> g -> flatten -> linear(9)\n"
)
NESTED = archdsl.loads(TEXT)
ASKED = {"width": "3.5in", "block": "g", "inline": "f", "depth": 1, "cells": True, "color": "macs", "theme": "dark"}
ASKED |= {"left_to_right": True, "dpi": 300, "bare": True}


@pytest.mark.parametrize("format", names(PICTURES))
@pytest.mark.parametrize("option", OPTIONS)
def test_what_says_nothing_to_a_format_is_told_and_nothing_else(
    format: str, option: str, recwarn: pytest.WarningsRecorder
) -> None:
    changed = NESTED.draw(format=format, **{option: ASKED[option]}) != NESTED.draw(format=format)
    told = [str(warning.message) for warning in recwarn.list if "says nothing" in str(warning.message)]
    assert told == ([] if changed else [f"{option} says nothing to {format}"])
    words = [f"--{option.replace('_', '-')}", *([] if ASKED[option] is True else [str(ASKED[option])])]
    done = CliRunner().invoke(main, ["draw", "-", "-o", "-", "--format", format, *words], input=TEXT)
    assert done.exit_code == 0 and ("says nothing" in done.stderr) == (not changed)
    assert changed or f"{words[0]} says nothing to {format}\n" in done.stderr


def test_that_cells_from_below_do_not_lead_to_the_right_is_told(recwarn: pytest.WarningsRecorder) -> None:
    NESTED.draw(cells=True, left_to_right=True)
    NESTED.draw(cells=False, left_to_right=True)
    NESTED.draw(format="dot", cells=True, left_to_right=True)
    told = [str(warning.message) for warning in recwarn.list if "says nothing" in str(warning.message)]
    assert told == ["left_to_right says nothing to cells, which cells draws from below", "cells says nothing to dot"]
    done = CliRunner().invoke(main, ["draw", "-", "-o", "-", "--cells", "--left-to-right"], input=TEXT)
    assert "--left-to-right says nothing to cells, which --cells draws from below\n" in done.stderr
