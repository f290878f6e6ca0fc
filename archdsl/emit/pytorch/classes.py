"""Turns all bodies below a network into the classes of a file, callees first, each with its name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from archdsl.emit.pytorch.code import flat
from archdsl.emit.pytorch.designs import SPACE_IMPORTS, SpaceGraph
from archdsl.emit.pytorch.each import applied_to_each
from archdsl.emit.pytorch.families import common_template, families, groups_of
from archdsl.emit.pytorch.names import class_name, unique
from archdsl.emit.pytorch.python_class import PythonClass, PythonClasses, make_class
from archdsl.emit.pytorch.shared import check_shared
from archdsl.emit.pytorch.unify import same
from archdsl.ir.graph import Graph, bodies

_FEW_WORDS = 64  # columns of options that are written out wherever they are made


def make_classes(root: Graph, root_name: str) -> PythonClasses:
    """The classes for `root` and everything below it, in an order in which each uses only earlier ones."""
    graphs = list(bodies(root))
    calls = _count_calls(graphs)
    classes = PythonClasses()
    if isinstance(root, SpaceGraph):
        classes.helpers.update({helper.name: helper for helper in root.helpers})
    for graph in graphs:
        for node in graph.nodes:
            if node.each:
                helper = applied_to_each(node)
                classes.helpers.setdefault(helper.name, helper)
            if node.op is not None:
                for helper in node.op.torch(graph.operand_types(node)).helpers:
                    classes.helpers.setdefault(helper.name, helper)
    taken = {root_name, *classes.helpers, *(SPACE_IMPORTS if isinstance(root, SpaceGraph) else ())}
    for instances in families(graphs):
        groups = groups_of(instances, classes)
        groups.sort(key=lambda group: -sum(calls[id(g)] for g in group))
        for number, group in enumerate(groups):
            whole = any(g is root for g in group)
            name = root_name if whole else unique(_class_name(instances, group, number), taken)
            template = common_template(group, classes)
            made = make_class(name, template, classes, [calls[id(g)] for g in group])
            made.inline = _is_inline(made, graphs)
            if not made.inline:
                taken.add(name)
            classes.add(made)
    for graph in graphs:
        check_shared(graph, classes)
    return classes


def _is_inline(made: PythonClass, graphs: Sequence[Graph]) -> bool:
    """Whether options are written out where they are made: at one place, or in few words."""
    if made.modules.options is None:
        return False
    own = set(map(id, made.template.graphs))
    places = {(g.definition, node.site) for g in graphs for node in g.nodes if id(node.target) in own}
    return len(places) == 1 or len(flat(made.modules.options)) <= _FEW_WORDS


def _count_calls(graphs: Sequence[Graph]) -> Counter[int]:
    """How often each body runs in one pass through the network, which comes last."""
    calls = Counter({id(graphs[-1]): 1})
    for graph in reversed(graphs):
        for node in graph.nodes:
            if isinstance(node.target, Graph):
                calls[id(node.target)] += calls[id(graph)]
    return calls


def _class_name(instances: Sequence[Graph], group: Sequence[Graph], number: int) -> str:
    """CamelCase of the block's name; a later group gets what sets it apart from the first, if that is one argument."""
    names = {g.name for g in group}
    name = class_name(names.pop() if len(names) == 1 else group[0].definition[1])
    if not number:
        return name
    others = [dict(g.arguments) for g in instances if not any(g is own for own in group)]
    varied = {a for a, _ in group[0].arguments if len({repr(o.get(a)) for o in others}) > 1}
    for argument, value in sorted(group[0].arguments, key=lambda pair: pair[0] in varied):
        constant = all(same(dict(g.arguments).get(argument), value) for g in group)
        if not constant or any(same(o.get(argument), value) for o in others):
            continue
        if value is True:
            return name + class_name(argument)
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return f"{name}{class_name(argument)}{value}"
        word = _first_word(value)
        if word and all(_first_word(o.get(argument)) != word for o in others):
            return name + class_name(word)
    return name


def _first_word(value: object) -> str:
    """conv of the stage `conv(16) -> relu`; "" for what is no text."""
    found = re.search(r"[A-Za-z]\w*", value) if isinstance(value, str) else None
    return found[0] if found else ""
