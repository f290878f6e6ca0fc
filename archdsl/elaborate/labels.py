"""Turns the words that make modules into their dotted names (language.md, *Module names*, rules i to iv)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from archdsl.elaborate.budget import charge_now, keep
from archdsl.ir.weights import TAKEN, module_path
from archdsl.source import Span

if TYPE_CHECKING:
    from archdsl.elaborate.session import BodyFrame, Frame, Mistake


LEAF = 0  # one module
NAMED = 1  # a container whose members are called by their words; with a single member it gives its name to it
NUMBERED = 2  # a container made by `as`, whose members are 0, 1, …
AT_ROOT = 3  # a named container directly under the body
LABELLED = 4  # one module, labelled with `as`
CLOSED = 5  # the end of a container
CHARACTERS = 1 << 16  # of names, written between two looks at the budget
MOST_NAMED = 4096  # bodies whose names a spec remembers
LONGEST = 1000  # of them

# What happened, in order: one of the kinds above, and its word.
Event = tuple[int, str]
NO_CHILDREN: list[LabelNode] = []  # leaves have none, and there may be many leaves


class LabelNode:
    """A module, or a container of modules, in the tree of names of one body."""

    __slots__ = ("children", "fixed", "kind", "live", "number", "word")

    def __init__(self, kind: int, word: str, fixed: bool, number: int) -> None:
        self.kind = kind
        self.word = word
        self.fixed = fixed  # written with `as`: never counted, never prefixed by an assignment
        self.number = number  # of its event
        self.children: list[LabelNode] = [] if kind != LEAF else NO_CHILDREN
        self.live = kind == LEAF  # whether it is or holds a module; of a container known at the end


class Labels:
    """The words of one body, written down as stages are applied: containers are opened and closed, leaves between."""

    __slots__ = ("_kinds", "events")

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._kinds = [NAMED]  # of the containers that are open

    @property
    def numbered(self) -> bool:
        """Whether members made now are numbered."""
        return self._kinds[-1] == NUMBERED

    def leaf(self, word: str, fixed: bool = False) -> int:
        """A module: under its word in the current scope, or under its `as` in the nearest `as` container (rule iv).

        Returns the number by which it is known until it has a name.
        """
        self.events.append((LABELLED if fixed else LEAF, word))
        return len(self.events) - 1

    def move(self, leaf: int, label: str) -> None:
        """Give a leaf that was made just now a label of its own."""
        self.events[leaf] = (LABELLED, label)

    def open_as(self, label: str) -> int:
        """Open the numbered container of `( … ) as label`; returns its number, as all that open one."""
        self.events.append((NUMBERED, label))
        self._kinds.append(NUMBERED)
        return len(self.events) - 1

    def open_word(self, word: str) -> int:
        """Open the named container of an assignment (rule iii) or of a composite stage applied by name (rule i)."""
        self.events.append((NAMED, word))
        self._kinds.append(NAMED)
        return len(self.events) - 1

    def open_root(self, word: str) -> int:
        """Open a named container directly under the body, wherever the application stands: a shared stage."""
        self.events.append((AT_ROOT, word))
        self._kinds.append(NAMED)
        return len(self.events) - 1

    @property
    def open_kinds(self) -> tuple[int, ...]:
        """The kinds of the containers that are open."""
        return tuple(self._kinds)

    def back_to(self, count: int, kinds: Sequence[int]) -> None:
        """Forget all events but so many, after which containers of these kinds were open."""
        del self.events[count:]
        self._kinds = list(kinds)

    def close(self) -> None:
        """Close what was opened last."""
        self.events.append((CLOSED, ""))
        self._kinds.pop()


def names(events: Sequence[Event], charge: Callable[[int], None] = lambda _: None) -> dict[int, str]:
    """The dotted name of every leaf, by its number; `charge` is told about how many characters are written for them."""
    return {number: path for path, number in paths(events, charge) if events[number][0] in (LEAF, LABELLED)}


def paths(
    events: Sequence[Event], charge: Callable[[int], None] = lambda _: None, there: Collection[int | None] | None = None
) -> Iterator[tuple[str, int]]:
    """The dotted names of leaves and containers, with their numbers; as if only the leaves `there` had been made."""
    written = 0
    pending = [("", _tree(events, there))]
    while pending:
        prefix, container = pending.pop()
        for name, child in _members(container):
            path = f"{prefix}{name}"
            written += len(path)
            if written > CHARACTERS:
                charge(written)
                written = 0
            yield path, child.number
            if child.kind != LEAF:
                pending.append((path + ".", child))
    charge(written)


def _tree(events: Sequence[Event], there: Collection[int | None] | None = None) -> LabelNode:
    """The container of all, with what is in it."""
    root = LabelNode(NAMED, "", True, -1)
    scopes, fixed_scopes, made = [root], [root], [root]
    for number, (kind, word) in enumerate(events):
        if kind == CLOSED:
            if scopes.pop().kind == NUMBERED:
                fixed_scopes.pop()
            continue
        if there is not None and kind in (LEAF, LABELLED) and number not in there:
            continue
        fixed = kind in (LABELLED, NUMBERED)
        node = LabelNode(LEAF if kind == LABELLED else NAMED if kind == AT_ROOT else kind, word, fixed, number)
        holder = root if kind == AT_ROOT else fixed_scopes[-1] if fixed else scopes[-1]
        holder.children.append(node)
        if node.kind != LEAF:
            made.append(node)
            scopes.append(node)
            if kind == NUMBERED:
                fixed_scopes.append(node)
    for container in reversed(made):  # what holds it was made before
        container.live = any(child.live for child in container.children)
    return root


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


def fitting_names(frame: BodyFrame) -> Mapping[int, str] | None:
    """The names of the modules of a body; None where two are equal, or one is inside another's, which is reported.

    Raises:
        Exhausted: labels inside each other make names too long for the budget.
    """
    known, key = frame.session.spec.names, tuple(frame.body.labels.events)
    found = known.get(key)
    if found is None:
        declaration = frame.item.declaration
        found = names(key, lambda written: charge_now(frame, written >> 6, declaration))
        if not _fit(frame, found):
            return None
        if len(key) < LONGEST and not frame.body.slots and not any(TAKEN in name for name in found.values()):
            keep(known, key, found, MOST_NAMED)
    return found


def _fit(frame: BodyFrame, names: Mapping[int, str]) -> bool:
    """Whether all module names of a body differ, and none is inside another's."""
    body = frame.body
    seen: dict[str, int] = {}  # the index of the node
    shared: set[int] = set()
    for index, (leaf, node) in enumerate(zip(body.leaves, body.nodes, strict=True)):
        if leaf is None or node.slot in shared:
            continue
        if node.slot is not None:
            shared.add(node.slot)
        name = names[leaf]
        if name in seen:
            return _clash(frame, names, index, seen[name])
        seen[name] = index
        if TAKEN in name:
            _renamed(frame, name, node.spans[0])
    free: set[str] = set()  # containers that are no modules
    for name in [name for name in seen if "." in name]:
        stem = name
        while "." in stem:
            stem = stem.rpartition(".")[0]
            if stem in free:
                break
            free.add(stem)
            if stem in seen:
                return _clash(frame, names, seen[name], seen[stem])
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


def _clash(frame: BodyFrame, names: Mapping[int, str], index: int, first: int) -> bool:
    frame.session.report(clash(frame, names, index, first).diagnostic)
    return False


def clash(frame: BodyFrame, names: Mapping[int, str], index: int, first: int) -> Mistake:
    """The mistake that two nodes have one name, or that `index` would lie inside `first`; both by what they are."""
    (name, described), (other, before) = (_described(frame, number, names) for number in (index, first))
    return frame.problem(
        frame.body.nodes[index].spans[0],
        "duplicate-label",
        f"two modules are called {name}" if name == other else f"{name} would lie inside {other}, which is a module",
        notes=[described, before],
        help='give them different labels: `… as conv1`, or with a loop\'s variable: `… as "conv{i}"`',
    )


def rivals(events: Sequence[Event]) -> Iterator[tuple[list[int], list[int]]]:
    """Modules of two labels in one place that are equal, or one inside the other: no two of them fit together."""
    if not any(kind in (LABELLED, NUMBERED) for kind, _ in events):
        return
    pending = [_tree(events)]
    while pending:
        container = pending.pop()
        fixed = [child for child in container.children if child.fixed and child.live]
        pending += [child for child in container.children if child.kind != LEAF]
        for index, one in enumerate(fixed):
            for other in fixed[:index]:
                if f"{one.word}.".startswith(f"{other.word}.") or f"{other.word}.".startswith(f"{one.word}."):
                    yield _leaves(other), _leaves(one)


def _leaves(node: LabelNode) -> list[int]:
    """The numbers of the modules that a node is or holds."""
    return [node.number] if node.kind == LEAF else [leaf for child in node.children for leaf in _leaves(child)]


def _described(frame: BodyFrame, index: int, names: Mapping[int, str]) -> tuple[str, str]:
    """The name of a node, and what it is, where it stands, and why it is called so."""
    leaf, node = frame.body.leaves[index], frame.body.nodes[index]
    assert leaf is not None
    here = frame.item.source
    places = dict.fromkeys(f"line {s.line}" if s.source is here else str(s) for s in node.spans)
    origin = _origin(frame.body.labels.events, leaf, names[leaf])
    return names[leaf], f"{node.word}, {', made at '.join(places)}: {origin}"


def _origin(events: Sequence[Event], leaf: int, name: str) -> str:
    """Why a leaf is called `name`."""
    around: list[Event] = []  # the containers that hold it
    for kind, word in events[:leaf]:
        if kind == CLOSED:
            around.pop()
        elif kind in (NAMED, NUMBERED, AT_ROOT):
            around.append((kind, word))
    labels = ".".join(word for kind, word in around if kind == NUMBERED)
    kind, word = events[leaf]
    if kind == LABELLED:
        return f"labelled {word}" + (f", in what is labelled {labels}" if labels else "")
    inner = next((kind for kind, _ in reversed(around) if kind != NAMED), NAMED)
    if inner != NUMBERED:
        return "it has no label, so it is called after what it is or makes"
    number, _, rest = name[len(labels) + 1 :].partition(".")
    return f"{'in ' if rest else ''}part {number} of what is labelled {labels}: parts without a label are counted"
