"""Finds norms directly after a norm of the same kind."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.diagnostics.model import WARNING
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.measure import price, scaled_weights
from archdsl.lint.neighbours import inputs_of
from archdsl.lint.subject import Subject
from archdsl.ops.norm import AlongLast, BatchNorm, InstanceNorm

KINDS = (BatchNorm, InstanceNorm, AlongLast)


def check(subject: Subject) -> Iterator[Hit]:
    """A norm that is made for a norm which normalises the same way, and for nothing else; the first one can go."""
    found = [
        pair
        for pair in subject.pairs
        if isinstance(pair.read_by.op, KINDS) and type(pair.made_by.op) is type(pair.read_by.op)
    ]
    for pair in subject.always(found, ("maker",)):
        op = pair.made_by.op
        assert op is not None
        if isinstance(op, AlongLast) and op.weights(inputs_of(pair.maker)):
            continue  # its scale weighs the features against each other before they are normalised again
        yield Hit(
            pair.body,
            subject.place_of(pair.maker),
            f"this {op.name} is undone: the {op.name} after it normalises its result again",
            f"remove this {op.name}",
            scaled_weights(price((op, inputs_of(pair.maker))), subject.once(pair.maker)),
        )


RULE = Rule(
    "repeated-norm",
    WARNING,
    "norms directly after a norm of the same kind",
    "a norm takes away any scale and shift per channel, which is all that the norm before it did (up to eps)",
    "Ioffe and Szegedy 2015, arXiv:1502.03167, section 3",
    check,
)
