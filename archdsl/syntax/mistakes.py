"""Turns the place where the parser got stuck into a message in the words of the language."""

from __future__ import annotations

import difflib
import re

from archdsl.syntax.fault import Fault
from archdsl.syntax.mistakes_expressions import EXPRESSION_RULES, arrow, foreign_sign, short
from archdsl.syntax.python_words import python_word
from archdsl.syntax.stuck import OPERATORS, WORDS, Explanation, Stuck, stuck_at
from archdsl.syntax.token import Token, UnexpectedToken

_HEADS = ("import", "fn", "block", "cell", "network")


def explain(error: UnexpectedToken, tokens: list[Token], text: str) -> Fault:
    """The mistake at `error`: the first of RULES that recognises it. `tokens` are those given to the parser."""
    stuck = stuck_at(error, tokens, text)
    for rule in RULES:
        fault = rule(stuck)
        if fault is not None:
            return fault
    what = "the line ends too early" if stuck.kind in ("_END", "$END") else f"`{stuck.token}` does not fit here"
    return stuck.here("unexpected-token", what, f"look at what stands before it: `{stuck.last}`")


def explain_stray(text: str) -> Fault:
    """The mistake of writing `text` at the top level, where only definitions stand."""
    line = text.split("\n", 1)[0].rstrip()
    word = re.match(r"[A-Za-z_]*", line)
    first = word[0] if word else ""
    python = python_word(first)
    if python is not None:
        taken = re.match(r"from\s+([\w.]+)\s+import\s+(.+)", line)
        help = f"write `import {taken[1]}: {taken[2][:40]}`" if taken else python[1]
        return Fault("python-syntax", python[0], 0, len(first), help)
    if first in _HEADS:
        return _indented(first, 0)
    close = difflib.get_close_matches(first.lower(), _HEADS, n=1, cutoff=0.7) if " " in line else []
    if close:
        return Fault("stray-statement", f"`{first}` begins no definition", 0, len(first), f"did you mean `{close[0]}`?")
    help = "a file holds imports, constants, and fn, block, cell and network definitions; put this into one's body"
    return Fault("stray-statement", "this stands outside every definition", 0, len(line), help)


def _indented(word: str, start: int) -> Fault:
    help = "move it to the margin: definitions start in the first column"
    return Fault("indented-definition", f"`{word}` is indented", start, start + len(word), help)


# --- rules: each knows one mistake, and says nothing about others


def _python(stuck: Stuck) -> Fault | None:
    """`lambda x: …`, `while x {`, `f"…"` and the like: a word of Python in front of the unexpected token."""
    last = stuck.last
    if last.type != "NAME":
        return None
    if stuck.kind == "STRING" and stuck.adjacent():
        help = "leave the letter out: every string interpolates names in braces"
        return stuck.at(last, "python-syntax", f"strings have no prefix `{last}`", help)
    python = python_word(str(last)) if stuck.kind in ("NAME", "NUMBER", "STRING", "LBRACE", "COLON", "IMPORT") else None
    return stuck.at(last, "python-syntax", *python) if python is not None else None


def _else(stuck: Stuck) -> Fault | None:
    if stuck.last.type == "ELSE" and stuck.kind == "IF":
        return stuck.here("else-if", "`else if` is one word", "write `elif`")
    if stuck.kind not in ("ELSE", "ELIF") or stuck.last.type in OPERATORS:
        return None
    help = "it follows the `}` of an `if`; a choice between values is `a if c else b`"
    return stuck.here("else-without-if", f"`{stuck.token}` without an `if`", help)


def _ternary(stuck: Stuck) -> Fault | None:
    if "ELSE" not in stuck.expected or "LBRACE" in stuck.expected or not stuck.stops or stuck.last.type in OPERATORS:
        return None
    word = next((t for t in reversed(stuck.statement) if t.type == "IF"), stuck.last)
    help = "write what it is otherwise: `a if c else b`; a stage that may be left out: `f if c else id`"
    return stuck.at(word, "ternary-without-else", "this `if` has no `else`", help)


def _head(stuck: Stuck) -> Fault | None:
    """Mistakes between `block` and its body."""
    statement = stuck.statement
    if stuck.head != "KIND" or (stuck.kind == "EQUAL" and len(statement) > 2):
        return None
    kind = statement[0]
    if len(statement) == 1:
        if stuck.kind in WORDS:
            return None
        return stuck.here("missing-name", f"`{kind}` needs a name", f"write `{kind} name(…)`")
    if len(statement) == 2:
        name = statement[1]
        example = f"{kind} {name}(v)" if kind == "fn" else f"{kind} {name}(x; …)"
        message = f"`{kind} {name}` needs its {'parameters' if kind == 'fn' else 'inputs'} in parentheses"
        return stuck.at(name, "missing-signature", message, f"write `{example} {{ … }}`")
    if stuck.last.type == "RPAR" and stuck.expected == {"EQUAL", "LBRACE"}:
        if stuck.kind == "COLON":
            return None
        if stuck.kind == "ARROW":
            return stuck.here("missing-body", "a body starts with `=` or `{`", "write `= x -> …`")
        below = stuck.kind == "_END" and stuck.text[stuck.token.end :].lstrip().startswith("{")
        help = "move the `{` up to this line" if below else "write `= value` or `{ … }` on this line"
        return stuck.at(statement[1], "missing-body", f"`{kind} {statement[1]}` has no body", help)
    return None


def _signature(stuck: Stuck) -> Fault | None:
    """Mistakes inside the parentheses behind a definition's name."""
    if stuck.head != "KIND" or stuck.opener_kind != "LPAR" or len(stuck.statement) < 3:
        return None
    if stuck.opener is not stuck.statement[2]:
        return None
    if stuck.kind == "SEMICOLON" and any(t.type == "SEMICOLON" for t in stuck.statement):
        return stuck.here("unexpected-semicolon", "a second `;`", "one `;` separates inputs from parameters")
    if stuck.last.type == "COLON" and stuck.kind in ("LPAR", "NUMBER"):
        help = f"write `{stuck.before[-2]}: [3, 224, 224]`; the batch axis is not written"
        return stuck.here("bad-input-type", "a tensor's type is its shape in brackets", help)
    if stuck.kind == "MULTIPLY" or stuck.kind == "POWER":
        help = "name every parameter, and pass a list where the number of values varies; "
        help += "where that of tensors does, write a fn that gives a stage: `fn fuse(n) = [conv(8)] * n -> add`"
        return stuck.here("star-argument", f"parameters are not collected with `{stuck.token}`", help)
    return None


def _assignment(stuck: Stuck) -> Fault | None:
    if stuck.kind != "EQUAL":
        return None
    last = stuck.last
    if last.type in ("PLUS", "MINUS", "MULTIPLY", "POWER") and stuck.adjacent():
        name = stuck.statement[0] if len(stuck.statement) == 2 else "x"
        return stuck.at(last, "augmented-assignment", f"there is no `{last}=`", f"write `{name} = {name} {last} …`")
    if (
        stuck.head in ("IF", "ELIF")
        or stuck.head == ""
        or ("COMPARE" in stuck.expected and stuck.opener_kind != "LBRACE")
    ):
        if stuck.head == "" and stuck.last.type != "ELIF":
            return stuck.here("expected-expression", "nothing stands before `=`", "write a name before it")
        return stuck.here("assignment-in-condition", "`=` gives a name; it does not compare", "write `==` to compare")
    if last.type != "EQUAL" and any(t.type == "EQUAL" for t in stuck.statement):
        help = "write one assignment per line, and `==` to compare"
        return stuck.here("chained-assignment", "a second `=` in one statement", help)
    return None


def _colon(stuck: Stuck) -> Fault | None:
    if stuck.kind != "COLON":
        return None
    if "LBRACE" in stuck.expected or stuck.last.type == "ELSE":
        return stuck.here("colon-for-brace", "a body stands in braces", "write `{` instead of `:`, and `}` at the end")
    if stuck.opener_kind == "LPAR":
        return stuck.here("colon-for-equals", "arguments are named with `=`", "write `name = value`")
    return None


def _block(stuck: Stuck) -> Fault | None:
    """`for` and `if` without their braces."""
    if stuck.head not in ("FOR", "IF", "ELIF", "ELSE") or stuck.opener_kind not in ("LBRACE", ""):
        return None
    word = stuck.statement[0]
    if "LBRACE" in stuck.expected and stuck.last.type not in OPERATORS:
        return stuck.here("missing-body", f"the body of this `{word}` stands in braces", "write `{` … `}` around it")
    return None


def _for(stuck: Stuck) -> Fault | None:
    """The head of a `for` up to its `in`."""
    if stuck.head != "FOR" or any(t.type == "IN" for t in stuck.statement):
        return None
    if stuck.kind in ("LSQB", "NUMBER", "STRING", "RPAR") and stuck.last.type in ("FOR", "LPAR", "COMMA"):
        help = "write `for a, b in …`, and `for (a, b), c in …` where one of the values is a list in its turn"
        return stuck.here("bad-target", "`for` sets names", help)
    if stuck.last.type == "NAME":
        return stuck.missing("missing-in", "`for` needs an `in`", "write `for name in list { … }`")
    return None


def _import(stuck: Stuck) -> Fault | None:
    if stuck.head != "IMPORT":
        return None
    path = "".join(stuck.statement[1:]) or "path"
    if stuck.token == "/":
        rest = re.match(r"[\w./]*", stuck.text[stuck.statement[0].end :].lstrip())
        dotted = (rest[0] if rest else path).removesuffix(".arch").replace("/", ".")[:40]
        return stuck.here("bad-import", "the path of an import is dotted", f"write `import {dotted}: a, b`")
    path = path if re.fullmatch(r"[\w.]{1,40}", path) else "path"
    help = f"write `import {path}: a, b` or `import {path} as p`; ops need no import"
    if stuck.last.type == "IMPORT":
        message = "`import` needs a dotted path of names"
    elif "COLON" in stuck.expected or "AS" in stuck.expected:
        message = "this import takes no names"
    else:
        message = "an import lists names"
    return stuck.here("bad-import", message, help)


def _decorator(stuck: Stuck) -> Fault | None:
    if stuck.last.type == "AT":
        return stuck.missing(
            "bad-decorator", "`@` needs a name", "write `@expect(…)`, `@require(…)`, `@picks(…)` or `@cite(…)`"
        )
    if stuck.head == "AT" and stuck.token == "=" and [str(token) for token in stuck.statement[1:2]] == ["picks"]:
        help = 'names with dots or brackets stand in quotation marks: `@picks("normal.0.left" = sep3)`'
        return stuck.here("bad-decorator", "this name is more than one word", help)
    if stuck.head == "AT" and stuck.opener is None:
        return stuck.missing(
            "bad-decorator", "an attribute is a name and its arguments", "write `@expect(params = 25_557_032)`"
        )
    return None


def _shared(stuck: Stuck) -> Fault | None:
    if stuck.head != "SHARED" or any(t.type == "EQUAL" for t in stuck.statement):
        return None
    help = "write `shared f = stage`, and one line for each shared stage"
    return stuck.here("bad-shared", "`shared` names one stage", help)


def _shared_value(stuck: Stuck) -> Fault | None:
    """`f = shared conv(8)`, `x -> shared conv(8)`: the word where a stage is written."""
    rest = stuck.text[stuck.token.end :].split("\n")[0].partition("#")[0].strip()
    if stuck.kind != "SHARED" or "NAME" not in stuck.expected or not re.match(r"[\w(\[]", rest):
        return None
    message = "`shared` stands before the name of a stage"
    if stuck.last.type != "EQUAL" or len(stuck.statement) != 2:
        help = "give each a name on a line of its own, `shared f = stage`, then apply it: `x -> f`"
        return stuck.here("bad-shared", message, help)
    whole = len(rest) <= 40 and all(rest.count(a) == rest.count(b) for a, b in ("()", "[]", "{}"))
    help = f"write `shared {short(stuck.statement[0])} = {rest if whole else 'stage'}`"
    return stuck.here("bad-shared", message, help + ("" if stuck.opener else " in the body that applies it"))


def _nested(stuck: Stuck) -> Fault | None:
    if stuck.kind not in ("KIND", "IMPORT", "AT") or stuck.opener_kind not in ("LBRACE", ""):
        return None
    if stuck.opener is None:
        start = stuck.token.start
        indented = stuck.next_line and stuck.text[start - 1] in " \t"
        return _indented(str(stuck.token), start) if indented else None
    if stuck.last.type not in ("LBRACE", "RBRACE", "_END"):
        return None
    help = "close this body with `}` first; definitions start in the first column and may use each other in any order"
    return stuck.here("nested-definition", "definitions do not stand inside a body", help)


def _reserved(stuck: Stuck) -> Fault | None:
    if stuck.kind not in WORDS - {"BOOLEAN"} or "NAME" not in stuck.expected:
        return None
    if stuck.kind in ("IN", "AND", "OR", "NOT_IN", "AS", "IF", "FOR") and stuck.last.type in OPERATORS:
        return None
    if (stuck.kind == "FOR" and stuck.opener_kind == "LPAR") or (
        stuck.next_line and stuck.last.type in OPERATORS | {"EQUAL"}
    ):
        return None
    message = f"`{stuck.token}` is a word of the language, not a name"
    if stuck.last.type == "AS":
        return stuck.here("reserved-word", message, f'a label that is one stands in quotes: `as "{stuck.token}"`')
    return stuck.here("reserved-word", message, f"choose another name, for example `{str(stuck.token).split()[0]}_`")


def _label(stuck: Stuck) -> Fault | None:
    """`as block1-0`, `as layer1.0`: more than one word behind `as`."""
    more = re.match(r"[\w.-]+", stuck.text[stuck.token.start :])
    if [token.type for token in stuck.before[-2:]] != ["AS", "NAME"] or not stuck.adjacent() or not more:
        return None
    label = (str(stuck.last) + more[0])[:40].rstrip("-")
    return stuck.here("unexpected-token", "this label is more than one word", f'write it in quotes: `as "{label}"`')


def _line(stuck: Stuck) -> Fault | None:
    """A complete item, and then more."""
    if stuck.kind == "_END" and stuck.opener is None:
        at = re.compile(r"(?:\s|;|#[^\n]*)*").match(stuck.text, stuck.token.start)
        start = at.end() if at else 0
        end = stuck.text.find("\n", start)
        word = re.compile(r"(?:import|fn|block|cell|network)\b").match(stuck.text, start)
        if word is not None:
            return _indented(word[0], start)
        help = "put it into a body in braces, or delete it"
        message = "this line belongs to no definition"
        return Fault("stray-statement", message, start, end if end >= 0 else len(stuck.text), help)
    if stuck.last.type == "RBRACE" and not stuck.stops:
        return stuck.here("missing-newline", "a statement begins behind `}`", "write it on a line of its own")
    return None


RULES: tuple[Explanation, ...] = (
    _python,  # first: what follows a foreign word means little
    arrow,
    foreign_sign,
    _nested,
    _else,
    _assignment,
    _colon,
    _import,
    _decorator,
    _shared,
    _shared_value,
    _head,
    _signature,
    _ternary,
    _reserved,
    _for,
    _label,
    *EXPRESSION_RULES,
    _block,
    _line,
)
