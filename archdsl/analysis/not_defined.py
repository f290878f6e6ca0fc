"""Says that a network has no such number: what an analysis raises instead of giving a wrong one."""

from __future__ import annotations


class NotDefined(ValueError):
    """A network has no such number, or one too large to be worked out; the message says why."""
