"""Says which colours boxes of a scene have: by the kind of op, or by the share of the cost that they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from archdsl.emit.figure.scene import Box, Outline, Scene, Style
from archdsl.emit.figure.shares import MEANINGS, BoxPath, percentage, shares
from archdsl.emit.marks.model import Colour
from archdsl.emit.marks.palettes import cost_role

# Fill, border and ink of a box, by its path: its number in the panel's sketch, behind that of a box around it.
Fill = Callable[[BoxPath, Box], tuple[Colour, Colour, Colour]]


@dataclass(frozen=True, slots=True)
class SceneFills:
    """Per panel what colours its boxes, and what they say of their shares; `most` is the largest one."""

    each: list[Fill]
    told: list[dict[BoxPath, str]]
    most: float = 0.0
    meaning: str = ""  # of shares

    @property
    def scale(self) -> str:
        """What the colours of shares mean, in words; "" for kinds."""
        return f"{self.meaning}, 0 % to {percentage(self.most)}" if self.meaning else ""


def fills(scene: Scene, color: str) -> SceneFills:
    """The colours of a scene, as `--color` asks."""
    if color == "kind":
        return SceneFills([_by_kind] * len(scene.panels), [{}] * len(scene.panels))
    found = shares(scene, color)
    most = max((share for known in found for share in known.values()), default=0.0)
    told = [{path: percentage(share) for path, share in known.items()} for known in found]
    return SceneFills([_by_share(known, most) for known in found], told, most, MEANINGS[color])


def texts_of(box: Box, share: str) -> list[str]:
    """The lines of a box, its share below them where it has room for one: signs and bars have none."""
    told = [share] if share and box.shape not in (Outline.CIRCLE, Outline.BAR) else []
    return [*(line.text for line in box.lines), *told]


def roles(style: Style) -> tuple[str, str]:
    """Fill and border of a style."""
    return f"{style.name.lower()}.fill", f"{style.name.lower()}.border"


def _by_kind(path: BoxPath, box: Box) -> tuple[str, str, str]:
    return *roles(box.style), "ink"


def _by_share(shares: Mapping[BoxPath, float], most: float) -> Fill:
    """Colours boxes by their share, the largest one darkest; boxes that are open stay plain."""

    def fill(path: BoxPath, box: Box) -> tuple[str, str, str]:
        if path not in shares or not most or box.inside is not None:
            return *roles(Style.BLOCK if box.inside is not None else Style.PORT), "ink"
        role = cost_role(shares[path] / most)
        return role, "cost.border", f"{role}.ink"

    return fill
