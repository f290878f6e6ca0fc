"""What is chosen is shown as a spec would write it, in messages and among the arguments of bodies."""

from __future__ import annotations

import pytest

from archdsl.choices.nodes import leaves
from archdsl.diagnostics.model import Diagnostics
from archdsl.elaborate.open import OpenNetwork, elaborate_open
from archdsl.elaborate.spec import Spec
from archdsl.ir.alternatives import Alternative, Alternatives
from archdsl.source import Source
from archdsl.spaces.given import arguments_given

# A value, how a message writes it, and how it stands among the arguments of a body: none uses it, so it is the first.
SHOWN = {
    "some": ("some of [0, 1, 2]", "some of [0, 1, 2]"),
    "some + [a]": ("some of [0, 1, 2, a]", "some of [0, 1, 2, a]"),
    "stage": ("stage", "relu"),
    "op": ("op", "conv"),
    "[stage, [op, some]]": ("[stage, [op, some of [0, 1, 2]]]", None),
    "[a, a]": ("[a, a]", (1, 1)),
    "[stage] * a": ("a", None),
    "stage + relu": ("stage", "relu + relu"),
    "oneof([[1], [2, 3]])": ("value", (1,)),
    "conv(a)": ("conv(a)", "conv(a)"),
    "[relu, conv(a)]": ("[relu, conv(a)]", "[relu, conv(a)]"),
    "oneof([oneof([some, [1]]), 3])": ("value", None),
}


def opened(value: str, body: str) -> tuple[OpenNetwork | None, str]:
    text = f"""
block b(x; value) = x -> {body}
network n(x: [8, 8, 8]) {{
    a = oneof([1, 2])
    some = [i for i in range(3) if i < oneof([1, 2, 3])]
    stage = oneof([relu, conv(4), relu -> tanh])
    op = oneof([conv, linear])
    return x -> b({value})
}}
"""
    diagnostics = Diagnostics()
    found = elaborate_open(Spec(Source("<text>", text)), "n", diagnostics=diagnostics)
    said = [*diagnostics.errors, *(failure for failure, _ in found.failures)] if found else diagnostics.errors
    return found, "\n".join(note for one in said for note in (one.message, *one.notes))


@pytest.mark.parametrize("value", SHOWN)
def test_in_messages(value: str) -> None:
    _, said = opened(value, "reshape(value, 7, 11, 13)")
    assert f"in b(value = {SHOWN[value][0]}), called at" in said
    assert " object at 0x" not in said


@pytest.mark.parametrize("value", SHOWN)
def test_among_arguments(value: str) -> None:
    found, _ = opened(value, "relu")
    assert found is not None
    nodes = [one for one in found.roots[0][1].graph.nodes if isinstance(one, Alternative)]
    bodies = [leaf.value.target for one in nodes for leaf in leaves(one.variants)]
    asked = found.asked
    care = lambda *_: asked.diagrams.true  # noqa: E731
    arguments = [[*arguments_given(asked, body, care)] for body in bodies if isinstance(body, Alternatives)]
    assert arguments and " object at 0x" not in str(arguments)
    assert SHOWN[value][1] in (None, arguments[0][0][1])
