"""Small specs beside the files that they become: what a reader gets to see, one feature each.

`ARCHDSL_UPDATE=1 pytest tests/emit/test_golden.py` writes the files anew; read the difference before committing it.
"""

from __future__ import annotations

import os
import traceback
from pathlib import Path

import pytest
import torch

import archdsl
from archdsl.emit.pytorch import build, source
from tests.emit.check import check_function, check_style

FOLDER = Path(__file__).parent / "golden"
SPECS = sorted(FOLDER.glob("*.arch"))


def emitted(path: Path) -> str:
    return source(archdsl.load(path).graph, origin=path.name, digest="0123456789ab")


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_text(path: Path) -> None:
    golden = path.with_suffix(".py.txt")
    text = emitted(path)
    if os.environ.get("ARCHDSL_UPDATE"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_function(path: Path) -> None:
    check_function(archdsl.load(path).graph)


def test_style(tmp_path: Path) -> None:
    check_style(tmp_path, [emitted(path) for path in SPECS])


def test_equal_text_every_time() -> None:
    for path in SPECS:
        assert emitted(path) == emitted(path)


def test_traceback_shows_the_emitted_line() -> None:
    module = build(archdsl.load(FOLDER / "residual.arch").graph)
    with pytest.raises(RuntimeError) as error:
        module(torch.zeros(1, 5, 16, 16))
    assert "x = F.relu(self.bn1(self.conv1(x)))" in "".join(traceback.format_exception(error.value))
