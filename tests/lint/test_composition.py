"""What rules ask of bodies agrees with its definition on the flat graph, and no random graph makes a rule fail."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archdsl.analysis.cost import cost
from archdsl.emit.pytorch import build
from archdsl.ir.graph import Graph
from archdsl.lint.driver import lint
from archdsl.lint.neighbours import pairs
from archdsl.lint.present import as_json, diagnostic
from archdsl.lint.rules.relu_before_max_pool import is_monotone
from archdsl.lint.signs import condition_of, conditions, nonnegative_inputs
from archdsl.lint.subject import Subject
from archdsl.ops import registry
from archdsl.ops.activation import Relu
from archdsl.ops.arithmetic import Add
from archdsl.ops.base import Kind, parameters
from archdsl.ops.examples import op_of
from archdsl.types import TensorType
from tests.analysis.flat import Flat, Tensor, flatten
from tests.analysis.random_graphs import graphs
from tests.emit.build_graph import Builder
from tests.emit.random_networks import RECIPES, Maker, Recipe
from tests.few import few
from tests.ops.torch_interpreter import make

many = settings(max_examples=few(150), deadline=None, suppress_health_check=list(HealthCheck))


def flat_pairs(flat: Flat) -> Counter[tuple[str, str]]:
    """(maker, reader) of every tensor that is read once, is no output, and neither goes into a scan nor comes out."""
    readers: dict[Tensor, list[str]] = {}
    for a in flat.applications:
        for operand in a.operands:
            readers.setdefault(operand, []).append(f"{a.module}:{a.op.name}")
    found: Counter[tuple[str, str]] = Counter()
    for a in flat.counted:
        for k in range(len(a.outputs)):
            read = readers.get((a.name, k), [])
            if len(read) == 1 and (a.name, k) not in flat.outputs and (a.name, k) not in flat.scanned:
                found[f"{a.op.name}", read[0].rpartition(":")[2]] += 1
    return found


def composed_pairs(graph: Graph) -> Counter[tuple[str, str]]:
    subject = Subject(graph)
    found: Counter[tuple[str, str]] = Counter()
    for pair in pairs(graph):
        found[pair.made_by.word, pair.read_by.word] += subject.applications[pair.body]
    return found


@many
@given(graphs())
def test_pairs_are_those_of_the_flat_graph(graph: Graph) -> None:
    assert composed_pairs(graph) == flat_pairs(flatten(graph))


@many
@given(graphs())
def test_applications_and_weight_sets_are_those_of_the_flat_graph(graph: Graph) -> None:
    """Each body's own ops, as often as it is applied, and its own weights, once per set, add up to the network's."""
    subject = Subject(graph)
    ops = sum(subject.applications[body] * sum(node.op is not None for node in body.nodes) for body in subject.bodies)
    params = sum(
        subject.weight_sets[a.body] * subject.owns(a.body, a.index) * weight.size
        for a in subject.ops()
        for weight in a.op.weights(a.inputs)
        if weight.trainable
    )
    assert ops == len(flatten(graph).counted)
    assert params == cost(graph).params


@many
@given(graphs(), st.booleans())
def test_no_random_graph_makes_a_rule_fail(graph: Graph, strict: bool) -> None:
    for finding in lint(graph, {"g4-elementwise": "error"} if strict else {}):
        assert diagnostic(finding).help
        assert as_json(finding)["applications"] == finding.applications >= 1


@many
@given(RECIPES)
def test_no_random_network_makes_a_rule_fail(recipes: list[Recipe]) -> None:
    for finding in lint(Maker(recipes).network()):
        assert diagnostic(finding).help
        assert finding.share is None or finding.share[1] > 0


def step_of(name: str) -> str:
    """The innermost step of a scan that an application is in."""
    before, step, after = name.rpartition("/step")
    return before + step + after.partition("/")[0]


def nonnegative(flat: Flat) -> set[Tensor]:
    """Tensors that cannot hold a negative number, for the ops of the random networks, in order of application.

    Nothing is taken to be known of what comes into a step of a scan, or out of it.
    """
    found: set[Tensor] = set()
    for a in flat.applications:
        if not a.name.rpartition("/")[2].isdigit():
            continue  # takes the sequence of a scan apart, starts its states or puts its outputs together
        passes = a.op.kind in (Kind.POOL, Kind.CONCAT, Kind.SPLIT, Kind.RESHAPE) or isinstance(a.op, Add)
        known = all(operand in found and step_of(operand[0]) == step_of(a.name) for operand in a.operands)
        if isinstance(a.op, Relu) or (passes and known):
            found.update((a.name, k) for k in range(len(a.outputs)))
    return found


def composed_nonnegative(graph: Graph) -> Counter[str]:
    """Op -> applications whose result cannot be negative, wherever its body is called."""
    subject = Subject(graph)
    safe = nonnegative_inputs(subject.bodies)
    found: Counter[str] = Counter()
    for a in subject.ops():
        condition = conditions(a.body)[a.index][0]
        if condition is not None and condition <= safe[a.body]:
            found[a.op.name] += subject.applications[a.body]
    return found


def by_body(graph: Graph, flat: Flat) -> Counter[str]:
    """The same from the flat graph: ops all of whose applications in one body give nothing negative."""
    known, subject = nonnegative(flat), Subject(graph)
    total: dict[tuple[int, int], list[bool]] = {}

    def walk(body: Graph, path: str) -> None:
        for i, node in enumerate(body.nodes):
            if isinstance(node.target, Graph) and node.length is not None:
                for step in range(node.length):
                    walk(node.target, f"{path}/{i}/step{step}")
            elif isinstance(node.target, Graph):
                walk(node.target, f"{path}/{i}")
            else:
                total.setdefault((id(body), i), []).append((f"{path}/{i}", 0) in known)

    walk(graph, "")
    found: Counter[str] = Counter()
    for a in subject.ops():
        if all(total[id(a.body), a.index]):
            found[a.op.name] += subject.applications[a.body]
    return found


@many
@given(RECIPES)
def test_signs_are_those_of_the_flat_graph(recipes: list[Recipe]) -> None:
    graph = Maker(recipes).network()
    assert composed_nonnegative(graph) == by_body(graph, flatten(graph))


@pytest.mark.parametrize("name", registry.names())
def test_what_is_never_negative_is_not(name: str) -> None:
    """Of ops of one number each, on what is not negative where that is the condition."""
    op = registry.load(name)
    assert op is not None
    if op.kind not in (Kind.ACTIVATION, Kind.ARITHMETIC):
        return
    x = torch.randn(2, 5, 5, generator=torch.Generator().manual_seed(0))
    for example in op.examples:
        builder = Builder("one", {f"x{i}": (5, 5) for i in range(len(example.inputs))}, kind="network")
        graph = builder.build(builder.add(op_of(example.call), *(builder[i] for i in range(len(example.inputs)))))
        (found,) = conditions(graph)[0]
        if found is not None:
            inputs = [x.abs() if i in found else x for i in range(len(example.inputs))]
            assert build(graph).eval()(*inputs).min() >= 0


@pytest.mark.parametrize("name", registry.names())
def test_what_is_called_monotone_is(name: str) -> None:
    """And of ops without arguments what is not called so is not."""
    op = registry.load(name)
    assert op is not None
    if op.kind is not Kind.ACTIVATION or name == "softmax":
        return
    x = torch.linspace(-5, 5, 41, dtype=torch.float64)
    for example in op.examples:
        made = op_of(example.call)
        y = make(made, (TensorType((41,)),)).double()(x[None])[0].detach()
        grows = bool((y.diff()[~y.diff().isnan()] >= -1e-12).all())
        assert grows or not is_monotone(made)
        assert is_monotone(made) or not grows or parameters(op)


def test_a_condition_names_the_inputs() -> None:
    graph = Maker([Recipe("only", 1, 1, ())]).network()
    assert condition_of(graph.outputs[0], conditions(graph)) == frozenset({0})
