"""Turns a file's text into the texts of its items, and finds wrong brackets, strings and characters."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archdsl.syntax.fault import Fault

MAX_BRACKETS = 100

_EDITION = re.compile(r"(?:[ \t\r\f]*(?:#[^\n]*)?\n)*[ \t]*arch[ \t]+(?![=(])([^\s#]+)[ \t\r]*(?:#[^\n]*)?(?=\n|\Z)")
_SCAN = re.compile(
    r"""
    ^ (?: (?P<head>(?:import|fn|block|cell|network)\b|@) | (?P<line>(?=[A-Za-z0-9_("'\[-])) )
    | (?![A-Za-z0-9_\ \n,.=:-])  # most characters, passed over quickly
      (?: (?P<string>"(?:[^"\\\n]|\\[^\n])*["\\]? | '(?:[^'\\\n]|\\[^\n])*['\\]?)
        | (?P<comment>\#[^\n]*)
        | (?P<open>[(\[{])
        | (?P<close>[)\]}])
        | (?P<bad>[^\t\n\r\f\x20-\x7e] | [$?`~^&|\\] | !(?!=)) )
    """,
    re.MULTILINE | re.VERBOSE,
)
_MARGIN = re.compile(r"[A-Za-z0-9_(\"'\[@-]")  # what an item, or a statement that should be one, starts with
_NO_CODE = re.compile(r"(?:[ \t\r\n\f]+|#[^\n]*)*")
_CONSTANT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*[ \t]*=(?!=)")
_CONTINUES = re.compile(r"->|(?:as|or|and|in|not[ \t]+in|elif|else)\b")
_UNFINISHED = re.compile(r"[-=+*/%<>,:]\Z|(?<![A-Za-z0-9_])(?:as|or|and|not|in)\Z")
_PAIRS = {")": "(", "]": "[", "}": "{"}
_MEANT = {
    "→": "->", "⟶": "->", "⇒": "->", "×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "—": "-", "≤": "<=", "≥": ">=",
    "≠": "!=", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "^": "**", "&": "and",
    "|": "-> between stages, or between conditions,",
    "!": "not", "…": "every element", "\xa0": "a plain space", "（": "(", "）": ")", "，": ",", "；": ";", "：": ":",
}  # fmt: skip


@dataclass(slots=True)
class ItemText:
    """The text of one item at `start` of the file. `kind` is its first word, "constant", "decorator" or "stray"."""

    kind: str
    start: int
    end: int = 0
    text: str = ""
    doc: str = ""
    fault: Fault | None = None
    brackets: list[tuple[str, int]] = field(default_factory=list)


def edition(text: str) -> tuple[str, int, int]:
    """What `arch …` says in the first line ("1" without one), and where that word stands."""
    match = _EDITION.match(text)
    return (match[1], match.start(1), match.end(1)) if match else ("1", 0, 0)


def split(text: str) -> list[ItemText]:
    """The items of `text` in order; `block` and its like at the start of a line always begin one."""
    start = edition(text)[2]
    current = ItemText("nothing", start)
    chunks: list[ItemText] = []
    code = _NO_CODE.match(text, start).end()  # type: ignore[union-attr]
    if code < len(text) and not ((code == 0 or text[code - 1] == "\n") and _MARGIN.match(text, code)):
        current = ItemText("stray", code)
        chunks.append(current)
    comments: list[tuple[int, int]] = []  # those since the last line at the margin
    for match in _SCAN.finditer(text, start):
        at, group = match.start(), match.lastgroup
        if group == "head":
            kind = "decorator" if match[0] == "@" else match[0]
            if current.kind == "decorator" and kind != "import":
                current.kind = kind
            else:
                current = ItemText(kind, at)
                chunks.append(current)
        elif group == "line":
            if not current.brackets and _begins(text, at, current, comments):
                kind = "constant" if _CONSTANT.match(text, at) else "stray"
                if not kind == current.kind == "stray":
                    current = ItemText(kind, at)
                    chunks.append(current)
            comments.clear()
        elif group == "comment":
            comments.append((at, match.end()))
        else:
            _check(text, current, match)
    after = len(text)
    for chunk in reversed(chunks):
        _finish(text, chunk, after)
        after = chunk.start
    return chunks


def _begins(text: str, at: int, current: ItemText, comments: list[tuple[int, int]]) -> bool:
    """Whether an unbracketed line at the margin starts something new, rather than going on with the line above."""
    if current.kind == "nothing":
        return True
    end = at  # of the code above
    while end > current.start:
        if text[end - 1].isspace():
            end -= 1
        elif comments and comments[-1][1] == end:
            end = comments.pop()[0]
        else:
            break
    return not _CONTINUES.match(text, at) and not _UNFINISHED.search(text, max(current.start, end - 5), end)


def _check(text: str, chunk: ItemText, match: re.Match[str]) -> None:
    """Note the chunk's first wrong string, character or bracket."""
    at, found = match.start() - chunk.start, match[0]
    lexical = chunk.fault is not None and chunk.fault.code in ("unclosed-string", "bad-character", "too-deep")
    if lexical:
        return  # the brackets after it mean nothing
    if match.lastgroup == "string":
        if len(found) < 2 or found[-1] != found[0]:
            help = f"end it with {found[0]} on the same line; strings do not span lines"
            chunk.fault = Fault("unclosed-string", "this string is not closed", at, at + len(found), help)
    elif match.lastgroup == "bad":
        chunk.fault = _bad_character(found, at)
    elif match.lastgroup == "open":
        chunk.brackets.append((found, at))
        if len(chunk.brackets) > MAX_BRACKETS:
            message = f"more than {MAX_BRACKETS} brackets inside each other"
            chunk.fault = Fault("too-deep", message, at, at + 1, "give inner parts a name of their own")
    elif match.lastgroup == "close" and chunk.fault is None:
        chunk.fault = _close(chunk, found, at)


def _close(chunk: ItemText, found: str, at: int) -> Fault | None:
    wanted, stack = _PAIRS[found], chunk.brackets
    if stack and stack[-1][0] == wanted:
        stack.pop()
        return None
    if any(bracket == wanted for bracket, _ in stack):
        bracket, opened = stack[-1]
        labels = ((at, at + 1, f"`{found}` comes first"),)
        return _unclosed(bracket, opened, labels)
    message = (
        f"`{found}` does not close `{stack[-1][0]}`" if stack and stack[-1][0] != "{" else f"`{found}` closes nothing"
    )
    where = ((stack[-1][1], stack[-1][1] + 1, f"`{stack[-1][0]}` is open here"),) if stack else ()
    return Fault("unexpected-bracket", message, at, at + 1, f"delete it, or write the `{wanted}` it belongs to", where)


def _unclosed(bracket: str, at: int, labels: tuple[tuple[int, int, str], ...] = ()) -> Fault:
    close = {"(": ")", "[": "]", "{": "}"}[bracket]
    return Fault(
        "unclosed-bracket", f"this `{bracket}` is never closed", at, at + 1, f"write the missing `{close}`", labels
    )


def _bad_character(found: str, at: int) -> Fault:
    if found in _MEANT:
        message, help = f"`{found}` is not part of the language", f"write {_MEANT[found]} instead"
    elif found == "\0" or (ord(found) < 32) or found == "�":
        message, help = f"a control character (U+{ord(found):04X})", "is this a text file? specs are UTF-8 text"
    elif found.isalpha():
        message, help = f"`{found}` cannot stand in a name", "names use the letters a to z, digits and _"
    elif found == "\\":
        message, help = (
            "`\\` is not part of the language",
            "inside ( ) and [ ], and before ->, a line goes on by itself",
        )
    else:
        message = f"`{found}` is not part of the language"
        help = "delete it; text belongs in quotes or behind #"
    return Fault("bad-character", message, at, at + 1, help)


def _finish(text: str, chunk: ItemText, after: int) -> None:
    """Fix the end (without comments and blank lines below), the text and the documentation of `chunk`."""
    end = after
    while True:
        line = text.rfind("\n", chunk.start, end) + 1
        rest = text[line:end].strip() if line else ""
        if not line or (rest and not rest.startswith("#")):
            break
        end = line - 1
    chunk.end = chunk.start + len(text[chunk.start : end].rstrip())
    chunk.text = text[chunk.start : chunk.end]
    if chunk.fault is None and chunk.brackets:
        bracket, at = chunk.brackets[-1]
        labels = tuple((i, i + 1, f"`{b}` is open too") for b, i in chunk.brackets[:-1][-1:])
        chunk.fault = _unclosed(bracket, at, labels)
    if chunk.kind not in ("stray", "decorator"):
        chunk.doc = _documentation(text, chunk)


def _documentation(text: str, chunk: ItemText) -> str:
    """The `##` lines directly above the item, and those between its decorators and its head."""
    above: list[str] = []
    at = chunk.start
    while at > 0:
        line = text.rfind("\n", 0, at - 1) + 1
        content = text[line : at - 1].strip()
        if not content.startswith("##"):
            break
        above.insert(0, content)
        at = line
    if chunk.text.startswith("@"):
        for content in chunk.text.split("\n"):
            if content.startswith("##"):
                above.append(content.strip())
            elif _HEAD_WORD.match(content):
                break
    return "\n".join(line[2:].removeprefix(" ").rstrip() for line in above)


_HEAD_WORD = re.compile(r"(?:fn|block|cell|network)\b")
