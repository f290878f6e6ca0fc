"""Says what an unknown name may mean: another name of the file, of the language, of the library or of the zoo."""

from __future__ import annotations

from typing import Any

from archdsl import library
from archdsl.elaborate.definitions import Module
from archdsl.elaborate.modules import library_words
from archdsl.elaborate.nearest import MISTAKES, nearest
from archdsl.elaborate.session import Session


def suggestion(session: Session, module: Module, name: str, extra: Any = ()) -> str:
    """A help line for an unknown name: the nearest known one, or where to import it from."""
    if session.failures > MISTAKES:
        return "define it, or import it"
    standard = _standard_names(session)
    if name in standard:
        return f"it is in the standard library: write `import std: {name}` at the top of the file"
    known = {*extra, *module.names, *library_words()}
    near = nearest(session, name, known, 0.7) or nearest(session, name, standard, 0.7)
    files = library.definers(name)
    if files and near not in known:
        others = f" (also defined in {', '.join(files[1:4])})" if files[1:] else ""
        return f"it is in the zoo: write `import {files[0]}: {name}` at the top of the file{others}"
    if near is None:
        return "define it above with block, fn or `name = …`; `archdsl ops` lists the ops"
    if near in known:
        return f"did you mean {near}?"
    return f"did you mean {near}? Then write `import std: {near}` at the top of the file"


def _standard_names(session: Session) -> set[str]:
    module = session.load_module(session, str(library.STANDARD / "std.arch"), None)
    return set(module.names) if module is not None else set()
