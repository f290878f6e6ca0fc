"""Turns a network into standalone PyTorch: `source` gives the text of a file, `build` the module itself."""

from __future__ import annotations

import linecache
from typing import TYPE_CHECKING

from archdsl.emit.pytorch.file import network_class, source
from archdsl.emit.pytorch.names import identifier
from archdsl.ir.graph import Graph

if TYPE_CHECKING:
    from torch import nn

__all__ = ["build", "source"]


def build(graph: Graph, *, origin: str = "<memory>", class_name: str | None = None, digest: str = "") -> nn.Module:
    """The network as a torch module with fresh weights, made from `source(…)`; tracebacks show the emitted lines.

    Raises:
        ImportError: torch is not installed.
    """
    text = source(graph, origin=origin, class_name=class_name, digest=digest)
    name = network_class(graph) if class_name is None else identifier(class_name)
    filename = f"<archdsl {identifier(graph.name)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    namespace: dict[str, object] = {"__name__": f"archdsl.built.{identifier(graph.name)}"}
    exec(compile(text, filename, "exec"), namespace)
    module: nn.Module = namespace[name]()  # type: ignore[operator]
    return module
