"""Completes the words of a command line: networks, files, ops, codes, metrics; and mends bash's idea of a word."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from click.shell_completion import BashComplete, CompletionItem, add_completion_class, split_arg_string

from archdsl.diagnostics.model import ArchError, Diagnostics
from archdsl.lazy import load_module

if TYPE_CHECKING:
    from archdsl.elaborate.spec import Spec

Items = list[CompletionItem[str]]


def targets(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """Networks of a file after its colon; else networks of the zoo and spaces, and spec files and folders."""
    file, colon, _ = incomplete.rpartition(":")
    if colon and os.path.isfile(file):
        try:
            found = load_module("archdsl.network").networks(file)
        except ArchError:
            return []
        return _items((f"{file}:{name}" for name in found), incomplete)
    zoo = load_module("archdsl.library").named()
    named = [CompletionItem(name, help=path.name) for name, path in zoo.items() if name.startswith(incomplete)]
    return [*_paths(incomplete), *(named if incomplete else [])]


def files(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """Spec files, and folders."""
    return _paths(incomplete)


def words(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """Ops, and what the standard library defines."""
    ops = load_module("archdsl.ops.registry").names()
    return _items([*ops, *load_module("archdsl.library").words()], incomplete)


def codes(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """What `archdsl explain` knows: codes of diagnostics, and rules of lint."""
    return _items([*load_module("archdsl.diagnostics.catalog").codes(), *_rules()], incomplete)


def metrics(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """Every number that `@expect` knows."""
    return _items(load_module("archdsl.analysis.registry").names(), incomplete)


def metric_lists(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """Numbers; behind a comma the next one."""
    before, comma, _ = incomplete.rpartition(",")
    return _items((before + comma + name for name in load_module("archdsl.analysis.registry").names()), incomplete)


def budgets(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """`METRIC=`."""
    return _items((f"{name}=" for name in load_module("archdsl.analysis.registry").names()), incomplete)


def rule_lists(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """Rules of lint; behind a comma the next one."""
    before, comma, _ = incomplete.rpartition(",")
    return _items((before + comma + rule for rule in _rules()), incomplete)


def severities(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """`RULE=SEVERITY`."""
    rule, equals, _ = incomplete.partition("=")
    levels = load_module("archdsl.lint.finding").SEVERITIES
    return _items((f"{rule}={level}" for level in levels) if equals else (f"{rule}=" for rule in _rules()), incomplete)


def parameters(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """`NAME=` for the parameters of the network that the command line names."""
    return _items((f"{name}=" for name in _signature().parameters), incomplete)


def decisions(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """`NAME=` for what the network leaves open; behind it each of the options."""
    spec, name, words = _named()
    if not spec or not name:
        return []
    given = [word for option, word in pairwise(words) if option.startswith("--pick") and "=" in word]
    module = load_module("archdsl.elaborate.decisions")
    picks = [module.pick_of(word) for word in given if word != incomplete]
    asked = module.Decisions(dict(filter(None, picks)))
    elaborate = load_module("archdsl.elaborate.elaborator").elaborate
    with suppress(ArchError):
        elaborate(spec, name, diagnostics=Diagnostics(), decisions=asked)
    if incomplete.partition("=")[0] not in asked.choices:
        return _items((f"{name}=" for name in asked.choices), incomplete)
    return _items((f"{name}={text}" for name, one in asked.choices.items() for text in one.options), incomplete)


def inputs(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """`NAME=` for its inputs."""
    return _items((f"{name}=" for name in _signature().inputs), incomplete)


def variations(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """`NAME=` for all that `sweep` can vary."""
    found = _signature()
    return _items((f"{name}=" for name in (*found.parameters, "input", *found.inputs)), incomplete)


def knobs(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """What `fit` can turn."""
    return _items((*_signature().parameters, "input", "phi"), incomplete)


class _NetworkNames(NamedTuple):
    """The names of what a network takes; none where it cannot be told."""

    inputs: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


def _signature() -> _NetworkNames:
    """What the first network takes that the command line names."""
    spec, name, _ = _named()
    elaborator = load_module("archdsl.elaborate.elaborator")
    try:
        block = name and elaborator.find_network(elaborator.open_session(spec, Diagnostics()), name)
    except ArchError:
        return _NetworkNames()
    if not block:
        return _NetworkNames()
    definition = block.definition
    return _NetworkNames(tuple(x.name for x in definition.inputs), tuple(p.name for p in definition.params))


def _named() -> tuple[Spec | None, str | None, list[str]]:
    """The first spec, and network of it, that the command line names; and its words."""
    split_target = load_module("archdsl.target").split_target
    # Click has parsed nothing: it stopped at the option whose value is being written.
    words = _joined(split_arg_string(os.environ.get("COMP_WORDS", "")))[2:]
    file, name = next((target for target in map(split_target, words) if os.path.isfile(target[0])), ("", None))
    try:
        spec: Spec = load_module("archdsl.elaborate.spec").Spec.read(file)
    except ArchError:
        return None, None, words
    return spec, name or (spec.networks[0] if len(spec.networks) == 1 else None), words


def plots(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """What `archdsl plot` can plot."""
    return _items(load_module("archdsl.emit.plots.page").SUBJECTS, incomplete)


def schemas(_ctx: Any, _param: Any, incomplete: str) -> Items:
    """The commands that print JSON."""
    return _items(load_module("archdsl.schemas.outputs").commands(), incomplete)


def _rules() -> Iterable[str]:
    found: Iterable[str] = load_module("archdsl.lint.registry").names()
    return found


def _items(names: Iterable[str], incomplete: str) -> Items:
    return [CompletionItem(name) for name in dict.fromkeys(names) if name.startswith(incomplete)]


def _paths(incomplete: str) -> Items:
    folder, name = os.path.split(incomplete)
    try:
        entries = sorted(os.scandir(folder or "."), key=lambda entry: entry.name)
    except OSError:
        return []
    shown = [entry for entry in entries if entry.name.startswith(name) and (name or not entry.name.startswith("."))]
    return [
        CompletionItem(os.path.join(folder, entry.name) + ("/" if entry.is_dir() else ""))
        for entry in shown
        if entry.is_dir() or entry.name.endswith(".arch")
    ]


def _joined(pieces: list[str]) -> list[str]:
    """The words of a command line whose words bash has broken at `:` and `=`."""
    found = pieces[:1]
    for before, piece in pairwise(pieces):
        joins = len(found) > 1 and (piece in (":", "=") or before in (":", "="))
        found[len(found) - joins :] = [(found[-1] if joins else "") + piece]
    return found


class Bash(BashComplete):
    """Bash takes `specs/resnet.arch:res` for three words, for `:` and `=` break words there: they are joined again.

    Bash then replaces only the last piece, so that is all that is given back. No blank follows `/`, `:` and `=`.
    """

    source_template = BashComplete.source_template.replace(
        "    return 0\n",
        "    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/:=] ]] && compopt -o nospace\n\n    return 0\n",
    )

    def get_completion_args(self) -> tuple[list[str], str]:
        """The whole words before the cursor, and the one that is being written."""
        pieces = split_arg_string(os.environ.get("COMP_WORDS", ""))
        place = os.environ.get("COMP_CWORD", "")
        cursor = int(place) if place.isdecimal() and len(place) < 6 else len(pieces)  # only bash should set it
        pieces = pieces[: cursor + 1]
        if len(pieces) <= cursor:
            pieces.append("")
        found = _joined(pieces)
        last = "" if pieces[-1] in (":", "=") else pieces[-1]
        cut = found[-1][: len(found[-1]) - len(last)]
        self._cut = cut.partition("=")[2] if cut.startswith("-") else cut
        return found[1:-1], found[-1]

    def format_completion(self, item: CompletionItem[str]) -> str:
        """`plain,` and the piece that bash does not have yet."""
        return f"{item.type},{item.value.removeprefix(self._cut)}"


add_completion_class(Bash, "bash")
