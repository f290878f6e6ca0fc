"""Tells the file of a cell or a constant where several files have one of that name: what is chosen in it is named so.

Of `W = oneof([4, 8])` in the file of a network and in `lib.arch`, which that imports, the decisions are W and lib.W,
whichever is asked first.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import PurePath
from typing import TYPE_CHECKING

from archdsl.elaborate.definitions import Module

if TYPE_CHECKING:
    from archdsl.elaborate.spec import Spec


def file_prefix(spec: Spec, home: Module, file: str, name: str) -> str:
    """What stands before a name at the top of a file: nothing in the file `home` of the network, nor where no other
    file that it uses has such a name; else that of the file and a dot.
    """
    found = spec.homonyms.get(id(home))
    if found is None:
        found = spec.homonyms[id(home)] = _prefixes(home)
    return found.get((file, name), "")


def _prefixes(home: Module) -> dict[tuple[str, str], str]:
    modules, pending = {home.source.name: home}, [home]
    while pending:
        for used in pending.pop().imports.values():
            if isinstance(used, Module) and used.source.name not in modules:
                modules[used.source.name] = used
                pending.append(used)
    having: defaultdict[str, list[str]] = defaultdict(list)
    for file, module in modules.items():
        for name, item in module.names.items():
            if item.kind in ("block", "cell", "constant"):
                having[name].append(file)
    short = {file: _short_name(home.source.name, file) for file in modules}
    return {
        (file, name): short[file] + "."
        for name, files in having.items()
        for file in files
        if len(files) > 1 and file != home.source.name
    }


def _short_name(home: str, file: str) -> str:
    """How a file is imported by one that stands beside that of the network; of one from elsewhere its last part."""
    path, folder = PurePath(file).with_suffix(""), PurePath(home).parent
    return ".".join(path.relative_to(folder).parts) if path.is_relative_to(folder) else path.name
