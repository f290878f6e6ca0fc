"""Checks trees: shapes, precedence, newlines, splitting, spans, sharing of trees, budgets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from archdsl.diagnostics.model import Diagnostics
from archdsl.source import Source
from archdsl.syntax import tree
from archdsl.syntax.items import File
from archdsl.syntax.parse import outline, parse
from tests.work import work

EXAMPLES = (Path(__file__).parent / "design_examples.arch").read_text(encoding="utf-8")


def parsed(text: str) -> File:
    """The file, which must have no mistakes."""
    diagnostics = Diagnostics()
    file = parse(Source("test.arch", text), diagnostics)
    assert list(diagnostics) == []
    return file


def codes(text: str) -> list[str]:
    diagnostics = Diagnostics()
    parse(Source("test.arch", text), diagnostics)
    return [d.code for d in diagnostics]


def show(node: Any) -> str:
    """A tree in brackets, the operator first."""
    match node:
        case tree.Name():
            return node.id
        case tree.Number():
            return node.text
        case tree.Boolean():
            return str(node.value).lower()
        case tree.Text():
            return repr("".join(p if isinstance(p, str) else "{" + p.id + "}" for p in node.parts))
        case tree.ListExpr():
            return f"[{' '.join(map(show, node.items))}]"
        case tree.Chain():
            return f"(-> {' '.join(map(show, node.items))})"
        case tree.Logic():
            return f"({node.operator} {' '.join(map(show, node.items))})"
        case tree.Ternary():
            return f"(if {show(node.condition)} {show(node.then)} {show(node.otherwise)})"
        case tree.As():
            return f"(as{'[]' if node.container else ''} {show(node.value)} {show(node.label)})"
        case tree.Not():
            return f"(not {show(node.value)})"
        case tree.Negate():
            return f"(- {show(node.value)})"
        case tree.Power():
            return f"(** {show(node.base)} {show(node.exponent)})"
        case tree.Arithmetic() | tree.Compare():
            return f"({show(node.first)} {' '.join(f'{op} {show(right)}' for op, right in node.rest)})"
        case tree.Call():
            given = [(f"{a.name}=" if a.name else "") + show(a.value) for a in node.arguments]
            return f"{show(node.callee)}({', '.join(given)})"
        case tree.Attribute():
            return f"{show(node.value)}.{node.name}"
        case tree.Index():
            return f"{show(node.value)}[{show(node.index)}]"
        case tree.Slice():
            parts = [show(p) if p else "" for p in (node.lower, node.upper, node.step)]
            return f"{show(node.value)}[{':'.join(parts)}]"
        case tree.Comprehension():
            clauses = [
                f"for {','.join(show(t) for t in c.targets)} in {show(c.iterable)}"
                + "".join(f" if {show(i)}" for i in c.conditions)
                for c in node.clauses
            ]
            return f"[{show(node.item)} {' '.join(clauses)}]"
    raise AssertionError(node)


def expression(text: str) -> str:
    (item,) = parsed(f"A = {text}").items
    assert isinstance(item.declaration, tree.Constant)
    return show(item.declaration.value)


def body(text: str) -> list[tree.Statement]:
    (item,) = parsed(f"block b(x) {{\n{text}\n}}").items
    assert isinstance(item.declaration, tree.Definition)
    return item.declaration.body


def nodes(value: Any) -> list[Any]:
    """Every node with a position below `value`."""
    found = []
    if isinstance(value, list | tuple):
        for part in value:
            found += nodes(part)
    elif is_dataclass(value) and not isinstance(value, type):
        if hasattr(value, "start"):
            found.append(value)
        for field in fields(value):
            found += nodes(getattr(value, field.name))
    return found


def test_design_examples() -> None:
    file = parsed(EXAMPLES)
    names = [getattr(item.declaration, "name", "import") for item in file.items]
    assert names[:5] == ["import", "bottleneck", "resnet", "resnet50", "resnet101"]
    assert len(names) == 21 and {"nasnet_a_normal", "darts_cell", "poly2", "micro", "basic"} <= set(names)
    assert file.items[0].doc == "Residual networks. He et al. 2015, arXiv:1512.03385, Table 1."
    (expect,) = file.items[3].decorators
    assert [(a.name, show(a.value)) for a in expect.arguments] == [("params", "25_557_032"), ("macs", "4.09G")]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("residual + shortcut -> relu", "(-> (residual + shortcut) relu)"),
        ("x -> id + f", "(-> x (id + f))"),
        ("x -> f if a else b", "(if a (-> x f) b)"),
        ("a if b else c if d else e", "(if b a (if d c e))"),
        ("x -> f + g as n -> h", "(-> x (as (f + g) 'n') h)"),
        ("a or b and not c == d", "(or a (and b (not (c == d))))"),
        ("not a in b", "(not (a in b))"),
        ("a not   in b", "(a not in b)"),
        ("a < b <= c", "(a < b <= c)"),
        ("a + b - c * d // e % f", "(a + b - (c * d // e % f))"),
        ("-a ** -b ** c", "(- (** a (- (** b c))))"),
        ("-a * b", "((- a) * b)"),
        ("2 ** 3 * 4", "((** 2 3) * 4)"),
        ("-a.b(c)[d]", "(- a.b(c)[d])"),
        ("a -> b -> c", "(-> a b c)"),
        ("(a -> b) -> c", "(-> (-> a b) c)"),
        ("a or b or c", "(or a b c)"),
        ("(a -> b) as c", "(as[] (-> a b) 'c')"),
        ("[a, b] as c", "(as[] [a b] 'c')"),
        ("[f for i in n] as c", "(as[] [f for i in n] 'c')"),
        ("(a) * 3 as c", "(as (a * 3) 'c')"),
        ("3 * (a) as c", "(as (3 * a) 'c')"),
        ("f(a) as c", "(as f(a) 'c')"),
        ("-(a) as c", "(as (- a) 'c')"),
        ('a as "layer{i}"', "(as a 'layer{i}')"),
        ("()", "[]"),
        ("(a)", "a"),
        ("(a,)", "[a]"),
        ("(a, b,)", "[a b]"),
        ("[a, b,]", "[a b]"),
        ("a, b", "[a b]"),
        ("[a for b, c in d if e if f for g in h]", "[a for b,c in d if e if f for g in h]"),
        ("f(a, b = c -> d, e = f,)", "f(a, b=(-> c d), e=f)"),
        ("f()(g)", "f()(g)"),
        ("a[b]", "a[b]"),
        ("a[:]", "a[::]"),
        ("a[b:]", "a[b::]"),
        ("a[:b:c]", "a[:b:c]"),
        ("a[::c]", "a[::c]"),
        ("a[2:][0]", "a[2::][0]"),
        ("true and false", "(and true false)"),
        ("approx(4.1G, 2%)", "approx(4.1G, 2%)"),
        ("7 % 2", "(7 % 2)"),
        ("import_ + block1 + format", "(import_ + block1 + format)"),
    ],
)
def test_expressions(text: str, shape: str) -> None:
    assert expression(text) == shape


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("25_557_032", 25557032),
        ("4.09G", 4_090_000_000),
        ("5.3M", 5_300_000),
        ("70k", 70_000),
        ("2.1T", 2_100_000_000_000),
        ("1.0005k", 1000.5),
        ("1e-3", 0.001),
        ("1e3", 1000.0),
        ("1.0", 1.0),
        ("0.17", 0.17),
        ("2.50k", 2500),
    ],
)
def test_numbers(text: str, value: float) -> None:
    (item,) = parsed(f"A = {text}").items
    assert isinstance(item.declaration, tree.Constant)
    node = item.declaration.value
    assert isinstance(node, tree.Number)
    assert (node.value, type(node.value), node.text) == (value, type(value), text)


def test_strings() -> None:
    (item,) = parsed(r"""A = "a\n\t\\\"\{{i}{j}b}" """).items
    assert isinstance(item.declaration, tree.Constant)
    node = item.declaration.value
    assert isinstance(node, tree.Text)
    assert [p if isinstance(p, str) else p.id for p in node.parts] == ['a\n\t\\"{', "i", "j", "b}"]
    assert [item.span(p.start, p.end).text for p in node.parts if not isinstance(p, str)] == ["i", "j"]
    assert expression("''") == "''" and expression("'\\''") == repr("'")


def test_statements() -> None:
    kinds = body(
        "h, p = [h, p] -> normal(f), h\nshared f = g\nfor i, c in xs { x = c; y = i }\n"
        "if a { b = 1 } elif c { } else { return x, x }\nx\n"
    )
    unpack, shared, loop, branches, lone = kinds
    assert isinstance(unpack, tree.Assign) and [t.id for t in unpack.targets] == ["h", "p"]
    assert show(unpack.value) == "[(-> [h p] normal(f)) h]" and not unpack.shared
    assert isinstance(shared, tree.Assign) and shared.shared
    assert isinstance(loop, tree.For) and [t.id for t in loop.targets] == ["i", "c"] and len(loop.body) == 2
    assert isinstance(branches, tree.If) and [len(b) for _, b in branches.branches] == [1, 0]
    assert isinstance(branches.otherwise[0], tree.Return) and show(branches.otherwise[0].value) == "[x x]"
    assert isinstance(lone, tree.Lone)


def test_definitions() -> None:
    text = (
        "block se(x; r = 16, body: stage,) = x\ncell normal = micro()\nfn f(v, d = 8) = v\nblock b(x) = x, x\n"
        "network t(ids: int[128], y: [3, n + 1]; n: int = 224) { return y }\nnetwork v = lib.t\ncell c(h, p; f) = h\n"
        "import nets.resnet: a, b\nimport std as s\nblock noise(; n) = n\n"
    )
    se, normal, f, b, t, v, c, names, alias, noise = [item.declaration for item in parsed(text).items]
    assert isinstance(se, tree.Definition) and [i.name for i in se.inputs] == ["x"]
    assert [(p.name, p.annotation and p.annotation.id, bool(p.default)) for p in se.params] == [
        ("r", None, True),
        ("body", "stage", False),
    ]
    assert isinstance(normal, tree.Variant) and normal.kind == "cell" and show(normal.base) == "micro()"
    assert isinstance(f, tree.Definition) and f.inputs == [] and [p.name for p in f.params] == ["v", "d"]
    assert isinstance(b, tree.Definition) and isinstance(b.body[0], tree.Return) and show(b.body[0].value) == "[x x]"
    assert isinstance(t, tree.Definition)
    assert [(i.dtype, [show(e) for e in i.shape or []]) for i in t.inputs] == [
        ("int", ["128"]),
        ("float", ["3", "(n + 1)"]),
    ]
    assert isinstance(v, tree.Variant) and show(v.base) == "lib.t"
    assert isinstance(c, tree.Definition) and len(c.inputs) == 2
    assert isinstance(names, tree.Import) and names.path == "nets.resnet" and [n.id for n in names.names] == ["a", "b"]
    assert isinstance(alias, tree.Import) and alias.alias and alias.alias.id == "s"
    assert isinstance(noise, tree.Definition) and noise.inputs == [] and len(noise.params) == 1


@pytest.mark.parametrize("joint", ["\n-> ", " ->\n", "\n\n  # why\n-> ", " -> # why\n\n  "])
def test_chains_go_on_in_the_next_line(joint: str) -> None:
    (statement,) = body(f"y = x{joint}f")
    assert isinstance(statement, tree.Assign) and show(statement.value) == "(-> x f)"


@pytest.mark.parametrize("operator", ["+", "*", "/", "//", "%", "**", "==", "<=", "and", "or", "in", "not in", "as"])
def test_operators_join_lines(operator: str) -> None:
    assert len(body(f"y = a\n    {operator} b")) == 1
    assert len(body(f"y = a {operator}\n    b")) == 1


def test_a_minus_starts_a_statement_but_does_not_end_one() -> None:
    assert [type(s).__name__ for s in body("y = a\n- b")] == ["Assign", "Lone"]
    assert len(body("y = a -\nb")) == 1


def test_newlines_elsewhere() -> None:
    assert len(body("y = f(\na\n,\nb\n)\n[z,\nw]")) == 2  # inside brackets they do not count, behind them they do
    assert len(body("if a {\n\n}\n\n# why\n elif b { }\nelse {\n}")) == 1
    assert len(body(";;a = 1;;b = 2;\n;")) == 2
    assert len(body("y\n= a")) == 1
    assert [type(i.declaration).__name__ for i in parsed("A =\n  3\nB = [\n1,\n]\nC = 2").items] == ["Constant"] * 3
    assert len(parsed("A = 3 # with a comma,\nB = 4").items) == 2
    assert len(parsed("block f(x) = x\n-> relu\nblock g(x) =\nx").items) == 2


@pytest.mark.parametrize(
    "text", ["\ufeffA = 1\r\n\tB = 2"[:6], "\ufeffarch 1\r\nA = 1", "A = 1\r\n", "\tarch 1\nA =\t1"]
)
def test_bytes_that_editors_leave_behind(text: str) -> None:
    (item,) = parsed(text).items
    assert item.span(item.declaration.start, item.declaration.end).text.split() == ["A", "=", "1"]


def test_empty_files() -> None:
    for text in ["", "\n", "# only a comment", "arch 1", "\ufeff", "arch 1 # first"]:
        assert parsed(text).items == []


def test_one_broken_definition_hides_no_other() -> None:
    text = (
        "block a(x) {\n y = (\nblock b(x) = x\n@expect(\nnetwork c(x) = x ->\ncell d(x) = x\nC = = 3\nD = 1\n"
        "fn = 3\nfn e() = 1"
    )
    diagnostics = Diagnostics()
    file = parse(Source("t", text), diagnostics)
    shown = [(type(i.declaration).__name__, getattr(i.declaration, "name", None)) for i in file.items]
    assert shown == [
        ("Broken", "a"), ("Definition", "b"), ("Broken", "c"), ("Definition", "d"), ("Broken", "C"), ("Constant", "D"),
        ("Broken", None), ("Definition", "e"),
    ]  # fmt: skip
    assert [d.code for d in diagnostics] == ["unclosed-bracket"] * 2 + ["expected-expression", "missing-name"]


def test_documentation() -> None:
    text = "## not this\n\n## One.\n##  Two.\n@cite('a')\n## Three.\nblock b(x) { ## no\n return x\n}\n## last\n"
    (item,) = parsed(text).items
    assert item.doc == "One.\n Two.\nThree." and [d.name for d in item.decorators] == ["cite"]


def test_spans() -> None:
    text = "A = 1\n\n@cite('x')\nblock b(x; n = 2) {\n    y = (x -> f)(n) + g(k = -n)\n    return [y, x.channels]\n}\n"
    _, item = parsed(text).items
    definition = item.declaration
    assert isinstance(definition, tree.Definition)
    assert item.span(definition.name_start, definition.name_end).text == "b"
    assert item.span(definition.start, definition.end).text.startswith("block b") and text.endswith("}\n")
    texts = [item.span(n.start, n.end).text for n in nodes(definition)]
    assert {"n = 2", "y = (x -> f)(n) + g(k = -n)", "(x -> f)", "(x -> f)(n)", "k = -n", "-n", "x.channels"} <= set(
        texts
    )
    assert item.span(item.decorators[0].start, item.decorators[0].end).text == "@cite('x')"
    for node in nodes(definition):
        if isinstance(node, tree.Name):
            assert item.span(node.start, node.end).text == node.id


def test_every_node_lies_inside_its_parent() -> None:
    for item in parsed(EXAMPLES).items:
        for node in nodes(item.declaration):
            for child in nodes([getattr(node, f.name) for f in fields(node)]):
                assert node.start <= child.start < child.end <= node.end


def test_an_item_is_parsed_when_it_is_asked() -> None:
    file = outline(Source("a", "A = 1\nblock f(x) = x ->\n@cite('x')\nnetwork n(x: [1]) = x"))
    assert [(item.kind, item.name) for item in file.items] == [("constant", "A"), ("block", "f"), ("network", "n")]
    assert not any(item.parsed for item in file.items)
    fault = file.items[1].fault
    assert fault is not None and fault.span is not None and fault.span.line == 2
    assert file.items[2].decorators[0].name == "cite"
    assert file.items[0].parsed is None


def test_threads_parse_an_item_once() -> None:
    (item,) = outline(Source("a", "network n(x: [1]) = x" + " -> relu" * 2000)).items
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: id(item.declaration), range(16)))) == 1


def test_long_chains_are_flat() -> None:
    for operator, end in (("->", "a"), ("+", "1"), ("or", "a"), (",", "a"), ("==", "a")):
        (item,) = parsed(f"A = {end}" + f" {operator} {end}" * 2000).items
        assert item.declaration.depth == 3
    calls = "".join(f" elif {i} {{ }}" for i in range(2000))
    (statement,) = body(f"if x {{ }} {calls}")
    assert statement.depth == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A = " + "(" * 99_000, "too-deep"),
        ("A = " + "(" * 101 + ")" * 101, "too-deep"),
        ("A = " + "-" * 90_000 + "1", "too-deep"),
        ("A = " + "not " * 90_000 + "1", "too-deep"),
        ("A = a" + ".a" * 45_000, "too-deep"),
        ("A = a" + "()" * 40_000, "too-deep"),
        ("A = 1" + " ** 1" * 33_000, "too-deep"),
        ("A = 1" + " if 1 else 1" * 20_000, "too-deep"),
        ("A = " + "x " * 100_001, "too-many-tokens"),
        ("A = 1 " + "#" * 2**20, "file-too-large"),
        ("A = 1 #" + "é" * 600_000, "file-too-large"),
        ("\0" * 1000, "bad-character"),
        ("A = " + "9" * 5000, "bad-number"),
        ("A = 1e999999999", "bad-number"),
        ("{" * 90_000, "too-deep"),
        ("}" * 90_000, "unexpected-bracket"),
        ('"' * 99_999, "unclosed-string"),
        ("block b(x) {\n" * 16_000, "unclosed-bracket"),
    ],
)
def test_budgets(text: str, code: str) -> None:
    found: list[str] = []
    calls = work(lambda: found.extend(codes(text)))
    assert set(found) == {code}
    assert calls < 20 * len(text) + 10_000  # the most that any of these takes is 10 a character


def test_limits_are_reached() -> None:
    parsed("A = " + "(" * 100 + "1" + ")" * 100)
    parsed("A = " + "-" * 190 + "1")
    parsed("A = [" + "1, " * 49_000 + "]")


def test_text_before_the_first_item() -> None:
    assert codes("  x = 3\nA = 1") == ["stray-statement"]
    assert codes("  network a = b") == ["indented-definition"]
    assert codes("}\nA = 1") == ["unexpected-bracket"]
    assert codes("-> relu") == ["stray-statement"]
