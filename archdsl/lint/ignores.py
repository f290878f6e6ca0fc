"""Turns `# archdsl: ignore[rule]` comments into findings left out, and into advice on comments that hide nothing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from archdsl.analysis.cost import NOTHING
from archdsl.lint.finding import OFF, Finding
from archdsl.lint.registry import rules
from archdsl.source import Source, Span

_STRING_OR_COMMENT = re.compile(r"\"(?:[^\"\\\n]|\\[^\n])*\"?|'(?:[^'\\\n]|\\[^\n])*'?|#[^\n]*")
_IGNORE = re.compile(r"#\s*archdsl\s*:\s*ignore\b\s*(?:\[([^\]\n]*)\])?")
_NAME = re.compile(r"[^\s,]+")


@dataclass(frozen=True)
class Ignore:
    """One name in an ignore comment: `rule` (perhaps none there is, "" if none is named) is not told of `line`."""

    rule: str
    line: int
    span: Span


def ignores(source: Source) -> tuple[Ignore, ...]:
    """All names in ignore comments of a file.

    A comment behind code speaks of its line, one on a line of its own of the next line that holds code.
    """
    found: list[Ignore] = []
    for comment in _STRING_OR_COMMENT.finditer(source.text):
        match = _IGNORE.search(comment[0]) if comment[0].startswith("#") else None
        if match is None:
            continue
        start = comment.start() + match.start()
        line = _line_meant(source, comment.start())
        if match[1] is None or not match[1].strip():
            found.append(Ignore("", line, Span(source, start, comment.start() + match.end())))
            continue
        inside = comment.start() + match.start(1)
        for name in _NAME.finditer(match[1]):
            found.append(Ignore(name[0], line, Span(source, inside + name.start(), inside + name.end())))
    return tuple(found)


def _line_meant(source: Source, start: int) -> int:
    line, column = source.line_column(start)
    if source.line_text(line)[: column - 1].strip():
        return line
    last = source.line_column(len(source.text))[0]
    return next((n for n in range(line + 1, last + 1) if _holds_code(source.line_text(n))), line)


def _holds_code(text: str) -> bool:
    return bool(text.strip()) and not text.lstrip().startswith("#")


def without_ignored(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that no comment in their own file hides."""
    found = tuple(found)
    known = {source: ignores(source) for source in {finding.span.source for finding in found}}
    return tuple(finding for finding in found if not _hidden_by(finding, known[finding.span.source]))


def _hidden_by(finding: Finding, ignores: Iterable[Ignore]) -> list[Ignore]:
    line = finding.span.line
    return [i for i in ignores if i.rule == finding.rule.name and i.line == line]


def advice(source: Source, found: Iterable[Finding], severities: Mapping[str, str]) -> Iterator[Finding]:
    """What is odd about the ignore comments of one file, `found` being all findings in its networks, hidden ones too.

    `severities` are those that the findings were made with: nothing is said of a rule that is off.
    """
    written = ignores(source)
    used = {ignore for finding in found if finding.span.source is source for ignore in _hidden_by(finding, written)}
    chosen = {name: severities.get(name, rule.severity) for name, rule in rules().items()}
    for ignore in written:
        if ignore.rule not in chosen:
            yield from _odd("unknown-rule", chosen, ignore, *_unknown(ignore.rule))
        elif ignore not in used and chosen[ignore.rule] != OFF and rules()[ignore.rule].check is not None:
            message = f"{ignore.rule} has nothing to say about line {ignore.line}"
            yield from _odd("unused-ignore", chosen, ignore, message, "remove it, or put it where the finding was")


def _unknown(name: str) -> tuple[str, str]:
    if not name:
        return "this ignores nothing: it names no rule", "name the rules: # archdsl: ignore[bias-before-norm]"
    near = difflib.get_close_matches(name, rules(), 1)
    return f"there is no rule {name}", f"did you mean {near[0]}?" if near else "`archdsl lint --rules` lists them all"


def _odd(rule: str, chosen: Mapping[str, str], ignore: Ignore, message: str, edit: str) -> Iterator[Finding]:
    if chosen[rule] != OFF:
        yield Finding(rules()[rule], chosen[rule], message, edit, (), (ignore.span,), NOTHING, None, 1, 1, ())
