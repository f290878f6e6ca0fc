"""Turns a word that belongs to Python into what to write here."""

from __future__ import annotations

_WORDS = {
    "True": ("`True` is written small here", "write `true`"),
    "False": ("`False` is written small here", "write `false`"),
    "None": ("there is no `None`", "use `id` for a stage that does nothing, `[]` or 0 otherwise"),
    "def": ("there is no `def`", "write `block name(x; …)` for tensors, `fn name(v)` for compile-time values"),
    "class": ("there is no `class`", "write `block name(x; parameters) { … }`"),
    "lambda": ("there is no `lambda`", "write a `block` or `fn` of its own; a chain `f -> g` is a value already"),
    "while": ("there is no `while`", "write `for i in range(n) { … }`, or recursion"),
    "from": ("there is no `from`", "write `import path: a, b`"),
    "pass": ("there is no `pass`", "an empty body is `{ }`; a stage that does nothing is `id`"),
    "with": ("there is no `with`", "write the statements themselves"),
    "try": ("there is no `try`", "a mistake is reported, never caught"),
    "del": ("there is no `del`", "leave the name alone"),
    "global": ("there is no `global`", "pass values as parameters, and return what changed"),
    "assert": ("there is no `assert`", "claims about a network are written `@expect(params = …)`"),
    "raise": ("there is no `raise`", "claims about a network are written `@expect(params = …)`"),
    "yield": ("there is no `yield`", "collect a list: `xs = xs + [x]`"),
    "break": ("there is no `break`", "loop over a shorter list"),
    "continue": ("there is no `continue`", "use `if`"),
    "is": ("there is no `is`", "write `==`"),
}
NO_NAMES = {word: _WORDS[word] for word in ("True", "False", "None")}  # what these say is written otherwise here


def python_word(word: str) -> tuple[str, str] | None:
    """Message and help for a word of Python, or None. (Most may be used as names here; ask only once in trouble.)"""
    return _WORDS.get(word)
