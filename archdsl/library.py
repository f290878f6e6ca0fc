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


def wants_values(name: str) -> set[str]:
    """The parameters of a network of the zoo that have no value, so that it cannot be made as it is."""
    return {parameter for parameter, has_value in _parameters(name).items() if not has_value}


def _parameters(name: str) -> dict[str, bool]:
    """The parameters of a network of the zoo, and whether each has a value."""
    text = path.read_text(encoding="utf-8") if (path := find(name)) is not None else ""
    found = re.search(rf"^network\s+{name}\s*(?:=\s*(\w+)\s*)?\(", text, re.MULTILINE)
    if found is None:
        return {}
    inside = _signature(text, found.end())
    parts = [part.partition("=") for part in (inside if found[1] else inside.partition(";")[2]).split(",")]
    given = [(key.strip(), bool(equals)) for key, equals, _ in parts if key.strip()]
    if not found[1]:
        return dict(given)
    base = _parameters(found[1])
    by_place = [parameter for parameter, (_, named) in zip(base, given, strict=False) if not named]
    return base | dict.fromkeys([*by_place, *(key for key, named in given if named)], True)


def _signature(text: str, start: int) -> str:
    """What stands from `start` to the bracket that closes, without comments and what is in brackets."""
    depth, found = 1, ""
    for char in re.sub("#.*", "", text[start:]):
        depth += (char in "([{") - (char in ")]}")
        if not depth:
            break
        found += char * (depth == 1)
    return found


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
