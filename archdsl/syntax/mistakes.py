"""Turns the place where the parser got stuck into a message in the words of the language."""

from __future__ import annotations

from lark import Token
from lark.exceptions import UnexpectedToken

from archdsl.syntax.fault import Fault


def explain(error: UnexpectedToken, tokens: list[Token], text: str) -> Fault:
    """The mistake at `error`; `tokens` are those read so far, the unexpected one last (but for the end of the text)."""
    token = error.token
    return Fault("unexpected-token", f"`{token}` is not expected here", token.start_pos or 0, token.end_pos or 0, "see the language reference")


def explain_stray(text: str) -> Fault:
    """The mistake of writing `text` at the top level."""
    end = len(text.split("\n", 1)[0].rstrip())
    return Fault("stray-statement", "this is not a definition", 0, end, "a file holds imports, constants, fn, block, cell and network")
