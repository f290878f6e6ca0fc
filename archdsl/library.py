"""Finds the specs that come with archdsl, and the file that defines a network of a given name."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

PLACES = (
    Path(__file__).parent / "specs",  # as the wheel carries them
    Path(__file__).parent.parent / "specs",  # in the repository
)
_NETWORK = re.compile(r"^network\s+([A-Za-z_][A-Za-z0-9_]*)\s*[=(]", re.MULTILINE)


def folder() -> Path:
    """Where the specs are: inside the installed package, or at the top of the repository."""
    return next((place for place in PLACES if place.is_dir()), PLACES[0])


def specs() -> list[Path]:
    """All spec files, by name."""
    return sorted(folder().glob("*.arch"))


def find(name: str) -> Path | None:
    """The spec that defines network `name`; None when no spec does."""
    return _networks().get(name)


@cache
def _networks() -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in specs():
        for match in _NETWORK.finditer(path.read_text(encoding="utf-8")):
            found.setdefault(match[1], path)
    return found
