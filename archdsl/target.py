"""Turns what a person calls a network, FILE, FILE:NETWORK or a name of the zoo, into its file and its name there."""

from __future__ import annotations

import difflib
import os
import re

from archdsl import library
from archdsl.diagnostics.display import safe
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.lazy import load_module

_CANDIDATES = 12  # names that are near, of which those are left out that want a value
_WORD = re.compile(r"\w[\w-]{0,80}")


def split_target(target: str) -> tuple[str, str | None]:
    """`FILE`, `FILE:NETWORK`, or the name of a network of the zoo, as (file, network or None).

    A file whose own name holds a colon wins, and so does any file that exists over the zoo.

    Raises:
        ArchError: neither a file nor a network of the zoo has this name, and one of the zoo has one that is near.
    """
    there = os.path.exists(target)
    if ":" not in target or there:
        if not there and _WORD.fullmatch(target):
            found = library.find(target)
            if found is None:
                _refuse_near(target)
            return (target, None) if found is None else (str(found), target)
        if not there and target.endswith(".arch"):
            _refuse_file(target)
        return target, None
    path, _, name = target.rpartition(":")
    if not name or (path.endswith(":") and not os.path.isfile(path)):
        _refuse_colon(target, path.rstrip(":"), name)
    return (path, name) if name and path and "/" not in name and "\\" not in name else (target, None)


def _refuse_colon(target: str, file: str, name: str) -> None:
    if os.path.isfile(file):
        file = safe(file)
        help = f"write {file}:{safe(name)}" if name else f"write {file}, or {file}:NAME for one of its networks"
        raise ArchError([Diagnostic("file-not-found", f"there is no file {safe(target)}", None, help=help)])


def near_networks(name: str) -> list[str]:
    """At most three networks of the zoo that `name` may mean: those written alike but for case and signs alone.

    Others are none that want a value.
    """
    names = library.named()
    same = [other for other in names if _letters(other) == _letters(name)]
    if same:
        return same
    near = difflib.get_close_matches(name.lower().replace("-", "_"), names, _CANDIDATES, 0.75)
    return [other for other in near if not wants_values(other)][:3]


def wants_values(name: str) -> set[str]:
    """The parameters of a network of the zoo that have no value, so that it cannot be made as it is."""
    elaborator = load_module("archdsl.elaborate.elaborator")
    spec = load_module("archdsl.elaborate.spec").Spec.read(library.named()[name])
    block = elaborator.find_network(elaborator.open_session(spec, Diagnostics()), name)
    return set() if block is None else set(elaborator.open_parameters(block))


def _letters(name: str) -> str:
    return re.sub(r"[-_]", "", name.lower())


def _refuse_file(target: str) -> None:
    """That there is no such file, where the zoo has a network of its name."""
    if (name := os.path.basename(target).removesuffix(".arch")) in library.named():
        help = f"did you mean {name}, which is a network of the zoo?"
        raise ArchError([Diagnostic("file-not-found", f"there is no file {safe(target)}", None, help=help)])


def _refuse_near(target: str) -> None:
    near = near_networks(target)
    if near and not os.path.isfile(f"{target}.arch"):
        message = f"there is no file {target}, and no network of the zoo is called so"
        raise ArchError([Diagnostic("file-not-found", message, None, help=f"did you mean {' or '.join(near)}?")])
