"""Turns the author's line breaks into canonical ones: bodies opened up, `else` joined, long lines broken."""

from __future__ import annotations

from itertools import pairwise

from archdsl.syntax.format_words import HEADS, Word, settle


def settle_breaks(words: list[Word]) -> list[Word]:
    """The words with canonical breaks, whatever the width; each `;` that a newline replaces is gone."""
    _open_bodies(words)
    kept: list[Word] = []
    for index, word in enumerate(words):
        previous = kept[-1] if kept else None
        if word.text == ";" and word.kind == "sign" and (word.opener is None or word.opener.text == "{"):
            _drop_semicolon(words, index, previous)
            if not _stays(words, index, previous):
                continue
        if word.text in HEADS and word.opener is None and previous is not None and word.starts:
            word.breaks = max(word.breaks, 1)
        if word.text in ("else", "elif") and word.breaks and previous is not None and previous.text == "}":
            word.breaks = 0
        if previous is None or (_opens_body(kept) and word.breaks) or (word.text == "}" and word.breaks):
            word.breaks = min(word.breaks, 1)
        kept.append(word)
    if kept:
        kept[0].breaks = 0
    commas = _with_trailing_commas(kept)
    settle(commas)
    return commas


def _opens_body(kept: list[Word]) -> bool:
    """Whether the last word is a body's `{`, or the comment behind it."""
    if kept[-1].kind == "comment" and not kept[-1].breaks and len(kept) > 1:
        return kept[-2].text == "{"
    return kept[-1].text == "{"


def _open_bodies(words: list[Word]) -> None:
    """A body that takes more than one line has its braces at the ends of lines, and one statement a line."""
    spread: set[int] = set()
    for index, word in enumerate(words):
        if word.text == "{" and word.partner is not None:
            inside = _between(words, index, word.partner)
            if any(w.breaks for w in inside) or word.partner.breaks:
                spread.add(id(word))
                first = inside[0] if inside else word.partner
                if first.kind != "comment":
                    first.breaks = max(first.breaks, 1)
                word.partner.breaks = max(word.partner.breaks, 1)
    for before, word in pairwise(words):
        if before.text == ";" and before.kind == "sign" and word.kind != "comment":
            inner = before.opener
            if inner is None or (inner.text == "{" and id(inner) in spread):
                word.breaks = max(word.breaks, 1)


def _between(words: list[Word], index: int, partner: Word) -> list[Word]:
    """The words inside the bracket at `index`, up to the first that starts a line (that settles the question)."""
    inside: list[Word] = []
    for word in words[index + 1 :]:
        if word is partner:
            break
        inside.append(word)
        if word.breaks:
            break
    return inside


def _drop_semicolon(words: list[Word], index: int, previous: Word | None) -> None:
    """Hand the break in front of a `;` that goes away to the word behind it."""
    after = words[index + 1] if index + 1 < len(words) else None
    if after is not None and not _stays(words, index, previous):
        after.breaks = max(after.breaks, words[index].breaks)


def _stays(words: list[Word], index: int, previous: Word | None) -> bool:
    """Whether the `;` at `index` separates two statements of one line."""
    after = words[index + 1] if index + 1 < len(words) else None
    if previous is None or previous.text in ("{", ";") or previous.kind == "comment" or words[index].breaks:
        return False
    return after is not None and after.kind != "comment" and not after.breaks and after.text not in ("}", ";")


def _with_trailing_commas(words: list[Word]) -> list[Word]:
    """A comma behind the last element wherever the closing bracket of a list or call starts a line."""
    result: list[Word] = []
    code: Word | None = None  # last word that is no comment
    at = 0
    for word in words:
        lacks = code is not None and code.text not in (",", ";") and code is not word.partner
        closes = word.breaks > 0 and word.text in (")", "]")
        if lacks and closes and word.partner is not None and _takes_comma(word.partner):
            result.insert(at, Word(",", "sign"))
        result.append(word)
        if word.kind != "comment":
            code, at = word, len(result)
    return result


def _takes_comma(opener: Word) -> bool:
    """Whether a comma may follow the last element: not in `(a)`, an index, a shape or a comprehension."""
    if opener.text == "[":
        return not opener.postfix and not opener.has_for
    return opener.postfix or opener.has_comma


def break_line(line: list[Word]) -> bool:
    """Break a line that is too long: its body, else its longest list, arrows or bracket. False where nothing breaks."""
    code = [word for word in line if word.kind != "comment"]
    places = {id(word): place for place, word in enumerate(code)}
    pairs: list[tuple[Word, list[Word]]] = []  # outermost brackets that hold something
    arrows: list[Word] = []
    place = 0
    while place < len(code):
        word = code[place]
        close = places.get(id(word.partner), 0)
        if close > place:
            if close > place + 1:
                pairs.append((word, code[place + 1 : close]))
            place = close
        elif word.text == "->" and place:
            arrows.append(word)
        place += 1
    body = next((pair for pair in pairs if pair[0].text == "{"), None)
    opener, inside = body or max(pairs, key=lambda pair: _width(pair[1]), default=(None, []))
    a_list = opener is not None and opener.text == "[" and not opener.postfix
    if arrows and body is None and not (a_list and _width(inside) > _width(code) // 2):
        for word in arrows:
            word.breaks = 1
        return True
    if opener is None:
        return False
    _spread(opener, inside)
    return True


def _width(words: list[Word]) -> int:
    return sum(len(word.text) + 1 for word in words)


def _spread(opener: Word, inside: list[Word]) -> None:
    """Give the elements of a bracket lines of their own."""
    inside[0].breaks = 1
    if opener.partner is not None:
        opener.partner.breaks = 1
    for before, word in pairwise(inside):
        if before.opener is opener and before.text in (",", ";"):
            word.breaks = max(word.breaks, 1)
