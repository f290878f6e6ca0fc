"""Turns the words that make modules into their dotted names (language.md, *Module names*, rules i to iv)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from archdsl.elaborate.budget import charge_now
from archdsl.ir.weights import TAKEN, module_path
from archdsl.source import Span

if TYPE_CHECKING:
    from archdsl.elaborate.session import BodyFrame, Frame


LEAF = 0  # one module
NAMED = 1  # a container whose members are called by their words; with a single member it gives its name to it
NUMBERED = 2  # a container made by `as`, whose members are 0, 1, …
CHARACTERS = 1 << 16  # of names, written between two looks at the budget

NO_CHILDREN: list[LabelNode] = []  # leaves have none, and there may be many leaves


class LabelNode:
    """A module, or a container of modules, in the tree of names of one body."""

    __slots__ = ("children", "fixed", "kind", "live", "name", "word")

    def __init__(self, kind: int, word: str, fixed: bool) -> None:
        self.kind = kind
        self.word = word
        self.fixed = fixed  # written with `as`: never counted, never prefixed by an assignment
        self.children: list[LabelNode] = [] if kind != LEAF else NO_CHILDREN
        self.live = kind == LEAF  # whether it is or holds a module; of a container known at the end
        self.name = ""


class Labels:
    """The names of one body: containers are opened and closed as stages are applied, leaves added in between."""

    __slots__ = ("_fixed_scopes", "_scopes", "root")

    def __init__(self) -> None:
        self.root = LabelNode(NAMED, "", True)
        self._scopes = [self.root]
        self._fixed_scopes = [self.root]

    @property
    def numbered(self) -> bool:
        """Whether members made now are numbered."""
        return self._scopes[-1].kind == NUMBERED

    def leaf(self, word: str, fixed: bool = False) -> LabelNode:
        """A module: under its word in the current scope, or under its `as` in the nearest `as` container (rule iv)."""
        node = LabelNode(LEAF, word, fixed)
        (self._fixed_scopes if fixed else self._scopes)[-1].children.append(node)
        return node

    def move(self, node: LabelNode, label: str) -> None:
        """Give a leaf that was made in the current scope a label of its own."""
        self._scopes[-1].children.remove(node)
        node.word, node.fixed = label, True
        self._fixed_scopes[-1].children.append(node)

    def open_as(self, label: str) -> None:
        """Open the numbered container of `( … ) as label`."""
        node = LabelNode(NUMBERED, label, True)
        self._fixed_scopes[-1].children.append(node)
        self._fixed_scopes.append(node)
        self._scopes.append(node)

    def close_as(self) -> None:
        """Close what `open_as` opened."""
        self._fixed_scopes.pop()
        self._scopes.pop()

    def open_word(self, word: str) -> None:
        """Open the named container of an assignment (rule iii) or of a composite stage applied by name (rule i)."""
        node = LabelNode(NAMED, word, False)
        self._scopes[-1].children.append(node)
        self._scopes.append(node)

    def open_root(self, word: str) -> None:
        """Open a named container directly under the body, wherever the application stands: a shared stage."""
        node = LabelNode(NAMED, word, False)
        self.root.children.append(node)
        self._scopes.append(node)

    def close_word(self) -> None:
        """Close what `open_word` or `open_root` opened."""
        self._scopes.pop()

    def finish(self, charge: Callable[[int], None] = lambda _: None) -> None:
        """Give every leaf its dotted name; `charge` is told about how many characters are written for them."""
        self._find_live()
        written = 0
        pending = [("", self.root)]
        while pending:
            prefix, container = pending.pop()
            for name, child in _members(container):
                path = f"{prefix}{name}"
                written += len(path)
                if written > CHARACTERS:
                    charge(written)
                    written = 0
                if child.kind == LEAF:
                    child.name = path
                else:
                    pending.append((path + ".", child))
        charge(written)

    def _find_live(self) -> None:
        containers = [self.root]
        for container in containers:
            containers.extend([child for child in container.children if child.kind != LEAF])
        for container in reversed(containers):
            for child in container.children:
                if child.live:
                    container.live = True
                    break


def _members(container: LabelNode) -> list[tuple[str, LabelNode]]:
    """Names of the members of a container; `as` labels as they are, others numbered or counted among equals."""
    taken = {child.word for child in container.children if child.fixed and child.live}
    counts: dict[str, int] = {}
    members: list[tuple[str, LabelNode]] = []
    for child in container.children:
        if child.kind == LEAF:
            member, name = child, child.word
        else:
            found, name = _collapse(child)
            if found is None:
                continue
            member = found
        if not child.fixed:
            if container.kind == NUMBERED:
                count = counts.get("", 0)
                counts[""] = count + 1
                name = str(count)
            else:
                name = _counted(name, taken, counts)
                taken.add(name)
        members.append((name, member))
    return members


def _counted(word: str, taken: set[str], counts: dict[str, int]) -> str:
    """The word, or `word_1` … where it is taken."""
    count = counts.get(word, 0)
    name = f"{word}_{count}" if count else word
    while name in taken:
        count += 1
        name = f"{word}_{count}"
    counts[word] = count + 1
    return name


def _collapse(node: LabelNode) -> tuple[LabelNode | None, str]:
    """Drop empty containers; a named container with one uncounted member gives that member its own name."""
    word = node.word
    while node.kind == NAMED:
        members = [child for child in node.children if child.live]
        if not members:
            return None, word
        if len(members) > 1:
            return node, word
        node = members[0]
    if node.kind == NUMBERED and not node.live:
        return None, word
    return node, word


def names_fit(frame: BodyFrame) -> bool:
    """Whether all module names of a body differ, and none is inside another's.

    Raises:
        Exhausted: labels inside each other make names too long for the budget.
    """
    body, declaration = frame.body, frame.item.declaration
    body.labels.finish(lambda written: charge_now(frame, written >> 6, declaration))
    seen: dict[str, Span] = {}
    shared: set[int] = set()
    for leaf, node in zip(body.leaves, body.nodes, strict=True):
        if leaf is None:
            continue
        name, slot, span = leaf.name, node.slot, node.spans[0]
        if slot is not None:
            if slot in shared:
                continue
            shared.add(slot)
        if name in seen:
            return _clash(frame, name, span, seen[name])
        seen[name] = span
        if TAKEN in name:
            _renamed(frame, name, span)
    free: set[str] = set()  # containers that are no modules
    for name in [name for name in seen if "." in name]:
        stem = name
        while "." in stem:
            stem = stem.rpartition(".")[0]
            if stem in free:
                break
            free.add(stem)
            if stem in seen:
                return _clash(frame, stem, seen[name], seen[stem])
    return True


def _renamed(frame: Frame, name: str, span: Span) -> None:
    """Say where a module of torch cannot bear its label."""
    key = ".".join(module_path(name))
    if key != name:
        frame.warn(
            span,
            "renamed-label",
            f"the module {name} is called {key} in PyTorch, and so are its keys",
            help=f"give it another label with `as`: `{TAKEN}` is a flag of every torch module, which none can replace",
        )


def _clash(frame: Frame, name: str, span: Span, first: Span) -> bool:
    problem = frame.problem(
        span,
        "duplicate-label",
        f"two modules are called {name}",
        notes=[f"the first is at line {first.line}: {first.text.splitlines()[0][:60]}"],
        help='give them different labels: `… as conv1`, or with a loop\'s variable: `… as "conv{i}"`',
    )
    frame.session.report(problem.diagnostic)
    return False
