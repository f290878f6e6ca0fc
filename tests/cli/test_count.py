"""`archdsl analyze --count`: the tool's number, ours, and the rows between them; text, JSON and wrong usage."""

from __future__ import annotations

import json
import subprocess
import sys

from click.testing import CliRunner

from archdsl.cli import main
from archdsl.presets import registry

RESNET50 = """\
resnet50 as fvcore (0.1.5.post20221221) counts it: the emitted module, batch 1,
eval mode, CPU

flops = FlopCountAnalysis(model, inputs).total()
  our macs                                                         4,089,184,256
  batch norm: 2 per element                                          +22,227,968
  adaptive average pool: 1 per input element                            +100,352
  flops                                                            4,111,512,576

params = parameter_count(model)[""]
  our params                                                          25,557,032
  params                                                              25,557,032
"""


def test_text() -> None:
    result = CliRunner().invoke(main, ["analyze", "resnet50", "--count", "fvcore"])
    assert (result.exit_code, result.stdout) == (0, RESNET50)


def test_json() -> None:
    """The rows and ours sum to the value; the size is taken over."""
    words = ["analyze", "vit_base_patch16", "--set", "classes=10", "--count", "flop_counter", "--json"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["network"], found["tool"], found["exact"]) == ("vit_base_patch16", "flop_counter", True)
    (number,) = found["numbers"]
    differences = sum(row["amount"] for row in number["differences"])
    assert number["value"] == number["ours"]["times"] * number["ours"]["value"] + differences
    assert number["name"] == "flops" and number["ours"]["measure"] == "macs" and differences < 0


def test_wrong_usage() -> None:
    result = CliRunner().invoke(main, ["analyze", "resnet50", "--count", "abacus"])
    assert result.exit_code == 2
    assert all(name in result.stderr for name in registry.names())


def test_no_torch_is_loaded() -> None:
    """Not even when every tool's count is asked for."""
    code = (
        "import sys, archdsl; net = archdsl.load('resnet50');"
        f"[net.count(tool) for tool in {registry.names()!r}]; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
