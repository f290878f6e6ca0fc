"""What is emitted follows from the IR alone: neither the layout of a spec nor its comments change it."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

from archdsl.diagnostics.model import ArchError
from archdsl.emit.pytorch import source
from archdsl.ir.graph import Graph, bodies
from archdsl.ir.hashing import exact_hash
from archdsl.ir.read_text import read_graph
from archdsl.ir.text import print_graph
from archdsl.network import load, loads, networks
from tests.emit.random_variants import elaborated, spec

FOLDER = Path(__file__).parents[2] / "specs"
FILES = sorted(FOLDER.glob("*.arch"))


def compare(path: Path, names: list[str]) -> int:
    """How many of the networks can be loaded; each gives the same file from its printed IR."""
    loaded = 0
    for name in names:
        try:
            graph = load(path, name).graph
        except ArchError:  # the base of variants
            continue
        loaded += 1
        assert source(read_graph(print_graph(graph))) == source(graph), name
    return loaded


def test_a_network_of_every_file() -> None:
    counts = [compare(path, networks(path)[-1:]) for path in FILES[::3]]
    assert sum(counts) > len(FILES) / 4


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_network(path: Path) -> None:
    names = networks(path)
    assert compare(path, names) or not names


ONE = """
block pair(a, b; wide) {
    first, second = [a, b] -> [conv(8), conv(8)]
    total = first + second -> relu -> conv(8)
    if wide { total = total -> conv(16) -> relu -> conv(8) }
    return total, a
}
network net(x: [8, 6, 6]) {
    h, p = x, x
    h, p = [h, p] -> pair(true)
    h, p = [h, p] -> pair(false)
    return h + p
}
"""
OTHER = """
block pair(a, b; wide) {  # total = nothing; first = a
    # other =
    first, second =
        [a, b]  # z = 3
            -> [
                conv(8),  # total, a =
                conv(8)]
    total = first + second  # y =
        -> relu
        # y =
        -> conv(8)
    if wide {
        total = total
            -> conv(16) -> relu
            -> conv(8) }; return total, a
}
network net(x: [8, 6, 6]) {
    h, p = x, x; h, p = [h, p] -> pair(
        true
    )
    h, p = [h, p] -> pair(false); return h + p
}
"""


def test_layout_and_comments_change_nothing() -> None:
    assert source(loads(ONE).graph) == source(loads(OTHER).graph)


# Stages as arguments, said twice.
STAGE = ("(depthwise(3)) -> conv(4, bias = false)", "[conv, relu]", "scan(step(3))", "unit(conv(4), [1, 2]) * 2")
SPREAD = (
    "( # hello\n depthwise(3)\n) -> conv( 4,bias\n =false, )",
    "[ # relu\n conv,\n relu,]",
    "scan (# gru\n step\n (3 ))",
    "unit(conv(4) # bn\n , [ 1,2 ])*2",
)
FIRST = """
block unit(x; g, n) = x -> g
block step(e, h: [3]; n) = e + h -> linear(n)
block outer(x; a, b, c, d) = x -> a
network net(x: [4, 8, 8]) = x -> outer(relu, gelu, tanh, id) -> outer("""


def test_arguments_are_shown_without_comments() -> None:
    texts = [FIRST + ", ".join(arguments) + ")" for arguments in (STAGE, SPREAD)]
    one, other = [loads(text).graph for text in texts]
    assert source(one) == source(other)
    assert one.nodes[1].target.arguments == other.nodes[1].target.arguments == tuple(zip("abcd", STAGE, strict=True))


def test_a_class_is_called_by_a_stage_and_by_no_comment() -> None:
    text = "block b(x; f) {\n    y = x -> f\n    return x + y\n}\n"
    text += "network n(x: [4, 8, 8]) = x -> b(conv(4)) -> b(( # hello\n depthwise(3)) -> conv(4))"
    assert re.findall(r"class (\w+)", source(loads(text).graph)) == ["B", "BDepthwise", "N"]


def scattered(text: str, random: Random) -> str:
    """`text` with comments, blanks and line breaks at random places between its words, where they mean nothing."""
    out, around = [], [""]
    for word in re.findall(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|[()\[\]{}]|->|,|[^"#()\[\]{},-]+|-', text):
        noise = random.choice(("", "", " ", "\n", " # conv(3), relu -> \n  ", "\n# x = [\n"))
        out += [noise, word] if word in (")", "]") else [word]
        if word in ("(", "[", "{"):
            around.append(word)
        elif word in (")", "]", "}"):
            around.pop()
        if around[-1] in ("(", "[") and word in ("(", "[", ",", "->"):
            out.append(noise)
    return "".join(out)


def without_places(graph: Graph) -> str:
    """The printed IR but for where things were written."""
    return re.sub(r"  at \(.*?\)(?=  |$)", "", print_graph(graph), flags=re.MULTILINE)


def test_random_comments_change_nothing_of_the_ir() -> None:
    compared = 0
    for seed in range(20):
        text = spec(seed)
        one, other = elaborated(text, seed), elaborated(scattered(text, Random(seed)), seed)
        assert (one is None) == (other is None), seed
        if one is not None and other is not None:
            compared += 1
            assert without_places(one.graph) == without_places(other.graph), seed
            assert exact_hash(one.graph) == exact_hash(other.graph)
            assert source(one.graph) == source(other.graph), seed
    assert compared > 10


def test_random_comments_change_nothing_of_the_zoo(tmp_path: Path) -> None:
    for number, path in enumerate(FILES):
        (tmp_path / path.name).write_text(scattered(path.read_text(encoding="utf-8"), Random(number)), encoding="utf-8")
    for path in FILES[::12]:
        name = networks(path)[-1]
        try:
            graph = load(path, name).graph
        except ArchError:  # the base of variants
            continue
        other = load(tmp_path / path.name, name).graph
        assert exact_hash(graph) == exact_hash(other), name
        assert [b.arguments for b in bodies(graph)] == [b.arguments for b in bodies(other)], name
        assert source(graph) == source(other), name


def test_names_are_those_of_the_statement() -> None:
    pair = next(body for body in bodies(loads(ONE).graph) if body.name == "pair" and dict(body.arguments)["wide"])
    assert [(node.word, node.names) for node in pair.nodes] == [
        ("conv", ("first", "second")),
        ("conv", ("first", "second")),
        ("add", ("total",)),
        ("relu", ("total",)),
        *[(word, ("total",)) for word in ("conv", "conv", "relu", "conv")],
    ]
    text = print_graph(pair)
    assert re.findall(r"named (\w+(?:, \w+)*)", text)[:3] == ["first, second", "first, second", "total"]
