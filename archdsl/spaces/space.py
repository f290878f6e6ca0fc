"""Turns a network that leaves choices open into a Space: its designs, counted and numbered, and their networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from os import PathLike
from random import Random
from typing import TYPE_CHECKING, Any

from archdsl import attributes
from archdsl.choices.counting import TooEntangled
from archdsl.choices.narrowing import narrowed
from archdsl.diagnostics.model import ERROR, ArchError, Diagnostic
from archdsl.elaborate.budget import Limits
from archdsl.elaborate.definitions import bases
from archdsl.elaborate.open import OpenNetwork
from archdsl.elaborate.overrides import Shapes
from archdsl.elaborate.spec import Spec
from archdsl.elaborate.written_picks import written_picks
from archdsl.explore.settings import TARGET, NetworkFamily
from archdsl.lazy import load_module
from archdsl.measured import LEVELS
from archdsl.network import LIMITS, Network, from_spec, with_own_arguments
from archdsl.pictured import Picture
from archdsl.require import requirements
from archdsl.spaces.bounds import Quantity, read_bounds, within
from archdsl.spaces.dag import CanonicalForm
from archdsl.spaces.decisions import OpenDecision, decisions_of
from archdsl.spaces.designs import Design, Designs, NoSuchDesign, random_of
from archdsl.spaces.fitting import fitting
from archdsl.spaces.front import read_goals
from archdsl.spaces.looking import MOST_JOBS
from archdsl.spaces.measuring import Fastest
from archdsl.spaces.opening import opened
from archdsl.spaces.picks import refusal, refuse_unasked, row_of, spelled
from archdsl.spaces.projection import Projection
from archdsl.spaces.ranges import Ranges
from archdsl.spaces.survey import METRICS, MOST, Survey, look_of, surveyed
from archdsl.syntax.print_tree import is_name
from archdsl.takes import MAPPING, NAME, NAMES, RANDOM, RANGE, SETTINGS, SWITCH, WHOLE, ArgumentKind, takes
from archdsl.target import split_target

if TYPE_CHECKING:
    from archdsl.supernet.supernet import Supernet


def _is_within(value: object, low: int, high: int) -> bool:
    return WHOLE.fits(value) and low <= value <= high  # type: ignore[operator]


_SOME = ArgumentKind(f"a whole number up to {MOST:,} or None", lambda n: n is None or _is_within(n, 0, MOST))


class Space:
    """All designs of a network that leaves choices open; `size` of them elaborate, and are numbered from 0.

    A design is a dict: what is picked, by name of the decision, for those that it asks and no others. `designs` has all
    that elaborate, `costs` gives the numbers of one; `failed` has those that do not, which have no number.
    """

    def __init__(self, family: NetworkFamily, made: OpenNetwork, picks: Mapping[str, str] | None = None) -> None:
        self.family = family
        self.picks = dict(picks or {})
        self.made = made
        self.asked = asked = narrowed(made.asked, self.picks) if picks else made.asked
        self._projection = Projection(made)
        self.costs = Fastest(made, self._projection)
        self.required = requirements(family.spec, self.name)
        self.ends: dict[str, tuple[Design, Design] | None] = {}  # by metric the least and the most, as far as found
        sound = asked.diagrams.negate(asked.fails)
        try:
            self.designs = Designs(asked, [sound])
            self.failed = Designs(asked, [asked.fails])
        except TooEntangled as error:
            message = f"the designs of {self.name} cannot be counted: {error}"
            hint = "pick some of these, so that the others hang together less"
            raise ArchError([Diagnostic("space-too-large", message, None, help=hint)]) from None

    @property
    def name(self) -> str:
        """The network's name in the spec."""
        return str(self.family.network)

    @property
    def size(self) -> int:
        """How many designs elaborate."""
        return self.designs.size

    @property
    def failing(self) -> int:
        """How many designs do not elaborate."""
        return self.failed.size

    @property
    def failure(self) -> Design:
        """One of the designs that do not elaborate: `network` raises why.

        Raises:
            IndexError: there is none.
        """
        return self.failed.unrank(0)

    def __reduce__(self) -> tuple[Any, ...]:
        """What crosses to another process: the spec, of which the space is made again."""
        return _again, (self.family, dict(self.picks))

    def __repr__(self) -> str:
        open_ = f"{len(self.asked.domains)} decisions, {self.size:,} designs"
        return f"<Space {self.name}: {open_}{f', {self.failing:,} more fail' if self.failing else ''}>"

    def __iter__(self) -> Iterator[Design]:
        """All designs, in order of their numbers."""
        return map(self.unrank, range(self.size))

    def __contains__(self, design: object) -> bool:
        try:
            return isinstance(design, Mapping) and self.designs.rank(design) >= 0
        except NoSuchDesign:
            return False

    @cached_property
    def decisions(self) -> tuple[OpenDecision, ...]:
        """What is chosen, in the order in which it is first asked."""
        return decisions_of(self.asked)

    @cached_property
    def hash(self) -> str:
        """Equal for spaces of the same designs, in whatever order they ask and offer."""
        return f"{self.designs.fingerprint:064x}"

    @takes(number=WHOLE)
    def unrank(self, number: int) -> Design:
        """The design of that number.

        Raises:
            IndexError: there are not so many.
        """
        return self.designs.unrank(number)

    @takes(design=MAPPING)
    def rank(self, design: Mapping[str, str]) -> int:
        """The number of a design, so that `unrank` gives it again.

        Raises:
            ArchError: it is no design of this space, or does not elaborate; the message says where.
        """
        return self.designs.rank(self._known(design))

    @takes(rng=RANDOM, where=NAMES)
    def sample(self, rng: Random | int | None = None, *, where: str | Sequence[str] = "") -> Design:
        """A design at random, of those that `@require` allows and that are within bounds ("macs <= 600M"), each as
        likely as any other; `rng` may be a seed, and without it each call is new.

        Raises:
            ArchError: none is found within the bounds, or they name a number that is none.
            IndexError: none elaborates.
            ValueError: `where` cannot be read.
        """
        rng, bounds = random_of(rng), (*self.required, *read_bounds(where))
        return fitting(self, bounds, lambda: self.designs.sample(rng))

    @takes(design=MAPPING)
    def neighbours(self, design: Mapping[str, str]) -> Iterator[Design]:
        """The designs that differ from `design` in one pick, and in what follows from it.

        What is no longer asked vanishes; what is newly asked, or no longer offers what was picked, takes its first
        option. All of them elaborate.

        Raises:
            ArchError: `design` is none of this space.
        """
        return self.designs.neighbours(self._known(design))

    @takes(design=MAPPING, rng=RANDOM, where=NAMES)
    def mutate(
        self, design: Mapping[str, str], rng: Random | int | None = None, *, where: str | Sequence[str] = ""
    ) -> Design:
        """One of the neighbours at random: a decision, and another of its options; what is newly asked is random too.

        It is one that `@require` allows, and within bounds, as `sample` gives.

        Raises:
            ArchError: `design` is none of this space, or no neighbour is found within the bounds.
            IndexError: it has no neighbours.
            ValueError: `where` cannot be read.
        """
        rng, known, bounds = random_of(rng), self._known(design), (*self.required, *read_bounds(where))
        return fitting(self, bounds, lambda: self.designs.mutate(known, rng))

    @takes(design=MAPPING)
    def network(self, design: Mapping[str, str]) -> Network:
        """The network of a design, elaborated as any other.

        Raises:
            ArchError: it is no design of this space, or does not elaborate.
        """
        family = self.family
        picks = design if design in self.failed else self._known(design)
        return from_spec(family.spec, family.network, family.fixed, input=family.sizes, picks=picks)

    @takes(design=MAPPING, metrics=NAMES)
    def numbers(self, design: Mapping[str, str], metrics: str | Sequence[str] = METRICS) -> dict[str, Quantity]:
        """Numbers of a design by name, without elaborating it; None for what its network has not.

        Raises:
            ArchError: it is no design of this space, or does not elaborate.
            KeyError: there is no metric of such a name.
        """
        wanted = (metrics,) if isinstance(metrics, str) else tuple(metrics)
        return dict(zip(wanted, self.costs.way(wanted).of(self._known(design), wanted), strict=True))

    @takes(design=MAPPING)
    def allows(self, design: Mapping[str, str]) -> bool:
        """Whether `@require` allows a design.

        Raises:
            ArchError: it is no design of this space, or does not elaborate.
        """
        return within(self.required, self.numbers(design, [one.metric for one in self.required]))

    @takes(design=MAPPING, name=ArgumentKind("a name", lambda value: isinstance(value, str) and is_name(value)))
    def spec(self, design: Mapping[str, str], name: str = "found") -> str:
        """The text of a spec whose network `name` is this design, by `@picks`; to stand beside the file of the space.

        Raises:
            ArchError: it is no design of this space; or the space is at an input size that no parameter gives.
        """
        text: str = load_module("archdsl.spaces.as_spec").design_as_spec(self, self._known(design), name)
        return text

    @takes(design=MAPPING, expressions=SWITCH)
    def canonical(self, design: Mapping[str, str], expressions: bool = False) -> CanonicalForm:
        """What is equal for designs that are one network (one expression), and for no others.

        Raises:
            ArchError: it is no design of this space, or does not elaborate.
        """
        if design in self.failed:
            self.network(design)
        graph = self._projection.graph(self._known(design))
        form: CanonicalForm = load_module("archdsl.spaces.canonical").canonical(graph, expressions)
        return form

    @takes(
        sample=_SOME,
        seed=WHOLE,
        between=RANGE._replace(words="two numbers of designs or None"),
        metrics=NAMES,
        where=NAMES,
        pareto=NAMES,
        draws=_SOME,
        networks=SWITCH,
        jobs=ArgumentKind(f"a whole number from 1 to {MOST_JOBS}", lambda n: _is_within(n, 1, MOST_JOBS)),
    )
    def survey(
        self,
        sample: int | None = None,
        *,
        seed: int = 0,
        between: tuple[int, int] | None = None,
        metrics: str | Sequence[str] = METRICS,
        where: str | Sequence[str] = "",
        pareto: str | Sequence[str] = "",
        draws: int | None = None,
        networks: bool = False,
        jobs: int = 1,
    ) -> Survey:
        """Look at all designs, at a `sample` of so many, or at those whose numbers are `between` two (the second left
        out): their numbers, the extremes, and with `pareto` ("params,macs") those that none beats in all of these.

        `where` keeps those within bounds: "macs <= 600M and params < 5M"; of a sample there are so many within them, if
        they are found in `draws` designs drawn (else in as many as take some seconds). `networks` counts how many
        networks these designs are. `jobs` processes share the work; what is found is the same.

        Raises:
            ArchError: these are too many to look at, or `where` or `pareto` name a number that is none.
            KeyError: there is no metric of such a name.
            ValueError: `where` or `pareto` cannot be read.
        """
        metrics = [metrics] if isinstance(metrics, str) else metrics
        look = look_of(self, sample, seed, between)
        return surveyed(self, look, sample or 0, draws, metrics, read_bounds(where), read_goals(pareto), networks, jobs)

    @takes(relaxed=SWITCH)
    def supernet(self, *, relaxed: bool = False) -> Supernet:
        """All networks of the space as one PyTorch module; `relaxed`: one in which each decision can be weighed.

        Raises:
            ArchError: they are no one module, or no such.
        """
        return load_module("archdsl.spaces.whole").supernet_of(self, relaxed)  # type: ignore[no-any-return]

    def draw(self, path: str | PathLike[str] | None = None, format: str | None = None, **options: Any) -> Picture:
        """The figure of the space: all that its networks consist of, with each decision where they part.

        Takes what `Network.draw` does, but no other network and no `color`; what the space picks is marked.

        Raises:
            ArchError, KeyError, ValueError, TypeError: as `Network.draw` does.
        """
        drawn: Picture = load_module("archdsl.spaces.figure").SpaceFigure(self).draw(path, format, **options)
        return drawn

    @takes(depth=LEVELS, everything=SWITCH)
    def analyze(self, depth: int = 1, everything: bool = False) -> Ranges:
        """Totals and rows as of a network, where a number that is not the same in all designs says from where to where.

        All designs are looked at where they are few, else some at random. `depth` levels of blocks have rows;
        `everything` is every number that `@expect` knows.
        """
        return Ranges(self, depth, everything)

    def _known(self, design: Mapping[str, Any]) -> Mapping[str, str]:
        """A design of this space, its options as this space writes them.

        Raises:
            ArchError: it is none; the message says where.
        """
        with suppress(NoSuchDesign):
            self.designs.rank(design)
            return design
        design = self.written(row_of(design, self.designs.names))
        try:
            self.designs.rank(design)
        except NoSuchDesign as wrong:
            raise refusal(self, design, wrong) from None
        return design

    @takes(picks=MAPPING)
    def written(self, picks: Mapping[str, Any]) -> Design:
        """Picks of some decisions, each option as this space writes it: 3 for "3", relu for "relu".

        Raises:
            ArchError: there is no decision of such a name, or it has no such option; with the nearest.
        """
        written = written_picks(self.family.spec, self.name)
        spans = {name: pick.span for name, pick in written.items() if picks.get(name) == pick.text}
        return spelled(self.name, {one.name: one.options for one in self.decisions}, picks, spans)


_TARGET = ArgumentKind(
    "FILE[:NETWORK], a Spec, a Network or a NetworkFamily", lambda value: isinstance(value, Spec) or TARGET.fits(value)
)


@takes(target=_TARGET, network=NAME, picks=SETTINGS, limits=LIMITS)
def space(
    target: str | PathLike[str] | Spec | Network | NetworkFamily,
    network: str | None = None,
    *,
    input: Shapes | None = None,
    picks: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    **params: Any,
) -> Space:
    """The designs of a network, which leaves choices open; called as `load` is.

    `picks` takes decisions by name, before what `@picks` says: wherever they offer this option, they offer no other.

    Raises:
        ArchError: the spec has errors, or too many decisions hang together to be counted.
        ValueError: the network was not made from a spec.
    """
    if isinstance(target, (Network, NetworkFamily)):
        family = NetworkFamily.of(target)
    elif isinstance(target, Spec):
        family = NetworkFamily(target, network, params, input)
    else:
        file, named = split_target(str(target))
        family = NetworkFamily(Spec.read(file, limits), named if network is None else network, params, input)
    try:
        family = family.given({})
        written = written_picks(family.spec, str(family.network))
        given = {**family.picks, **(picks or {})}
        found = _again(family, {**{name: pick.text for name, pick in written.items()}, **given})
        own = {} if given or family.fixed or family.sizes else {n: p.span for n, p in written.items() if p.own}
        refuse_unasked(found, {**own, **dict.fromkeys(given)})
        return found
    except ArchError as error:
        raise with_own_arguments(error, "space") from None


def _again(family: NetworkFamily, picks: Mapping[str, Any]) -> Space:
    above = [wrong for _, item in bases(family.spec.root, str(family.network)) for wrong in attributes.check(item)]
    if errors := [wrong for wrong in above if wrong.severity == ERROR]:
        raise ArchError(errors)
    made = opened(family)
    found = Space(family, made)
    if picks:
        found = Space(family, made, found.written(picks))
    if not found.size:  # a design that fails says why
        found.network(found.failure)
    return found
