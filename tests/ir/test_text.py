"""The text form reads back as the graph that it was printed from."""

import os
import re
from dataclasses import fields
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

import archdsl
from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies
from archdsl.ir.hashing import exact_hash
from archdsl.ir.read_text import ReadError, read_graph
from archdsl.ir.text import print_graph
from archdsl.ir.verify import InvariantError, verify
from archdsl.source import Source, Span
from archdsl.types import TensorType
from tests.analysis.random_graphs import OPS, Conv, Halves, Merge, graphs
from tests.few import few

X = TensorType((2, 4, 4))
FIELDS = [f.name for f in fields(Graph) if f.name not in ("nodes", "span", "steered_by", "_facts")]


def example() -> Graph:
    source = Source("net.arch", "block b(x) {\n    y = x -> conv(2)\n}\n")
    span = Span(source, 17, 33)
    half = TensorType((1, 4, 4))
    block = Graph(
        "b", "block", ("net.arch", "b"), (("width", 64), ("rate", 1e-05), ("body", 'conv(3) -> "x"'), ("on", True)),
        ("x",), (X,), (Node(Conv(2), (Ref(INPUT, 0),), (X,), "layer 1.conv", (span,), (17, (0, 1))),), (Ref(0),), span,
    )  # fmt: skip
    nodes = (
        Node(block, (Ref(INPUT, 0),), (X,), "f", (span,), (3,), 0),
        Node(Halves(), (Ref(0),), (half, half), "", (span,), (4, 0), names=("at", "named")),
        Node(Merge(), (Ref(1, 0), Ref(1, 1)), (half,), "", (span,), ()),
    )
    return Graph(
        "net", "network", ("net.arch", "net"), (), ("x",), (X,), nodes, (Ref(2), Ref(INPUT, 0)), span,
        doc="A \"net\".\n# two lines", decisions=2, reads_size=True,
    )  # fmt: skip


def test_the_text_of_a_small_program() -> None:
    assert (
        print_graph(example(), spans=True)
        == """\
block b(width = 64, rate = 1e-05, body = "conv(3) -> \\"x\\"", on = true) in x: [2, 4, 4]
  from "net.arch" b
  %1 = conv(out = 2, size = 3, stride = 1) %x : [2, 4, 4]  as "layer 1.conv"  at (17, (0, 1))  # net.arch:2:5
  return %1

network net() in x: [2, 4, 4]
  from "net.arch" net
  doc "A \\"net\\".\\n# two lines"
  decisions 2
  reads size
  %1 = call b %x : [2, 4, 4]  as f  slot 0  at (3,)  # net.arch:2:5
  %2 = halves() %1 : [1, 4, 4], [1, 4, 4]  named at, named  at (4, 0)  # net.arch:2:5
  %3 = merge() %2.0 %2.1 : [1, 4, 4]  at ()  # net.arch:2:5
  return %3, %x
"""
    )


def assert_equal(a: Graph, b: Graph) -> None:
    """Everything but spans."""
    ones, twos = list(bodies(a)), list(bodies(b))
    assert len(ones) == len(twos)
    number = {id(g): i for gs in (ones, twos) for i, g in enumerate(gs)}
    for one, two in zip(ones, twos, strict=True):
        for name in FIELDS:
            assert getattr(one, name) == getattr(two, name), name
        assert len(one.nodes) == len(two.nodes)
        for m, n in zip(one.nodes, two.nodes, strict=True):
            assert (m.operands, m.types, m.label, m.site, m.slot) == (n.operands, n.types, n.label, n.site, n.slot)
            assert m.names == n.names
            if isinstance(m.target, Graph):
                assert number[id(m.target)] == number[id(n.target)]
            else:
                assert m.target == n.target


@pytest.mark.parametrize("spans", [False, True])
def test_the_example_reads_back(spans: bool) -> None:
    root = example()
    back = read_graph(print_graph(root, spans), OPS.get)
    assert_equal(root, back)
    assert print_graph(back) == print_graph(root)


@given(graphs())
@settings(max_examples=few(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_graphs_read_back(root: Graph) -> None:
    verify(root)
    back = read_graph(print_graph(root), OPS.get)
    verify(back)
    assert_equal(root, back)
    assert print_graph(back) == print_graph(root)
    assert exact_hash(back) == exact_hash(root)


@pytest.mark.parametrize("label", ["inf", "nan.x", "0", "as", "a b", "漢字", 'q"', "slot"])
def test_any_label_reads_back(label: str) -> None:
    span = Span(Source("a.arch", ""), 0, 0)
    nodes = (Node(Conv(2), (Ref(INPUT, 0),), (X,), label, (span,), (0,), 1),)
    root = Graph("b", "block", ("a.arch", "b"), (), ("x",), (X,), nodes, (Ref(0),), span)
    assert_equal(root, read_graph(print_graph(root), OPS.get))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "ends before"),
        ("block b() in x: [1]\n", "ends before"),
        ("block b() in x: [1]\n  return %y\n", "nothing above is called %y"),
        ("block b() in x: [1]\n  %1 = bogus() %x : [1]\n  return %1\n", "nothing is called bogus"),
        ("block b() in x: [1]\n  %1 = call c %x : [1]\n  return %1\n", "nothing is called c"),
        ("block b() in x: [1]\n  %2 = relu() %x : [1]\n  return %2\n", "expected %1"),
        ("block b() in x: [1]\n  return %x nonsense\n", "expected the end of the line, found 'nonsense'"),
        ("block b() in x: [1\n  return %x\n", "line 1: expected ']'"),
        ("block b() in x: [1]\n  ? %x\n", "cannot read"),
    ],
)
def test_malformed_text_is_refused(text: str, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        read_graph(text, OPS.get)


def test_values_without_a_text_form_are_refused() -> None:
    span = Span(Source("a.arch", ""), 0, 0)
    with pytest.raises(TypeError, match="no text form"):
        print_graph(Graph("b", "block", ("a", "b"), (("x", object()),), ("x",), (X,), (), (Ref(INPUT),), span))


def test_a_function_as_an_argument_is_its_name() -> None:
    text = """
fn wide(out) = conv(2 * out)
block b(x; f = wide, fs = [wide, 1]) = x -> f(4)
network net(x: [3, 8, 8]) = x -> b
"""
    graph = archdsl.loads(text).graph
    callee = graph.nodes[0].body
    assert callee is not None and callee.arguments == (("f", "wide"), ("fs", "[wide, 1]"))
    assert print_graph(read_graph(print_graph(graph))) == print_graph(graph)


WORDS = (
    *(
        "0",
        "-1",
        "none",
        "true",
        "(1, 2)",
        "1e400",
        '"x"',
        '"\\q"',
        "%1",
        "slot",
        "as",
        "call",
        "scan",
        "conv",
        "at",
        "",
    ),
    *("9999999999999999", "[", "]", "(", ")", ",", ":", "=", "\x00", "é"),
)


def mutated(text: str, dice: Random) -> str:
    """Lines lost, doubled or exchanged, words and signs put in the place of others."""
    lines = text.split("\n")
    for _ in range(dice.randint(1, 3)):
        i, j = dice.randrange(len(lines)), dice.randrange(len(lines))
        words = re.findall(r"\w+|\W", lines[i])
        match dice.randrange(5):
            case 0:
                lines[i] = ""
            case 1:
                lines.insert(i, lines[j])
            case 2:
                lines[i], lines[j] = lines[j], lines[i]
            case _ if words:
                words[dice.randrange(len(words))] = dice.choice([*WORDS, *re.findall(r"\w+|\W", lines[j])])
                lines[i] = "".join(words)
    return "\n".join(lines)


def test_any_text_is_read_or_refused_and_any_graph_verified_or_refused() -> None:
    """`ARCHDSL_EXAMPLES=20000 pytest tests/ir/test_text.py` tries that many texts."""
    scans = "import std: lstm\nblock f(x) = x -> scan(lstm(3)) -> split(3, axis = -1) -> concat\n"
    texts = [print_graph(archdsl.load(name).graph) for name in ("resnet18", "googlenet", "mobilenet_v2")]
    texts.append(print_graph(archdsl.loads(f"{scans}network n(x: [2, 3]) = x -> f * 2").graph))
    dice = Random(3)
    for _ in range(int(os.environ.get("ARCHDSL_EXAMPLES", few(200)))):
        text = mutated(dice.choice(texts), dice)
        try:
            verify(read_graph(text))
        except (ReadError, InvariantError) as error:
            assert str(error), text
