"""Writes archdsl/syntax/tables.json, the parser's words and LALR(1) automaton, from arch.lark: `python -m grammar`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lark import Lark
from lark.grammar import Rule, Symbol
from lark.lexer import PatternStr
from lark.parsers.lalr_analysis import ParseTable, Shift

GRAMMAR = Path(__file__).with_name("arch.lark")
TABLES = Path(__file__).parents[1] / "archdsl" / "syntax" / "tables.json"


def build(*, strict: bool = False) -> Lark:
    """Lark's own parser of an item, whose trees keep all tokens; `strict` refuses terminals that overlap."""
    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        start="item",
        parser="lalr",
        lexer="basic",
        keep_all_tokens=True,  # spans come from the tokens
        maybe_placeholders=False,
        strict=strict,
    )


def tables(lark: Lark) -> str:
    """What archdsl/syntax/parser.py reads, as JSON; it says what each part means.

    The states are those that lark makes, numbered as they are met from the first, 0. Terminals stand in the order in
    which lark's lexer tries them, those that are always written alike after the others.
    """
    table: ParseTable = lark.parser.parser._parse_table  # type: ignore[attr-defined]
    rule_number = {rule: number for number, rule in enumerate(lark.rules)}
    met = [table.start_states["item"]]
    states = []
    for state in met:  # which grows on the way
        row = {}
        for name, (action, target) in sorted(table.states[state].items()):
            if action is Shift and target not in met:
                met.append(target)
            row[name] = met.index(target) if action is Shift else -1 - rule_number[target]
        states.append(row)
    states[met.index(table.end_states["item"])]["$END"] = 0  # accepted
    rules = [_rule(rule) for rule in lark.rules]
    seen = [t for t in lark.parser.lexer.terminals if t.name not in lark.ignore_tokens]  # type: ignore[attr-defined]
    lines = [
        _part("ignored", [t.pattern.to_regexp() for t in lark.terminals if t.name in lark.ignore_tokens]),
        _part("words", [[t.name, t.pattern.to_regexp()] for t in seen if not isinstance(t.pattern, PatternStr)]),
        _part("literals", [[t.name, t.pattern.value] for t in seen if isinstance(t.pattern, PatternStr)]),
        _part("rules", rules),
        _part("states", states),
        _part("units", after_units(rules, states)),
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _part(name: str, entries: list[object]) -> str:
    return f'"{name}": [\n' + ",\n".join(json.dumps(entry) for entry in entries) + "\n]"


def _rule(rule: Rule) -> list[object]:
    """What it gives, how many symbols it takes, what builds it, and which symbols are lists to be spliced in.

    What builds it is a method of TreeBuilder; "" where the only child stands for it, and "[]" for a list of lark's own
    (`x*` in the grammar).
    """
    symbols: list[Symbol] = rule.expansion
    origin = str(rule.origin.name)
    builder = "[]" if origin.startswith("_") else rule.alias or origin
    if rule.options.expand1 and not rule.alias and len(symbols) == 1:
        builder = ""
    spliced = [i for i, symbol in enumerate(symbols) if not symbol.is_term and symbol.name.startswith("_")]
    return [origin, len(symbols), builder, spliced]


def after_units(rules: list[list[Any]], states: list[dict[str, int]]) -> list[dict[str, int]]:
    """For each state and terminal: the state that stands on it when all unit productions before the terminal are done.

    A unit production is a rule of one symbol that builds nothing. Whichever of them comes first behind a state, the
    last is the same: they form one chain. Where the terminal fits nothing behind the chain there is no entry.
    """
    origins = {-1 - number: origin for number, (origin, _, builder, _) in enumerate(rules) if not builder}
    after: list[dict[str, int]] = []
    for row in states:
        found: dict[str, int] = {}
        for top in {action for action in row.values() if action > 0}:
            for terminal in [terminal for terminal, action in states[top].items() if action in origins]:
                state = top
                while (action := states[state].get(terminal)) in origins:
                    state = row[origins[action]]
                assert found.setdefault(terminal, state) == state, "the unit productions form no chain"
        after.append({terminal: state for terminal, state in sorted(found.items()) if terminal in states[state]})
    return after


if __name__ == "__main__":
    TABLES.write_text(tables(build()), encoding="utf-8")
