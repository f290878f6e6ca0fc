"""Turns the actions of a body into the statements of `forward`, with short nested calls and names that are reused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from archdsl.emit.pytorch import code
from archdsl.emit.pytorch.actions import Action, Loop, Plan, Recurrence, Sort
from archdsl.emit.pytorch.code import Apply, Atom, Attribute, Binary, Code, Index, Local, Not, Ternary
from archdsl.emit.pytorch.loops import loop_body, name_variables, recurrence_lines
from archdsl.emit.pytorch.names import next_variable
from archdsl.emit.pytorch.statements import CodeLine, write_lines
from archdsl.emit.pytorch.template import Mask, choice_number
from archdsl.emit.pytorch.variables import Variables
from archdsl.ir.graph import INPUT, Ref

_DEEPEST = 3  # calls nested in one expression
_LONGEST = 56  # columns of an expression that is nested in another
_LONGEST_BRANCH = 62  # of a whole branch inside a merge
_LONGEST_CHOICE = 40  # of `a if option else b` inside another expression
_WIDEST_RETURN = 70  # of the same after `return`
_WIDEST_SUM = 68  # of operands with operators between them
_SHORT = 34  # of an expression that reads as one thing


@dataclass(frozen=True, slots=True)
class Pending:
    """An expression not yet written down, and the variables it reads."""

    value: Code
    depth: int
    reads: tuple[Ref, ...]


@dataclass
class Writer:
    """Writes one `forward`. `test` gives the code of an option as `forward` sees it; `taken` are names not to use."""

    plan: Plan
    inputs: tuple[str, ...]
    taken: frozenset[str]
    test: Callable[[Mask], Code]
    attribute: Callable[[str], str]
    lines: list[CodeLine] = field(default_factory=list)
    variables: Variables = field(init=False)
    _pending: dict[Ref, Pending] = field(default_factory=dict)
    _branches: set[Ref] = field(default_factory=set)

    def write(self) -> list[str]:
        """The body of `forward`, indented."""
        self.variables = Variables(self.plan, self.taken)
        for i, name in enumerate(self.inputs):
            self.variables.hold(name, Ref(INPUT, i))
        self._find_branches()
        for action in self.plan.actions:
            if isinstance(action, Loop):
                self._loop(action)
            elif isinstance(action, Recurrence):
                self._recurrence(action)
            else:
                self._action(action)
        return write_lines(self.lines, self.test)

    # --- expressions -------------------------------------------------------------------------------------------

    def _read(self, ref: Ref) -> Pending:
        """The code of a tensor: its variable, the expression that makes it, or a conditional of two."""
        if ref in self.plan.alias:
            return self._read(self.plan.alias[ref])
        if ref in self.variables.merged:
            return Pending(Atom(self.variables.merged[ref]), 0, tuple(self.plan.leaves(ref)))
        if ref in self._pending:
            return self._pending[ref] if not self._pending[ref].reads else self._pending.pop(ref)
        number = choice_number(ref)
        if number is None:
            return Pending(Atom(self.variables.names[ref]), 0, (ref,))
        choice = self.plan.template.choices[number]
        then, otherwise = (self._settled(side, self._read(side)) for side in (choice.then, choice.otherwise))
        test = self.test(choice.mask)
        if isinstance(test, Not):
            test, then, otherwise = test.value, otherwise, then
        value = Ternary(then.value, test, otherwise.value)
        return Pending(value, max(then.depth, otherwise.depth), (*then.reads, *otherwise.reads))

    def _written(self, action: Action, parts: Sequence[Pending]) -> Code:
        return code.transform(action.write([p.value for p in parts]), lambda atom: atom, self._stored)

    def _apart(self, ref: Ref, made: Pending, when: Mask | None) -> Pending:
        """An operand of a long sum as a variable of its own."""
        if choice_number(ref) is not None or ref in self.plan.alias or not isinstance(made.value, Apply):
            return made
        self._emit(f"{(name := self.variables.next_free())} = ", made, when)
        self.variables.hold(name, ref)
        return Pending(Atom(name), 0, (ref,))

    def _settled(self, ref: Ref, made: Pending, longest: int = 0) -> Pending:
        """A conditional expression as a variable of its own, if it is long."""
        while ref in self.plan.alias:
            ref = self.plan.alias[ref]
        number = choice_number(ref)
        if number is None or not isinstance(made.value, Ternary) or len(code.flat(made.value)) <= longest:
            return made
        leaves = tuple(self.plan.leaves(ref))
        name = self.variables.next_free()
        self.lines.append(CodeLine(f"{name} = ", made.value, self.plan.template.choices[number].when))
        self.variables.holders[name] = leaves[0]
        self.variables.merged[ref] = name
        return Pending(Atom(name), 0, leaves)

    def _compose(self, action: Action) -> Pending:
        longest = _LONGEST_CHOICE if action.sort is not Sort.RETURN else _WIDEST_RETURN
        parts = [self._settled(ref, self._read(ref), longest) for ref in action.operands]
        value = self._written(action, parts)
        if isinstance(value, Binary) and len(code.flat(value)) > _WIDEST_SUM:
            parts = [self._apart(ref, part, action.when) for ref, part in zip(action.operands, parts, strict=True)]
            value = self._written(action, parts)
        depth = action.depth + max((p.depth for p in parts), default=0)
        return Pending(value, depth, tuple(r for p in parts for r in p.reads))

    # --- nesting -----------------------------------------------------------------------------------------------

    def _find_branches(self) -> None:
        """Short chains that end in a merge may nest as they are: `torch.cat([self.a(x), self.c(self.b(x))], 1)`."""
        makers = {action.results[0]: action for action in self.plan.actions if len(action.results) == 1}
        for action in self.plan.actions:
            if action.sort is not Sort.MERGE or isinstance(action, Loop):
                continue
            for ref in action.operands:
                chain: list[Action] = []
                while self.variables.uses[ref] == 1 and (maker := makers.get(ref)) and len(maker.operands) == 1:
                    chain.append(maker)
                    ref = maker.operands[0]
                value: Code = Atom("x")
                for maker in reversed(chain):
                    value = maker.write([value])
                if sum(maker.depth for maker in chain) <= _DEEPEST and len(code.flat(value)) <= _LONGEST_BRANCH:
                    self._branches.update(maker.results[0] for maker in chain)

    def _nests(self, action: Action, made: Pending) -> bool:
        """Whether the result is written inside the expression of its only consumer."""
        if len(action.results) == 1 and isinstance(made.value, Attribute | Index) and not action.operands:
            return True  # self.bias, read wherever it is needed
        if len(action.results) != 1 or self.variables.uses[action.results[0]] != 1:
            return False
        if action.sort is Sort.PICKED:
            return True
        ref = action.results[0]
        consumer = self.variables.consumers[ref]
        longest = _LONGEST_BRANCH if ref in self._branches else _LONGEST
        if isinstance(consumer, Loop | Recurrence) or len(code.flat(made.value)) > longest:
            return consumer.sort is Sort.RETURN and len(consumer.operands) == 1 and ref in consumer.operands
        direct = ref in consumer.operands or any(self.plan.alias.get(r) == ref for r in consumer.operands)
        if not direct:
            return self._branch_of_choice(action, consumer)
        if consumer.sort is Sort.LATER:
            return True
        if action.when != consumer.when:
            return False
        if consumer.sort is Sort.RETURN:
            return len(consumer.operands) == 1 or (made.depth <= 1 and len(code.flat(made.value)) <= _SHORT)
        if consumer.sort is Sort.MERGE:
            if action.sort is Sort.MERGE:
                return not action.spoken and made.depth < _DEEPEST
            plain = all(
                r.node == INPUT or self.variables.uses[r] > 1 or self.variables.name(r) in ("x", "out")
                for r in made.reads
            )
            return ref in self._branches or (plain and made.depth < _DEEPEST)
        if ref in self._branches:
            return True
        return self._nests_in_chain(action, consumer, made)

    def _nests_in_chain(self, action: Action, consumer: Action, made: Pending) -> bool:
        if consumer.sort is Sort.ACTIVATION:
            return made.depth <= _DEEPEST
        method = isinstance(made.value, Apply) and isinstance(made.value.function, Attribute)
        if len(code.flat(made.value)) <= _SHORT and made.depth <= 1 and not consumer.before:
            if action.sort is Sort.MERGE and not action.spoken:
                return True
            if (action.sort is Sort.FUNCTION and method) or (action.sort, consumer.sort) == (Sort.LAYER, Sort.FUNCTION):
                return True
        if Sort.BLOCK in (consumer.sort, action.sort) or consumer.before:
            return action.depth == 0
        if action.sort is Sort.ACTIVATION:
            return made.depth == 1 and consumer.sort is Sort.LAYER
        return action.sort is not Sort.MERGE and consumer.sort is Sort.LAYER and made.depth < _DEEPEST

    def _branch_of_choice(self, action: Action, consumer: Action) -> bool:
        """A short expression may stand inside `a if option else b`."""
        if action.when is None:
            return False
        sibling = self.variables.sibling(action.results[0])
        held = sibling is not None and sibling in self.variables.names
        return held and action.sort in (Sort.MERGE, Sort.FUNCTION)

    # --- statements --------------------------------------------------------------------------------------------

    def _action(self, action: Action) -> None:
        made = self._compose(action)
        if action.sort is Sort.RETURN:
            self._emit("return ", made, None)
        elif self._nests(action, made):
            self._pending[action.results[0]] = made
        else:
            self.variables.left.subtract(made.reads)
            if self._shifts(action, made):
                return
            names = [self.variables.choose(action, made.reads, ref) for ref in action.results]
            self._emit(f"{', '.join(names)} = ", made, action.when, counted=True)

    def _shifts(self, action: Action, made: Pending) -> bool:
        """`h, p = self.cell(h, p), h` where the spec says so: the result takes the name of an operand that lives on."""
        if len(action.spoken) != 2 or len(action.results) != 1 or action.when is not None:
            return False
        name, older = action.spoken
        kept = self.variables.holders.get(name)
        if kept not in made.reads or self.variables.left[kept] <= 0 or not self.variables.free(older) or name == older:
            return False
        chosen = any(kept in (c.then, c.otherwise) for c in self.plan.template.choices)
        if chosen or any(kept in pending.reads for pending in self._pending.values()):
            return False
        self.lines.append(CodeLine(f"{name}, {older} = ", code.SequenceDisplay((made.value, Atom(name)), ""), None))
        self.variables.hold(older, kept)
        self.variables.hold(name, action.results[0])
        return True

    def _emit(self, prefix: str, made: Pending, when: Mask | None, counted: bool = False) -> None:
        if not counted:
            self.variables.left.subtract(made.reads)
        self.lines.append(CodeLine(prefix, made.value, when))

    # --- loops -------------------------------------------------------------------------------------------------

    def _loop(self, loop: Loop) -> None:
        carried = [j for j, slot in enumerate(loop.slots) if slot.source is not None]
        starts = [self._read(ref) for ref in loop.operands]
        for start in starts:
            self.variables.left.subtract(start.reads)
        read = [code.atoms(start.value) for start in starts]
        names: list[str] = []
        copies: list[tuple[str, Code]] = []
        for j, start in enumerate(starts):
            text = code.flat(start.value)
            if j not in carried:
                names.append(text)
                continue
            own = (
                isinstance(start.value, Atom)
                and text.isidentifier()
                and self.variables.free(text)
                and text not in names
            )
            if not own:
                taken = self.variables.in_use() | set(names)
                taken.update(*read[:j], *read[j + 1 :])  # the copies are made one after the other
                spoken = loop.spoken if len(loop.spoken) == len(starts) else ("h", "p", *"qrstuvw")
                fresh = next_variable(spoken[j], taken)
                copies.append((fresh, start.value))
                text = fresh
            names.append(text)
        for name, value in copies:
            self._emit(f"{name} = ", Pending(value, 0, ()), None)
        taken = set(self.variables.holders) | self.taken | set(names)
        variable = next_variable(loop.variable, taken)
        call = Apply(Atom(variable), tuple(("", Atom(n)) for n in names))
        body = loop_body(loop, call, names, carried)
        self.lines.append(CodeLine(f"for {variable} in ", Atom(loop.over), None, ":", tuple(body)))
        for j in carried:
            self.variables.hold(names[j], loop.slots[j].final)

    def _recurrence(self, action: Recurrence) -> None:
        """The loop over a sequence."""
        given = action.operands[:-1] if action.asks else action.operands
        starts = [self._settled(ref, self._read(ref)) for ref in given]
        for start in starts:
            self.variables.left.subtract(start.reads)
        sequence, *states = [start.value for start in starts]
        if not isinstance(sequence, Atom):
            self.lines.append(CodeLine(f"{(name := self.variables.next_free())} = ", sequence, action.when))
            sequence = Atom(name)
        taken = self.variables.in_use()
        taken.update(*(code.atoms(value) for value in (sequence, *states)))
        texts = [code.flat(value) for value in states]  # a variable that nobody reads again goes on as the state
        own = [
            text in self.variables.holders and self.variables.free(text) and texts.count(text) == 1 for text in texts
        ]
        kept = [text if is_own else "" for text, is_own in zip(texts, own, strict=True)]
        names = name_variables(action, taken, kept, wanted=self.variables.uses[action.results[0]] > 0)
        zeros = [code.transform(size, lambda atom: atom, self._stored) for sizes in action.zeros for size in sizes]
        self.lines += recurrence_lines(action, sequence, states, names, zeros)
        for name, ref in zip(names.states, action.results[1:], strict=True):
            self.variables.hold(name, ref)
        if names.outputs:
            whole = replace(action, results=action.results[:1], spoken=action.spoken[:1])
            stacked = Apply(Atom("torch.stack"), (("", Atom(names.outputs)), ("dim", Atom("1"))))
            made = Pending(stacked, 1, starts[0].reads)
            consumer = self.variables.consumers[whole.results[0]]
            if consumer.sort is Sort.RETURN and consumer.operands == whole.results:
                self._pending[whole.results[0]] = made
            else:
                self._emit(
                    f"{self.variables.choose(whole, made.reads, whole.results[0])} = ", made, action.when, counted=True
                )

    def _stored(self, local: Local) -> Code:
        return Atom(f"self.{self.attribute(local.name)}")
