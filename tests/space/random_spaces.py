"""Random spaces and their designs, by a reference that shares no code with archdsl.

`python -m tests.space.random_spaces SEED` prints a space and its designs; without a seed, how many spaces show what.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from random import Random

from tests.space.enumerate_designs import Design, TooMany, every_design
from tests.space.parse import parse
from tests.space.program import Program, spec
from tests.space.random_definitions import Definitions

WAITING = 10_000  # from this number on spaces give blocks their arguments in several calls
MOST = 300  # designs of a space


@dataclass(frozen=True)
class RandomSpace:
    """A space; `kinds` says what it shows."""

    text: str
    network: str
    kinds: frozenset[str]

    @cached_property
    def program(self) -> Program:
        return parse(self.text)

    @cached_property
    def _designs(self) -> list[Design]:
        return every_design(self.program, 4 * MOST)

    def designs(self) -> list[Design]:
        """Every design, in the order of the options."""
        return self._designs


def attempt(seed: int, number: int) -> RandomSpace | None:
    """A space; None if it has too many designs, or most of them fail; mostly None too if it has next to none."""
    random = Random(f"{seed}/{number}")
    written = Definitions(random, random.randrange(2, 9))
    written.waits = seed >= WAITING
    text = written.spec()
    if written.waits and "waiting" not in written.kinds:
        return None
    made = RandomSpace(spec(parse(text)), "net", frozenset(written.kinds))
    try:
        designs = every_design(made.program, MOST)
    except TooMany:
        return None
    if 4 * sum(design.fails for design in designs) > 3 * len(designs) or (len(designs) < 3 and random.random() < 0.8):
        return None
    kinds = {*written.kinds}
    kinds |= {"fails"} if any(design.fails for design in designs) else set()
    kinds |= {"forks"} if len({frozenset(design.picks) for design in designs}) > 1 else set()
    kinds |= {"perhaps"} if not all(design.surely for design in designs) else set()
    return RandomSpace(made.text, made.network, frozenset(kinds))


@lru_cache(maxsize=64)
def space(seed: int) -> RandomSpace:
    """The random space of that number: 1 to 300 designs."""
    for number in range(400):
        made = attempt(seed, number)
        if made is not None:
            return made
    raise AssertionError(f"no space for {seed}")


def main(arguments: list[str]) -> None:
    if arguments:
        made = space(int(arguments[0]))
        print(made.text)
        print("#", ", ".join(sorted(made.kinds)))
        for design in made.designs():
            print("#", dict(design.picks), "fails" if design.fails else f"{design.params} params, {design.macs} macs")
        return
    counts: Counter[str] = Counter()
    sizes: Counter[int] = Counter()
    for seed in range(400):
        made = space(seed)
        counts.update(made.kinds)
        sizes[len(made.designs()).bit_length()] += 1
    for kind, count in counts.most_common():
        print(f"{kind:12} {count}")
    print("designs:", ", ".join(f"{sizes[bits]} below {2**bits}" for bits in sorted(sizes)))


if __name__ == "__main__":
    main(sys.argv[1:])
