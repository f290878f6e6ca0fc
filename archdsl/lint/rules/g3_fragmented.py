"""Finds building blocks that are made of many small convolutions and pools."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.analysis.cost import Cost
from archdsl.analysis.fragments import building_blocks, fragments_of
from archdsl.diagnostics.model import INFO
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.subject import Subject, heading

MOST = 6  # twice the 3 of a ResNet bottleneck


def check(subject: Subject) -> Iterator[Hit]:
    """Building blocks of more than six fragments; the cost counts the ops beyond a single one (Table 3's baseline)."""
    for body in building_blocks(subject.root):
        found = fragments_of(body)
        if found is None or found.fragments <= MOST:
            continue
        yield Hit(
            body,
            heading(body),
            f"{body.name} is made of {found.fragments} convolutions and pools, up to {found.parallel} side by side and "
            f"{found.series} in a row",
            "fewer, wider branches: one 1x1 convolution does the work of n equal ones if it is sqrt(n) times as wide",
            Cost(ops=found.fragments - 1),
            ("a ResNet block has 2 or 3 of them, a NASNet-A cell 13 (section 2)",),
        )


RULE = Rule(
    "g3-fragmented",
    INFO,
    "building blocks of many convolutions and pools",
    "G3: many small ops in a block keep a parallel device from being busy",
    "Ma et al. 2018 (ShuffleNet V2), arXiv:1807.11164, section 2, Table 3",
    check,
)
