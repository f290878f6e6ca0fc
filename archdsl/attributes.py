"""Finds attributes above a definition that mean nothing, whether or not it elaborates."""

from __future__ import annotations

from collections.abc import Callable

from archdsl.diagnostics.model import Diagnostic
from archdsl.expect import misread
from archdsl.require import unreadable
from archdsl.syntax import tree
from archdsl.syntax.items import Item

KNOWN = ("expect", "cite", "picks", "require")


def check(item: Item) -> list[Diagnostic]:
    """What is wrong with the attributes of a definition."""
    found: list[Diagnostic] = []
    is_network = getattr(item.declaration, "kind", "") == "network"
    for decorator in item.decorators:
        span = item.span(decorator.start, decorator.end)
        if decorator.name not in KNOWN:
            hint = "there are " + ", ".join(f"@{name}" for name in KNOWN)
            found.append(Diagnostic("unknown-attribute", f"there is no attribute @{decorator.name}", span, help=hint))
            continue
        if decorator.name == "cite":
            found += _source(item, decorator)
        arguments = [a for a in decorator.arguments if decorator.name != "cite" or a.name is not None]
        if arguments and not is_network:
            hint = "move it above a network; a block has no sizes of its own"
            message = f"@{decorator.name} belongs above a network"
            if decorator.name == "cite":
                message = "a block has no numbers to cite"
            found.append(Diagnostic("expect-without-network", message, span, help=hint))
        else:
            found += [wrong for one in arguments if (wrong := _CHECKS[decorator.name](item, one)) is not None]
    return found


def _source(item: Item, decorator: tree.Decorator) -> list[Diagnostic]:
    sources = [argument.value for argument in decorator.arguments if argument.name is None]
    if [type(source) for source in sources] == [tree.Text]:
        return []
    span = item.span(decorator.start, decorator.end)
    hint = 'write one text: @cite("arXiv:1512.03385"), and after it what is printed there, as in params = 25.5M'
    return [Diagnostic("bad-citation", "@cite names one source, as a text", span, help=hint)]


def _pick(item: Item, argument: tree.Argument) -> Diagnostic | None:
    if argument.name is not None:
        return None
    span = item.span(argument.start, argument.end)
    hint = 'write `depth = 3`, or `"normal.0.left" = h`'
    return Diagnostic("bad-pick", "@picks takes the name of a decision, and an option", span, help=hint)


_CHECKS: dict[str, Callable[[Item, tree.Argument], Diagnostic | None]] = {
    "expect": misread,
    "cite": misread,
    "picks": _pick,
    "require": unreadable,
}
