"""Turns files into names: loads a file and what it imports, and gives each name its meaning on first use."""

from __future__ import annotations

from functools import cache
from os.path import realpath
from pathlib import Path

from archdsl import library
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.elaborate.binding import bind, described_parameters
from archdsl.elaborate.definitions import Block, Function, Module
from archdsl.elaborate.nearest import nearest
from archdsl.elaborate.session import Exhausted, Frame, Problem, Session
from archdsl.elaborate.values import UNKNOWN, BlockName, Stage, Value, plain, shared_in
from archdsl.ops import registry
from archdsl.source import Source, Span
from archdsl.syntax import tree
from archdsl.syntax.parse import parse
from archdsl.syntax.read import read_source


def load_module(session: Session, name: str, source: Source | None) -> Module | None:
    """The module of file `name`, loaded once; None when it cannot be read or is being loaded (an import cycle).

    Raises:
        ArchError: the file cannot be read.
    """
    if name in session.modules:
        return session.modules[name]
    if source is None:
        source = read_source(name)
    file = parse(source, session.diagnostics)
    module = Module(source, file)
    session.modules[name] = module
    session.asks_choices |= "oneof" in source.text
    frame = top_frame(session, module, None)
    for item in file.items:
        _declare(frame, module, item)
    return module


def top_frame(session: Session, module: Module, item: tree.Item | None) -> Frame:
    """A frame for expressions at the top of a file: constants, variants, attributes."""
    place = item if item is not None else tree.Item(tree.Broken("", None, 0, 0), [], "", module.source, 0)
    return Frame(session, module, place)


def _declare(frame: Frame, module: Module, item: tree.Item) -> None:
    declaration = item.declaration
    if isinstance(declaration, tree.Import):
        names = declaration.names or ([declaration.alias] if declaration.alias else [])
        for name in names:
            _declare_name(frame, module, item, name.id, item.span(name.start, name.end))
        return
    if isinstance(declaration, tree.Broken):
        if declaration.name is not None:
            module.names.setdefault(declaration.name, item)
            module.broken.add(declaration.name)
        elif declaration.kind == "import":
            module.imports_anything = True
        return
    place = item.span(declaration.name_start, declaration.name_end)
    _declare_name(frame, module, item, declaration.name, place)
    if declaration.name in library_words():
        frame.warn(
            place,
            "hides-library-word",
            f"{declaration.name} is a word of the language; this definition hides it in this file",
            help=f"choose another name, for example my_{declaration.name}",
        )


@cache
def library_words() -> frozenset[str]:
    """Ops and built-ins: the words that every file knows."""
    return frozenset(registry.names()) | BUILTIN_WORDS


BUILTIN_WORDS = frozenset(
    [
        "id",
        "loose",
        "oneof",
        "scan",
        "tied",
        "int",
        "float",
        "round",
        "floor",
        "ceil",
        "abs",
        "min",
        "max",
        "sum",
        "len",
        "range",
        "reversed",
        "zip",
        "enumerate",
        "sqrt",
        "log2",
    ]
)


def _declare_name(frame: Frame, module: Module, item: tree.Item, name: str, place: Span) -> None:
    if name not in module.names:
        module.names[name] = item
        return
    module.broken.add(name)  # which of the two is meant is unknown
    first = module.names[name].span(module.names[name].declaration.start, module.names[name].declaration.end)
    frame.session.diagnostics.add(
        Diagnostic(
            "duplicate-definition",
            f"{name} is defined twice in this file",
            place,
            notes=(f"the first definition is at line {first.line}",),
            help="rename one of them, or remove it",
        )
    )


def lookup(session: Session, module: Module, name: str) -> Value | None:
    """What `name` means at the top of `module`: a Block, a Function, a Module, a constant; None if nothing.

    UNKNOWN when its definition failed, was reported and must stay silent from then on.
    """
    if name in module.values:
        return module.values[name]
    item = module.names.get(name)
    if item is None:
        return None
    if name in module.broken:
        module.values[name] = UNKNOWN
        return UNKNOWN
    frame = top_frame(session, module, item)
    if name in module.evaluating:
        cycle = " -> ".join([*module.evaluating[module.evaluating.index(name) :], name])
        session.diagnostics.add(
            frame.problem(
                item.declaration,
                "definition-cycle",
                f"{name} is defined by itself: {cycle}",
                help="give one of them a value",
            ).diagnostic
        )
        module.values[name] = UNKNOWN
        return UNKNOWN
    module.evaluating.append(name)
    try:
        value = _define(frame, module, item, name)
    except Exhausted:
        raise
    except Problem as problem:
        session.report(problem.diagnostic)
        value = UNKNOWN
    finally:
        module.evaluating.pop()
    return module.values.setdefault(name, value)


def _define(frame: Frame, module: Module, item: tree.Item, name: str) -> Value:
    declaration = item.declaration
    if isinstance(declaration, tree.Import):
        return _imported(frame, item, declaration, name)
    if isinstance(declaration, tree.Constant):
        value = frame.session.evaluate(frame, declaration.value)
        return plain(value) if isinstance(value, Stage) else value
    if isinstance(declaration, tree.Variant):
        return _variant(frame, module, item, declaration)
    assert isinstance(declaration, tree.Definition)
    if declaration.kind == "fn":
        return Function(name, item, declaration, module)
    return Block(declaration.kind, name, item, declaration, item, module, {})


def _imported(frame: Frame, item: tree.Item, declaration: tree.Import, name: str) -> Value:
    module = import_module(frame, declaration)
    if module is None:
        return UNKNOWN
    if not declaration.names:
        return module
    value = lookup(frame.session, module, name)
    if value is not None:
        return value
    node = next(n for n in declaration.names if n.id == name)
    near = nearest(frame.session, name, module.names)
    raise frame.problem(
        node,
        "unknown-import",
        f"{declaration.path} has no {name}",
        help=f"did you mean {near}?" if near else f"it has: {', '.join(sorted(module.names)[:12])}",
    )


def import_module(frame: Frame, declaration: tree.Import) -> Module | None:
    """The file that an import names: beside the importing file, in the standard library, then in the zoo.

    A file never means itself: `resnet.arch` imports `resnet` from the zoo.
    """
    session = frame.session
    relative = Path(*declaration.path.split(".")).with_suffix(".arch")
    importer = frame.module.source.name
    here = Path(importer).parent if not importer.startswith("<") else Path()
    where = tree.Name(declaration.path_start, declaration.path_end, declaration.path)
    for path in (here / relative, library.STANDARD / relative, library.folder() / relative):
        if not _is_file(path) or realpath(path) == realpath(importer):
            continue
        if str(path) in _loading(session):
            names = [Path(p).name for p in [*_loading(session), str(path)]]
            raise frame.problem(
                where,
                "import-cycle",
                f"these files import each other: {' -> '.join(names[names.index(path.name) :])}",
                help="move what they share into a file of its own",
            )
        try:
            session.import_stack.append(str(path))
            module = session.load_module(session, str(path), None)
            if module is not None:
                check_imports(session, module)
            return module
        except ArchError as error:
            session.diagnostics.extend(error.diagnostics)
            return None
        finally:
            session.import_stack.pop()
    if realpath(here / relative) == realpath(importer):
        raise frame.problem(
            where,
            "import-cycle",
            f"{relative} imports itself",
            help="what a file defines is known in it without import",
        )
    near = nearest(session, declaration.path, ["std", *(path.stem for path in library.specs())])
    raise frame.problem(
        where,
        "unknown-file",
        f"there is no {relative} beside this file, in the standard library or in the zoo",
        help=f"did you mean {near}?" if near else "the standard library is `std`; `archdsl zoo` lists the zoo",
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than the file system has
        return False


def _loading(session: Session) -> list[str]:
    root = [session.root.source.name] if session.root is not None else []
    return root + session.import_stack


def check_imports(session: Session, module: Module) -> None:
    """Follow the imports of a file at once, so that a cycle is found where it is closed."""
    for item in module.file.items:
        if isinstance(item.declaration, tree.Import):
            names = item.declaration.names or ([item.declaration.alias] if item.declaration.alias else [])
            for name in names[:1]:
                lookup(session, module, name.id)


def _variant(frame: Frame, module: Module, item: tree.Item, declaration: tree.Variant) -> Value:
    base_expr: tree.Expr = declaration.base
    arguments: list[tree.Argument] = []
    if isinstance(base_expr, tree.Call):
        arguments = base_expr.arguments
        base_expr = base_expr.callee
    base = frame.session.evaluate(frame, base_expr)
    if base is UNKNOWN:
        return UNKNOWN
    if not isinstance(base, BlockName):
        raise frame.problem(
            declaration.base,
            "not-a-variant",
            f"{declaration.kind} {declaration.name} = … needs a {declaration.kind} on its right",
            help=f"write the body in full: {declaration.kind} {declaration.name}(x; …) = …",
        )
    block = base.block
    if block.kind != declaration.kind:
        raise frame.problem(
            declaration.base,
            "variant-kind",
            f"{block.name} is a {block.kind}, so its variant cannot be a {declaration.kind}",
            help=f"write {block.kind} {declaration.name} = {block.name}(…)",
        )
    bound = bind(frame, block.name, described_parameters(block.definition), arguments, declaration.base)
    defaults = dict(block.defaults)
    for name, (value, where) in bound.items():
        if value is UNKNOWN:
            return UNKNOWN
        if shared_in(value) is not None:
            raise frame.problem(where, "shared-escapes", "a shared stage stays in its body", help="pass a plain stage")
        defaults[name] = value
    return Block(block.kind, declaration.name, item, block.definition, block.body_item, block.module, defaults)
