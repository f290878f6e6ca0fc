"""Checks that the records of this package are dataclasses in every way that the standard decorator's are."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import random
from dataclasses import field
from typing import Any, ClassVar

import pytest

from archdsl import record
from archdsl.ops.base import Op


def source(decorator: str, rng: random.Random) -> str:
    """A random record and a child of it, as text: plain and default values, factories, keywords, constants."""
    frozen, lines = rng.random() < 0.5, []
    for owner, base, names in (("A", "", "abcd"), ("B", "(A)", "efg")):
        options = ", ".join(["frozen=True"] * frozen + [o for o in ("slots=True", "eq=False") if rng.random() < 0.5])
        lines += [f"@{decorator}({options})", f"class {owner}{base}:", "    '''Doc.'''", "    K: ClassVar[int] = 3"]
        given = owner == "B"
        for name in rng.sample(names, rng.randint(0, len(names))):
            kinds = ["", " = 1", " = field(default_factory=list)", " = field(default=2, kw_only=True)"]
            kinds += [" = field(default=5, compare=False, repr=False)", " = field(kw_only=True)"]
            text = rng.choice(kinds[1:] if given else kinds)
            given |= bool(text) and "kw_only" not in text
            lines.append(f"    {name}: Any{text}")
        lines.append("    def double(self):\n        return 2 * self.K")
    return "\n".join(lines)


def made(text: str, module: Any) -> dict[str, Any]:
    """The classes of `text`, made by the decorator of a module."""
    names: dict[str, Any] = {"field": field, "Any": Any, "ClassVar": ClassVar, "dataclass": module.dataclass}
    names["__name__"] = __name__
    exec(f"from __future__ import annotations\n{text}", names)
    return names


def outcome(action: Any) -> object:
    """The result, or that there is none."""
    try:
        return action()
    except (TypeError, AttributeError):  # FrozenInstanceError is one
        return "refused"


def facts(names: dict[str, Any], rng: random.Random) -> list[object]:
    """What can be seen of the classes and their instances."""
    found: list[object] = []
    for cls in (names["A"], names["B"]):
        shown = [(f.name, f.type, f.default, f.init, f.repr, f.compare, f.kw_only) for f in dataclasses.fields(cls)]
        parameters = [(p.name, p.kind) for p in inspect.signature(cls).parameters.values()]
        found += [shown, parameters, cls.__match_args__, dataclasses.is_dataclass(cls), getattr(cls, "__slots__", None)]
        needed = [p for p in inspect.signature(cls).parameters.values() if p.default is p.empty]
        values = {p.name: rng.randint(0, 1) for p in needed}
        one, two = cls(**values), cls(**{**values, **dict.fromkeys(list(values)[:1], 9)})
        found += [repr(one), one == cls(**values), one == two, one == 1, outcome(lambda one=one: hash(one) is not None)]
        found += [dataclasses.asdict(one), repr(dataclasses.replace(one, **values)), repr(copy.copy(one)), one.double()]
        found += [repr(copy.deepcopy(one)), outcome(lambda one=one: setattr(one, "a", 7)), repr(one)]
        found += [outcome(lambda cls=cls: cls(1, 2, 3, 4, 5, 6, 7, 8, 9)), outcome(lambda cls=cls: cls(zz=1))]
        found.append(outcome(lambda one=one: delattr(one, "a")))
    return found


@pytest.mark.parametrize("seed", range(150))
def test_records_are_as_the_standard_ones(seed: int) -> None:
    text = source("dataclass", random.Random(seed))
    assert facts(made(text, record), random.Random(seed)) == facts(made(text, dataclasses), random.Random(seed)), text


@record.dataclass(frozen=True, slots=True)
class Point:
    """A record that can be pickled, for it stands at the top of a module."""

    x: int
    y: list[int] = field(default_factory=list)


def test_frozen_records_with_slots_are_pickled_and_matched() -> None:
    assert pickle.loads(pickle.dumps(Point(1, [2]))) == Point(1, [2])
    match Point(1, [2]):
        case Point(x, y):
            assert (x, y) == (1, [2])


def test_a_repr_of_itself_ends() -> None:
    point = Point(1)
    point.y.append(point)  # type: ignore[arg-type]
    assert repr(point) == "Point(x=1, y=[...])"


def test_standard_dataclasses_may_extend_records() -> None:
    """Ops of plugins are written with the standard decorator."""

    @dataclasses.dataclass(frozen=True, slots=True)
    class Mine(Op):
        """An op."""

        size: int = 3

    assert (Mine(4).size, Mine().arity, hash(Mine(4)) == hash(Mine(4)), Mine(1) == Mine(2)) == (4, (1, 1), True, False)
