"""Some specs of the zoo for tests that sweep over it: `make test` sweeps over these, `make test-all` over all.

The zoo grows, and what differs between most of its specs is numbers. Among the sample every word is used that any spec
uses (ops, words of the standard library, words and signs of the language, annotations), so every kind of thing that a
spec holds is swept each time; test_zoo_sample.py proves it on the syntax trees. What each spec has to hold by itself
(it checks clean, its numbers are what the paper prints) is no sweep: `make test` holds all specs to that.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from archdsl import library
from archdsl.ops import registry

_TOKEN = re.compile(r'"[^"\n]*"|#[^\n]*|@?[A-Za-z_]\w*|\d[\w.]*|\*\*|->|//|[<>=!]=|[^\s\w]')
_DEFINED = re.compile(r"^(?:block|fn|cell|network) (\w+)", re.MULTILINE)
_WORDS = {
    *("network", "block", "fn", "cell", "import", "as", "return", "shared", "scan", "for", "in", "if", "else"),
    *("and", "or", "not", "true", "false", "oneof"),
}


def kinds(text: str) -> set[str]:
    """The words and signs of a spec whose meaning is not its own."""
    known = (_WORDS | {*registry.names(), *library.words()}) - set(_DEFINED.findall(text))
    tokens = set(_TOKEN.findall(text))
    return {token for token in tokens if token in known or not (token[0].isalnum() or token[0] in '_"#')}


@cache
def sample() -> tuple[Path, ...]:
    """Specs that use all kinds: again and again the one with most that are not yet used, the shortest of several."""
    texts = {path: path.read_text(encoding="utf-8") for path in library.specs()}
    found = {path: kinds(text) for path, text in texts.items()}
    missing, chosen = set().union(*found.values()), []
    while missing:
        chosen.append(max(found, key=lambda path: (len(found[path] & missing), -len(texts[path]))))
        missing -= found[chosen[-1]]
    return tuple(sorted(chosen))


def swept() -> list[ParameterSet]:
    """All specs as parameters of a test; those that are not of the sample are slow."""
    marks = {path: () if path in sample() else (pytest.mark.slow,) for path in library.specs()}
    return [pytest.param(path, marks=marks[path], id=path.stem) for path in marks]
