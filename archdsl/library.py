"""Finds the specs that come with archdsl: the standard library, the zoo, and the file that defines a given name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from functools import cache
from pathlib import Path

STANDARD = Path(__file__).parent / "std"
PLACES = (
    Path(__file__).parent / "specs",  # as the wheel carries them
    Path(__file__).parent.parent / "specs",  # in the repository
)
_IMPORT = re.compile(r"^import ([a-z_0-9]+)", re.MULTILINE)
_DEFINITION = re.compile(r"^(network|block|cell|fn)\s+([A-Za-z_][A-Za-z0-9_]*)\s*[=(]", re.MULTILINE)


def folder() -> Path:
    """Where the specs are: inside the installed package, or at the top of the repository."""
    return next((place for place in PLACES if place.is_dir()), PLACES[0])


def specs() -> list[Path]:
    """All spec files, by name."""
    return sorted(folder().glob("*.arch"))


def find(name: str) -> Path | None:
    """The spec that defines network `name`; None when no spec does."""
    return next((path for kind, path in _definitions().get(name, ()) if kind == "network"), None)


def networks() -> dict[str, Path]:
    """The networks of the zoo, and the spec that defines each."""
    found = {name: find(name) for name in _definitions()}
    return {name: path for name, path in found.items() if path is not None}


def words() -> list[str]:
    """What the standard library defines."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(STANDARD.glob("*.arch"))]
    return [name for text in texts for _, name in _DEFINITION.findall(text)]


def definers(name: str) -> list[str]:
    """The specs of the zoo that define `name`, as `import` names them; first those from which others import most."""
    return sorted((path.stem for _, path in _definitions().get(name, ())), key=lambda stem: -_imports()[stem])


def defined() -> Collection[str]:
    """All names that specs of the zoo define."""
    return _definitions().keys()


def is_bundled(file: str, root: str) -> bool:
    """Whether `file` came with archdsl, for a reader of `root`: a spec of the zoo has the others beside it."""
    zoo = str(folder())
    return file.startswith(str(STANDARD)) or (file.startswith(zoo) and not root.startswith(zoo))


@cache
def _imports() -> Counter[str]:
    return Counter(stem for path in specs() for stem in _IMPORT.findall(path.read_text(encoding="utf-8")))


@cache
def _definitions() -> dict[str, list[tuple[str, Path]]]:
    found: dict[str, list[tuple[str, Path]]] = {}
    for path in specs():
        for kind, name in _DEFINITION.findall(path.read_text(encoding="utf-8")):
            found.setdefault(name, []).append((kind, path))
    return found
