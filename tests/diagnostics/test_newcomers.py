"""Holds what a newcomer reads: plausible wrong specs with their messages, in newcomers.txt beside this file.

`python -m tests.diagnostics.test_newcomers` writes the messages anew; read the diff.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.diagnostics.render import render
from archdsl.network import check_text

FILE = Path(__file__).parent / "newcomers.txt"
CASES = FILE.read_text(encoding="utf-8").split("---\n")


def told(case: str) -> str:
    """The spec of a case, and below it what is said of it: "> code: message" and "  help"."""
    spec = "".join(line for line in case.splitlines(keepends=True) if not line.startswith(("> ", "  ? ")))
    lines = []
    for d in check_text(spec, "mine.arch"):
        assert d.span is not None and d.help
        assert all(len(line) <= 80 for line in render(d).splitlines()[1:])
        lines += [f"> {d.code}: {d.message}", f"  ? {d.help}"]
    return spec + "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.split("> ")[-1].split("\n")[0][:60])
def test_the_message_is_the_one_that_was_read(case: str) -> None:
    assert "\n> " in case
    assert told(case) == case


def test_there_are_many() -> None:
    assert len(CASES) >= 60


if __name__ == "__main__":
    FILE.write_text("---\n".join(told(case) for case in CASES), encoding="utf-8")
