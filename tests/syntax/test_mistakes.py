"""Checks the words of syntax errors that the pages do not show, and that no message names a terminal of the parser."""

from __future__ import annotations

import re

import pytest

from archdsl.diagnostics.model import Diagnostic, Diagnostics
from archdsl.source import Source
from archdsl.syntax.parse import parse
from grammar.__main__ import GRAMMAR

_TERMINALS = set(re.findall(r"^([A-Z_]{3,}):", GRAMMAR.read_text(encoding="utf-8"), re.MULTILINE)) | {
    "LPAR",
    "RPAR",
    "LBRACE",
    "COMMA",
}


def mistake(text: str) -> Diagnostic:
    """The one diagnostic of `text`."""
    diagnostics = Diagnostics()
    parse(Source("test.arch", text), diagnostics)
    (diagnostic,) = diagnostics
    assert diagnostic.help and diagnostic.span is not None
    said = {*re.findall(r"[A-Z_$]{3,}", f"{diagnostic.message} {diagnostic.help}")}
    assert not said & _TERMINALS
    return diagnostic


@pytest.mark.parametrize(
    ("statement", "where", "code", "message"),
    [
        ("y = x ->\n    return y", "->", "expected-stage", "expected a stage after `->`"),
        ("y = x -> ]", "]", "unexpected-bracket", "`]` closes nothing"),
        ("y = (x -> )", "->", "expected-stage", "expected a stage"),
        ("y = x -> (f]", "]", "unexpected-bracket", "`]` does not close `(`"),
        ("y = x -> [f)\n", ")", "unexpected-bracket", "`)` does not close `[`"),
        ("y = f(g[1)\n", "[", "unclosed-bracket", "this `[` is never closed"),
        ("return", "return", "expected-expression", "expected a value after `return`"),
        ("y = * 3", "*", "expected-expression", "expected a value after `=`"),
        ("-> relu", "->", "expected-expression", "nothing stands before `->`"),
        ("y = [a,,b]", ",", "expected-expression", "nothing stands before this `,`"),
        ("y = x[]", "]", "expected-expression", "an index stands between"),
        ("y = x -> f as", "as", "expected-label", "expected a label"),
        ("y = x.", ".", "expected-attribute", "expected a name after"),
        ("y = 1.", ".", "bad-number", "a point needs digits"),
        ("y = 3x", "3x", "bad-number", "`3x` is not a number"),
        ("y = 4.09GB", "4.09GB", "bad-number", "`4.09GB` is not a number"),
        ("y = 1__0", "1__0", "bad-number", "`1__0` is not a number"),
        ("y = 99999999999999999999", "99999999999999999999", "bad-number", "this number is too large"),
        ("y = lambda z: z", "lambda", "python-syntax", "there is no `lambda`"),
        ("while n > 3 { }", "while", "python-syntax", "there is no `while`"),
        ("y = None", "None", "python-syntax", "there is no `None`"),
        ('y = f"a"', "f", "python-syntax", "strings have no prefix"),
        ("for [a, b] in n { }", "[", "bad-target", "`for` sets names"),
        ("for (a, 1), b in n { }", "1", "bad-target", "`for` sets names"),
        ("[a] = n", "[a]", "bad-target", "a list of one name"),
        ("f(n) = 3", "f(n)", "bad-target", "only names can be assigned"),
        ("y = 3 = n", "=", "chained-assignment", "a second `=`"),
        ("if n == 1 return x", "return", "missing-body", "the body of this `if`"),
        ("for i in n\n    y = 3", "n", "missing-body", "the body of this `for`"),
        ("y = a && b", "&", "bad-character", "`&` is not part"),
        ("y = a ? b", "?", "bad-character", "`?` is not part"),
        ("y = “a”", "“", "bad-character", "`“` is not part"),
        ("größe = 3", "ö", "bad-character", "`ö` cannot stand in a name"),
        ("y = 3 × 4", "×", "bad-character", "`×` is not part"),
        ("y = x \\", "\\", "bad-character", "`\\` is not part"),
        ('y = "a', '"a', "unclosed-string", "this string is not closed"),
        ("y = for", "for", "reserved-word", "`for` is a word"),
        ("network = 3", "network", "nested-definition", "definitions do not stand inside"),
        ("y -> 5 6", "6", "missing-operator", "nothing connects `5` and `6`"),
        ("y = [1 2]", "2", "missing-comma", "`1` and `2`"),
        ("y = f(*n)", "*", "star-argument", "arguments are not unpacked"),
        ("y = {n}", "{", "unexpected-brace", "braces hold statements"),
    ],
)
def test_statements(statement: str, where: str, code: str, message: str) -> None:
    diagnostic = mistake(f"block b(x; n) {{\n    {statement}\n}}\n")
    assert diagnostic.span is not None
    assert (diagnostic.code, diagnostic.span.text) == (code, where)
    assert diagnostic.message.startswith(message)


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("block", "missing-name", "block name"),
        ("block b", "missing-signature", "block b(x"),
        ("fn f = 3", "bad-variant", "fn f()"),
        ("block b(x)\n{ }", "missing-body", "move the `{` up"),
        ("block b(x) -> relu", "missing-body", "= x -> "),
        ("block b(x):\n  return x", "colon-for-brace", "`{`"),
        ("block for(x) = x", "reserved-word", "for_"),
        ("block b(x; y; z) = x", "unexpected-semicolon", "one `;`"),
        ("block b(x; *y) = x", "star-argument", "list"),
        ("import std: *", "bad-import", "import path"),
        ("from a import b", "python-syntax", "`import a: b`"),
        ("def f(x):\n  return x", "python-syntax", "block name"),
        ("class Net(Module):\n  pass", "python-syntax", "block name"),
        ("blok b(x) = x", "stray-statement", "did you mean `block`?"),
        ("A = 3\n    y = 4", "stray-statement", "body"),
        ("network a = b() c", "missing-operator", "->"),
        ("@3\nblock b(x) = x", "bad-decorator", "@expect"),
        ("block b(x) = x }", "unexpected-bracket", "delete"),
        ("arch 0.5\nA = 1", "unknown-edition", "arch 1"),
    ],
)
def test_definitions(text: str, code: str, hint: str) -> None:
    diagnostic = mistake(text)
    assert diagnostic.code == code
    assert hint in diagnostic.help


def test_only_attributes_have_numbers_of_any_size() -> None:
    large = str(2**63)
    network = "network n(x: [3, 8, 8]) = x -> relu"
    for text in (f'@expect(designs = {large})\n@cite("a", params = {large})\n{network}', f"A = {2**63 - 1}"):
        diagnostics = Diagnostics()
        parse(Source("test.arch", text), diagnostics)
        assert not list(diagnostics)
    for text in (f"A = {large}", f"@expect(designs = {large})\n{network} -> conv({large})", f"B = [1, {large}]"):
        assert mistake(text).code == "bad-number"
