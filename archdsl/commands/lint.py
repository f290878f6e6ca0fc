"""Turns a spec into advice on its networks: `archdsl lint`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from archdsl.command_line import completed, load, network_options, read, refuse
from archdsl.command_output import json_option, print_json
from archdsl.diagnostics.display import safe
from archdsl.diagnostics.unknown import UnknownName
from archdsl.lazy import load_module
from archdsl.terminal import is_terminal, say


def _rules(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        for rule in load_module("archdsl.lint.registry").rules().values():
            first = f"{rule.name:<27} {rule.severity:<8} "
            say(load_module("textwrap").fill(first + rule.summary, 80, subsequent_indent=" " * len(first)))
        say("\n`archdsl explain RULE` says more.")
        ctx.exit()


@click.command()
@network_options
@click.option(
    "--severity",
    multiple=True,
    metavar="RULE=SEVERITY",
    help="error, warning, info or off; repeatable.",
    shell_complete=completed("severities"),
)
@click.option(
    "--select", default="", metavar="RULE,…", help="Only these rules.", shell_complete=completed("rule_lists")
)
@click.option("--ignore", default="", metavar="RULE,…", help="Not these rules.", shell_complete=completed("rule_lists"))
@click.option("--rules", is_flag=True, is_eager=True, expose_value=False, callback=_rules, help="List the rules.")
@json_option
def lint(target: str, severity: tuple[str, ...], select: str, ignore: str, as_json: bool, **options: Any) -> None:
    """Advise: what a network could do without, or do for less, line by line, with what it costs and why.

    Without :NETWORK all networks of FILE are looked at. `# archdsl: ignore[rule]` behind a line, or on the line above,
    hides a finding; `[tool.archdsl.lint]` in pyproject.toml sets severities. Exits with 1 if there is an error or a
    warning; info never fails.
    """
    settings = load_module("archdsl.lint.settings")
    try:
        chosen = settings.chosen(settings.from_project(Path.cwd()), severity, _names(select), _names(ignore))
    except UnknownName as error:
        refuse(error.message, error.hint)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    file, network = load_module("archdsl.target").split_target(target)
    if network or any(options.values()):
        found = load(target, **options).lint(chosen)
    else:
        found = load_module("archdsl.lint.lint_file").lint_source(read(file), chosen)
    present = load_module("archdsl.lint.present")
    if as_json:
        print_json([present.as_json(finding) for finding in found])
    else:
        _print([present.diagnostic(finding) for finding in found], target)
    sys.exit(1 if any(finding.severity in ("error", "warning") for finding in found) else 0)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _print(found: list[Any], target: str) -> None:
    render = load_module("archdsl.diagnostics.render")
    for diagnostic in found:
        say(render.render(diagnostic, color=is_terminal()) + "\n\n", styled=True)
    say(render.summary(found) if found else f"{safe(target)}: nothing to advise")


COMMAND = lint
