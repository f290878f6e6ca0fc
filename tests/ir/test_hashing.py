"""The exact hash sees what is computed, and nothing else."""

from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ir.hashing import exact_hash
from archdsl.types import TensorType
from tests.analysis.random_graphs import PLACE, Conv, Merge, Relu

X = TensorType((2, 4, 4))


def net(*nodes: Node, outputs: tuple[Ref, ...] = (Ref(1),), name: str = "net") -> Graph:
    return Graph(name, "block", ("t.arch", name), (), ("x", "y"), (X, X), nodes, outputs, PLACE)


A = Node(Conv(2), (Ref(INPUT, 0),), (X,), "a", (PLACE,), (0,), 4)
B = Node(Conv(2), (Ref(0),), (X,), "b", (), (1,), 4)


def test_names_sites_spans_and_slot_numbers_do_not_count() -> None:
    other = (A._replace(label="z", site=(9,), slot=0, spans=()), B._replace(label="q", slot=0))
    assert exact_hash(net(A, B)) == exact_hash(net(*other, name="other"))


def test_everything_else_counts() -> None:
    different = [
        net(A, B),
        net(A, B._replace(slot=None)),
        net(A, B._replace(slot=5)),
        net(A, B._replace(target=Conv(2, 1))),
        net(A, B._replace(target=Relu())),
        net(A, B._replace(operands=(Ref(INPUT, 1),))),
        net(A, B._replace(target=Merge(), operands=(Ref(0), Ref(INPUT, 0)))),
        net(A, B._replace(target=Merge(), operands=(Ref(INPUT, 0), Ref(0)))),
        net(A, B, outputs=(Ref(0),)),
        net(A, B, outputs=(Ref(1), Ref(0))),
        net(A, B._replace(types=(TensorType((2, 4, 4), "int"),))),
        net(A, B._replace(target=net(A, outputs=(Ref(0),)), operands=(Ref(0), Ref(0)))),
        net(A, B._replace(target=net(A._replace(slot=None), outputs=(Ref(0),)), operands=(Ref(0), Ref(0)))),
        net(A, B._replace(target=net(A, outputs=(Ref(INPUT, 0),)), operands=(Ref(0), Ref(0)))),
        net(A, B._replace(target=net(A, outputs=(Ref(INPUT, 0),)), operands=(Ref(0), Ref(0)), length=2)),
        net(A, B._replace(target=net(A, outputs=(Ref(INPUT, 0),)), operands=(Ref(0), Ref(0)), length=3)),
    ]
    assert len({exact_hash(graph) for graph in different}) == len(different)


def test_it_is_kept_and_does_not_recurse() -> None:
    body = net(A, B)
    for _ in range(10_000):
        body = net(Node(body, (Ref(INPUT, 0), Ref(INPUT, 1)), (X,), "f", (), (0,)), outputs=(Ref(0),))
    assert len(exact_hash(body)) == 32
    assert exact_hash(body) is exact_hash(body)
