"""Finds networks that pool features globally although none of them can see as much as the input is large."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.analysis.receptive_field import receptive_field
from archdsl.diagnostics.model import INFO
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.subject import Subject, heading
from archdsl.ops.base import Kind
from archdsl.ops.shape import Flatten


def check(subject: Subject) -> Iterator[Hit]:
    """Networks with a global pool in front of the output, per input axis longer than the field of what is pooled.

    Left out: networks with attention, whose features see everything, and those that flatten a map into a linear layer,
    which combines all positions.
    """
    ops = list(subject.ops())
    if not any(applied.op.kind is Kind.GLOBAL_POOL for applied in ops):
        return
    if any(applied.op.kind is Kind.MATMUL or _mixes_positions(applied.op, applied.inputs) for applied in ops):
        return
    found = receptive_field(subject.root)
    for fields in found.outputs:
        small = [
            field for field in fields if field.whole and field.at_most is not None and field.at_most < field.extent
        ]
        if small:
            sizes = ", ".join(f"{f.name} {f.size_text} of {f.extent} pixels" for f in small)
            yield Hit(
                subject.root,
                heading(subject.root),
                f"what {subject.root.name} pools globally sees only a part of the input: {sizes}",
                "a stride earlier, a larger window, or dilation, if whole objects matter and not only textures",
            )
            return


def _mixes_positions(op: object, inputs: tuple) -> bool:  # type: ignore[type-arg]
    return isinstance(op, Flatten) and inputs[0].rank > 1 and inputs[0].size > inputs[0].shape[0]


RULE = Rule(
    "small-receptive-field",
    INFO,
    "classifiers whose features see less than the input before they are averaged",
    "averaged features of small fields are a bag of local features, without the arrangement of the parts",
    "Araujo et al. 2019, Computing receptive fields of convolutional neural networks; "
    "Brendel and Bethge 2019, arXiv:1904.00760",
    check,
)
