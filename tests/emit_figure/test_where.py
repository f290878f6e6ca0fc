"""What figures say of places is all of them, or how many they are and in what: read back and compared."""

from __future__ import annotations

import random
import re

import pytest

import archdsl
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.verify import verify
from archdsl.emit.figure.where import is_summary, where

LAST = re.compile(r"\d+")


def listed(text: str) -> list[str]:
    """The paths of `a, b.1 to b.3`."""
    found = []
    for part in text.split(", "):
        first, joint, last = part.partition(" to ")
        found.append(first)
        while joint and found[-1] != last:
            found.append(following(found[-1], last))
    return found


def following(path: str, last: str) -> str:
    """The path behind this one on the way to the last one."""
    old, new = path.split("."), last.split(".")
    (place,) = [i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
    numbers = list(LAST.finditer(old[place])) if LAST.sub("", old[place]) == LAST.sub("", new[place]) else []
    if numbers:
        number = next(n for n, m in zip(numbers, LAST.finditer(new[place]), strict=True) if n[0] != m[0])
        old[place] = f"{old[place][: number.start()]}{int(number[0]) + 1}{old[place][number.end() :]}"
    else:
        old[place] += "_1"
    return ".".join(old)


def random_paths(rng: random.Random) -> list[str]:
    """Paths as networks have them: stages, their blocks, parts of these."""
    if rng.random() < 0.1:  # nothing in common
        return [f"{name * 3}{rng.randint(0, 9)}" for name in rng.sample(("stem", "left", "right", "up", "down"), 5)]
    found = [
        f"{stage}.{block}{part}"
        for stage in rng.sample(("layer1", "layer2", "layer3", "stem", "encoder.deep"), rng.randint(1, 3))
        for block in rng.choice((range(4), ("unit", "unit_1", "unit_2", "unit_3"), ("left", "right")))
        for part in rng.choice((("",), (".conv", ".conv_1"), (".attend.very_long_name",)))
    ]
    return rng.sample(found, rng.randint(1, len(found))) if rng.random() < 0.3 else found


def test_places_are_all_that_there_are() -> None:
    rng = random.Random(3)
    forms = [0, 0, 0]
    for _ in range(600):
        paths = random_paths(rng)
        text = where(paths, len(paths))
        head, _, tail = text.partition(" in ")
        if " places" not in text:
            forms[0] += 1
            assert is_summary(text) == bool(tail)
            assert listed(head) == [path.removeprefix(f"{tail}." if tail else "") for path in paths]
        elif tail:
            forms[1] += 1
            assert is_summary(text)
            inside = listed(tail)
            assert head == f"{len(paths)} places"
            assert all(any(f"{path}.".startswith(f"{stage}.") for stage in inside) for path in paths), (paths, text)
            assert all(any(f"{path}.".startswith(f"{stage}.") for path in paths) for stage in inside), (paths, text)
        else:
            forms[2] += 1
            assert is_summary(text)
            assert text == f"{len(paths)} places, the first {paths[0]}"
        assert len(text) <= 48 or len(paths) == 1 or head.endswith(f"first {paths[0]}")
    assert min(forms) > 10, forms


def test_of_more_places_than_are_kept_the_first_is_named() -> None:
    assert where(["a.0", "a.1"], 1300) == "1,300 places, the first a.0"


def test_a_module_that_two_bodies_use_is_one_place() -> None:
    text = (
        "block unit(x; k) {\n    if k == 1 { return x -> conv(8, 3) -> relu -> conv(8, 3) }\n"
        "    return x + (x -> conv(8, 3) -> conv(8, 3))\n}\n"
        "block odd(x) = [x -> conv(8) -> unit(1), x -> unit(2)] -> add\n"
        "network net(x: [8, 16, 16]) {\n    shared f = odd\n"
        "    return x -> f -> max_pool(2) -> f -> unit(1) -> tanh -> unit(2)\n}"
    )
    found = scene(archdsl.loads(text).graph)
    assert verify(found).differences == ()
    assert not any(
        "places" in cell for panel in found.panels if panel.table for row in panel.table.rows for cell in row
    )
    assert where(["f.unit", "f.unit"], 2) == "f.unit" and where(["f.unit", "f.unit", "unit"], 3) == "f.unit, unit"


@pytest.mark.parametrize(
    ("name", "block"), [("mobilenet_v2_050", "inverted_residual"), ("amoebanet_b_6_512", "normal_b")]
)
def test_a_variant_that_stands_at_many_places_is_what_is_otherwise(name: str, block: str) -> None:
    titles = [panel.title for panel in scene(archdsl.load(name).graph).panels]
    remarks = [remark for title in titles if title.name == block for remark in title.remarks]
    assert "otherwise" in remarks and not any(remark.startswith("at ") and is_summary(remark) for remark in remarks)
