"""Compares what boxes say of whose weights they use, `shared f`, with who owns the weights of ops and calls."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from archdsl.emit.figure.measure import short_name
from archdsl.emit.figure.pieces import Place
from archdsl.emit.figure.places import DrawnPlaces

WeightsOwner = tuple[tuple[str, int], ...]  # what places of a panel's body have in common if they own one set


def sharing_differences(
    places: DrawnPlaces, known: Sequence[tuple[Place, str]], outer: Sequence[str] = ()
) -> Iterator[str]:
    """Where boxes of one sketch say that weights are shared and they are not, or the other way round, or misname them.

    A name is the module path in the body, behind any of those of the boxes that the sketch is inside of.
    """
    owners: dict[WeightsOwner, list[str]] = defaultdict(list)
    for place, said in known:
        owners[places.weights(place)].append(said)
        paths = (".".join(filter(None, (*outer[start:], places.path(place)))) for start in range(len(outer) + 1))
        if said and said not in map(short_name, paths):
            yield f"weights of {places.path(place)} are called {said!r}"
    for told in owners.values():
        if (len(told) > 1) == (set(told) == {""}) or len(set(told)) > 1:
            yield f"weights used {len(told)} times are said to be {set(told)}"


def owner_differences(named: Sequence[tuple[str, WeightsOwner]]) -> Iterator[str]:
    """Where all that one panel says, in open boxes too, has one name for two sets of weights, or two for one."""
    for name, count in Counter(name for name, _ in set(named)).items():
        if count > 1:
            yield f"{count} sets of weights are called {name!r}"
    for owner, count in Counter(owner for _, owner in set(named)).items():
        if count > 1:
            yield f"one set of weights is called {sorted({name for name, other in named if other == owner})}"
