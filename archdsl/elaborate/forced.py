"""What ends an evaluation that follows all ways to pick, so that it begins again with more known."""

from __future__ import annotations

from archdsl.choices.nodes import Diagram


class Forced(Exception):
    """A value is needed where there are several: evaluate again under each. `pc` is the condition there: perhaps that
    of a branch, and what is evaluated again has others.
    """

    def __init__(self, diagram: Diagram, pc: Diagram) -> None:
        super().__init__()
        self.diagram = diagram
        self.pc = pc


class Nowhere(Exception):
    """Nothing is what evaluation asks for under the condition `pc`: no design comes there. That what was picked offers
    no such option is not part of a condition.
    """

    def __init__(self, pc: Diagram) -> None:
        super().__init__()
        self.pc = pc
