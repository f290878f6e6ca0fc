"""Says that one item does not parse: a mistake with offsets in the item's text, to become a diagnostic of the file."""

from __future__ import annotations

from archdsl.diagnostics.model import Diagnostic, Label
from archdsl.source import Source, Span


class Fault(Exception):
    """A mistake at `start` up to `end`; `labels` are (start, end, text) of further places. Offsets as in the tree."""

    def __init__(
        self,
        code: str,
        message: str,
        start: int,
        end: int,
        help: str,
        labels: tuple[tuple[int, int, str], ...] = (),
        notes: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.start = start
        self.end = end
        self.help = help
        self.labels = labels
        self.notes = notes

    def diagnostic(self, source: Source, offset: int) -> Diagnostic:
        """The message for the item whose text starts at `offset` of `source`; its spans stay inside the file."""
        return Diagnostic(
            code=self.code,
            message=self.message,
            span=_span(source, offset + self.start, offset + self.end),
            labels=tuple(Label(_span(source, offset + start, offset + end), text) for start, end, text in self.labels),
            notes=self.notes,
            help=self.help,
        )


def _span(source: Source, start: int, end: int) -> Span:
    """The span clipped to the file, and to its first line: a message underlines one line."""
    size = len(source.text)
    start = min(start, size)
    end = min(max(end, start), size)
    newline = source.text.find("\n", start, end)
    return Span(source, start, end if newline < 0 else newline)
