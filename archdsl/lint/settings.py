"""Turns what a project and a command line say of rules into the severity of each rule."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from archdsl.diagnostics.unknown import UnknownName
from archdsl.lint.finding import OFF, SEVERITIES
from archdsl.lint.registry import rules


def from_project(folder: Path) -> dict[str, str]:
    """`[tool.archdsl.lint]` of the nearest pyproject.toml at or above `folder` that has it: rule = "severity".

    Raises:
        ValueError: it is no TOML, or names a rule or severity that there is not; the message says where.
    """
    for place in (folder, *folder.parents):
        path = place / "pyproject.toml"
        if not path.is_file():
            continue
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise ValueError(f"{path}: {error}") from None
        for key in ("tool", "archdsl", "lint"):
            table = table.get(key, {}) if isinstance(table, dict) else {}
        if table:
            try:
                return checked(table)
            except (ValueError, UnknownName) as error:
                raise ValueError(f"{path}: [tool.archdsl.lint]: {error}") from None
    return {}


def checked(severities: Mapping[str, object]) -> dict[str, str]:
    """The same, if every rule and severity exists.

    Raises:
        UnknownName: there is no such rule.
        ValueError: there is no such severity.
    """
    for name, severity in severities.items():
        known_rule(name)
        if severity not in SEVERITIES:
            raise ValueError(f"{name} cannot be {severity!r}: a severity is {', '.join(SEVERITIES)}")
    return {name: str(severity) for name, severity in severities.items()}


def known_rule(name: str) -> str:
    """`name`, if a rule is called so.

    Raises:
        UnknownName: none is.
    """
    if name not in rules():
        raise UnknownName("rule", name, rules())
    return name


def chosen(
    project: Mapping[str, str], severity: Iterable[str] = (), select: Iterable[str] = (), ignore: Iterable[str] = ()
) -> dict[str, str]:
    """The project's severities under those of the command line: `rule=severity`, rules alone, rules not.

    `select` turns all other rules off; one that is off becomes what it is by default. `ignore` wins over all.

    Raises:
        UnknownName: there is no such rule.
        ValueError: a word names no severity.
    """
    found = dict(project)
    selected = [known_rule(name) for name in select]
    if selected:
        kept = {name: found.get(name, OFF) for name in selected}
        found = dict.fromkeys(rules(), OFF)
        found |= {name: rules()[name].severity if kept[name] == OFF else kept[name] for name in selected}
    for setting in severity:
        name, equals, value = setting.partition("=")
        if not equals:
            raise ValueError(f"{setting!r} sets nothing: write for example bias-before-norm=error")
        found |= checked({name.strip(): value.strip()})
    return found | {known_rule(name): OFF for name in ignore}
