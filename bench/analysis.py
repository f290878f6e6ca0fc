"""Numbers of four networks: from their specs, and from reference models with four counting tools, in one run.

Time: parameters and multiply-accumulates from nothing; our side loads and counts, theirs makes the model, on the meta
device where the tool allows, and counts; no side pays for imports. Both are the best of equally many runs in one
process; ours keeps nothing between them. Below, the counting alone.
Analyses: what each of ours takes on a freshly loaded network; the receptive field beside the recurrence of
google-research/receptive_field on the flat graph.
Memory: the most that a fresh process for one network holds, and what it holds above a bare Python.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import archdsl
from archdsl.analysis import cost as costs
from archdsl.analysis import fragments, intensity, minimal_memory, peak_memory, receptive_field, stages, structure
from archdsl.analysis.compare import compare
from archdsl.explore.fit import fit
from archdsl.explore.sweep import sweep
from archdsl.ir.graph import bodies
from archdsl.network import Network
from archdsl.presets import registry as presets
from bench import recurrence
from bench.timing import best, row

ROOT = Path(__file__).parents[1]
NETWORKS = {
    "resnet50": ("torchvision", 224),
    "densenet201": ("torchvision", 224),
    "inception_v3": ("torchvision", 299),
    "nasnetalarge": ("timm", 331),
}
RUNS = 5
TOOLS = ("flop_counter", "torchinfo", "fvcore", "ptflops")


def model(name: str, device: str) -> Any:
    """The reference model, in eval mode."""
    import torch

    from tests.oracle import reference

    origin, _ = NETWORKS[name]
    extra = {"aux_logits": False} if name == "inception_v3" else {}
    with torch.device(device):
        make = reference.torchvision_model if origin == "torchvision" else reference.timm_model
        return make(name, **extra).eval()


def count(tool: str, made: Any, size: int) -> tuple[int, int]:
    """Parameters and what the tool calls multiply-accumulates (ptflops and torchinfo add other things to them)."""
    import torch

    device = next(made.parameters()).device
    params = sum(p.numel() for p in made.parameters())
    with torch.no_grad(), redirect_stdout(StringIO()):
        if tool == "flop_counter":
            from torch.utils.flop_counter import FlopCounterMode

            with FlopCounterMode(display=False) as counter:
                made(torch.empty(1, 3, size, size, device=device))
            return params, counter.get_total_flops() // 2
        if tool == "torchinfo":
            import torchinfo

            found = torchinfo.summary(made, (1, 3, size, size), device=device, verbose=0)
            return found.total_params, found.total_mult_adds
        if tool == "fvcore":
            import fvcore.nn

            counter = fvcore.nn.FlopCountAnalysis(made, torch.empty(1, 3, size, size, device=device))
            counter.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
            return params, int(counter.total())
        import ptflops

        macs, total = ptflops.get_model_complexity_info(
            made, (3, size, size), as_strings=False, print_per_layer_stat=False, verbose=False, backend="pytorch"
        )
        return int(total), int(macs)


def device_of(tool: str) -> str:
    """ptflops counts a classifier twice on meta, and torch cannot trace there, as fvcore does: both get the CPU."""
    return "cpu" if tool in ("ptflops", "fvcore") else "meta"


def _peers(name: str) -> dict[str, tuple[float, float]]:
    """Seconds of every tool: with and without making the model."""
    size = NETWORKS[name][1]
    found = {}
    for tool in TOOLS:
        device = device_of(tool)
        made = model(name, device)
        alone = best(lambda tool=tool, made=made: count(tool, made, size), RUNS)
        whole = best(lambda tool=tool, device=device: count(tool, model(name, device), size), RUNS)
        found[tool] = whole, alone
    return found


def _fresh(network: Network) -> Network:
    """The same network, nothing measured yet."""
    for body in bodies(network.graph):
        body._facts.clear()
    return network


def _times(name: str) -> None:
    peers = _peers(name)
    ours = best(lambda: _numbers(archdsl.load(name)), RUNS)
    loaded = archdsl.load(name)
    alone = best(lambda: _numbers(loaded), RUNS, before=lambda: _fresh(loaded))
    fastest = min(peers, key=lambda tool: peers[tool][0])
    print(f"\n  {name}: from nothing to params and macs; the fastest peer is {fastest}")
    for tool, (whole, _) in peers.items():
        row(f"{tool} on {device_of(tool)}, model made", whole, whole / ours)
    row("archdsl: load and count; the fastest peer takes", ours, peers[fastest][0] / ours)
    for tool, (_, counted) in peers.items():
        row(f"{tool}, counting alone", counted, counted / alone)
    row("archdsl, counting alone", alone)


def _numbers(network: Network) -> tuple[int, int]:
    return network.params, network.macs


def _on_graph(analysis: Callable[[Any], Any]) -> Callable[[Network], Any]:
    return lambda network: analysis(network.graph)


ANALYSES: dict[str, Callable[[Network], Any]] = {
    "cost and shares": _on_graph(lambda graph: (costs.by_kind(graph), costs.by_word(graph), stages.by_stage(graph))),
    "what six counting tools print": lambda network: [network.count(tool) for tool in presets.names()],
    "memory access, intensity, G1 bounds": _on_graph(
        lambda graph: (intensity.arithmetic_intensity(graph), list(intensity.convolutions(graph)))
    ),
    "peak memory, both models": _on_graph(
        lambda graph: (peak_memory.peak_eager_bytes(graph), peak_memory.peak_ideal_bytes(graph))
    ),
    "best order, proven": _on_graph(minimal_memory.minimal_peak),
    "receptive field": _on_graph(receptive_field.receptive_field),
    "fragments": _on_graph(fragments.fragments),
    "paths, their lengths, critical path": _on_graph(
        lambda graph: (structure.path_lengths(graph), structure.critical_path_macs(graph))
    ),
    "width": _on_graph(structure.width),
    "input sizes, as formulas": lambda network: network.sizes(),
    "sweep of 4 input sizes": lambda network: sweep(network.name, {"input": [192, 224, 256, 288]}),
    "fit: largest input within the macs": lambda network: fit(network.name, {"macs": network.macs}, "input"),
    "advice": lambda network: network.lint(),
    "difference from 10 classes": lambda network: compare(network.graph, archdsl.load(network.name, classes=10).graph),
}


def _analyses() -> None:
    print("\n  analyses of a freshly loaded network, milliseconds")
    print("  " + " " * 38 + "".join(f"{name:>14}" for name in NETWORKS))
    networks = [archdsl.load(name) for name in NETWORKS]
    for what, analysis in ANALYSES.items():
        times = [
            best(lambda n=n, analysis=analysis: analysis(n), runs=5, before=lambda n=n: _fresh(n)) for n in networks
        ]
        print(f"  {what:<38}" + "".join(f"{1000 * seconds:>14.2f}" for seconds in times))
    flat = [recurrence.flatten(network.graph) for network in networks]
    times = [best(lambda f=f: recurrence.receptive_fields(f), runs=5) for f in flat]
    print(f"  {'google recurrence, flat graph at hand':<38}" + "".join(f"{1000 * seconds:>14.2f}" for seconds in times))


_PROCESS = """
{code}
print([line for line in open("/proc/self/status") if line.startswith("VmHWM")][0].split()[1])
"""  # VmHWM starts anew with the process; getrusage's ru_maxrss is inherited from the parent


def _held(code: str) -> float:
    """MiB that a fresh process holds at most."""
    command = [sys.executable, "-c", _PROCESS.format(code=code)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return int(done.stdout.split()[-1]) / 1024


def _memory(name: str) -> None:
    bare = _held("")
    size = NETWORKS[name][1]
    ours = _held(f"import archdsl; n = archdsl.load({name!r}); n.params, n.macs")
    print(f"\n  {name}: MiB that a process holds at most; and above a bare Python ({bare:.1f})")
    print(f"  {'archdsl':<38}{ours:>10.1f}{ours - bare:>10.1f}")
    for tool in TOOLS:
        code = f"from bench.analysis import *; count({tool!r}, model({name!r}, device_of({tool!r})), {size})"
        theirs = _held(code)
        ratios = f"{theirs / ours:>8.1f} x{(theirs - bare) / (ours - bare):>8.1f} x"
        print(f"  {tool + ' on ' + device_of(tool):<38}{theirs:>10.1f}{theirs - bare:>10.1f}{ratios}")


def run() -> None:
    """Print all tables."""
    for name in NETWORKS:
        _times(name)
    _analyses()
    for name in ("resnet50", "nasnetalarge"):
        _memory(name)
