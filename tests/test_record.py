"""What editors and pages ask: the meaning of every name, and the type of every expression in every instance."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

import archdsl
from archdsl.elaborate.elaborator import complete_networks
from archdsl.elaborate.spec import Spec
from archdsl.ir.graph import bodies
from archdsl.network import from_source
from archdsl.record import NameUse, names_of, recorded
from archdsl.source import Source
from archdsl.syntax import tree
from tests.zoo_sample import swept

TEXT = """import std: cbr
import std as lib
WIDTH = 8
fn twice(n) = n * 2
block unit(x; width, act = relu) {
    for i in range(2) { y = x -> conv(width, 3) -> act as "a{i}" }
    return [y, [w -> tanh for w in [x]][0] -> lib.cbr(width)] -> concat
}
network n(x: [3, size, size]; size = 16) = x -> unit(WIDTH) -> unit(twice(WIDTH)) -> cbr(4)
"""


def shown(use: NameUse) -> tuple[str, str, str]:
    target = "" if use.target is None else use.target.text.split("(")[0]
    return use.span.text, use.kind, target


def test_names() -> None:
    uses = [shown(use) for use in names_of(Spec(Source("<t>", TEXT)))]
    assert ("cbr", "block", "cbr") in uses and ("lib", "file", "") in uses
    assert ("WIDTH", "constant", "WIDTH") in uses and ("twice", "fn", "twice") in uses
    assert ("width", "parameter", "width") in uses and ("act", "parameter", "act = relu") in uses
    assert ("i", "variable", "i") in uses and ("w", "variable", "w") in uses and ("y", "variable", "y") in uses
    assert ("x", "input", "x") in uses and ("size", "parameter", "size = 16") in uses
    assert ("conv", "op", "") in uses and ("range", "builtin", "") in uses
    wrong = names_of(Spec(Source("<t>", "network n(x: [3]) = x -> ghost")))
    assert [(use.span.text, use.kind) for use in wrong] == [("x", "input"), ("ghost", "unknown")]


@pytest.mark.parametrize("path", swept())
def test_a_definition_renamed_where_it_is_used_stays_what_it_is(path: Path) -> None:
    """If every use is found, and nothing else is, then renaming changes no number."""
    spec = Spec.read(path)
    dice = random.Random(path.stem)
    uses = names_of(spec)
    assert {use.kind for use in uses} <= {
        "input", "parameter", "variable", "constant", "fn", "block", "cell", "network", "file", "op", "builtin"
    }  # fmt: skip
    own = [i.name for i in spec.root.file.items if i.kind in ("constant", "fn", "block", "cell", "network") and i.name]
    names = complete_networks(spec)
    for name in dice.sample(own, min(2, len(own))):
        item = spec.root.names[name]
        assert not isinstance(item.declaration, (tree.Import, tree.Broken))
        places = {(item.offset + item.declaration.name_start, item.offset + item.declaration.name_end)}
        places |= {(u.span.start, u.span.end) for u in uses if u.target is not None and u.target.start == min(places)[0]
                   and u.target.source is spec.root.source}  # fmt: skip
        text = spec.root.source.text
        for start, end in sorted(places, reverse=True):
            assert text[start:end] == name
            text = text[:start] + "renamed_here" + text[end:]
        network = names[-1]
        before = archdsl.load(spec, network)
        after = from_source(Source(str(path), text), "renamed_here" if network == name else network)
        assert (before.params, before.macs) == (after.params, after.macs), name


@pytest.mark.parametrize("name", ["resnet18", "nasnet_mobile", "densenet121", "transformer_base"])
def test_what_a_body_returns_is_recorded_in_each_instance(name: str) -> None:
    path = archdsl.load(name).source_name
    spec = Spec.read(path)
    record = recorded(spec, name)
    assert record.made is not None
    looked = 0
    for body in bodies(record.made.graph):
        item = spec.root.names.get(body.definition[1])
        if item is None or not isinstance(item.declaration, tree.Definition):
            continue  # of another file, or a variant
        last = item.declaration.body[-1]
        assert isinstance(last, tree.Return)
        value = last.value
        types = {one.types for one in record.of(item.span(value.start, value.end))}
        looked += 1
        assert body.output_types in types, body
    assert looked > 1


def test_an_expression_has_a_type_per_instance() -> None:
    spec = Spec(Source("<t>", TEXT))
    record = recorded(spec, "n")
    offset = TEXT.index("conv(width, 3) ->")
    chain = [span for span, _ in record.expressions() if span.start == offset - 5 and re.match("x -> conv", span.text)]
    types = {(one.types[0].shape, one.within) for span in chain for one in record.of(span) if one.types}
    assert types == {
        ((8, 16, 16), "unit(width = 8, act = relu)"),
        ((16, 16, 16), "unit(width = 16, act = relu)"),
    }
    inner = record.at(spec.root.source, TEXT.index("WIDTH) -> unit(twice"))
    assert inner is not None and inner.text == "WIDTH" and [one.text for one in record.of(inner)] == ["8"]
    assert sum(record.of(inner).values()) == 1


def test_a_record_changes_nothing_and_holds_mistakes() -> None:
    source = Source("<t>", TEXT.replace("-> cbr(4)", "-> cbr(4.5)"))
    record = recorded(Spec(source), "n")
    assert record.made is None and [d.code for d in record.diagnostics.errors] == ["bad-argument"]
    assert any(one.types for _, seen in record.expressions() for one in seen)
