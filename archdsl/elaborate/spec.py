"""Reads a spec and the files that it imports, once, to be elaborated any number of times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from os.path import isfile, realpath
from pathlib import Path
from typing import TYPE_CHECKING

from archdsl import library
from archdsl.diagnostics.model import ERROR, WARNING, ArchError, Diagnostic, Diagnostics
from archdsl.elaborate.advice import MISTAKES, library_words, nearest, suggestion
from archdsl.elaborate.budget import Limits
from archdsl.elaborate.definitions import Module, mentions, outer_names, own_names
from archdsl.elaborate.values import Results
from archdsl.ops import registry
from archdsl.ops.base import Op
from archdsl.source import Source, Span
from archdsl.synonyms.names import PACKAGES
from archdsl.syntax import tree
from archdsl.syntax.items import Item
from archdsl.syntax.parse import outline
from archdsl.syntax.read import read_source

if TYPE_CHECKING:
    from archdsl.elaborate.labels import Event
    from archdsl.elaborate.places import Places
    from archdsl.elaborate.steps import ChainStep

TopName = tuple[Module, str]  # a name at the top of a file


@dataclass(frozen=True)
class Reachable:
    """What a definition leads to, taken or not, and what is wrong there before anything is run.

    Each definition stands behind those that it uses (but for circles), so itself last.
    """

    definitions: tuple[TopName, ...]
    diagnostics: tuple[Diagnostic, ...]


class Spec:
    """A spec and the files that it imports: read when it is made, each definition parsed when something leads to it.

    Elaborations share the trees, and what is the same for all of them: what stands at a place, what an op gives at
    equal arguments and operands, the names that equal words make. Any number of threads may use one Spec at a time.
    """

    def __init__(self, source: Source, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.root = _declared(source)
        self._modules = {_identity(source.name): self.root}
        self._forget()
        self._follow_imports()

    def _forget(self) -> None:
        self._uses: dict[TopName, tuple[list[TopName], list[Diagnostic]]] = {}
        self._attribute_faults: dict[str, list[Diagnostic]] = {}
        self._mistakes = 0  # found so far: after many, nobody needs advice, and it takes time
        self._reaches: dict[str, Reachable] = {}
        self._rebinds: dict[int, bool] = {}
        self.joins: dict[str, tuple[Op, Results]] = {}  # what `+`, `*`, … of two tensors give
        self.names: dict[tuple[Event, ...], dict[int, str]] = {}  # of modules, by the words of a body
        self.steps: dict[int, ChainStep] = {}  # by the identity of what is written
        self.places: dict[int, Places] = {}  # of definitions, by the identity of their items
        self.homonyms: dict[int, dict[tuple[str, str], str]] = {}  # by the file of a network: see `file_prefix`

    def __getstate__(self) -> tuple[Limits, list[tuple[str, Source, list[str | list[Diagnostic]]]]]:
        """The texts, and what each import found: a file's identity or what is wrong. No file is read again."""
        named = {id(module): name for name, module in self._modules.items()}
        files = []
        for name, module in self._modules.items():
            answers = [module.imports[id(item)] for item in _imports(module)]
            files.append((name, module.source, [a if isinstance(a, list) else named[id(a)] for a in answers]))
        return self.limits, files

    def __setstate__(self, state: tuple[Limits, list[tuple[str, Source, list[str | list[Diagnostic]]]]]) -> None:
        self.limits, files = state
        self._modules = {name: _declared(source) for name, source, _ in files}
        self.root = self._modules[files[0][0]]
        for name, _, answers in files:
            module = self._modules[name]
            for item, answer in zip(_imports(module), answers, strict=True):
                module.imports[id(item)] = answer if isinstance(answer, list) else self._modules[answer]
        self._forget()

    @classmethod
    def read(cls, path: str | Path, limits: Limits | None = None) -> Spec:
        """The spec in the file at `path`.

        Raises:
            ArchError: it cannot be read.
        """
        return cls(read_source(path), limits)

    @property
    def files(self) -> tuple[str, ...]:
        """Paths of the spec and of all that it imports, links followed; `<stdin>` for what came from there."""
        return tuple(self._modules)

    @property
    def networks(self) -> list[str]:
        """Names of the networks that it defines, in order; broken ones are left out."""
        networks = [item for item in self.root.file.items if item.kind == "network" and item.fault is None]
        return [item.name for item in networks if item.name is not None]

    def reach(self, network: str) -> Reachable:
        """What the network of that name leads to."""
        found = self._reaches.get(network)
        if found is None:
            found = self._reaches[network] = self.reach_of([(self.root, network)])
        return found

    def reach_of(self, start: list[TopName]) -> Reachable:
        """What all these names lead to."""
        seen: set[TopName] = set()
        done: list[TopName] = []
        diagnostics: list[Diagnostic] = []
        pending: list[tuple[TopName, bool]] = [(definition, False) for definition in reversed(start)]
        while pending:
            definition, finished = pending.pop()
            if finished:
                done.append(definition)
            elif definition not in seen:
                seen.add(definition)
                uses, wrong = self.uses(definition)
                diagnostics += wrong
                pending.append((definition, True))
                pending.extend((used, False) for used in reversed(uses))
        return Reachable(tuple(done), tuple(diagnostics))

    def attribute_faults(self, network: str, check: Callable[[Item], list[Diagnostic]]) -> list[Diagnostic]:
        """What `check` says, once, of the definitions of the file itself that a network leads to."""
        found = self._attribute_faults.get(network)
        if found is None:
            own = [name for module, name in self.reach(network).definitions if module is self.root]
            found = self._attribute_faults[network] = [d for name in own for d in check(self.root.names[name])]
        return found

    def reach_of_all(self) -> Reachable:
        """What the names of the file itself lead to; and what is wrong in it anywhere, each once."""
        found = self.reach_of([(self.root, name) for name in self.root.names])
        wrong = Diagnostics()
        wrong.extend(self.root.file.faults)
        wrong.extend(item.fault for item in self.root.file.items if item.fault is not None)
        wrong.extend([*self._cycles(), *found.diagnostics])
        return Reachable(found.definitions, tuple(wrong))

    def _cycles(self) -> list[Diagnostic]:
        """The circles among the files, which are wrong whether or not anything is asked of the file that closes one."""
        answers = [found for module in self._modules.values() for found in module.imports.values()]
        failed = [diagnostic for found in answers if isinstance(found, list) for diagnostic in found]
        return [diagnostic for diagnostic in failed if diagnostic.code == "import-cycle"]

    def unsound(self, reach: Reachable) -> set[TopName]:
        """Those definitions of `reach` that lead to something wrong."""
        users: dict[TopName, list[TopName]] = {}
        pending = []
        for definition in reach.definitions:
            uses, wrong = self.uses(definition)
            if any(diagnostic.severity == ERROR for diagnostic in wrong):
                pending.append(definition)
            for used in uses:
                users.setdefault(used, []).append(definition)
        found = set(pending)
        while pending:
            for user in users.get(pending.pop(), ()):
                if user not in found:
                    found.add(user)
                    pending.append(user)
        return found

    def uses(self, definition: TopName) -> tuple[list[TopName], list[Diagnostic]]:
        """The definitions that one mentions, in order of writing, and what is wrong with its own text and names."""
        found = self._uses.get(definition)
        if found is None:
            found = self._uses[definition] = _uses(*definition, self._mistakes)
            self._mistakes += len(found[1])
        return found

    def rebinds(self, statement: tree.Assign) -> bool:
        """Whether an assignment computes the new value of its name from the old one."""
        found = self._rebinds.get(id(statement))
        if found is None:
            found = self._rebinds[id(statement)] = mentions(statement.value, next(tree.names_in(statement.targets)).id)
        return found

    def find_item(self, span: Span) -> tuple[Module, Item] | None:
        """The declaration in whose text a span stands, and its file."""
        for module in self._modules.values():
            if module.source is span.source:
                index = bisect_right(module.file.items, span.start, key=lambda item: item.offset)
                return (module, module.file.items[index - 1]) if index else None
        return None

    def _follow_imports(self) -> None:
        """Read what is imported, depth first, so that a circle is found where it is closed."""
        loading = [(self.root, _imports(self.root))]
        while loading:
            module, left = loading[-1]
            item = next(left, None)
            if item is None:
                loading.pop()
                continue
            found = self._imported(module, item, [other.source.name for other, _ in loading])
            if isinstance(found, Source):
                new = self._modules[_identity(found.name)] = _declared(found)
                module.imports[id(item)] = new
                loading.append((new, _imports(new)))
            else:
                module.imports[id(item)] = found

    def _imported(self, module: Module, item: Item, loading: list[str]) -> Source | Module | list[Diagnostic]:
        """The file that an import names: beside the importing file, in the standard library, then in the zoo.

        A file never means itself: `resnet.arch` imports `resnet` from the zoo.
        """
        declaration = item.declaration
        assert isinstance(declaration, tree.Import)
        relative = Path(*declaration.path.split(".")).with_suffix(".arch")
        importer = module.source.name
        here = Path(importer).parent if not importer.startswith("<") else Path()
        where = item.span(declaration.path_start, declaration.path_end)
        for path in (here / relative, *library.places(relative)):
            name, file = str(path), _identity(str(path))
            if not isfile(path) or file == _identity(importer):
                continue
            open_files = [_identity(other) for other in loading]
            if file in open_files:
                names = [Path(p).name for p in [*loading[open_files.index(file) :], name]]
                message = f"these files import each other: {' -> '.join(names)}"
                help = "move what they share into a file of its own"
                return [Diagnostic("import-cycle", message, where, help=help)]
            if file in self._modules:
                return self._modules[file]
            try:
                return read_source(name)
            except ArchError as error:
                return error.diagnostics
        if _identity(str(here / relative)) == _identity(importer):
            help = "what a file defines is known in it without import"
            return [Diagnostic("import-cycle", f"{relative} imports itself", where, help=help)]
        last = declaration.path.rpartition(".")[2]
        known = [path.stem for path in [*library.STANDARD.glob("*.arch"), *library.specs(), *library.space_specs()]]
        near = last if last in known else nearest(declaration.path, known)
        message = f"there is no {relative} beside this file, in the standard library or in the zoo"
        help = f"did you mean {near}?" if near else "the standard library is `std`; `archdsl zoo` lists the zoo"
        if near == last:
            help = f"it is known wherever a file lies: write `import {near}: …`"
        if declaration.path.partition(".")[0] in PACKAGES:
            help = "nothing of Python is imported: the ops are known everywhere, and `archdsl ops` lists them"
        return [Diagnostic("unknown-file", message, where, help=help)]


def _identity(name: str) -> str:
    """What a file is by whatever path and links."""
    try:
        return name if name.startswith("<") else realpath(name)
    except ValueError:  # no path: a NUL byte, or half of a surrogate pair
        return name


def _imports(module: Module) -> Iterator[Item]:
    return (item for item in module.file.items if item.kind == "import" and item.fault is None)


def _declared(source: Source) -> Module:
    """The module of a file, its imports not followed yet."""
    module = Module(source, outline(source))
    for item in module.file.items:
        if item.kind != "import":
            name = item.name or getattr(item.declaration, "name", None)
            if name is not None:
                _declare(module, name, item)
            continue
        declaration = item.declaration
        if isinstance(declaration, tree.Import):
            for node in imported_names(declaration):
                _declare(module, node.id, item)
        elif item.fault is not None:
            module.broken_imports.append(item.fault)
    return module


def imported_names(declaration: tree.Import) -> list[tree.Name]:
    """The names that an import brings."""
    return declaration.names or ([declaration.alias] if declaration.alias is not None else [])


def _declare(module: Module, name: str, item: Item) -> None:
    first = module.names.setdefault(name, item)
    if first is item or name in module.twice:
        return
    if item.fault is not None:
        module.twice[name] = item.fault
        return
    line = first.span(first.declaration.start, first.declaration.end).line
    module.twice[name] = Diagnostic(
        "duplicate-definition",
        f"{name} is defined twice in this file",
        name_span(item, name),
        notes=(f"the first definition is at line {line}",),
        help="rename one of them, or remove it",
    )


def name_span(item: Item, name: str) -> Span:
    """Where a declaration says its name."""
    declaration = item.declaration
    if isinstance(declaration, tree.Import):
        node = next(node for node in imported_names(declaration) if node.id == name)
        return item.span(node.start, node.end)
    if isinstance(declaration, tree.Broken):
        return item.span(declaration.start, declaration.end)
    return item.span(declaration.name_start, declaration.name_end)


def _uses(module: Module, name: str, mistakes: int) -> tuple[list[TopName], list[Diagnostic]]:
    item = module.names[name]
    if name in module.twice:  # which of the two is meant is unknown
        return [], [module.twice[name]]
    if item.fault is not None:
        return [], [item.fault]
    wrong: list[Diagnostic] = []
    used: list[TopName] = []
    declaration = item.declaration
    if isinstance(declaration, tree.Import):
        found = module.imports[id(item)]
        if isinstance(found, list):
            wrong += found
        elif declaration.names and name in found.names:
            used.append((found, name))
        return used, wrong
    words = library_words()
    if name in words:
        message = f"{name} is a word of the language; this definition hides it in this file"
        help = f"choose another name, for example my_{name}"
        wrong.append(Diagnostic("hides-library-word", message, name_span(item, name), severity=WARNING, help=help))
    for node in outer_names(declaration):
        word = node.value if isinstance(node, tree.Attribute) else node
        assert isinstance(word, tree.Name)
        if word.id in module.names:
            used.append((module, word.id))
            if isinstance(node, tree.Attribute):
                used += _of_file(module, item, node, word.id, wrong)
        elif word.id not in words and registry.load(word.id) is None:
            wrong += module.broken_imports or [_unknown(module, item, word, mistakes + len(wrong))]
    return used, wrong


def _of_file(module: Module, item: Item, node: tree.Attribute, alias: str, wrong: list[Diagnostic]) -> list[TopName]:
    """What `alias.name` leads to, where `alias` is an imported file."""
    brought = module.names[alias]
    file = module.imports.get(id(brought))
    if not isinstance(file, Module) or getattr(brought.declaration, "names", None):
        return []
    if node.name in file.names:
        return [(file, node.name)]
    wrong.append(no_such_name(file, node.name, item.span(node.start, node.end)))
    return []


def no_such_name(file: Module, name: str, where: Span) -> Diagnostic:
    """The mistake of asking an imported file for a name that it does not define."""
    help = f"it has: {', '.join(sorted(file.names)[:12])}"
    return Diagnostic("unknown-import", f"that file has no {name}", where, help=help)


def _axes(definition: tree.Definition) -> list[tree.Expr]:
    """What stands between the brackets of its inputs' types."""
    return [axis for tensor in definition.inputs for axis in tensor.shape or []]


def _unknown(module: Module, item: Item, node: tree.Name, mistakes: int) -> Diagnostic:
    where = item.span(node.start, node.end)
    help = "define it, or import it"
    if isinstance(item.declaration, tree.Definition) and node in _axes(item.declaration):
        help = "an axis is a number or a parameter: `(x: [3, size, size]; size = 224)`; the batch axis is not written"
    elif mistakes < MISTAKES:
        help = suggestion(module, where, own_names(item.declaration))
    return Diagnostic("unknown-name", f"nothing is called {node.id}", where, help=help)
