"""The page about emit/pytorch says what is: its example is what is emitted, its table names every file."""

from __future__ import annotations

import re
from pathlib import Path

from archdsl.network import loads
from tests.emit.check import check_function

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "emit-pytorch.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The first block of code in this language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_is_what_is_emitted() -> None:
    network = loads(block("arch"))
    assert block("text") in network.source()
    check_function(network.graph)


def test_every_file_is_told_of() -> None:
    files = {path.name for path in (ROOT / "archdsl" / "emit" / "pytorch").glob("*.py")} - {"__init__.py"}
    assert files <= set(re.findall(r"`(\w+\.py)`", PAGE))
