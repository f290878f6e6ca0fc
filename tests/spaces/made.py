"""Makes spaces without a spec: written down decision by decision, and at random with all of their designs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from random import Random

from archdsl.choices.asked import Asked
from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Decision, Diagram
from archdsl.spaces.listing import Answer, Listing

Picks = dict[str, str]


class Made:
    """A space that is written down decision by decision."""

    def __init__(self) -> None:
        self.diagrams = Diagrams(lambda value: (type(value), value))
        self.domains: dict[Decision, Diagram] = {}

    def ask(self, name: str, texts: Iterable[object], where: Diagram | None = None) -> Decision:
        """A decision that offers `texts`, everywhere or where a condition holds."""
        offered = self.diagrams.leaf(tuple(map(str, texts)))
        if where is not None:
            offered = self.diagrams.ite(where, offered, self.diagrams.leaf(())) or offered
        return self.put(name, offered, map(str, texts))

    def put(self, name: str, domain: Diagram, texts: Iterable[str]) -> Decision:
        """A decision with this domain."""
        decision = self.diagrams.decision(name)
        decision.texts.update(dict.fromkeys(texts))
        self.domains[decision] = domain
        return decision

    def asked(self, fails: Diagram | None = None) -> Asked:
        """The space."""
        return Asked(self.diagrams, self.domains, fails or self.diagrams.false)


def walk(steps: int, levels: int = 4) -> Asked:
    """Auto-DeepLab's: a level at each step, at most one from the last, which at first is 0."""
    made = Made()
    near = {str(k): tuple(str(n) for n in (k - 1, k, k + 1) if 0 <= n < levels) for k in range(levels)}
    domain: Diagram | None = made.diagrams.leaf(near["0"])
    known = dict.fromkeys(near["0"])
    for step in range(steps):
        assert domain is not None
        level = made.put(f"level[{step}]", domain, known)
        domain = made.diagrams.branch(level, {text: made.diagrams.leaf(near[text]) for text in known})
        known = dict.fromkeys(text for before in known for text in near[before])
    return made.asked()


Program = Callable[
    [Picks], tuple[str, tuple[str, ...]] | bool
]  # what is asked after these picks; else whether it fails


def program(rng: Random) -> Program:
    """A space at random: who asks depends on earlier picks, what is offered too, the order of asking too."""
    names = [f"d{k}" for k in range(rng.randrange(1, 7))]
    texts = {name: tuple("abcd"[: rng.randrange(1, 5)]) for name in names}

    def some(count: int) -> list[tuple[str, str]]:
        return [(name, rng.choice(texts[name])) for name in rng.sample(names, min(count, len(names)))]

    wants = {name: some(rng.choice([0, 0, 1, 2])) for name in names}
    fewer = {name: some(rng.choice([0, 0, 1])) for name in names}
    turned = some(1)
    fails = some(2) if rng.random() < 0.5 else []
    other = rng.sample(names, len(names))

    def step(picks: Picks) -> tuple[str, tuple[str, ...]] | bool:
        first = names[0]
        if first not in picks:
            return first, texts[first]
        for name in other if turned[0] in picks.items() else names:
            wanted = [(one, text) for one, text in wants[name] if one != name and one in picks]
            if name not in picks and all(picks[one] == text for one, text in wanted):
                less = any(one in picks and picks[one] == text for one, text in fewer[name])
                return name, texts[name][:1] if less else texts[name]
        return bool(fails) and all(pair in picks.items() for pair in fails)

    return step


def listed(step: Program) -> tuple[Asked, list[Picks], list[Picks]]:
    """What a program asks, its designs, and those that fail."""
    listing, designs, failing = Listing(), [], []
    known: Sequence[Answer] | None = ()
    while known is not None:
        picks: Picks = {}
        answers: list[Answer] = []
        while not isinstance(asked := step(picks), bool):
            name, texts = asked
            text = known[len(answers)].text if len(answers) < len(known) else texts[0]
            picks[name] = text
            answers.append(Answer(name, texts, text))
        (failing if asked else designs).append(picks)
        listing.add(answers, asked)
        known = listing.next()
    return listing.asked(), designs, failing
