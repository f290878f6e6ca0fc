"""Rewrites the `graph`, `modules`, `keys` and `messages` blocks of the pages to what is true now; read the diff."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.language.examples import read_page
from tests.language.run_example import actual, mismatches
from tests.language.test_docs import PAGES


def rewrite(page: Path) -> None:
    """Rewrite one page. Numbers are left alone: they are claims that somebody worked out."""
    lines = page.read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder:
        for example in reversed(read_page(page)[0]):
            reported = mismatches(example, Path(folder))[1]
            for check in reversed(example.checks):
                if check.kind != "numbers":
                    text = actual(example, check, Path(folder), reported).rstrip().splitlines()
                    start = check.line - 1
                    lines[start : start + check.text.count("\n")] = text
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for page in PAGES:
        rewrite(page)
