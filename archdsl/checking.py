"""Turns a spec into all that is wrong or odd in it: what `archdsl check` tells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from archdsl import attributes, expect, require
from archdsl.diagnostics.model import INFO, WARNING, ArchError, Diagnostic, Diagnostics
from archdsl.elaborate.budget import Limits
from archdsl.elaborate.decisions import Decisions
from archdsl.elaborate.definitions import Block
from archdsl.elaborate.elaborator import elaborate_network, find_network, open_parameters, open_session, settle, tell
from archdsl.elaborate.session import Elaborated, Session
from archdsl.elaborate.spec import Spec, name_span
from archdsl.elaborate.written_picks import written_picks
from archdsl.lazy import load_module
from archdsl.source import Source, Span
from archdsl.syntax.items import Item
from archdsl.takes import TEXT, takes
from archdsl.unused import unused

if TYPE_CHECKING:
    from archdsl.designs import OpenSpace

_SHOWN = 4  # picks that are told


class Checked(NamedTuple):
    """What is wrong or odd in a spec, and the networks of which that is not known: messages `not-run`, one for each."""

    diagnostics: list[Diagnostic]
    not_run: list[Diagnostic]


def check_source(source: Source, limits: Limits | None = None) -> Iterator[Diagnostic]:
    """Everything that is wrong or odd in a spec: names, all its networks at their defaults, and their `@expect`."""
    yield from checked(source, limits).diagnostics


def checked(source: Source, limits: Limits | None = None) -> Checked:
    """What `check_source` gives, and which networks it could not run: those with a parameter that has no value.

    A network whose body a variant runs is none of them.
    """
    diagnostics = Diagnostics()
    spec = Spec(source, limits)
    session = open_session(spec, diagnostics)
    reach = spec.reach_of_all()
    run = tell(session, reach.diagnostics)
    unsound = spec.unsound(reach)
    ran: set[int] = set()  # the items whose bodies were run
    bases: list[tuple[Block, list[str]]] = []
    choices: list[tuple[set[Span], set[Span]]] = []
    settle(session, "", reach.definitions)
    for item in spec.root.file.items:
        diagnostics.extend(attributes.check(item))
        name = item.name
        if item.kind != "network" or name is None or spec.root.names[name] is not item:
            continue
        if item.fault is not None or name in spec.root.twice or session.exhausted or not run:
            continue
        session.decide(Decisions(written=written_picks(spec, name)))
        block = find_network(session, name)
        if block is None:
            continue
        missing = open_parameters(block)
        if missing:  # the base of its variants
            diagnostics.extend(_without_numbers(item, block, missing[0]))
            bases.append((block, missing))
            continue
        ran.add(id(block.body_item))
        before = len(diagnostics)
        made = elaborate_network(session, block)
        if (spec.root, name) not in unsound:
            told = diagnostics.take(before)
            space = load_module("archdsl.designs").OpenSpace(spec, name)
            diagnostics.extend(_of_network(space, session, item, made, told))
            choices.append(_choices(space, session.decisions))
    if not diagnostics.errors:
        diagnostics.extend(unused(spec))
        diagnostics.extend(_unused_choices(spec, choices))
    open_ = [_not_run(block, missing) for block, missing in bases if id(block.body_item) not in ran]
    return Checked(sorted(diagnostics, key=_in_reading_order), open_)


def _of_network(
    space: OpenSpace, session: Session, item: Item, made: Elaborated | None, told: list[Diagnostic]
) -> Iterator[Diagnostic]:
    """What is wrong or odd in a network, as it stands and in all that it leaves open; `told` by running it."""
    spec, name, decisions = space.spec, space.network, session.decisions
    if made is None:
        if decisions.open and not session.exhausted:  # others may elaborate
            with suppress(ArchError):
                yield from space.failures()
        yield from told
        return
    when_asked = load_module("archdsl.designs").when_asked
    yield from decisions.misfits(when_asked=partial(when_asked, spec, name))
    yield from expect.judge(item, made.graph, space.count, _first_options(decisions))
    idle = [one for one in told if one.code == "unused-tensor"]  # another design may use these
    opened = decisions.open or (idle and decisions.choices)
    yield from [one for one in told if one not in idle]
    yield from space.unused() if opened else idle
    if decisions.open:
        try:
            yield from space.failures()
        except ArchError as error:
            yield from [_not_of_all(item, one) for one in error.diagnostics]
        else:
            yield from _unmet(space, item)
    else:  # the requirements of a space are for each of its designs
        yield from require.broken(require.requirements(spec, name), made.graph, item)
    yield from obstacles(made)
    yield from load_module("archdsl.analysis.misreadings").misreadings(made.graph)


def _unmet(space: OpenSpace, item: Item) -> Iterator[Diagnostic]:
    """What no design satisfies of what is required, as far as the least and the most of a sum prove it."""
    for one in require.requirements(space.spec, space.network):
        found = space.ends(one.metric)
        if found is not None and not one.holds_between(*found):
            yield require.unmet(one, item, *found)


def _choices(space: OpenSpace, decisions: Decisions) -> tuple[set[Span], set[Span]]:
    """Where the choices of a network stand, and where those that are used."""
    found, used = ({one.span for one in some.values()} for some in (decisions.offered, decisions.choices))
    if used and found - used:  # other designs may use these
        try:
            return space.choices()
        except ArchError:
            return set(), found
    return found, used


def _unused_choices(spec: Spec, choices: list[tuple[set[Span], set[Span]]]) -> Iterator[Diagnostic]:
    """Choices of the file that no design of any of its networks uses."""
    found, used = ({_site(span): span for pair in choices for span in pair[side]} for side in (0, 1))
    for site, span in found.items():
        if site not in used and span.source is spec.root.file.source:
            message = "nothing uses what is chosen here, so it leaves nothing open"
            yield Diagnostic("unused-definition", message, span, WARNING, help="use it, or remove it")


def _site(span: Span) -> tuple[str, int, int]:
    return span.source.name, span.start, span.end


def _first_options(decisions: Decisions) -> str:
    """What was taken where choices are open; "" where none is."""
    taken = [f"{name} = {decisions.choices[name].picked}" for name in decisions.open]
    return ", ".join(taken[:_SHOWN]) + (", …" if len(taken) > _SHOWN else "")


def _not_of_all(item: Item, why: Diagnostic) -> Diagnostic:
    """Why not all designs of a network were looked at."""
    note = f"so not all designs of {item.name} were looked at: some may not elaborate"
    span = why.span or name_span(item, str(item.name))
    return replace(why, span=span, severity=WARNING, notes=(*why.notes, note))


def _not_run(block: Block, missing: list[str]) -> Diagnostic:
    """That nothing is known of the body of a network, whose parameters `missing` have no value."""
    settings = " ".join(f"--set {name}=…" for name in missing)
    hint = "give it a default or a variant that sets it" if len(missing) == 1 else "give them defaults, or a variant"
    hint += f", or run it: archdsl analyze {block.item.source.name}:{block.name} {settings}"
    message = f"{block.name} was not run: {', '.join(missing)} {'has' if len(missing) == 1 else 'have'} no value"
    return Diagnostic("not-run", message, block.span, INFO, help=hint)


def _in_reading_order(diagnostic: Diagnostic) -> tuple[str, int]:
    span = diagnostic.span
    return ("", 0) if span is None else (span.source.name, span.start)


def _without_numbers(item: Item, block: Block, parameter: str) -> Iterator[Diagnostic]:
    """An `@expect` that would never be judged is a mistake."""
    for decorator in item.decorators:
        if decorator.name == "expect":
            message = f"network {block.name} has no numbers: its parameter {parameter} has no value"
            hint = f"give {parameter} a default, or move @expect above a variant that sets it"
            span = item.span(decorator.start, decorator.end)
            yield Diagnostic("expect-without-network", message, span, help=hint)


@takes(text=TEXT, name=TEXT)
def check_text(text: str, name: str = "<text>") -> list[Diagnostic]:
    """All diagnostics of a spec's text, warnings included."""
    return list(check_source(Source(name, text)))


def obstacles(made: Elaborated) -> list[Diagnostic]:
    """Why no module can be made; only stages that share weights can stand in the way."""
    if not made.shares:
        return []
    found: list[Diagnostic] = load_module("archdsl.emit.pytorch").obstacles(made.graph)
    return found
