"""What `draw`, `plot` and `view` give: bytes and text that a notebook shows, and that pickle."""

from __future__ import annotations

import pickle

import pytest

import archdsl
from archdsl.pictured import PageText, Picture

NETWORK = archdsl.loads("network n(x: [3, 8, 8]) = x -> conv(4, 3) -> relu")


@pytest.mark.parametrize("format", ["svg", "png", "pdf", "tikz", "dot"])
def test_a_picture_is_bytes_that_are_shown(format: str) -> None:
    picture = NETWORK.draw(format=format)
    assert isinstance(picture, bytes) and picture == bytes(picture) and picture.format == format
    shown = {"svg": picture._repr_svg_(), "png": picture._repr_png_(), "pdf": picture._repr_pdf_()}
    assert {name for name, found in shown.items() if found is not None} == {format} & {*shown}
    assert repr(picture) == f"<Picture: {format}, {len(picture):,} bytes>"
    again = pickle.loads(pickle.dumps(picture))
    assert isinstance(again, Picture) and again == picture and again.format == format


def test_plots_and_pictures_of_two_are_shown_too() -> None:
    for picture in (NETWORK.plot(what="cost"), NETWORK.draw(other=NETWORK)):
        assert picture._repr_svg_() == picture.decode()


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
