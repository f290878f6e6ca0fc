"""Turns the units that one box stands for into its lines of text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, takewhile

from archdsl.emit.figure.measure import short_name
from archdsl.emit.figure.pieces import Piece, Unit, dotted
from archdsl.emit.figure.runs import FoldedPart
from archdsl.emit.figure.scene import MAIN, SMALL, BoxRow, Fold, Phrase
from archdsl.emit.figure.series import series
from archdsl.emit.figure.variables import variables
from archdsl.emit.figure.words import EACH, LEFT, OR, STEPS, TAKEN, either, op_phrases, option_text, passed, value_text
from archdsl.ir.chosen import Choosing, OneOf
from archdsl.ir.graph import Graph
from archdsl.ops.base import Kind, Op

STAGE = "stage"  # key of the phrase that names a stage
SHARED = "shared"  # key of the phrase that names weights
_SYMBOL = 13.0  # size of ⊕
NUMBERED = re.compile(r"_\d+$")  # the end of a name that counts


def rows(units: Sequence[Unit], part: FoldedPart) -> tuple[BoxRow, ...]:
    """The lines for the units of one box."""
    found = [units[member] for member in part.members]
    first = found[0]
    if part.fold is Fold.TURNS:
        times = len(found) // part.period
        turns = Phrase("times", f"× {times:,}", f"{times:,}", "× {}")
        return (*_turns(found, part.period), BoxRow((turns,), MAIN, True))
    if part.fold is Fold.CHOICE:
        return tuple(_options(found, part))
    if part.fold is Fold.COUNTED:
        return (*_counted(found, part), *_behind(found))
    if first.call is not None:
        lines = _call(found, 1 if part.fold is Fold.BESIDE else len(found))
    else:
        lines = list(_ops(first))
        if part.fold is Fold.RUN:
            lines.append(BoxRow((_times(len(found)),), MAIN, True))
    if part.length:
        paths = " paths" if part.length > 1 else ""
        lines.append(BoxRow((Phrase("beside", f"{len(found)}{paths} side by side", fixed=True),), SMALL))
    elif part.fold is Fold.BESIDE:
        lines.append(BoxRow((Phrase("beside", f"in each of the {len(found)} paths", fixed=True),), SMALL))
    if part.step:
        lines.append(
            BoxRow((Phrase("step", f"+ {part.step:,} channels each", f"{part.step:,}", "+ {} channels each"),), SMALL)
        )
    if part.feeds:
        lines.append(BoxRow((Phrase("feeds", _feeds(first, part), fixed=True),), SMALL))
    return tuple(lines)


def argument(name: str, texts: Sequence[str]) -> Phrase:
    """What is said of an argument of the blocks that a box calls."""
    value = series(texts)
    return Phrase(f"argument {name}", f"{name} = {value}", value, f"{name} = {{}}", "; ")


def _options(units: Sequence[Unit], part: FoldedPart) -> Iterator[BoxRow]:
    """The decision, and below it a line per option: its text where that says more, and what it is; what follows."""
    last = len(units) - 1
    chooser = units[last].main.target
    assert isinstance(chooser, OneOf)
    decision, forms = op_phrases(chooser, units[last].main.given, f"{last}:0.")
    yield BoxRow((decision,), MAIN, True)
    line: list[Phrase] = []
    for number, (text, (lag, _)) in enumerate(zip(chooser.options, part.feeds, strict=True)):
        form = bool(text) and chooser.options[number - 1 : number] == (text,)
        if line and not form:
            yield BoxRow(tuple(line))
            line = []
        sign = "" if chooser.taken < 0 else TAKEN if chooser.taken == number else LEFT
        joint = OR if form else ""
        if not lag:
            line.append(Phrase(f"pass {number}", sign + passed(text, form), joint=joint, fixed=True))
            continue
        unit = units[last - lag]
        key, said = f"{last - lag}:", "" if form else option_text(text, unit)
        line.append(Phrase(f"{key}option", sign + said, joint=joint, fixed=True))
        rows = _call([unit], 1) if unit.call is not None else _ops(unit)
        told = [p._replace(key=key + p.key) for row in rows for p in row.phrases if p.key != STAGE and p.text + p.form]
        told = [p._replace(joint="; ") if p.key.endswith(":number") else p for p in told]
        told[0] = told[0]._replace(joint=" " if said else "" if sign else joint)
        line += told
    yield BoxRow(tuple(line))
    yield BoxRow((forms,), SMALL)
    yield from _behind(units)


def _behind(units: Sequence[Unit]) -> Iterator[BoxRow]:
    """The norms and activations behind what is chosen."""
    last = len(units) - 1
    told = [phrase for row in _ops(units[last]) for phrase in row.phrases if not phrase.key.startswith(("0.", STAGE))]
    if told:
        yield BoxRow(tuple([p._replace(key=f"{last}:{p.key}") for p in told]), SMALL)


def _counted(units: Sequence[Unit], part: FoldedPart) -> Iterator[BoxRow]:
    """What repeats, how often it may, and which decision says so."""
    last = len(units) - 1
    chooser = units[last].main.target
    assert isinstance(chooser, OneOf)
    signs = ["" if chooser.taken != number else TAKEN for number in range(len(part.feeds))]
    counts = [f"{sign}{last - lag + 1 if lag else 0}" for sign, (lag, _) in zip(signs, part.feeds, strict=True)]
    told = either(counts)
    count = Phrase("counts", f"× {told}", told, "× {}", " ", fixed=True)
    first = units[0]
    if first.call is not None:
        head, *rest = _call(units[:last], 1)
        yield head._replace(phrases=(*head.phrases, count))
    else:
        *rest, _ = _ops(first)
        rest.append(BoxRow((count,), MAIN, True))
    yield from (row for row in rest if row.phrases[0].key != STAGE)
    decision, forms = op_phrases(chooser, units[last].main.given, f"{last}:0.")
    yield BoxRow((Phrase("by", "by", fixed=True), decision._replace(joint=" "), forms._replace(joint="; ")), SMALL)


def _times(count: int) -> Phrase:
    return Phrase("times", f"× {count:,}" if count > 1 else "", f"{count:,}", "× {}", " ")


def _turns(units: Sequence[Unit], period: int) -> list[BoxRow]:
    """A line or more per unit of one period, neighbours that are equal in all periods as one."""
    made = []
    number = 0  # of the first unit that the lines are about
    columns = [units[place::period] for place in range(period)]
    for _, group in groupby(columns, key=lambda column: [_reads(unit) for unit in column]):
        equal = list(group)
        lines = _call(equal[0], len(equal)) if equal[0][0].call is not None else list(_ops(equal[0][0]))
        if equal[0][0].call is None and len(equal) > 1:
            lines.append(BoxRow((_times(len(equal)),)))
        made += [
            row._replace(phrases=tuple([p._replace(key=f"{number}:{p.key}") for p in row.phrases])) for row in lines
        ]
        number += len(equal)
    return made


def _reads(unit: Unit) -> list[tuple[Op | Graph, tuple[int, ...]]]:
    """What is equal in units that are said in one line: ops and blocks, and whose weights they share."""
    return [(piece.target, piece.weights if piece.shared else ()) for piece in unit.pieces]


def _call(units: Sequence[Unit], times: int) -> list[BoxRow]:
    """The block called and how often, the steps of a scan, the arguments, which weights, which stage."""
    main, first = units[0].main, units[0].call
    assert first is not None
    name = Phrase("name", short_name(first.name), fixed=True)
    # A graph from elsewhere may call under one name bodies of different arguments.
    bodies = [unit.call for unit in units if unit.call is not None]
    told = [argument(key, [value_text(dict(body.arguments).get(key)) for body in bodies]) for key, _ in first.arguments]
    lines = [BoxRow((name, _times(times)), MAIN, True)]
    if main.length is not None:
        form = EACH if main.node.each else STEPS
        lines.append(BoxRow((Phrase("steps", form.format(f"{main.length:,}"), f"{main.length:,}", form),)))
        if not main.node.each:
            lines.append(BoxRow((Phrase("states", _states(first), fixed=True),), SMALL))
    # Which row of the block's table it is, where the figure says that: `archdsl.emit.figure.instances` does.
    lines.append(BoxRow((Phrase("number", "", form="no. {}"), *told), SMALL))
    if main.shared:
        lines.append(BoxRow((_shared([main]),), SMALL))
    label = "" if main.shared else _common([stage(unit.main) for unit in units])
    lines.append(BoxRow((_label(label),), SMALL))
    return lines


def _states(cell: Graph) -> str:
    """How a cell of a scan goes on: `x along the sequence; h, c from outputs 2, 3`."""
    sequence, *states = [short_name(name) for name in cell.input_names]
    numbers = range(len(cell.outputs) - len(states) + 1, len(cell.outputs) + 1)
    source = "output" if len(states) == 1 else "outputs"
    which = f" {', '.join(map(str, numbers))}" if len(cell.outputs) > 1 else ""
    return f"{sequence} along the sequence; {', '.join(states)} from {source}{which}"


def _ops(unit: Unit) -> Iterator[BoxRow]:
    """What stands before the op that the box is about, that op, and what stands after it."""
    told: list[list[Phrase]] = []
    weighted: list[Piece] = []
    if any(piece.shared for piece in unit.pieces):
        weighted = [p for p in unit.pieces if isinstance(p.target, Op) and p.target.weights(p.given)]
    together = bool(weighted) and all(piece.shared for piece in weighted)
    for step, piece in enumerate(unit.pieces):
        assert isinstance(piece.target, Op)
        normed = any(p.kind is Kind.NORM for p in unit.pieces[step + 1 : step + 2])
        told.append([*op_phrases(piece.target, piece.given, f"{step}.", normed)])
        if piece.shared and piece in weighted and not together:
            told[-1].append(_shared([piece])._replace(key=f"{step}.{SHARED}", joint=", "))
    main = unit.layer
    before, middle, behind = (told, [], []) if main is None else (told[:main], told[main], told[main + 1 :])
    if before:
        yield BoxRow(tuple([phrase for op in before for phrase in op]), MAIN if main is None else SMALL)
    if main is not None and isinstance(unit.main.target, Choosing):
        decision, *rest = middle
        yield BoxRow((decision,), MAIN, True)
        yield from (BoxRow((phrase,), SMALL) for phrase in rest)
    elif main is not None:
        sign = symbol(unit)
        yield BoxRow((Phrase("op", sign, fixed=True),), _SYMBOL) if sign else BoxRow(tuple(middle))
    last = [phrase for op in behind for phrase in op]
    if together:
        last.append(_shared(weighted)._replace(joint=" · "))
    if last:
        yield BoxRow(tuple(last), SMALL)
    yield BoxRow((_label(_own_name(unit)),), SMALL)


def symbol(unit: Unit) -> str:
    """The sign for an op that joins tensors, "" for what has none."""
    target = unit.main.target
    return target.symbol if isinstance(target, Op) and len(unit.operands) > 1 else ""


def _own_name(unit: Unit) -> str:
    """What the spec calls a learned tensor or a gate, "" for anything else."""
    last = unit.pieces[-1]
    if last.kind is not Kind.PARAMETER and not (isinstance(last.target, Op) and last.target.gates):
        return ""
    known = variables(last.home) if len(last.place) == 1 else {}
    return short_name(known.get(last.place[0], "")) or stage(last)


def _label(name: str) -> Phrase:
    """What the spec calls a part, in quotes: no op and no block; nothing for a name that only counts."""
    return Phrase(STAGE, "" if not name or NUMBERED.search(name) else f"“{name}”")


def _shared(pieces: Sequence[Piece]) -> Phrase:
    """Whose weights ops or a call use, where others use them too; the value has their whole paths."""
    return _shared_as([piece.path for piece in pieces], Phrase(SHARED, "", fixed=True))


def _shared_as(paths: Sequence[str], phrase: Phrase) -> Phrase:
    return phrase._replace(text=f"shared {', '.join(map(short_name, paths))}", value=", ".join(paths))


def owned_by(row: BoxRow, outer: str) -> BoxRow:
    """A row as it reads in a box that is drawn open at the module path `outer`: weights have their paths from there.

    Else the weights of one name in two such boxes would read as one set.
    """
    changed = {
        p.key: _shared_as([dotted(outer, x) for x in p.value.split(", ")], p) for p in row.phrases if _is_shared(p)
    }
    return row._replace(phrases=tuple([changed.get(p.key, p) for p in row.phrases])) if changed else row


def _is_shared(phrase: Phrase) -> bool:
    """Whether a phrase says whose weights are used: its key has where it stands in a box before that."""
    return phrase.key.rpartition(":")[2].rpartition(".")[2] == SHARED


def stage(piece: Piece) -> str:
    """A piece's module path without the words of ops and blocks at its end: `layer1.0` of `layer1.0.conv_2`."""
    parts = piece.path.split(".")
    while parts and NUMBERED.sub("", parts[-1]) == piece.target.name:
        parts.pop()
    return short_name(".".join(parts))


def _common(paths: Sequence[str]) -> str:
    """The dotted beginning that module paths have in common, "" for a mere number of a container: features.2."""
    common = paths[0].split(".")
    for path in paths[1:]:
        common = [a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(common, path.split("."), strict=False))]
    return "" if common[-1:] and common[-1].isdigit() else ".".join(common)


def operand_names(unit: Unit) -> tuple[str, ...]:
    """What each operand is called where there is more than one: as the block's input, or as the op calls it."""
    count, target = len(unit.operands), unit.main.target
    if count < 2:
        return ("",) * count
    if isinstance(target, Graph):
        return tuple(short_name(name) for name in target.input_names[:count])
    if target.commutes:
        return ("",) * count
    axis = getattr(target, "axis", None)
    if target.kind is Kind.CONCAT and axis is not None and unit.given[0].rank == unit.types[0].rank:  # not stacked
        return tuple(str(x.shape[axis]) for x in unit.given)
    return target.operands or tuple(str(number + 1) for number in range(count))


def _feeds(unit: Unit, part: FoldedPart) -> str:
    """How the units of a run follow each other, where they take more than one tensor."""
    if part.feeds in ((), ((1, 0),)):
        return ""
    names = operand_names(unit)
    told = []
    for number, (lag, output) in enumerate(part.feeds):
        which = f" (output {output + 1})" if len(unit.types) > 1 and lag else ""
        where = ("the same for all", "from the one before", "from two before")[lag]
        told.append(f"{names[number] or f'operand {number + 1}'} {where}{which}")
    return ", ".join(told)
