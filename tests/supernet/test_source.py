"""The source of a supernet: what a person would write, which needs torch alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.spec import Spec
from archdsl.source import Source
from archdsl.spaces.space import Space
from tests.emit.check import check_style
from tests.supernet.paths import compare_some
from tests.supernet.small_spaces import DARTS, SPACES, space

EDGE = "cell edge(x) = x -> oneof([conv(4, 3), max_pool(3, 1), id])\nnetwork small(x: [4, 8, 8]) = x -> edge -> edge\n"


def of_text(text: str, name: str = "n") -> Space:
    return archdsl.space(Spec(Source("n.arch", text)), name)


def body(source: str, name: str) -> str:
    """The text of a class."""
    return re.split(r"\n\n\n", source[source.index(f"class {name}(") :])[0].rstrip()


def test_sources_are_clean(tmp_path: Path) -> None:
    check_style(tmp_path, [space(name).supernet().source() for name in SPACES])


def test_a_choice_of_ops_is_one_module_and_one_line() -> None:
    source = of_text(EDGE, "small").supernet().source()
    assert body(source, "Edge").endswith(
        """
        self.out = Choice(
            {
                "conv(4, 3)": nn.Conv2d(4, 4, kernel_size=3, padding=1),
                "max_pool(3, 1)": nn.MaxPool2d(kernel_size=3, stride=1, padding=1),
                "id": nn.Identity(),
            }
        )

    def forward(self, x: Tensor, design: Design) -> Tensor:
        return self.out(x, design["edge.out"])"""
    )
    assert '"edge.out": ("conv(4, 3)", "max_pool(3, 1)", "id")' in source
    assert len(re.findall(r"^class ", source, re.MULTILINE)) == 3


def test_a_depth_is_an_if() -> None:
    text = (
        "block unit(x) = x -> conv(4)\nnetwork n(x: [4, 2, 2]) { x = x -> unit * oneof([1, 2, 4]); return x -> relu }"
    )
    assert body(of_text(text).supernet().source(), "N").endswith(
        """
        x = self.unit(x)
        if design["x"] != "1":
            x = self.unit_1(x)
        if design["x"] == "4":
            out = self.unit_2(x)
            x = self.unit_3(out)
        return F.relu(x)"""
    )


def test_widths_have_modules_of_their_own() -> None:
    text = "network n(x: [3, 8, 8]) = x -> conv(oneof([4, 8])) -> bn -> relu -> conv(2)"
    source = of_text(text).supernet().source()
    assert "ByChannels({c: nn.BatchNorm2d(c) for c in (4, 8)})" in source
    assert "{c: nn.Conv2d(c, 2, kernel_size=1) for c in (4, 8)}" in source
    assert "weigh" not in source.replace("weights", "")


STRIDES = """
block sep(x; stride) = x -> depthwise(3, stride) -> conv(x.channels)
block pool(x; stride) = x -> max_pool(3, stride, "half")
block same(x; stride) = x if stride == 1 else x -> avg_pool(2)

cell strided(x) {
    states = [x, x -> conv(4, 3, 2)]
    i = oneof([0, 1])
    return states[i] -> oneof([sep, pool, same])(stride = 2 if i == 0 else 1)
}

network n(x: [4, 8, 8]) = x -> strided
"""


def test_what_another_choice_steers_is_one_choice_for_each_of_its_cases() -> None:
    source = body(of_text(STRIDES).supernet().source(), "Strided")
    assert source.count("self.out") == 4 and source.count("design[") == 4
    compare_some(of_text(STRIDES), 4)


def test_a_block_is_told_under_which_name_it_asks() -> None:
    source = space("mobile").supernet().source()
    assert 'design[self.name + ".hidden"]' in source and 'Mb(4, 4, "4.mb_2[0]")' in source
    assert len(re.findall(r"^class Mb", source, re.MULTILINE)) == 1


def test_only_what_is_used_is_there() -> None:
    source = of_text("network n(x: [4]) = x -> oneof([relu, tanh])").supernet().source()
    for unused in ("def takes", "WHERE", "def pick", "def run", "ByChannels", "PICKED", "added", "Callable", "reduce"):
        assert unused not in source
    assert "archdsl" not in source.partition('"""\n\n')[2]


def test_names_of_the_spec_and_of_the_file_may_be_the_same() -> None:
    text = """
block pick(x) = x -> conv(4)
block mapping(design) = design -> oneof([relu, tanh])
network choice(design: [4, 2, 2]) {
    run = oneof([design, design -> pick, design -> mapping])
    takes = oneof([run, design]) -> relu
    return run * takes
}
"""
    compare_some(of_text(text, "choice"), 6)


def test_options_with_dots_and_of_any_text() -> None:
    text = 'network n(x: [4, 8, 8]) = x -> oneof([bn(1e-3), bn(0.001), dropout(0.0), (relu -> tanh) as "type"])'
    compare_some(of_text(text), 6)


def test_a_taken_decision_is_open_no_more() -> None:
    opened = space("mobile")
    narrow = archdsl.space(Spec(Source("n.arch", SPACES["mobile"])), "mobile", picks={"4.x": "1", "out": "6"})
    source = narrow.supernet().source()
    assert 'design["4.x"]' not in source and len(source) < len(opened.supernet().source())
    compare_some(narrow, 4)


@pytest.mark.parametrize(
    "text",
    [
        "block f(x) = oneof([[x], [x, x -> relu]])\nnetwork n(x: [4, 2, 2]) = x -> f -> concat",
        "network n(x: [c, 2, 2]; c = oneof([4, 8])) = x -> conv(4)",
        "block f(x) = x -> oneof([linear(4), relu])\nnetwork n(x: [4]) { shared g = f; return x -> g -> g }",
    ],
)
def test_what_is_no_one_module(text: str) -> None:
    with pytest.raises(ArchError) as caught:
        of_text(text).supernet()
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["no-supernet"]


def test_a_design_of_another_space() -> None:
    supernet = of_text(EDGE, "small").supernet()
    with pytest.raises(ArchError, match=r"edge\.out"):
        supernet.state_of({"edge.out": "conv(5)"}, {})


def test_the_command(tmp_path: Path) -> None:
    (tmp_path / "darts.arch").write_text(DARTS)
    target, path = f"{tmp_path / 'darts.arch'}:darts", tmp_path / "supernet.py"
    result = CliRunner().invoke(main, ["compile", target, "--supernet", "-o", str(path)])
    assert result.exit_code == 0 and result.stderr == f"wrote {path}: {path.stat().st_size:,} bytes\n"
    namespace: dict[str, type[torch.nn.Module]] = {}
    exec(path.read_text(), namespace)
    module = namespace["DARTS"]()
    design = archdsl.space(target).sample(0)
    assert module(torch.randn(1, 3, 8, 8), design).shape == (1, 10)


def test_the_command_says_what_cannot_be_weighed(tmp_path: Path) -> None:
    (tmp_path / "n.arch").write_text("network n(x: [4, 8, 8]) = x -> conv(oneof([4, 8]))")
    target = str(tmp_path / "n.arch")
    result = CliRunner().invoke(main, ["compile", target, "--supernet"])
    assert result.exit_code == 0 and "class N(nn.Module)" in result.stdout
    assert "warning[not-relaxed]: out can only be picked" in result.stderr
    result = CliRunner().invoke(main, ["compile", target, "--supernet", "--relaxed"])
    assert result.exit_code == 1 and not result.stdout
    assert (
        "error[not-relaxed]: out can only be picked, not weighed: 4 gives [4, 8, 8], 8 gives [8, 8, 8]" in result.stderr
    )
    assert "n.arch:1:" in result.stderr
    for other in (["--fold-bn"], ["--format", "onnx"], ["--format", "pytorch", "--fold-bn"]):
        assert CliRunner().invoke(main, ["compile", target, "--supernet", *other]).exit_code == 2


def test_a_node_that_takes_one_op_is_a_choice_for_who_takes_it() -> None:
    """Its options are one tensor before the next node may take it, and every decision has weights."""
    text = """network n(x: [8, 8, 8]) {
    states = [x, x -> conv(8)]
    for node in range(2, 4) {
        i = oneof(range(node))
        op = oneof([conv(8), conv(8, 3), id])
        states = states + [states[i] -> op]
    }
    return states[2:] -> concat
}
"""
    source = of_text(text).supernet().source()
    for node in (2, 3):
        assert f"self.op_{node}(" in source and f', design["{node}.op"])' in source
    assert "PICKED" not in source and " if design" not in source
