"""Refuses arguments of the Python interface that are of another kind, in a sentence, before they lead astray inside."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import wraps
from inspect import CO_VARKEYWORDS
from itertools import islice
from os import PathLike
from random import Random
from types import NoneType
from typing import Any, NamedTuple, ParamSpec, TypeVar

from archdsl.diagnostics.display import brief
from archdsl.numerals import BEYOND, as_int

P = ParamSpec("P")
R = TypeVar("R")


class ArgumentKind(NamedTuple):
    """What an argument may be: in words, and whether a value is it."""

    words: str
    fits: Callable[[Any], bool]


def _is_row(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _is_pair(value: Any) -> bool:
    return _is_row(value) and [is_whole(item) for item in islice(value, 3)] == [True, True]


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number; True, which Python counts as 1, is none."""
    return isinstance(as_int(value), int) and not isinstance(value, bool)


def _is_random(value: Any) -> bool:
    """Generators of numpy are known by their `bytes`."""
    return value is None or isinstance(value, Random) or is_whole(value) or callable(getattr(value, "bytes", None))


def _is_number(value: Any) -> bool:
    is_one = isinstance(value, (int, float, Fraction)) and not isinstance(value, bool)
    return is_one and -BEYOND < value < BEYOND  # not nan


def _is_named_number(item: tuple[Any, Any]) -> bool:
    return isinstance(item[0], str) and _is_number(item[1])


TEXT = ArgumentKind("text", lambda value: isinstance(value, str))
NAME = ArgumentKind("text or None", lambda value: isinstance(value, (str, NoneType)))
NAMES = ArgumentKind(
    "a name or a list of names", lambda v: isinstance(v, str) or (_is_row(v) and all(isinstance(one, str) for one in v))
)
PATH = ArgumentKind("a path or None", lambda value: isinstance(value, (str, PathLike, NoneType)))
MAPPING = ArgumentKind("a dict", lambda value: isinstance(value, Mapping))
SETTINGS = ArgumentKind("a dict or None", lambda value: isinstance(value, (Mapping, NoneType)))
ROW = ArgumentKind("a list", _is_row)
NUMBERS = ArgumentKind(
    "a dict of numbers below 1e300 by name", lambda v: isinstance(v, Mapping) and all(map(_is_named_number, v.items()))
)
GROWTH = ArgumentKind(
    "a dict of numbers above 0 by name",
    lambda v: NUMBERS.fits(v) and all(base > 0 for base in v.values()),
)
WHOLE = ArgumentKind("a whole number", is_whole)
RANDOM = ArgumentKind("a random.Random, a generator of numpy, a whole number or None", _is_random)
SWITCH = ArgumentKind("True or False", lambda value: isinstance(value, bool))
NUMBER = ArgumentKind("a number below 1e300 or None", lambda value: value is None or _is_number(value))
STEP = ArgumentKind("a number above 0 or None", lambda value: value is None or (_is_number(value) and value > 0))
RANGE = ArgumentKind("two ints, the first and last size, or None", lambda v: v is None or _is_pair(v))


def no_option(function: str, name: str, known: Sequence[str]) -> TypeError:
    """That a function takes no option of such a name, with the nearest of those that it takes, or all of them."""
    near = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
    return TypeError(f"{function} takes no option {name}; {hint}")


def takes(**kinds: ArgumentKind) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator: arguments of these names must be of these kinds, else TypeError says what is taken and what came.

    So it does where the function takes none of such a name.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        code = function.__code__
        names = code.co_varnames[: code.co_argcount]
        known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        any_name = bool(code.co_flags & CO_VARKEYWORDS)

        def taken(name: str, value: Any) -> Any:
            kind, value = kinds.get(name), as_int(value)
            if kind is not None and not kind.fits(value):
                raise TypeError(f"{function.__name__} takes {kind.words} as {name}, not {brief(value)}")
            return value

        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            if not any_name and (strange := next((name for name in kwargs if name not in known), None)) is not None:
                raise no_option(function.__name__, strange, [name for name in known if name != "self"])
            given = [taken(name, value) for name, value in zip(names, args, strict=False)] + [*args[len(names) :]]
            return function(*given, **{name: taken(name, value) for name, value in kwargs.items()})

        return checked

    return decorate
