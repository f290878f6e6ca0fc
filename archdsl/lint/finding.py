"""Says what advice is: typed records of a rule, of what a check hits, and of the finding that a reader sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archdsl.analysis.cost import NOTHING, Cost
from archdsl.diagnostics.model import ERROR, INFO, WARNING
from archdsl.ir.graph import Graph
from archdsl.source import Span

if TYPE_CHECKING:
    from archdsl.lint.subject import Subject

OFF = "off"
SEVERITIES = (ERROR, WARNING, INFO, OFF)


@dataclass(frozen=True, slots=True)
class Hit:
    """What a check found once in one body.

    `body` is where it holds: it counts once per application of that body. `span` is the place of the op at fault.
    `cost` is what it costs each time at batch 1, its `params` and `buffers` per set of weights; where the edit does the
    same as before, it is exactly what the edit saves. `message` has no numbers that depend on how often it is applied.
    `edit` says what to write instead.
    """

    body: Graph
    span: Span
    message: str
    edit: str
    cost: Cost = NOTHING
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One piece of advice: `reason` is why, in a sentence, and `source` where that is argued (paper, section).

    `severity` is the default. `check` gives the hits in a network; a rule without it is about the text of the file.
    """

    name: str
    severity: str
    summary: str
    reason: str
    source: str
    check: Callable[[Subject], Iterator[Hit]] | None


@dataclass(frozen=True, slots=True, repr=False)
class Finding:
    """What one rule says of one source line of a network, all that it hits there taken together.

    `cost` is the total over `applications` (how often the network does what is said here), counted in elements and
    operations at batch 1, weights once per set; `share` the largest part of a number of the network that this is
    ("memory_access", 0.031), or None where nothing is counted. `message`, `edit` and `notes` are those of the costliest
    hit, of which `variants` differ. `spans` are the places in the line, that of the costliest first.
    `networks` are the networks of a file that have the finding; the numbers are then those of the first.
    """

    rule: Rule
    severity: str
    message: str
    edit: str
    notes: tuple[str, ...]
    spans: tuple[Span, ...]
    cost: Cost
    share: tuple[str, float] | None
    applications: int
    variants: int
    networks: tuple[str, ...]

    @property
    def span(self) -> Span:
        """The place of the costliest hit."""
        return self.spans[0]

    def __repr__(self) -> str:
        return f"<Finding {self.rule.name}: {self.severity}, {self.span}: {self.message}>"

    @property
    def place(self) -> tuple[str, int]:
        """File and line."""
        return self.span.source.name, self.span.line
