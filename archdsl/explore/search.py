"""Turns a knob into the largest of its values that keeps a network within a budget, by counting few of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.explore.settings import INPUT, MOST_WORK, NetworkFamily, measured, resized
from archdsl.numerals import decimal_text
from archdsl.types import TensorType

_SAMPLES = 24  # values looked at beside those of the search, to see whether cost grows with the knob
_ENOUGH = 8  # values that cost the same, to say that cost does not depend on the knob
_MOST = 20_000  # networks that one search may elaborate
_TOO_LARGE = {"too-large", "too-many-ops", "too-many-steps", "too-many-evaluations", "list-too-long", "too-deep"}


@dataclass(frozen=True)
class Candidate:
    """The network at one value of the knob: what to set for it, its numbers in the order of `Fit.metrics`, and how it
    reads otherwise than as declared, if it does.
    """

    value: Fraction
    settings: tuple[tuple[str, str], ...]
    numbers: tuple[int | float | None, ...]
    remark: str = ""


@dataclass(frozen=True)
class Knob:
    """What one number turns: names, each with its own value and the base that phi grows it by (None: it is set).

    `input` is the type of the input whose height and width `input` means.
    """

    own: Fraction
    whole: bool
    parts: tuple[tuple[str, int | float, float | None], ...]
    input: TensorType

    def settings(self, value: Fraction) -> tuple[tuple[str, str], ...]:
        """What to set for `value`, as text of the language; sizes as shapes."""
        found = []
        for name, own, base in self.parts:
            scaled = value if base is None else own * base ** float(value)
            if name == INPUT:
                text = "x".join(map(str, resized(self.input, round(scaled))))
            elif base is None:
                text = str(int(value)) if self.whole else decimal_text(value)
            else:
                text = repr(float(scaled))
            found.append((name, text))
        return tuple(found)


@dataclass
class KnobSearch:
    """Walks the multiples of a step, by index from `low` to `high`; each network is elaborated once."""

    target: NetworkFamily
    knob: Knob
    budgets: dict[str, int]
    step: Fraction
    low: int
    high: int
    seen: dict[int, Candidate | None] = field(default_factory=dict)  # None: it does not elaborate
    too_large: set[int] = field(default_factory=set)  # beyond the limits of elaboration, so over any budget

    def __post_init__(self) -> None:
        self.before = self.target.work

    @property
    def metrics(self) -> tuple[str, ...]:
        """What is counted: the budget, and parameters and multiply-accumulates in any case."""
        return tuple(dict.fromkeys((*self.budgets, "params", "macs")))

    def at(self, index: int) -> Candidate | None:
        """The network at an index; None if it does not elaborate."""
        if index not in self.seen:
            if len(self.seen) >= _MOST or self.target.work - self.before > MOST_WORK:
                raise ArchError([self._too_much()])
            value = index * self.step
            try:
                settings = self.knob.settings(value)
                network = self.target.at(dict(settings))
                self.seen[index] = Candidate(
                    value, settings, measured(network.graph, self.metrics), self.target.remark(network, dict(settings))
                )
            except OverflowError:  # phi has grown something beyond what a float holds
                self.seen[index] = None
                self.too_large.add(index)
            except ArchError as error:
                self.seen[index] = None
                if any(diagnostic.code in _TOO_LARGE for diagnostic in error.diagnostics):
                    self.too_large.add(index)
        return self.seen[index]

    def fits(self, index: int) -> bool | None:
        """Whether the network is within every budget; None if it does not elaborate for another reason than size."""
        made = self.at(index)
        if made is None:
            return False if index in self.too_large else None
        for name, most in self.budgets.items():
            number = made.numbers[self.metrics.index(name)]
            if number is None or number > most:
                return False
        return True

    def best(self) -> tuple[int, bool]:
        """The largest index that fits, and whether cost grew with the index wherever it was looked at.

        Raises:
            ArchError: none fits.
        """
        found = self._bisect()
        self._sample()
        monotone = self._grows()
        if not monotone:
            found = next((i for i in range(self.high, self.low - 1, -1) if self.fits(i)), None)
        if found is None:
            raise ArchError([self._nothing()])
        self._refuse_no_effect()
        return found, monotone

    def _refuse_no_effect(self) -> None:
        """A budget is met by any value, or by none, if the knob does not turn what it limits.

        Raises:
            ArchError: no number of a budget changed wherever it was looked at.
        """
        made = self._made()
        if len(made) < _ENOUGH or len({candidate.numbers[: len(self.budgets)] for candidate in made}) > 1:
            return
        names = " and ".join(self.budgets)
        knob = ", ".join(name for name, _, _ in self.knob.parts)
        plural = "does" if len(self.budgets) == 1 else "do"
        message = f"{names} {plural} not depend on {knob}: {len(made)} values were tried, and all cost the same"
        numbers = ", ".join(f"{name} = {n:,}" for name, n in zip(self.budgets, made[0].numbers, strict=False) if n)
        hint = "take a parameter that changes it, or another budget; `archdsl check` names parameters that nothing uses"
        raise ArchError([Diagnostic("no-effect", message, None, notes=(f"at all of them {numbers}",), help=hint)])

    def _bisect(self) -> int | None:
        """The largest index that fits, if everything beyond one that does not fit does not either."""
        low, high = self.low, self.high  # what fits lies from low on; what lies beyond high does not fit
        found: int | None = None
        while low <= high:
            middle = (low + high) // 2
            probe = next((i for i in range(middle, low - 1, -1) if self.fits(i) is not None), None)
            if probe is None:  # a gap from low to the middle: what elaborates lies above it
                low = middle + 1
            elif self.fits(probe):
                found, low = probe, middle + 1
            else:
                high = probe - 1
        return found

    def _sample(self) -> None:
        for i in range(_SAMPLES + 1):
            self.at(self.low + (self.high - self.low) * i // _SAMPLES)

    def _grows(self) -> bool:
        made = self._made()
        for k in range(len(self.budgets)):
            numbers = [n for candidate in made if (n := candidate.numbers[k]) is not None]
            if any(b < a for a, b in pairwise(numbers)):
                return False
        return True

    def _made(self) -> list[Candidate]:
        """The networks that were made, by index."""
        return [made for index in sorted(self.seen) if (made := self.seen[index]) is not None]

    def next_above(self, index: int) -> int | None:
        """The next larger index that elaborates; None if there is none in the range or it is beyond all limits."""
        for i in range(index + 1, self.high + 1):
            if self.fits(i) is not None:
                return None if i in self.too_large else i
        return None

    def plateau(self, index: int) -> int:
        """The smallest index from which on all numbers are those of `index`, found by bisection."""
        low, high = self.low, index
        wanted = self.seen[index]
        while low < high:
            middle = (low + high) // 2
            probe = next((i for i in range(middle, high) if self.at(i) is not None), high)
            made = self.at(probe)
            if made is not None and wanted is not None and made.numbers == wanted.numbers:
                high = middle
            else:
                low = max(middle, probe) + 1 if probe < high else high
        return next(i for i in range(high, index + 1) if self.at(i) is not None)

    def _too_much(self) -> Diagnostic:
        """Where the search ended without an answer, and the largest value that is known to fit."""
        fitting = [made for index in sorted(self.seen) if self.fits(index) and (made := self.seen[index]) is not None]
        notes = tuple(f"{n}={v} fits, but a larger value may" for made in fitting[-1:] for n, v in made.settings[:1])
        message = f"{len(self.seen):,} values were tried without an answer"
        hint = "take a larger --step, or a narrower --between"
        return Diagnostic("nothing-fits", message, None, notes=notes, help=hint)

    def _nothing(self) -> Diagnostic:
        """Why nothing fits: the cheapest network that was seen."""
        made = self._made()
        ends = " to ".join(f"{float(end * self.step):g}" for end in (self.low, self.high))
        if not made:
            hint = "see why with `archdsl analyze … --set`"
            return Diagnostic("nothing-fits", f"no value from {ends} elaborates", None, help=hint)
        for k, name in enumerate(self.budgets):
            if all(candidate.numbers[k] is None for candidate in made):
                hint = f"see why with `archdsl analyze … --all`; {name} can be no budget here"
                return Diagnostic("nothing-fits", f"{name} is not defined for this network", None, help=hint)
        known = [(name, n) for name, n in zip(self.metrics, made[0].numbers, strict=True) if n is not None]
        numbers = ", ".join(f"{name} = {number:,}" for name, number in known)
        settings = " ".join(f"{name}={value}" for name, value in made[0].settings)
        message = f"no value from {ends} is within the budget"
        return Diagnostic("nothing-fits", message, None, notes=(f"{settings} has {numbers}",), help="raise the budget")
