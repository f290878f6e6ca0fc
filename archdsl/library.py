"""Finds the specs that come with archdsl: the standard library, the zoo, the spaces, and the file of a given name."""

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
    """All spec files of the zoo, by name."""
    return sorted(folder().glob("*.arch"))


def space_specs() -> list[Path]:
    """The spec files of spaces that papers search, by name."""
    return sorted((folder() / "spaces").glob("*.arch"))


def find(name: str) -> Path | None:
    """The spec that defines network `name`; None when no spec does."""
    return _networks().get(name) or _spaces().get(name)


def networks() -> dict[str, Path]:
    """The networks of the zoo, and the spec that defines each."""
    return dict(_networks())


def spaces() -> dict[str, Path]:
    """The spaces of papers, and what was found in them, with the spec that defines each."""
    return dict(_spaces())


def named() -> dict[str, Path]:
    """All networks that a name leads to, and the spec that defines each."""
    return _spaces() | _networks()


def places(file: str | Path) -> list[Path]:
    """Where a file may be that a spec imports: in the standard library, in the zoo, among the spaces."""
    return [STANDARD / file, folder() / file, folder() / "spaces" / file]


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
    return _defined_in(specs())


@cache
def _networks() -> dict[str, Path]:
    return _only_networks(_definitions())


@cache
def _spaces() -> dict[str, Path]:
    return _only_networks(_defined_in(space_specs()))


def _defined_in(paths: list[Path]) -> dict[str, list[tuple[str, Path]]]:
    found: dict[str, list[tuple[str, Path]]] = {}
    for path in paths:
        for kind, name in _DEFINITION.findall(path.read_text(encoding="utf-8")):
            found.setdefault(name, []).append((kind, path))
    return found


def _only_networks(defined: dict[str, list[tuple[str, Path]]]) -> dict[str, Path]:
    found = [(name, [path for kind, path in places if kind == "network"]) for name, places in defined.items()]
    return {name: paths[0] for name, paths in found if paths}
