"""Writes JSON Schemas (draft 2020-12) in few words: every part says what it means and in which unit."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_DIGITS = r"^-?[0-9]+$|^-?[0-9]\.[0-9]+e\+[0-9]+$"


def text(doc: str = "") -> Schema:
    """A string."""
    return _part(doc, type="string")


def whole(doc: str = "", least: int = 0) -> Schema:
    """An integer within 64 bits."""
    return _part(doc, type="integer", minimum=least)


def count(doc: str = "") -> Schema:
    """An integer of any size: from 2^63 on its digits as text, of more than 4000 digits in scientific notation."""
    return _part(doc, anyOf=[{"type": "integer"}, {"type": "string", "pattern": _DIGITS}])


def real(doc: str = "") -> Schema:
    """A number."""
    return _part(doc, type="number")


def fraction(doc: str = "") -> Schema:
    """An exact number: an integer, or text such as "1/2"."""
    return _part(doc, anyOf=[{"type": "integer"}, {"type": "string", "pattern": "^-?[0-9]+/[0-9]+$"}])


def flag(doc: str) -> Schema:
    """True or false."""
    return _part(doc, type="boolean")


def scalar(doc: str = "") -> Schema:
    """A number, true or false, or text."""
    return _part(doc, anyOf=[{"type": "number"}, {"type": "boolean"}, {"type": "string"}])


def word(doc: str, *values: str) -> Schema:
    """One of these strings."""
    return _part(doc, enum=list(values))


def listing(doc: str, items: Schema) -> Schema:
    """An array of any length."""
    return _part(doc, type="array", items=items)


def mapping(doc: str, values: Schema) -> Schema:
    """An object whose keys are names; `doc` says of what."""
    return _part(doc, type="object", additionalProperties=values)


def record(doc: str = "", optional: tuple[str, ...] = (), rest: Schema | None = None, /, **fields: Schema) -> Schema:
    """An object with exactly these fields, which are all there but for `optional` ones; `rest` are further ones."""
    required = [name for name in fields if name not in optional]
    return _part(doc, type="object", properties=fields, required=required, additionalProperties=rest or False)


def null_or(schema: Schema) -> Schema:
    """`null`, or what `schema` says."""
    return _beside(schema, {"type": "null"})


def defined(schema: Schema) -> Schema:
    """What `schema` says, or why the network has no such number."""
    return _beside(schema, record(not_defined=text("why this network has none")))


def ranged(schema: Schema) -> Schema:
    """What `schema` says, of several networks together: of each number and flag one value, or the ends.

    A list whose length differs is null.
    """
    if schema.get("type") == "object":
        made = dict(schema)
        if "not_defined" in schema.get("properties", {}):
            return schema
        if "properties" in schema:
            made["properties"] = {name: ranged(part) for name, part in schema["properties"].items()}
        if isinstance(schema.get("additionalProperties"), dict):
            made["additionalProperties"] = ranged(schema["additionalProperties"])
        return made
    if schema.get("type") == "array":
        return null_or(schema | {"items": ranged(schema["items"])})
    if schema.get("type") == "string":
        return schema
    bare = {key: value for key, value in schema.items() if key != "description"}
    return _beside(schema, record("", ("least", "most", "not_defined"), least=bare, most=bare, not_defined=text()))


def _beside(schema: Schema, other: Schema) -> Schema:
    bare = {key: value for key, value in schema.items() if key != "description"}
    return _part(schema.get("description", ""), anyOf=[bare, other])


def _part(doc: str, **schema: Any) -> Schema:
    return {"description": doc, **schema} if doc else schema


# --- parts that several outputs share

NETWORK = text("the network")

SHAPE = listing("sizes per axis, batch left out", whole(least=1))

PLACE: dict[str, Schema] = {
    "file": null_or(text("the spec; null for what has no place")),
    "line": null_or(whole("line of the spec, from 1", 1)),
}

SPAN: dict[str, Schema] = {
    **PLACE,
    "column": null_or(whole("first character, from 1", 1)),
    "end_line": null_or(whole("line of the end", 1)),
    "end_column": null_or(whole("just behind the last character", 1)),
}

SEVERITY = word("how bad", "error", "warning", "info")

MODULE: dict[str, Schema] = {
    "path": text('dotted module name; "" for what has none'),
    "word": text("the op or block, as written"),
}

LEVEL = whole("how many calls it is inside")

AXIS: dict[str, Schema] = {"input": text("the input"), "axis": text("height, width, …")}

SHAPES: dict[str, Schema] = {
    "inputs": listing("shapes of the operands", SHAPE),
    "outputs": listing("shapes of the results", SHAPE),
}

WEIGHED: dict[str, Schema] = {
    "params": count("trainable elements"),
    "macs": count("multiply-accumulates, batch 1"),
}

COST: dict[str, Schema] = {
    "ops": count("ops applied, calls expanded"),
    "params": count("trainable elements, shared ones once"),
    "buffers": count("elements of running statistics and the like"),
    "macs": count("multiply-accumulates of convolutions, linear and matrix products, batch 1"),
    "elementwise_ops": count("the other operations, by convention, batch 1"),
    "activations": count("elements of all results, batch 1"),
    "memory_access": count("elements read and written, weights included, batch 1"),
    "flops": count("twice `macs`"),
}

COSTS = record(**COST)

DIAGNOSTIC = record(
    "",
    code=text("what kind of message: `archdsl explain CODE`"),
    severity=SEVERITY,
    message=text("what is wrong, one sentence"),
    **SPAN,
    labels=listing("further places", record(**SPAN, text=text("what is said of this place; may be empty"))),
    notes=listing("history and reasons", text()),
    help=text("what to do; may be empty"),
)

DIAGNOSTICS = listing("messages, in reading order", DIAGNOSTIC)
