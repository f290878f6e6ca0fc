"""Turns the text form of a graph back into the graph: types, labels, slots and sites, all but the spans."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ops.base import Op
from archdsl.ops.registry import load
from archdsl.source import Source, Span
from archdsl.types import TensorType

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*")
      | (?P<ref>%\w+(?:\.\d+)?)
      | (?P<float>-?(?:\d+\.\d+(?:e[-+]?\d+)?|\d+e[-+]?\d+|inf\b|nan\b))
      | (?P<int>-?\d+)
      | (?P<name>[^\W\d][\w.]*)
      | (?P<sign>[()\[\]:,=@])
      | (?P<skip>\s+|\#.*)""",
    re.VERBOSE,
)
_CONSTANTS = {"none": None, "true": True, "false": False}


class ReadError(ValueError):
    """The text is not a graph's text form; the message says where and what was expected."""


class _GraphToken(NamedTuple):
    kind: str
    text: str


_MOST_DIGITS = 100  # of a number

Find = Callable[[str], Any]


def read_graph(text: str, find_op: Callable[[str], type[Op] | None] = load) -> Graph:
    """The graph whose `print_graph` gave `text`; `find_op` gives an op's class by its name. All spans are empty.

    Raises:
        ReadError: the text is malformed, or names an unknown op or body.
    """
    place = Span(Source("<text>", text), 0, 0)
    done: dict[str, Graph] = {}
    body: _BodyReader | None = None
    graph: Graph | None = None
    for number, line in enumerate(text.splitlines(), 1):
        reader = _LineReader(line, number)
        if reader.done():
            continue
        if body is None:
            body = _BodyReader(reader, place)
        elif body.read(reader, find_op, done.get):
            graph = done[body.id] = body.graph()
            body = None
        reader.finish()
    if graph is None or body is not None:
        raise ReadError("the text ends before a body does")
    return graph


class _LineReader:
    """The tokens of one line, consumed from the left."""

    def __init__(self, line: str, number: int) -> None:
        self.number = number
        self.tokens: list[_GraphToken] = []
        position = 0
        while position < len(line):
            match = _TOKEN.match(line, position)
            if match is None or match.lastgroup is None:
                raise ReadError(f"line {number}: cannot read {line[position : position + 20]!r}")
            if match.lastgroup == "int" and len(match.group()) > _MOST_DIGITS:
                raise ReadError(f"line {number}: a number of more than {_MOST_DIGITS} digits")
            if match.lastgroup != "skip":
                self.tokens.append(_GraphToken(match.lastgroup, match.group()))
            position = match.end()
        self.tokens.reverse()

    def done(self) -> bool:
        return not self.tokens

    def finish(self) -> None:
        if self.tokens:
            raise self.error("the end of the line")

    def error(self, wanted: str) -> ReadError:
        found = repr(self.tokens[-1].text) if self.tokens else "the end of the line"
        return ReadError(f"line {self.number}: expected {wanted}, found {found}")

    def at(self, kind: str) -> bool:
        return bool(self.tokens) and self.tokens[-1].kind == kind

    def take(self, text: str) -> bool:
        """Whether the next token is this word or sign; then it is consumed."""
        if self.tokens and self.tokens[-1].text == text and self.tokens[-1].kind in ("name", "sign"):
            self.tokens.pop()
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise self.error(repr(text))

    def next(self, kind: str) -> str:
        if not self.at(kind):
            raise self.error(f"a {kind}")
        return self.tokens.pop().text

    def word(self) -> str:
        """A name, bare or quoted."""
        return self.string() if self.at("string") else self.next("name")

    def string(self) -> str:
        """What a quoted text says."""
        text = self.next("string")
        try:
            return str(json.loads(text))
        except ValueError:
            raise ReadError(f"line {self.number}: cannot read the text {text}") from None

    def integer(self) -> int:
        return int(self.next("int"))

    def value(self) -> Any:
        """A literal."""
        if self.take("("):
            return tuple(self.items(self.value, ")"))
        if self.at("string"):
            return self.string()
        if self.at("float"):
            return float(self.next("float"))
        if self.at("int"):
            return self.integer()
        if self.at("name") and self.tokens[-1].text in _CONSTANTS:
            return _CONSTANTS[self.next("name")]
        raise self.error("a value")

    def items(self, item: Callable[[], Any], end: str) -> list[Any]:
        """Items with commas between them, up to `end`."""
        found = []
        while not self.take(end):
            found.append(item())
            if not self.take(","):
                self.expect(end)
                break
        return found

    def pair(self) -> tuple[str, Any]:
        name = self.word()
        self.expect("=")
        return name, self.value()

    def type(self) -> TensorType:
        dtype = self.next("name") if self.at("name") else "float"
        self.expect("[")
        return TensorType(tuple(self.items(self.integer, "]")), dtype)

    def body_id(self) -> tuple[str, str]:
        """A body's name, and the name that is unique in the text."""
        name = self.word()
        return name, f"{name}@{self.integer()}" if self.take("@") else name


class _BodyReader:
    """One body being read, from its header line to its `return`."""

    def __init__(self, line: _LineReader, place: Span) -> None:
        self.place = place
        self.kind = line.next("name")
        self.name, self.id = line.body_id()
        line.expect("(")
        self.arguments: list[tuple[str, Any]] = line.items(line.pair, ")")
        self.inputs: dict[str, TensorType] = {}
        if line.take("in"):
            while True:
                name = line.word()
                line.expect(":")
                self.inputs[name] = line.type()
                if not line.take(","):
                    break
        self.definition = ("", "")
        self.extra: dict[str, Any] = {}
        self.nodes: list[Node] = []
        self.outputs: list[Ref] = []

    def read(self, line: _LineReader, find_op: Find, find_body: Find) -> bool:
        """Read one line of the body; true when it was the last."""
        if line.take("from"):
            self.definition = (line.word(), line.word())
        elif line.take("doc"):
            self.extra["doc"] = line.word()
        elif line.take("decisions"):
            self.extra["decisions"] = line.integer()
        elif line.take("reads"):
            line.expect("size")
            self.extra["reads_size"] = True
        elif line.take("return"):
            self.outputs.append(self._ref(line))
            while line.take(","):
                self.outputs.append(self._ref(line))
            return True
        else:
            self.nodes.append(self._node(line, find_op, find_body))
        return False

    def _node(self, line: _LineReader, find_op: Find, find_body: Find) -> Node:
        if line.next("ref") != f"%{len(self.nodes) + 1}":
            raise ReadError(f"line {line.number}: expected %{len(self.nodes) + 1}")
        line.expect("=")
        each = line.take("each")
        scans = each or line.take("scan")
        if scans or line.take("call"):
            target: Op | Graph = self._known(line, find_body, line.body_id()[1])
        else:
            cls = self._known(line, find_op, line.next("name"))
            line.expect("(")
            try:
                target = cls(**dict(line.items(line.pair, ")")))
            except TypeError as error:  # an argument that it does not have, or lacks
                raise ReadError(f"line {line.number}: {error}") from None
        operands = []
        while line.at("ref"):
            operands.append(self._ref(line))
        length = None
        if scans:
            line.expect("over")
            length = line.integer()
        line.expect(":")
        types = [line.type()]
        while line.take(","):
            types.append(line.type())
        label = line.word() if line.take("as") else ""
        slot = line.integer() if line.take("slot") else None
        names = [line.word()] if line.take("named") else []
        while names and line.take(","):
            names.append(line.word())
        site = line.value() if line.take("at") else ()
        return Node(target, tuple(operands), tuple(types), label, (self.place,), site, slot, length, tuple(names), each)

    @staticmethod
    def _known(line: _LineReader, find: Find, name: str) -> Any:
        found = find(name)
        if found is None:
            raise ReadError(f"line {line.number}: nothing is called {name}")
        return found

    def _ref(self, line: _LineReader) -> Ref:
        name, _, output = line.next("ref")[1:].partition(".")
        if name in self.inputs:
            return Ref(INPUT, list(self.inputs).index(name))
        if max(len(name), len(output)) > _MOST_DIGITS or not name.isdecimal() or not 1 <= int(name) <= len(self.nodes):
            raise ReadError(f"line {line.number}: nothing above is called %{name}")
        return Ref(int(name) - 1, int(output or 0))

    def graph(self) -> Graph:
        return Graph(
            name=self.name,
            kind=self.kind,
            definition=self.definition,
            arguments=tuple(self.arguments),
            input_names=tuple(self.inputs),
            inputs=tuple(self.inputs.values()),
            nodes=tuple(self.nodes),
            outputs=tuple(self.outputs),
            span=self.place,
            **self.extra,
        )
