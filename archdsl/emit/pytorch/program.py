"""Turns a network into an nn.Module by running its emitted source, such that the module can be pickled and copied."""

from __future__ import annotations

import copyreg
import linecache
from typing import TYPE_CHECKING, Any

from archdsl.emit.pytorch.file import network_class, source
from archdsl.emit.pytorch.names import identifier
from archdsl.ir.graph import Graph

if TYPE_CHECKING:
    from torch import nn


def build(
    graph: Graph,
    *,
    origin: str = "<memory>",
    class_name: str | None = None,
    digest: str = "",
    follows_size: bool = False,
) -> nn.Module:
    """The network as a torch module with fresh weights, made from `source(…)`; tracebacks show the emitted lines.

    Raises:
        ImportError: torch is not installed.
    """
    text = source(graph, origin=origin, class_name=class_name, digest=digest, follows_size=follows_size)
    name = network_class(graph) if class_name is None else identifier(class_name)
    module: nn.Module = Program(identifier(graph.name), text).classes[name]()
    return module


class Program:
    """An emitted source that has been run: its classes by name.

    Pickle finds a class by the name of the file that defines it, and these have none. So their instances are pickled
    as the program and the name of their class; a pickle holds the program once, as its text.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text
        filename, module = f"<archdsl {name}>", f"archdsl.built.{name}"
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        namespace: dict[str, Any] = {"__name__": module}
        exec(compile(text, filename, "exec"), namespace)
        self.classes: dict[str, Any] = {
            key: value for key, value in namespace.items() if getattr(value, "__module__", "") == module
        }
        for made in self.classes.values():
            if isinstance(made, type):
                made.__reduce__ = self._reducer(made)  # type: ignore[method-assign]

    def _reducer(self, made: type) -> Any:
        def reduce(instance: Any) -> tuple[Any, ...]:
            if type(instance) is not made:  # a subclass, which lies in a file
                return copyreg.__newobj__, (type(instance),), instance.__dict__  # type: ignore[attr-defined]
            return _blank, (self, made.__name__), instance.__dict__

        return reduce

    def __reduce__(self) -> tuple[Any, ...]:
        return Program, (self.name, self.text)

    def __deepcopy__(self, memo: Any) -> Program:
        return self  # it never changes, and a copy of a module is of the same class


def _blank(program: Program, name: str) -> Any:
    """An instance whose state is still to come."""
    made = program.classes[name]
    return made.__new__(made)
