"""Gives the roles of colours their values: light, dark, and print, which is black, white and greys.

A style of boxes, "convolution", has the roles "convolution.fill" and "convolution.border"; "choice" is one besides,
whose borders are dashed. The fills of a theme stand
in even steps of lightness, so that they stay apart in grey print and for the colour-blind, and both "ink" and "soft"
can be read on all of them (WCAG 2.1, 1.4.3: contrast of at least 4.5). Paper keeps no more than five greys apart, so in
print some styles are one grey, and the legend lists them together. Shares of a cost have the roles "cost.0" (least)
to "cost.9", each with its ink, "cost.0.ink", and a common border, "cost.border". The series of a plot have the roles
"series.0" to "series.7", whose lightness differs from each other's; "grid" and "area" lie behind them. What differs
between two networks has the roles of a style called "added", "removed" or "changed".
"""

from __future__ import annotations

from collections.abc import Mapping

Palette = Mapping[str, str]  # "#rrggbb" by role

STYLES = ("block", "norm", "reshape", "embedding", "merge", "convolution", "pool", "linear", "attention")
COST_STEPS, SERIES = 10, 8


def colour(palette: Palette, role: str) -> str:
    """The value of a role, as "#rrggbb"; a colour that is a value already stays."""
    return role if role.startswith("#") else palette[role]


def cost_role(share: float) -> str:
    """The role of the fill for a share, from 0 to 1; the ink on it is that role with ".ink" behind it."""
    return f"cost.{min(COST_STEPS - 1, max(0, int(share * COST_STEPS)))}"


def _palette(
    plain: Mapping[str, str], fills: str, borders: str, costs: str, inks: tuple[str, str, int], series: str
) -> Palette:
    """`inks` are the ink of the first costs, that of the others, and how many are the first."""
    palette = dict(plain)
    for style, fill, border in zip(STYLES, fills.split(), borders.split(), strict=True):
        palette |= {f"{style}.fill": fill, f"{style}.border": border}
    for step, fill in enumerate(costs.split()):
        palette |= {f"cost.{step}": fill, f"cost.{step}.ink": inks[0] if step < inks[2] else inks[1]}
    return palette | {f"series.{i}": fill for i, fill in enumerate(series.split())}


LIGHT = _palette(
    {
        "sheet": "#ffffff",
        "ink": "#1b1f24",
        "soft": "#2b3136",
        "wire": "#4b535c",
        "frame": "#b6bdc5",
        "frame.fill": "#f8f9fa",
        "port.fill": "#f8f9fa",
        "port.border": "#f8f9fa",
        "choice.fill": "#e4f4f1",
        "choice.border": "#2f7a73",
        "cost.border": "#5f5347",
        "grid": "#e0e3e6",
        "added.fill": "#a8e0d1",
        "added.border": "#00695c",
        "removed.fill": "#f6c3b5",
        "removed.border": "#a63a1d",
        "changed.fill": "#ffe08a",
        "changed.border": "#7a5600",
        "area": "#d4e1ee",
    },
    "#ffffff #fef2c0 #e2e4e8 #e6cff2 #a6d5b1 #90c3eb #e6a17d #a89dd6 #c982a8",
    "#1b1f24 #867d46 #6f7276 #8c7399 #497a56 #2b6e96 #93532c #554d8a #854468",
    "#faf3e0 #f1dfb7 #ecca93 #e8b377 #e59a60 #e07f4e #da6647 #c54b3f #a73739 #852731",
    ("#1b1f24", "#ffffff", 7),
    "#053758 #0f83a8 #e58e4d #7b3e75 #6e9a4f #a24b4c #f3d892 #bbbbbb",
)
DARK = _palette(
    {
        "sheet": "#0d1014",
        "ink": "#f6f8fa",
        "soft": "#eceff3",
        "wire": "#aab3bd",
        "frame": "#4a525b",
        "frame.fill": "#14181d",
        "port.fill": "#14181d",
        "port.border": "#14181d",
        "choice.fill": "#10292a",
        "choice.border": "#66b7ae",
        "cost.border": "#b9a894",
        "grid": "#313539",
        "added.fill": "#0f4a3f",
        "added.border": "#5fd0b5",
        "removed.fill": "#5c2218",
        "removed.border": "#f09a80",
        "changed.fill": "#5a4600",
        "changed.border": "#e8c24a",
        "area": "#283b4a",
    },
    "#15191b #786c36 #18232e #432d4f #315f3f #216691 #511909 #3f3970 #6d3a57",
    "#dfe4ea #c4b479 #6c7177 #9679a6 #73a47f #72acdb #b76a54 #8e83c2 #c486a7",
    "#2f2020 #492725 #632e27 #7d3826 #94471f #a65b15 #ba7a20 #c7993c #d4b868 #e5d498",
    ("#f6f8fa", "#14181d", 6),
    "#daeaff #01b3e5 #bb6a2b #ffbcf6 #709d52 #fea3a0 #7f6b2b #5c5c5c",
)
PRINT = _palette(
    {
        "sheet": "#ffffff",
        "ink": "#000000",
        "soft": "#262626",
        "wire": "#333333",
        "frame": "#999999",
        "frame.fill": "#ffffff",
        "port.fill": "#ffffff",
        "port.border": "#ffffff",
        "choice.fill": "#ffffff",
        "choice.border": "#000000",
        "cost.border": "#333333",
        "grid": "#d4d4d4",
        "added.fill": "#ffffff",
        "added.border": "#000000",
        "removed.fill": "#cccccc",
        "removed.border": "#000000",
        "changed.fill": "#e8e8e8",
        "changed.border": "#000000",
        "area": "#dddddd",
    },
    "#ffffff #e5e5e5 #e5e5e5 #b2b2b2 #cbcbcb #999999 #b2b2b2 #999999 #999999",
    "#000000 #6f6f6f #6f6f6f #444444 #5a5a5a #2b2b2b #444444 #2b2b2b #2b2b2b",
    "#f3f3f3 #e1e1e1 #cfcfcf #bdbdbd #ababab #989898 #898989 #737373 #5e5e5e #494949",
    ("#000000", "#ffffff", 7),
    "#353535 #797979 #a3a3a3 #555555 #8e8e8e #666666 #dadada #bbbbbb",
)
PALETTES: Mapping[str, Palette] = {"light": LIGHT, "dark": DARK, "print": PRINT}
