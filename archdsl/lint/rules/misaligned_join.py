"""Finds joins of paths whose windows do not lie over each other."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.analysis.receptive_field import misaligned
from archdsl.diagnostics.model import INFO
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    """Nodes where paths from one tensor meet with unequal strides or centres; each body is looked at once.

    Blocks that crop are left out: they shift on purpose. So are vectors: their elements are features, not places.
    """
    for body in subject.bodies:
        if body in subject.cropping:
            continue
        seen: set[tuple[int, int]] = set()
        for found in misaligned(body):
            x = body.inputs[body.input_names.index(found.input)]
            if x.rank == 1 and x.dtype != "int":
                continue
            span = found.span or body.span
            if (span.start, span.end) in seen:
                continue  # the other axis
            seen.add((span.start, span.end))
            centres = [path.windows.centre_low for path in found.paths]
            strides = {path.windows.stride for path in found.paths}
            what = (
                f"{float(max(centres) - min(centres)):g} positions of {found.input} apart"
                if len(strides) == 1
                else f"strides of {' and '.join(f'{float(s):g}' for s in sorted(strides))} positions of {found.input}"
            )
            yield Hit(
                body,
                span,
                f"{found.word} joins windows that do not lie over each other: {what}",
                "the same stride, and odd windows or equal padding, on both paths",
                notes=(found.reason,),
            )


RULE = Rule(
    "misaligned-join",
    INFO,
    "sums and concats of paths whose windows have other centres or strides",
    "elements that are added or concatenated then describe different places of the input",
    "Araujo et al. 2019, Computing receptive fields of convolutional neural networks, section on alignment",
    check,
)
