"""Turns the text of a file into its syntax tree, one item at a time, so that a broken one does not hide the others."""

from __future__ import annotations

import re
from functools import lru_cache

from archdsl.diagnostics.model import Diagnostic, Diagnostics
from archdsl.source import Source, Span
from archdsl.syntax import mistakes
from archdsl.syntax.build import ParsedItem, TreeBuilder
from archdsl.syntax.fault import Fault
from archdsl.syntax.newlines import NewlineFilter
from archdsl.syntax.parser import item_parser
from archdsl.syntax.split import Chunk, edition, split
from archdsl.syntax.token import UnexpectedCharacter, UnexpectedToken
from archdsl.syntax.tree import Broken, File, Item

MAX_BYTES = 2**20
MAX_TOKENS = 100_000

_TOKEN = re.compile(r"[A-Za-z_0-9]+|#[^\n]*|\"[^\"\n]*\"|'[^'\n]*'|[^\sA-Za-z_0-9]")
_NAME_AFTER_HEAD = re.compile(r"(?:fn|block|cell|network)[ \t]+([A-Za-z_][A-Za-z0-9_]*)", re.ASCII)
_DEFINED = re.compile(r"^(?:fn|block|cell|network)\b", re.MULTILINE)


def parse(source: Source, diagnostics: Diagnostics) -> File:
    """The tree of `source`. Mistakes go to `diagnostics`; an item with one is Broken. Never raises for bad text.

    Trees are memoised by their item's text and shared between files: treat them as immutable. So is the division of a
    file's text into items.
    """
    over = _over_budget(source)
    if over is not None:
        diagnostics.add(over)
        return File(source, [])
    text = source.text
    if text.startswith("\ufeff"):
        text = " " + text[1:] if text[1:2] in (" ", "\n", "\r", "\t") else "\n" + text[1:]
    word, start, end = edition(text)
    if word != "1":
        help = "this archdsl knows edition 1: write `arch 1`, or update archdsl"
        message = f"`arch {word}` is not an edition of the language that this archdsl knows"
        diagnostics.add(Diagnostic("unknown-edition", message, Span(source, start, end), help=help))
        return File(source, [])
    file = File(source, [])
    for chunk in _chunks(text):
        fault = chunk.fault or (mistakes.explain_stray(chunk.text) if chunk.kind == "stray" else None)
        if fault is None:
            result = _parse_item(chunk.text)
            if isinstance(result, Fault) and chunk.kind == "decorator":
                help = "write it directly above a fn, block, cell or network, or delete it"
                result = Fault("lone-decorator", "nothing to decorate below this line", 0, len(chunk.text), help)
            if isinstance(result, ParsedItem):
                file.items.append(Item(result.declaration, result.decorators, chunk.doc, source, chunk.start))
                continue
            fault = result
        diagnostics.add(fault.diagnostic(source, chunk.start))
        if chunk.kind not in ("stray", "decorator"):
            file.items.append(Item(_broken(chunk), [], chunk.doc, source, chunk.start))
    return file


def forget() -> None:
    """Drop the memoised trees (for measurements and tests)."""
    _parse_item.cache_clear()
    _chunks.cache_clear()


_chunks = lru_cache(maxsize=64)(split)


@lru_cache(maxsize=8192)
def _parse_item(text: str) -> ParsedItem | Fault:
    newlines = NewlineFilter()
    try:
        item: ParsedItem = item_parser().parse(text, newlines, TreeBuilder())
    except UnexpectedToken as error:
        return mistakes.explain(error, newlines.tokens, text)
    except UnexpectedCharacter as error:
        return Fault("bad-character", f"`{text[error.at]}` is not expected here", error.at, error.at + 1, "delete it")
    except Fault as fault:
        # The traceback holds the parser's stacks: a memoised mistake must not keep them alive.
        return fault.with_traceback(None)
    return item


def _over_budget(source: Source) -> Diagnostic | None:
    """A file too large to be looked at."""
    text = source.text
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        message = "this file is larger than 1 MiB"
        return Diagnostic("file-too-large", message, Span(source, 0, 0), help="split it, and use `import`")
    if len(text) > MAX_TOKENS:
        for count, match in enumerate(_TOKEN.finditer(text)):
            if count >= MAX_TOKENS:
                message = f"this file has more than {MAX_TOKENS:,} words and symbols"
                place = Span(source, match.start(), match.start() + 1)
                return Diagnostic("too-many-tokens", message, place, help="split it, and use `import` and loops")
    return None


def _broken(chunk: Chunk) -> Broken:
    """What is known of a definition that does not parse: its kind and, if it can be seen, its name."""
    text, size = chunk.text, len(chunk.text)
    if chunk.kind == "constant":
        return Broken("constant", re.split(r"[ \t=]", text, maxsplit=1)[0], 0, size)
    head = _DEFINED.search(text)
    name = _NAME_AFTER_HEAD.match(text, head.start()) if head else None
    return Broken(chunk.kind, name[1] if name else None, 0, size)
