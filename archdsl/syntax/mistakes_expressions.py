"""Turns places inside expressions where the parser got stuck into messages (the rules that mistakes.py tries)."""

from __future__ import annotations

from archdsl.syntax.fault import Fault
from archdsl.syntax.stuck import OPERANDS, OPERATORS, VALUES, Explanation, Stuck


def arrow(stuck: Stuck) -> Fault | None:
    last = stuck.last
    if stuck.kind == "EQUAL" and stuck.text[stuck.token.end :].startswith(">"):
        return stuck.here("wrong-arrow", "`=>` is not an arrow", "write `->`")
    if stuck.kind == "COMPARE" and stuck.token == ">" and last.type == "EQUAL" and stuck.adjacent():
        return stuck.at(last, "wrong-arrow", "`=>` is not an arrow", "write `->`")
    if stuck.kind == "COMPARE" and stuck.token == ">" and last.type == "ARROW":
        return stuck.here("wrong-arrow", "`->>` is not an arrow", "write `->`")
    return None


def _label(stuck: Stuck) -> Fault | None:
    if stuck.last.type != "AS":
        return None
    return stuck.missing(
        "expected-label", "expected a label after `as`", 'write a name or a string: `as conv1`, `as "layer{i}"`'
    )


def _braced_label(stuck: Stuck) -> Fault | None:
    """`as layer{i}` without quotes."""
    if stuck.kind != "LBRACE" or len(stuck.before) < 2 or stuck.before[-2].type != "AS" or not stuck.adjacent():
        return None
    label = stuck.text[stuck.last.start :].split("}")[0] + "}"
    help = f'write `as "{short(label)}"`'
    return stuck.at_last("expected-label", "a label with braces stands in quotes", help)


def foreign_sign(stuck: Stuck) -> Fault | None:
    """`x @ y`, and comments that begin with `//`."""
    if stuck.kind == "AT" and stuck.last.type in VALUES and not stuck.next_line:
        return stuck.here("bad-character", "`@` is no operator", "write `[x, y] -> matmul`")
    for token in stuck.statement:
        at = token.start
        if token == "//" and not stuck.text[stuck.text.rfind("\n", 0, at) + 1 : at].strip():
            return stuck.at(token, "bad-character", "`//` divides whole numbers", "comments begin with `#`")
    return None


def _attribute(stuck: Stuck) -> Fault | None:
    if ".." in stuck.text[max(stuck.token.start - 1, 0) : stuck.token.end + 1]:
        return stuck.here(
            "bad-number", "there is no `..`", "write `range(a, b)`, from a up to b - 1; range(n) begins at 0"
        )
    if stuck.kind == "DOT" and stuck.last.type not in VALUES:
        return stuck.here("bad-number", "a number does not start with a point", "write 0.5, not .5")
    if stuck.last.type != "DOT":
        return None
    if len(stuck.before) > 1 and stuck.before[-2].type == "NUMBER":
        return stuck.at_last("bad-number", "a point needs digits behind it", "write 1.0, not 1.")
    return stuck.missing("expected-attribute", "expected a name after `.`", "for example `x.channels` or `x.shape`")


def _braces(stuck: Stuck) -> Fault | None:
    if stuck.kind != "LBRACE" or not (stuck.opener_kind in ("LPAR", "LSQB") or "NAME" in stuck.expected):
        return None
    if stuck.last.type in OPERATORS and stuck.head in ("IF", "FOR", "ELIF"):
        return None
    return stuck.here("unexpected-brace", "braces hold statements, not values", "write a list in brackets: `[a, b]`")


def _index(stuck: Stuck) -> Fault | None:
    """`conv[8, 3]`, `oneof[relu, silu]`, `m[0, 1]`: more than one value in the brackets of an index."""
    opener = next((place for place, token in enumerate(stuck.before) if token is stuck.opener), 0)
    if stuck.kind != "COMMA" or stuck.opener_kind != "LSQB" or "RSQB" not in stuck.expected or not opener:
        return None
    indexed = stuck.before[opener - 1]
    if indexed.type not in VALUES:
        return None
    rest = stuck.text[stuck.before[opener].end :].partition("]")[0]
    inner = (
        " ".join(rest.split()) if len(rest) <= 40 and "[" not in rest and rest.count("(") == rest.count(")") else "…"
    )
    if indexed in ("oneof", "someof"):
        help = f"write `oneof([{inner}])`" if indexed == "oneof" else "write `someof([a, b, c], 2)`"
        return stuck.at(indexed, "unexpected-token", "the options stand in a list, in parentheses", help)
    if any(token.type == "COLON" for token in stuck.before[opener:]):
        help = "a tensor is sliced along one axis at a time: `x -> slice(0, 8, axis = 1)`"
    elif indexed.type == "NAME":
        help = f"arguments stand in parentheses: `{short(indexed)}({inner})`; in a list of lists write `[0][1]`"
    else:
        help = "in a list of lists write `[0][1]`"
    return stuck.here("unexpected-token", "one number stands between the brackets of an index", help)


def _star(stuck: Stuck) -> Fault | None:
    if stuck.kind not in ("MULTIPLY", "POWER") or stuck.last.type not in ("LPAR", "LSQB", "COMMA"):
        return None
    help = "pass the list itself, or name the arguments"
    return stuck.here("star-argument", f"arguments are not unpacked with `{stuck.token}`", help)


def _generator(stuck: Stuck) -> Fault | None:
    if stuck.kind != "FOR" or stuck.opener_kind != "LPAR":
        return None
    return stuck.here("bare-comprehension", "a comprehension stands in brackets", "write `sum([f(x) for x in xs])`")


def _semicolon(stuck: Stuck) -> Fault | None:
    if stuck.kind != "SEMICOLON" or stuck.opener_kind not in ("LPAR", "LSQB"):
        return None
    help = "separate arguments and list elements by commas"
    return stuck.here("unexpected-semicolon", "`;` separates inputs from parameters, in a signature only", help)


def _missing_value(stuck: Stuck) -> Fault | None:
    """An operator, a bracket or a word with nothing behind it, or an operator with nothing before it."""
    last, kind = stuck.last, stuck.kind
    if "NUMBER" not in stuck.expected:
        return None
    if last.type == "ARROW":
        help = "write what the tensor goes through, for example `-> relu`, or delete the arrow"
        return stuck.missing("expected-stage", "expected a stage after `->`", help)
    operator = last.type in OPERATORS or last.type in ("NOT", "EQUAL", "IF", "ELIF", "ELSE", "RETURN")
    if operator:
        return stuck.missing("expected-expression", f"expected a value after `{last}`", "write the missing value")
    if kind in OPERATORS:
        help = "write the value it applies to, or delete it"
        return stuck.here("expected-expression", f"nothing stands before `{stuck.token}`", help)
    if kind == "COMMA" and last.type in ("COMMA", "LPAR", "LSQB"):
        return stuck.here(
            "expected-expression", "nothing stands before this `,`", "write the missing value, or delete it"
        )
    if last.type in ("COMMA", "COLON"):
        return stuck.missing("expected-expression", f"expected a value after `{last}`", "write it, or delete the sign")
    if last.type == "LSQB" and kind == "RSQB":
        return stuck.here(
            "expected-expression", "an index stands between these brackets", "for example `x[0]` or `x[1:]`"
        )
    return None


def _side_by_side(stuck: Stuck) -> Fault | None:
    """Two values with nothing between them."""
    if stuck.last.type not in VALUES or stuck.kind not in OPERANDS | {"NOT"}:
        return None
    if stuck.opener_kind in ("LPAR", "LSQB"):
        message = f"`{short(stuck.last)}` and `{short(stuck.token)}` stand side by side: is a comma missing?"
        return stuck.here("missing-comma", message, "separate arguments and list elements by commas")
    if "LBRACE" in stuck.expected and stuck.head in ("FOR", "IF", "ELIF"):
        return None
    if len(stuck.before) > 1 and stuck.before[-2] == "//" and stuck.last.type == "NAME":
        return stuck.at(stuck.before[-2], "bad-character", "`//` divides whole numbers", "comments begin with `#`")
    message = f"nothing connects `{short(stuck.last)}` and `{short(stuck.token)}`"
    help = "write `->` between stages, or start a new line"
    if stuck.last.type == "NAME" and stuck.kind in ("NUMBER", "STRING"):
        help = f"arguments stand in parentheses: `{short(stuck.last)}({short(stuck.token)})`"
    return stuck.here("missing-operator", message, help)


def short(word: str) -> str:
    return word if len(word) <= 30 else word[:27] + "…"


EXPRESSION_RULES: tuple[Explanation, ...] = (
    _label,
    _braced_label,
    _attribute,
    _braces,
    _index,
    _star,
    _generator,
    _semicolon,
    _missing_value,
    _side_by_side,
)
