"""The sample of the zoo holds every kind of thing that the zoo holds, as the parser reads it, and is a sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

from archdsl import library
from archdsl.diagnostics.model import Diagnostics
from archdsl.ops import registry
from archdsl.syntax.parse import parse
from archdsl.syntax.read import read_source
from archdsl.syntax.tree import Name
from tests.zoo_sample import kinds, sample

WORDS = {*registry.names(), *library.words()}


def held(part: object) -> Iterator[str]:
    """The kinds of the nodes of a tree, their operators, and the words of ops and of the standard library."""
    if isinstance(part, list | tuple):
        for each in part:
            yield from held(each)
    elif is_dataclass(part):
        yield f"{type(part).__name__} {getattr(part, 'operator', '')}"
        if isinstance(part, Name) and part.id in WORDS:
            yield part.id
        for field in fields(part):
            yield from held(getattr(part, field.name))


def test_every_kind_is_in_the_sample() -> None:
    def of(path: Path) -> set[str]:
        return set(held([item.declaration for item in parse(read_source(path), Diagnostics()).items]))

    everything = set().union(*map(of, library.specs()))
    assert everything - set().union(*map(of, sample())) == set()
    assert {"conv", "lstm", "cbr"} < everything and len(everything) > 90
    assert len(sample()) < len(library.specs()) / 2


def test_names_and_numbers_of_a_spec_are_no_kinds() -> None:
    text = 'arch 1\n# a gelu\nblock relu(x; n) = x -> conv(n, 3.5) + "tanh"\nnetwork m(x: [3]) = x -> relu(N_1)\n'
    assert kinds(text) == {"block", "network", "conv", *"(),:;=[]+", "->"}
