"""Finds which panel shows a body, and which bodies a reader may take for it by what a call says."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.emit.figure.measure import short_name
from archdsl.emit.figure.scene import Instance, Panel, Scene, Sketch
from archdsl.emit.figure.words import value_text
from archdsl.ir.graph import Graph, bodies


class SceneIndex:
    """Which panel shows a body, and what a call must say for a reader to find its row."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.shown: dict[int, tuple[Panel, Instance]] = {}
        self.differences: list[str] = []
        for panel in scene.panels:
            for instance in panel.instances:
                if id(instance.graph) in self.shown:
                    self.differences.append(f"{panel.title.name}: a body is shown by two panels")
                self.shown[id(instance.graph)] = panel, instance
        self._panels: dict[tuple[str, str, str], list[Panel]] = {}
        self._called: dict[str, tuple[str, str, str]] = {}  # which block has a name that is said
        self._names: dict[tuple[str, str, str], str] = {}
        for panel in scene.panels[1:]:
            if not panel.instances:
                self.differences.append(f"{panel.title.name}: a panel shows no body")
                continue
            self._panels.setdefault(self._block(panel.instances[0].graph), []).append(panel)
            for instance in panel.instances:
                self.differences += filter(None, [self.misnamed(instance.graph, panel.title.name)])

    @staticmethod
    def _block(graph: Graph) -> tuple[str, str, str]:
        return (*graph.definition, graph.name)

    def misnamed(self, graph: Graph, said: str) -> str:
        """Why a reader would not know a block by the name that is said: another one has it; "" where it is right."""
        name, block = short_name(graph.name), self._block(graph)
        if said != name and not (said.startswith(f"{name} (") and said.endswith(")")):
            return f"{graph.name} is called {said}"
        if self._called.setdefault(said, block) != block:
            return f"two blocks are called {said}"
        if self._names.setdefault(block, said) != said:
            return f"{graph.name} is called {said} and {self._names[block]}"
        return ""

    def callers_first(self) -> Iterator[tuple[Graph, Sketch]]:
        """The bodies that have panels, each before those that it calls."""
        for graph in reversed(list(bodies(self.scene.root))):
            if id(graph) in self.shown:
                yield graph, self.shown[id(graph)][1].sketch

    def letter(self, graph: Graph) -> str:
        """The variant that a body belongs to."""
        return self.shown[id(graph)][0].title.variant

    def number(self, graph: Graph) -> str | None:
        """The number that the table gives a body."""
        return dict(self.shown[id(graph)][1].values).get("no.")

    def fits(self, graph: Graph, arguments: dict[str, str], number: str | None) -> list[Graph]:
        """The bodies of a block that a reader may take for `graph`, by letter, number, said arguments and shapes."""
        return [
            instance.graph
            for panel in self._panels.get(self._block(graph), [])
            for instance in panel.instances
            if panel.title.variant == self.letter(graph)
            and instance.graph.inputs == graph.inputs
            and (number is None or dict(instance.values).get("no.") == number)
            and all(value_text(dict(instance.graph.arguments).get(name)) == text for name, text in arguments.items())
        ]
