"""Turns conditions on the design, as diagrams, into tests as a person writes them."""

from __future__ import annotations

from archdsl.choices.nodes import Decision, Diagram
from archdsl.emit.pytorch.designs import Combined, Condition, DesignTest, Picks
from archdsl.ir.alternatives import Alternatives
from archdsl.supernet.contexts import MOST_TESTS, Contexts, tangled

_ALWAYS, _NEVER = Combined("and", ()), Combined("or", ())


class DesignTests:
    """The conditions of one body, each made once.

    `weighed` are the decisions that a design may weigh: a test of one holds then, whatever is asked.
    """

    def __init__(self, contexts: Contexts, body: Alternatives, weighed: frozenset[Decision]) -> None:
        self.contexts = contexts
        self.diagrams = contexts.diagrams
        self.body = body
        self.under = contexts.under[body]
        self.weighed = weighed
        self._made: dict[DesignTest, Condition] = {}  # two diagrams may say the same of all options that there are
        self._found: dict[Diagram, Condition | None] = {}
        self._left = MOST_TESTS

    def condition(self, diagram: Diagram) -> Condition | None:
        """The condition; None where it always holds.

        Raises:
            ArchError: it is longer than a person would write.
        """
        if diagram not in self._found:
            self._found[diagram] = self._condition(diagram)
        return self._found[diagram]

    def _condition(self, diagram: Diagram) -> Condition | None:
        if diagram is self.diagrams.true:
            return None
        test = self._whole(diagram)
        if test is None:
            raise tangled(self.diagrams, self.body, diagram)
        if test == _ALWAYS:
            return None
        found = self._made.setdefault(test, Condition(test))
        if found.opposite is None and not self.diagrams.support(diagram) & self.weighed:
            other = self._whole(self.diagrams.negate(diagram))
            if other is not None:
                opposite = self._made.setdefault(other, Condition(other))
                found.opposite, opposite.opposite = opposite, found
        return found

    def _whole(self, diagram: Diagram) -> DesignTest | None:
        """The test of a condition; None: it is too long."""
        self._left = MOST_TESTS
        test = self._test(diagram, self.under)
        return None if self._left < 0 else test

    def _test(self, diagram: Diagram, under: Diagram) -> DesignTest:
        """The test of a condition, made where `under` holds."""
        self._left -= 1
        if self._left < 0:
            return Picks("", ())
        diagrams = self.diagrams
        decision = self.contexts.first_asked(self.body, diagram, under)
        ways: dict[Diagram, list[str]] = {}
        for text, below in self.contexts.options(self.body, diagram, under, decision).items():
            ways.setdefault(below, []).append(text)
        never = ways.pop(diagrams.false, [])
        always = ways.pop(diagrams.true, [])
        rest: list[tuple[list[str], DesignTest]] = []
        for below, texts in ways.items():
            test = self._test(below, diagrams.both(under, self._any(decision, texts)))
            if test == _ALWAYS:
                always += texts
            elif test == _NEVER:
                never += texts
            else:
                rest.append((texts, test))
        if not rest and not (always and never):
            return _ALWAYS if always else _NEVER
        parts: list[DesignTest] = []
        if always:
            others = [*never, *[text for texts, _ in rest for text in texts]]
            parts.append(self._picks(decision, always, others, under))
        for texts, test in rest:
            others = [text for text in decision.texts if text not in texts]
            if len(rest) > 1 or never:
                test = _joined("and", [self._picks(decision, texts, others, under), test])
            parts.append(test)
        return _joined("or", parts)

    def _any(self, decision: Decision, texts: list[str]) -> Diagram:
        return self.diagrams.either(*[self.diagrams.picked(decision, text) for text in texts])

    def _picks(self, decision: Decision, texts: list[str], others: list[str], under: Diagram) -> Picks:
        """That one of `texts` is picked, of `texts` and `others`."""
        texts, others = [[text for text in decision.texts if text in some] for some in (texts, others)]
        default = self.contexts.default(decision, under)
        if decision in self.weighed:
            return Picks(decision.name, tuple(texts), True, default)
        if len(others) < len(texts):
            return Picks(decision.name, tuple(others), False, default, holds=False)
        return Picks(decision.name, tuple(texts), False, default)


def _joined(word: str, parts: list[DesignTest]) -> DesignTest:
    flat = [q for p in parts for q in (p.parts if isinstance(p, Combined) and p.word == word else (p,))]
    return flat[0] if len(flat) == 1 else Combined(word, tuple(flat))
