"""Every formula that `archdsl sizes` prints, computed by Python where it is said to hold, beside elaboration."""

from __future__ import annotations

import os
import random

import pytest

import archdsl
from archdsl.analysis.sizes.formulas import form_text
from archdsl.diagnostics.model import ArchError
from tests.few import few

COUNT = int(os.environ.get("ARCHDSL_NETWORKS", few(60)))
STAGES = (
    "conv(2, 3, 2)",
    "conv(2, 5, 3, 0)",
    "max_pool(2)",
    "max_pool(3, 2, 0, ceil = true)",
    "upsample(2)",
    "upsample(1.5)",
    "pad(1)",
    "upsample(size = (max(x.height - 20, 1), x.width))",
    "upsample(size = (x.height // 3 + 2, x.width))",
    "upsample(size = (x.height - x.height // 5, min(x.width, 9)))",
)


def spec(seed: int) -> str:
    picked = random.Random(seed)
    lines = [f"    x = x -> {picked.choice(STAGES)}\n    xs = xs + [x]" for _ in range(picked.randint(1, 3))]
    result = picked.choice(("x", "[x -> conv(2) -> flatten(1) for x in xs] -> concat(axis = 1)"))
    head = ["network n(x: [2, 24, 24]) {", "    xs = [x]"]
    return "\n".join([*head, *lines, f"    return {result}", "}"])


def test_formulas_are_what_elaboration_gives() -> None:
    told = silent = 0
    for seed in range(COUNT):
        text = spec(seed)
        try:
            sizes = archdsl.loads(text).sizes()
        except ArchError:  # a window that does not fit
            continue
        if sizes.problem:
            continue
        points = [(h, w) for h in (*range(1, 12), 20, 21, 22, 30, 47, 96) for w in (h, 24, 31)]
        for point in points:
            variant = next((v for v in sizes.variants if point in v.region), None)
            try:
                shape = archdsl.loads(text, input=(2, *point)).graph.output_types[0].shape
            except ArchError:
                assert variant is None, (text, point)
                continue
            assert variant is not None
            for size, parts in zip(shape, variant.outputs[0], strict=True):
                formula = form_text(parts, sizes.axes, variant.region)
                if formula is None:
                    silent += 1
                    continue
                told += 1
                assert eval(formula, {"__builtins__": {}}, {"h": point[0], "w": point[1]}) == size, (
                    text,
                    formula,
                    point,
                )
    assert told > 4 * silent and told > 10 * COUNT


def test_three_strides_that_are_joined() -> None:
    text = """
network n(x: [3, 64]) {
    a = x -> conv(8, 3, 2)
    b = a -> conv(8, 3, 2)
    return [a, b, b -> conv(8, 3, 2)] -> concat(axis = 1)
}"""
    sizes = archdsl.loads(text).sizes()
    (parts,) = sizes.variant.outputs[0][1:]
    letter = sizes.axes[0].letter
    wanted = f"({letter} + 1) // 2 + ({letter} + 3) // 4 + ({letter} + 7) // 8"
    assert form_text(parts, sizes.axes, sizes.variant.region) == wanted


@pytest.mark.parametrize(
    ("stage", "formulas"),
    [
        ("upsample(1.75)", ["2 * h - (h + 3) // 4"]),
        ("upsample(size = (x.height - x.height // 5, x.width))", ["h - h // 5"]),
        ("upsample(size = (max(x.height - 20, 1), x.width))", ["h - 20", "1"]),
        ("upsample(1.25) -> upsample(1.25)", [None]),
    ],
)
def test_sums_of_floors(stage: str, formulas: list[str | None]) -> None:
    sizes = archdsl.loads(f"network n(x: [3, 64, 64]) = x -> {stage}").sizes()
    assert [form_text(v.outputs[0][1], sizes.axes, v.region) for v in sizes.variants] == formulas
