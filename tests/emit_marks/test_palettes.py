"""Checks that every theme can be read: contrast, lightness in grey print, and what the colour-blind see."""

from __future__ import annotations

import itertools
import math

import pytest

from archdsl.emit.figure.scene import Style
from archdsl.emit.marks.palettes import COST_STEPS, LIGHT, PALETTES, SERIES, STYLES, colour, cost_role

Vector = tuple[float, ...]
Matrix = tuple[Vector, ...]

# Linear RGB to CIE XYZ for sRGB's primaries and white (IEC 61966-2-1).
TO_XYZ: Matrix = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
WHITE = (0.95047, 1.0, 1.08883)
# Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color vision deficiency", IEEE TVCG
# 15(6), 2009: full protanopia and deuteranopia, on linear RGB.
SIGHT: dict[str, Matrix] = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}


def linear(value: str) -> Vector:
    channels = [int(value[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)


def times(matrix: Matrix, vector: Vector) -> Vector:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def lab(rgb: Vector) -> Vector:
    """CIE L*a*b* of linear RGB (CIE 15)."""
    x, y, z = (
        t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116
        for t in (v / w for v, w in zip(times(TO_XYZ, rgb), WHITE, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen(value: str, sight: str) -> Vector:
    return lab(tuple(min(1.0, max(0.0, c)) for c in times(SIGHT[sight], linear(value))))


def contrast(one: str, two: str) -> float:
    """WCAG 2.1's ratio of relative luminances."""
    low, high = sorted(times(TO_XYZ, linear(value))[1] for value in (one, two))
    return (high + 0.05) / (low + 0.05)


def test_the_measures_are_right() -> None:
    """Against published values: black on white is 21; the L*a*b* of sRGB red; what is grey stays so to all eyes."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21, abs=1e-4)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert lab(linear("#ff0000")) == pytest.approx((53.24, 80.09, 67.20), abs=0.02)
    for sight in SIGHT:
        assert seen("#808080", sight) == pytest.approx((53.59, 0, 0), abs=0.02)


def test_themes_have_the_same_roles_and_every_style_has_colours() -> None:
    for palette in PALETTES.values():
        assert palette.keys() == LIGHT.keys()
        assert all(len(value) == 7 and value[0] == "#" and int(value[1:], 16) >= 0 for value in palette.values())
    styles = {style.name.lower() for style in Style}
    assert styles == {*STYLES, "choice", "port"}
    assert {f"{style}.{part}" for style in styles for part in ("fill", "border")} <= LIGHT.keys()


@pytest.mark.parametrize("theme", PALETTES)
def test_text_can_be_read_on_every_fill(theme: str) -> None:
    palette = PALETTES[theme]
    grounds = ["sheet", "frame.fill", *(role for role in palette if role.endswith(".fill"))]
    pairs = [(ink, ground) for ink in ("ink", "soft") for ground in grounds]
    pairs += [(f"cost.{step}.ink", f"cost.{step}") for step in range(COST_STEPS)]
    assert {pair for pair in pairs if contrast(palette[pair[0]], palette[pair[1]]) < 4.5} == set()
    lines = [
        "wire",
        "cost.border",
        *(f"{style}.border" for style in (*STYLES, "choice", "added", "removed", "changed")),
    ]
    assert {line for line in lines if contrast(palette[line], palette["frame.fill"]) < 3} == set()  # 1.4.11


@pytest.mark.parametrize("theme", PALETTES)
def test_fills_stay_apart_in_grey_print_and_for_the_colour_blind(theme: str) -> None:
    fills = {PALETTES[theme][f"{style}.fill"] for style in STYLES}
    assert len(fills) == (5 if theme == "print" else len(STYLES))
    for one, two in itertools.combinations(fills, 2):
        grey = abs(lab(linear(one))[0] - lab(linear(two))[0])
        assert grey >= (9 if theme == "print" else 4.5), (one, two)
        for sight in SIGHT:
            assert math.dist(seen(one, sight), seen(two, sight)) >= 6.5, (one, two, sight)


@pytest.mark.parametrize("theme", PALETTES)
def test_series_differ_in_lightness_and_from_what_lies_behind_them(theme: str) -> None:
    palette = PALETTES[theme]
    series = [lab(linear(palette[f"series.{i}"]))[0] for i in range(SERIES)]
    assert min(abs(a - b) for a, b in itertools.combinations(series, 2)) >= 5.5
    for sight in SIGHT:
        behind = seen(palette["sheet"], sight)
        assert all(math.dist(seen(palette[f"series.{i}"], sight), behind) >= 10 for i in range(SERIES))
    assert contrast(palette["series.0"], palette["area"]) >= 4.5  # curves have this colour


@pytest.mark.parametrize("theme", PALETTES)
def test_costs_go_one_way_in_lightness(theme: str) -> None:
    for sight in SIGHT:
        steps = [seen(PALETTES[theme][f"cost.{step}"], sight)[0] for step in range(COST_STEPS)]
        differences = [b - a for a, b in itertools.pairwise(steps)]
        assert all(d * differences[0] > 0 and abs(d) > 2.5 for d in differences), (sight, steps)


def test_a_share_has_its_step() -> None:
    assert [cost_role(share) for share in (-1, 0, 0.05, 0.1, 0.55, 0.999, 1, 7)] == [
        "cost.0", "cost.0", "cost.0", "cost.1", "cost.5", "cost.9", "cost.9", "cost.9"
    ]  # fmt: skip
    assert all(f"{cost_role(i / 100)}.ink" in LIGHT for i in range(101))
    assert colour(LIGHT, "#123456") == "#123456"
    assert colour(LIGHT, "ink") == LIGHT["ink"]
