"""The Python face: load, loads, check_text, Network, and the one exception."""

from __future__ import annotations

import subprocess
import sys
import traceback
from pathlib import Path

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main

ROOT = Path(__file__).parents[1]
RESNET = ROOT / "specs" / "resnet.arch"
SMALL = """
block unit(x; width) = x -> conv(width, 3) as conv -> bn as bn -> relu
network small(x: [3, 8, 8]; width = 4, classes = 10) =
    x -> unit(width) -> unit(width) -> global_avg_pool -> linear(classes)
"""


def test_load_takes_a_file_with_or_without_the_network() -> None:
    named = archdsl.load(RESNET, "resnet18")
    joined = archdsl.load(f"{RESNET}:resnet18")
    assert named.params == joined.params == 11_689_512
    assert named.name == "resnet18"


def test_numbers_are_at_hand_without_torch() -> None:
    load = f"archdsl.load({str(RESNET)!r}, 'resnet50')"
    code = f"import archdsl, sys; n = {load}; print(n.params, n.macs, 'torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert result.stdout == "25557032 4089184256 False\n"


def test_metrics_and_report_agree() -> None:
    network = archdsl.load(RESNET, "resnet50")
    report = network.analyze()
    assert (report.total.params, report.total.macs, report.depth) == (
        network.params,
        network.macs,
        network.metric("depth"),
    )
    with pytest.raises(KeyError):
        network.metric("beauty")


def test_build_and_source_are_the_same_model() -> None:
    network = archdsl.loads(SMALL)
    model = network.build()
    assert sum(p.numel() for p in model.parameters()) == network.params
    namespace: dict[str, object] = {}
    exec(compile(network.source(), "small.py", "exec"), namespace)
    again = namespace["Small"]()  # type: ignore[operator]
    assert [(k, v.shape) for k, v in model.state_dict().items()] == [
        (k, v.shape) for k, v in again.state_dict().items()
    ]


def test_tracebacks_show_the_emitted_source() -> None:
    import torch  # only here: the other tests show that numbers need none

    model = archdsl.loads(SMALL).build()
    with pytest.raises(RuntimeError) as caught:
        model(torch.zeros(1, 5, 8, 8))
    shown = "".join(traceback.format_exception(caught.value))
    assert "<archdsl small>" in shown
    assert "self.conv(x)" in shown


def test_overrides() -> None:
    network = archdsl.loads(SMALL, input=(3, 16, 16), width=8, classes=5)
    assert network.graph.inputs[0].shape == (3, 16, 16)
    assert network.graph.output_types[0].shape == (5,)
    assert dict(network.graph.arguments) == {"width": 8, "classes": 5}
    assert archdsl.loads(SMALL, width="2 * 4").params == archdsl.loads(SMALL, width=8).params


def test_to_networkx_is_a_multigraph() -> None:
    graph = archdsl.loads("network n(x: [3, 8, 8]) = x + x").to_networkx()
    assert graph.number_of_edges() == 3


def test_draw_writes_a_file_and_a_notebook_shows_svg(tmp_path: Path) -> None:
    network = archdsl.loads(SMALL)
    picture = network.draw(tmp_path / "small.svg")
    assert (tmp_path / "small.svg").read_bytes() == picture
    assert network._repr_svg_() == picture.decode()


def test_one_exception_carries_all_diagnostics() -> None:
    text = "network n(x: [3, 8, 8]) {\n    y = x -> conv(4, kernal = 3)\n    z = x -> cnv(4)\n    return y\n}\n"
    with pytest.raises(archdsl.ArchError) as caught:
        archdsl.loads(text)
    assert sorted(d.code for d in caught.value.diagnostics) == ["unknown-argument", "unknown-name"]
    assert all(d.help for d in caught.value.diagnostics)
    shown = CliRunner().invoke(main, ["analyze", "-"], input=text).stderr
    assert str(caught.value).replace("<text>", "<stdin>") == shown.rstrip("\n")
    assert shown.count("\nhelp: ") == 2


def test_names_that_do_not_exist_say_which_do() -> None:
    network = archdsl.load("resnet18")
    for ask, message in (
        (lambda: network.metric("dept"), "there is no number called dept; did you mean depth?"),
        (lambda: network.count("fvcor"), "there is no tool called fvcor; did you mean fvcore?"),
        (lambda: network.count("thop")["flops"], "there is no number of thop called flops; there are macs, params"),
    ):
        with pytest.raises(KeyError) as caught:
            ask()
        assert str(caught.value) == message


def test_results_print_as_their_commands_do() -> None:
    run = CliRunner().invoke
    network = archdsl.load("resnet18")
    shown = {
        "analyze resnet18": network.analyze(),
        "analyze resnet18 --count fvcore": network.count("fvcore"),
        "sweep mobilenet_v1_100 --vary width=0.5,1.0": archdsl.sweep("mobilenet_v1_100", {"width": [0.5, "1.0"]}),
        "fit mobilenet_v1_100 --macs 300M --over width": archdsl.fit(
            "mobilenet_v1_100", {"macs": 300 * 10**6}, "width"
        ),
    }
    for command, result in shown.items():
        assert run(main, command.split()).stdout == f"{result}\n"
        assert len(repr(network.analyze())) < 80


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: archdsl.load("nowhere.arch"), "file-not-found"),
        (lambda: archdsl.load(RESNET), "which-network"),
        (lambda: archdsl.load(RESNET, "resnet51"), "unknown-network"),
        (lambda: archdsl.load(RESNET, "bottleneck"), "unknown-network"),
        (lambda: archdsl.loads(SMALL, wdth=3), "unknown-parameter"),
        (lambda: archdsl.loads(SMALL, input={"y": (3, 8, 8)}), "unknown-input"),
        (lambda: archdsl.loads(SMALL, input=(3, 8)), "bad-input-size"),
        (lambda: archdsl.loads(SMALL, width=object()), "bad-argument"),
        (lambda: archdsl.loads(SMALL, picks={"depth": 1}), "bad-pick"),
        (lambda: archdsl.loads("block b(x) = x -> relu\n"), "no-network"),
    ],
)
def test_wrong_calls_are_diagnostics(call: object, code: str) -> None:
    with pytest.raises(archdsl.ArchError) as caught:
        call()  # type: ignore[operator]
    assert [d.code for d in caught.value.diagnostics] == [code]


def test_unknown_attributes_of_the_package() -> None:
    with pytest.raises(AttributeError):
        archdsl.lode  # noqa: B018
    assert {"load", "loads", "Network", "ArchError"} <= set(dir(archdsl))
