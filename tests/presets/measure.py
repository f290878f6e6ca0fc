"""Asks the counting tools themselves: what each prints for a module, by the names that its preset gives the numbers."""

from __future__ import annotations

import contextlib
import copy
import importlib
import inspect
import io
import logging
import warnings
from collections.abc import Callable

import torch
from torch import Tensor, nn

import tests.oracle.reference  # noqa: F401  # ptflops imports torchvision, which needs what this defines first
from archdsl.ir.graph import Graph

torch.set_num_threads(1)
logging.getLogger("fvcore.nn.jit_analysis").setLevel(logging.CRITICAL)

Numbers = dict[str, int]


def inputs_of(graph: Graph) -> tuple[Tensor, ...]:
    """Zeros of batch 1: no tool looks at values."""
    return tuple(
        torch.zeros(1, *x.shape, dtype=torch.int64 if x.dtype == "int" else torch.float32) for x in graph.inputs
    )


def fvcore(module: nn.Module, inputs: tuple[Tensor, ...]) -> Numbers:
    nn_of = importlib.import_module("fvcore.nn")
    with torch.no_grad():
        return {
            "flops": int(nn_of.FlopCountAnalysis(module, inputs).total()),
            "params": nn_of.parameter_count(module)[""],
        }


def flop_counter(module: nn.Module, inputs: tuple[Tensor, ...]) -> Numbers:
    with importlib.import_module("torch.utils.flop_counter").FlopCounterMode(display=False) as counter, torch.no_grad():
        module.requires_grad_(False)(*inputs)  # its tracker of modules refuses a parameter as a result
    return {"flops": counter.get_total_flops()}


def thop(module: nn.Module, inputs: tuple[Tensor, ...]) -> Numbers:
    macs, params = importlib.import_module("thop").profile(module, inputs, verbose=False)
    assert int(macs) == macs and int(params) == params
    return {"macs": int(macs), "params": int(params)}


def torchinfo(module: nn.Module, inputs: tuple[Tensor, ...]) -> Numbers:
    found = importlib.import_module("torchinfo").summary(module, input_data=inputs, verbose=0)
    return {"mult_adds": found.total_mult_adds, "params": found.total_params}


def ptflops(module: nn.Module, inputs: tuple[Tensor, ...]) -> Numbers:
    names = list(inspect.signature(module.forward).parameters)
    macs, params = importlib.import_module("ptflops").get_model_complexity_info(
        module,
        (1,),
        print_per_layer_stat=False,
        as_strings=False,
        input_constructor=lambda _: dict(zip(names, inputs, strict=True)),
    )
    return {"macs": macs, "params": params}


def deepspeed(module: nn.Module, inputs: tuple[Tensor, ...]) -> Numbers:
    profiler = importlib.import_module("deepspeed.profiling.flops_profiler")
    with torch.no_grad():
        flops, macs, params = profiler.get_model_profile(
            module, args=list(inputs), print_profile=False, as_string=False
        )
    return {"flops": flops, "macs": macs, "params": params}


TOOLS: dict[str, Callable[[nn.Module, tuple[Tensor, ...]], Numbers]] = {
    tool.__name__: tool for tool in (fvcore, flop_counter, thop, torchinfo, ptflops, deepspeed)
}


def measured(tool: str, module: nn.Module, inputs: tuple[Tensor, ...]) -> Numbers:
    """What `tool` prints for `module` in eval mode; the module is left as it was."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        return TOOLS[tool](copy.deepcopy(module).eval(), inputs)
