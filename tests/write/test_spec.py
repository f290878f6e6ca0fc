"""Written specs make the same graph again: over random specs, the pages of the language, and the whole zoo."""

from __future__ import annotations

import os
import random
import re
import time
from pathlib import Path

import pytest

import archdsl
from archdsl.cli import main
from archdsl.ir.graph import Graph
from archdsl.ir.hashing import exact_hash
from archdsl.ir.weights import keys
from archdsl.library import networks as zoo
from archdsl.network import Network
from archdsl.source import Source
from archdsl.syntax.format import format_source
from archdsl.transform.unroll import unrolled
from archdsl.write.spec import WIDTH, write_spec
from tests.emit import test_each
from tests.emit.random_variants import elaborated
from tests.emit.random_variants import spec as random_spec
from tests.few import few
from tests.language.examples import Example
from tests.language.run_example import networks as networks_of
from tests.language.run_example import sources
from tests.language.test_docs import EXAMPLES

SEEDS = int(os.environ.get("ARCHDSL_EXAMPLES", few(60)))
QUICK = (
    "resnet50",
    "googlenet",
    "mobilenet_v2",
    "densenet121",
    "nasnet_mobile",
    "lstm_lm_medium",
    "transformer_base",
    "polynet",
)

ODD = (Path(__file__).parent / "odd.txt").read_text(encoding="utf-8").split("\n---\n")


def check(graph: Graph) -> str:
    """The text, in canonical form and narrow, of a network that is `graph`; labels of modules without weights too."""
    text = write_spec(graph)
    again = archdsl.loads(text)
    assert exact_hash(again.graph) == exact_hash(graph), text
    assert keys(again.graph) == keys(graph)
    assert labels_agree(again.graph, graph)
    assert format_source(Source("written", text)) == text
    assert max(map(len, text.splitlines())) <= WIDTH
    assert not [d for d in archdsl.check_text(text) if d.severity == "error"]
    return text


def labels_agree(one: Graph, other: Graph) -> bool:
    """Whether corresponding nodes have one label, in all bodies; two equal bodies may have become one."""
    pending, seen = [(one, other)], set()
    while pending:
        pair = pending.pop()
        if pair not in seen:
            seen.add(pair)
            nodes = list(zip(pair[0].nodes, pair[1].nodes, strict=True))
            if any(a.label != b.label for a, b in nodes):
                return False
            pending += [(a.target, b.target) for a, b in nodes if isinstance(a.target, Graph)]
    return True


@pytest.mark.parametrize("name", QUICK)
def test_networks_of_the_zoo(name: str) -> None:
    check(archdsl.load(name).graph)


@pytest.mark.slow
@pytest.mark.parametrize("name", zoo())
def test_the_whole_zoo(name: str) -> None:
    try:
        network = archdsl.load(name)
    except archdsl.ArchError:
        pytest.skip("it takes arguments")
    check(network.graph)


@pytest.mark.parametrize("part", range(4))
def test_random_specs(part: int) -> None:
    """Blocks in many variants, cells, scans, shared and tied stages, labels of every form, choices decided."""
    made = 0
    for seed in range(part, SEEDS, 4):
        text = random_spec(seed)
        network = elaborated(text, seed)
        if network is None:
            continue
        check(network.graph)
        made += 1
    assert made > SEEDS // 8


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_pages_of_the_language(example: Example, tmp_path: Path) -> None:
    try:
        found = networks_of(sources(example, tmp_path)[0])
    except archdsl.ArchError:
        return  # an example of a mistake
    for network in found.values():
        check(network.graph)


@pytest.mark.parametrize("text", ODD)
def test_odd_networks(text: str) -> None:
    check(archdsl.loads(text, "n" if "network n(" in text else None).graph)


def test_numbers_that_differ_are_parameters() -> None:
    text = check(
        archdsl.loads(
            """
block unit(x; w, act) = x -> conv(w) -> bn -> act -> conv(4 * w, 3)
network n(x: [3, 8, 8]) = x -> unit(8, relu) -> unit(16, relu) -> unit(32, relu) * 2 -> unit(16, gelu)
"""
        ).graph
    )
    assert "conv(4 * w, 3)" in text
    assert "unit(8) -> unit(16) -> unit(32) * 2" in " ".join(text.split())
    assert text.count("block") == 2  # an activation is no number


def test_what_repeats_is_written_once() -> None:
    text = check(
        archdsl.loads(
            """
block unit(x) = x -> conv(8, 3) -> relu
network n(x: [8, 8, 8]) {
    for i in range(3, 9) { x = x -> unit as "stage.unit{i}.body" }
    x = x -> (unit * 4) as tail
    x = x -> (conv(8) -> relu) * 3
    y = (x -> unit) + (x -> relu -> unit)
    return [y, x]
}
"""
        ).graph
    )
    assert 'for i in range(3, 9) {\n        x = x -> unit as "stage.unit{i}.body"\n    }' in text
    assert "unit * 4 as tail" in text
    assert "y = (x -> unit) + (x -> relu -> unit)" in text
    assert "(conv(8) -> relu) * 3" in text


def test_time_is_in_proportion() -> None:
    """A body of twenty thousand nodes is written within seconds."""
    line = "network n(x: [4]) {\n    y = x\n    for i in range(5000) { y = x + (y -> relu) * 0.5 }\n    return y\n}\n"
    graph = archdsl.loads(line).graph
    before = time.process_time()
    write_spec(graph)
    assert time.process_time() - before < 20


def test_folded_and_picked_networks_are_written(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folded = archdsl.load("resnet18").fold_batch_norm()
    assert "bn" not in folded.spec()
    path = tmp_path / "mine.arch"
    with pytest.raises(SystemExit) as caught:
        main(["spec", "resnet18", "--set", "classes=10", "--input", "3x64x64", "-o", str(path)])
    assert not caught.value.code
    written, wanted = archdsl.load(path), archdsl.load("resnet18", input=(3, 64, 64), classes=10)
    assert exact_hash(written.graph) == exact_hash(wanted.graph)
    for command in (["check", str(path)], ["fmt", "--check", str(path)]):
        with pytest.raises(SystemExit) as caught:
            main(command)
        assert not caught.value.code


def test_what_cannot_be_written_is_refused() -> None:
    text = "block f(x, h: [8]) = x + h\nnetwork n(x: [3, 8]) = x -> scan(f)\n"
    steps = unrolled(archdsl.loads(text).graph)
    with pytest.raises(archdsl.ArchError, match="n cannot be written as a spec: unbind without a label"):
        Network(steps, "n.arch").spec()


def test_parameters_keep_their_names() -> None:
    """Where the numbers that differ are those of an argument of the source; others are called by what they are for."""
    blocks = "block unit(x; width, by, k = 3) = x -> conv(width, k) -> conv(by * width, 1) -> conv(7 * by + k, 1)"
    text = check(archdsl.loads(f"{blocks}\nnetwork n(x: [3, 8, 8]) = x -> unit(8, 2) -> unit(16, 3, k = 5)").graph)
    assert "block unit(x; width, k, out, conv_2_out)" in text, text
    assert "block bottleneck(x; width, stride = 2)" in archdsl.load("resnet50").spec()


@pytest.mark.parametrize("seed", range(60))
def test_documentation_names_what_is_there(seed: int) -> None:
    """What it calls by name is a parameter of the text, or its value is told; a second writing keeps that."""
    draw = random.Random(seed)
    arguments = {"width": [4, 8], "kernel": [1, 3], "stride": [1, 2], "act": ["relu", "silu"]}
    instances = [{name: draw.choice(values) for name, values in arguments.items()} for _ in range(draw.randint(1, 4))]
    doc = "Works on `width` channels; `kernel = 3` is usual, stride and `none` are not, `act` follows."
    body = "block unit(x; width, kernel, stride, act) = x -> conv(width, kernel, stride) -> act"
    calls = " -> ".join(f"unit({', '.join(map(str, given.values()))})" for given in instances)
    text = check(archdsl.loads(f"## {doc}\n{body}\nnetwork n(x: [3, 64, 64]) = x -> {calls}").graph)
    written = re.findall(r"((?:^##.*\n)+)block unit\w*\(x(.*?)\) = ", text, re.MULTILINE)
    assert written
    for above, signature in written:
        said = " ".join(above.replace("##", "").split()).removeprefix(doc)
        for name in arguments:
            told = re.search(rf"\b{name} = (\w+(?: or \w+)*)", said)
            assert bool(told) == (name != "stride" and not re.search(rf"\b{name}\b", signature)), text
            assert not told or set(told[1].split(" or ")) <= {str(given[name]) for given in instances}
    again = archdsl.loads(text).spec()
    assert [line for line in again.splitlines() if line.startswith("##")] == [
        line for line in text.splitlines() if line.startswith("##")
    ]


@pytest.mark.parametrize("seed", range(30))
def test_documentation_keeps_its_lines(seed: int) -> None:
    """Blank lines, lists and indentation are what they were; only lines that are too long are broken."""
    draw = random.Random(seed)
    words = ["a", "list", "-", "arXiv:1512.03385,", "é", "`code`", "x" * 40]
    lines = [
        " " * draw.randrange(5) + " ".join(draw.choices(words, k=draw.randrange(6))) for _ in range(draw.randint(1, 6))
    ]
    doc = "\n".join(line if line.strip() else "" for line in ["Opens.", *lines, "Ends."])
    above = "".join(f"## {line}".rstrip() + "\n" for line in doc.split("\n"))
    graph = archdsl.loads(f"{above}network n(x: [3, 8, 8]) = x -> conv(8, 3)").graph
    again = archdsl.loads(check(graph)).graph
    if max(map(len, doc.split("\n"))) <= WIDTH - 3:
        assert again.doc == graph.doc
    assert again.doc.split() == graph.doc.split()


@pytest.mark.parametrize("name", test_each.NETWORKS)
def test_elements(name: str) -> None:
    """A stage that `each` made a block of its own becomes one that is written."""
    check(test_each.network(name).graph)
