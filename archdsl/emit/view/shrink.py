"""Leaves out of JavaScript and CSS what only their readers need: comments, indents, blanks beside signs."""

from __future__ import annotations

import re

# What a script is made of, by its first characters. A `/` begins a regular expression where no value can end.
_PARTS = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.|\$(?!\{)|\$\{(?:[^`{}]|`[^`]*`|\{[^{}]*\})*\})*`
        |(?<=[(,=:\[!&|?{};\n])[ ]*/(?![/*])(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*)
    |(?P<line>\s*\n\s*)|(?P<blank>[ \t]+)|(?P<sign>[^\w\s$"'`])|(?P<word>[\w$]+)""",
    re.DOTALL | re.VERBOSE,
)
_TIGHT = frozenset("{}()[],;:?=<>!&|*%^.")
_OPEN = frozenset("{([,;:?=&|")  # behind these, the end of a line ends no statement


def shrunk_script(text: str) -> str:
    """A script that does the same. Its statements end with semicolons; ends of lines are kept where they may matter."""
    made: list[str] = []
    last = ""  # the last character that was kept
    gap = ""
    for part in _PARTS.finditer(text):
        kind, found = part.lastgroup, part[0]
        if kind == "comment":
            continue
        if kind in ("line", "blank"):
            gap = "\n" if kind == "line" or gap == "\n" else " "
            continue
        if gap == "\n" and last and last not in _OPEN:
            made.append("\n")
        elif gap and not (last in _TIGHT or found[0] in _TIGHT) and (_wordy(last) == _wordy(found[0])):
            made.append(" ")
        made.append(found.strip() if kind == "text" else "let" if found == "const" else found)
        last, gap = made[-1][-1], ""
    return re.sub(r"(?<![\w$])\(([\w$]+)\)=>", r"\1=>", "".join(made))


def _wordy(character: str) -> bool:
    """Whether what begins or ends so would run together with another such: words, `+ +`, text after text."""
    return character.isalnum() or character in "_$\"'`"


def shrunk_style(text: str) -> str:
    """A style sheet that says the same."""
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" ?([{};,>]) ?|(:) ", lambda found: found[1] or found[2], text).replace(";}", "}")
