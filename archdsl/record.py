"""Makes dataclasses as the standard library does, in a sixth of the time, which a start pays for every class.

The standard decorator compiles the source of each method of each class (Python 3.11: 0.4 ms a class). Here only
`__init__` is compiled; the other methods are the same for all classes and read the fields' values through one getter.
What is made is a dataclass to everybody: `fields`, `replace`, `asdict` and subclassing work. Left out is what this
package does not use: `order`, `unsafe_hash`, `KW_ONLY`, `InitVar`.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # what type checkers see
else:

    def dataclass(
        cls: type | None = None, /, *, frozen: bool = False, slots: bool = False, eq: bool = True
    ) -> type | Callable[[type], type]:
        """As `dataclasses.dataclass`."""
        if cls is None:
            return lambda cls: _made(cls, frozen, slots, eq)
        return _made(cls, frozen, slots, eq)


class _Params(NamedTuple):
    """What the standard decorator asks of a base class."""

    eq: bool
    frozen: bool


def _made(cls: type, frozen: bool, slots: bool, eq: bool) -> type:
    own = _own_fields(cls)
    fields: dict[str, Field[Any]] = {}
    for base in cls.__mro__[-1:0:-1]:
        fields.update(base.__dict__.get("__dataclass_fields__", {}))
    fields.update(own)
    added: dict[str, Any] = {"__init__": _init(fields, frozen, hasattr(cls, "__post_init__"))}
    added |= {"__dataclass_fields__": fields, "__dataclass_params__": _Params(eq, frozen)}
    added["__match_args__"] = tuple(f.name for f in _positional(fields))
    if "__repr__" not in cls.__dict__:
        added["__repr__"] = _repr
    if eq and "__eq__" not in cls.__dict__:
        added |= _comparison(fields, frozen, cls.__dict__.get("__hash__"))
    if frozen:
        added |= {"__setattr__": _refuse, "__delattr__": _refuse}
    if not slots:
        for name, value in added.items():
            setattr(cls, name, value)
        return cls
    if frozen:
        added |= {"__getstate__": _state, "__setstate__": _set_state}
    inherited = {slot for base in cls.__mro__[1:-1] for slot in base.__dict__.get("__slots__", ())}
    kept = {k: v for k, v in cls.__dict__.items() if k not in fields and k not in ("__dict__", "__weakref__")}
    made = type(cls)(
        cls.__name__, cls.__bases__, {**kept, **added, "__slots__": tuple(n for n in fields if n not in inherited)}
    )
    made.__qualname__ = cls.__qualname__
    return made


def _own_fields(cls: type) -> dict[str, Field[Any]]:
    """The fields that the body of `cls` declares; their defaults stay as attributes, as far as there are some."""
    found: dict[str, Field[Any]] = {}
    for name, annotation in inspect.get_annotations(cls).items():
        if annotation.startswith("ClassVar"):
            continue
        default = cls.__dict__.get(name, MISSING)
        field: Any = default if isinstance(default, Field) else dataclasses.field(default=default)
        field.name, field.type = name, annotation
        field._field_type = dataclasses._FIELD  # type: ignore[attr-defined]
        if field.kw_only is MISSING:
            field.kw_only = False
        if field.default is not MISSING:
            setattr(cls, name, field.default)
        elif default is field:
            delattr(cls, name)
        found[name] = field
    return found


def _positional(fields: dict[str, Field[Any]]) -> list[Field[Any]]:
    return [f for f in fields.values() if f.init and not f.kw_only]


def _init(fields: dict[str, Field[Any]], frozen: bool, post: bool) -> Callable[..., None]:
    """`__init__`, which assigns every field, and then calls `__post_init__` if there is one."""
    names: dict[str, Any] = {"set_": object.__setattr__, "made_": MISSING}
    parameters, lines = ["self"], []
    named = [f for f in fields.values() if f.init and f.kw_only]
    for f in [*_positional(fields), *named]:
        if named and f is named[0]:
            parameters.append("*")
        given = f.default is not MISSING or f.default_factory is not MISSING
        parameters.append(f"{f.name}=default_{f.name}" if given else f.name)
        names[f"default_{f.name}"] = f.default
    for f in fields.values():
        value = f.name
        if f.default_factory is not MISSING:
            names[f"make_{f.name}"] = f.default_factory
            value = f"make_{f.name}() if {f.name} is made_ else {f.name}" if f.init else f"make_{f.name}()"
        elif not f.init:
            continue
        lines.append(f"set_(self, {f.name!r}, {value})" if frozen else f"self.{f.name} = {value}")
    lines += ["self.__post_init__()"] if post else [] if lines else ["pass"]
    exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(lines), names)
    init: Callable[..., None] = names["__init__"]
    return init


def _comparison(fields: dict[str, Field[Any]], frozen: bool, own_hash: Any) -> dict[str, Any]:
    """`__eq__` and `__hash__` over the values of the fields; what is not frozen has no hash."""
    compared = [f.name for f in fields.values() if f.compare]
    values: Callable[[Any], Any] = attrgetter(*compared) if compared else lambda self: ()

    def __eq__(self: Any, other: object) -> Any:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:
        return hash(values(self))

    return {"__eq__": __eq__, "__hash__": own_hash or (__hash__ if frozen else None)}


@recursive_repr()
def _repr(self: Any) -> str:
    values = (f"{f.name}={getattr(self, f.name)!r}" for f in dataclasses.fields(self) if f.repr)
    return f"{type(self).__qualname__}({', '.join(values)})"


def _refuse(self: object, name: str, value: object = None) -> None:
    raise FrozenInstanceError(f"cannot change field {name!r} of {type(self).__name__}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, f.name) for f in dataclasses.fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for f, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, f.name, value)
