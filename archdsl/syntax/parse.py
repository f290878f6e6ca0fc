"""Turns the text of a file into its syntax tree, one item at a time, when it is needed."""

from __future__ import annotations

import re
import threading

from archdsl.diagnostics.model import Diagnostic, Diagnostics
from archdsl.source import Source, Span
from archdsl.syntax import mistakes
from archdsl.syntax.build import ParsedItem, TreeBuilder
from archdsl.syntax.fault import Fault
from archdsl.syntax.items import File, Item, Parsed
from archdsl.syntax.newlines import NewlineFilter
from archdsl.syntax.parser import item_parser
from archdsl.syntax.split import ItemText, edition, split
from archdsl.syntax.token import UnexpectedCharacter, UnexpectedToken
from archdsl.syntax.tree import Broken, Definition, Variant

MAX_BYTES = 2**20
MAX_TOKENS = 100_000

_TOKEN = re.compile(r"[A-Za-z_0-9]+|#[^\n]*|\"[^\"\n]*\"|'[^'\n]*'|[^\sA-Za-z_0-9]")
_NAME_AFTER_HEAD = re.compile(r"(?:fn|block|cell|network)[ \t]+([A-Za-z_][A-Za-z0-9_]*)", re.ASCII)
_OF_PYTHON = re.compile(r"(?:(?:def|class)[ \t]+([A-Za-z_]\w*)|from[ \t]+[\w.]+[ \t]+import\b)", re.ASCII)
_DEFINED = re.compile(r"^(?:fn|block|cell|network)\b", re.MULTILINE)


def outline(source: Source) -> File:
    """The items of `source`, none of them parsed yet: each is when it is asked for more than its kind and name."""
    file = File(source)
    over = _over_budget(source)
    if over is not None:
        file.faults.append(over)
        return file
    text = source.text
    if text.startswith("\ufeff"):
        text = " " + text[1:] if text[1:2] in (" ", "\n", "\r", "\t") else "\n" + text[1:]
    word, start, end = edition(text)
    if word != "1":
        help = "this archdsl knows edition 1: write `arch 1`, or update archdsl"
        message = f"`arch {word}` is not an edition of the language that this archdsl knows"
        file.faults.append(Diagnostic("unknown-edition", message, Span(source, start, end), help=help))
        return file
    lock = threading.Lock()
    for chunk in split(text):
        python = _OF_PYTHON.match(chunk.text) if chunk.kind == "stray" else None
        if chunk.kind == "stray":
            chunk.fault = chunk.fault or mistakes.explain_stray(chunk.text)
            if python is None:
                file.faults.append(chunk.fault.diagnostic(source, chunk.start))
                continue
            chunk.kind = "block" if python[1] else "import"
        item = _item(source, chunk, lock)
        if python is not None:  # what it defines is known, so that nobody misses it
            item.name = python[1]
        if chunk.kind == "decorator" and not _decorates(item):
            help = "write it directly above a fn, block, cell or network, or delete it"
            lone = Fault("lone-decorator", "nothing to decorate below this line", 0, len(chunk.text), help)
            file.faults.append((chunk.fault or lone).diagnostic(source, chunk.start))
        else:
            file.items.append(item)
    return file


def parse(source: Source, diagnostics: Diagnostics) -> File:
    """The tree of `source`. Mistakes go to `diagnostics`; an item with one is Broken. Never raises for bad text."""
    file = outline(source)
    faults = [*file.faults, *[item.fault for item in file.items if item.fault is not None]]
    diagnostics.extend(sorted(faults, key=lambda fault: fault.span.start if fault.span is not None else 0))
    return file


def _item(source: Source, chunk: ItemText, lock: threading.Lock) -> Item:
    def parse(item: Item) -> Parsed:
        with lock:  # one tree for all threads
            if item.parsed is None:
                found = chunk.fault or _parse_alone(item.text)
                item.parsed = (
                    Parsed(_broken(item), [], found.diagnostic(source, item.offset))
                    if isinstance(found, Fault)
                    else Parsed(found.declaration, found.decorators)
                )
        return item.parsed

    item = Item(source, chunk.start, chunk.text, chunk.kind, chunk.doc, parse)
    item.name = _name(item)
    return item


def _decorates(item: Item) -> bool:
    """Whether a definition stands on the line of its attribute; then its kind and name are read off its tree."""
    declaration = item.declaration
    if isinstance(declaration, (Definition, Variant)):
        item.kind, item.name = declaration.kind, declaration.name
    return item.fault is None


def _name(item: Item) -> str | None:
    """The name that an item defines, as far as its text shows it."""
    if item.kind == "constant":
        return re.split(r"[ \t=]", item.text, maxsplit=1)[0]
    head = _DEFINED.search(item.text)
    found = _NAME_AFTER_HEAD.match(item.text, head.start()) if head else None
    return found[1] if found else None


def _parse_alone(text: str) -> ParsedItem | Fault:
    newlines = NewlineFilter()
    try:
        item: ParsedItem = item_parser().parse(text, newlines, TreeBuilder())
    except UnexpectedToken as error:
        return mistakes.explain(error, newlines.tokens, text)
    except UnexpectedCharacter as error:
        return Fault("bad-character", f"`{text[error.at]}` is not expected here", error.at, error.at + 1, "delete it")
    except Fault as fault:
        return fault
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


def _broken(item: Item) -> Broken:
    """What is known of a definition that does not parse."""
    return Broken(item.kind, item.name, 0, len(item.text))
