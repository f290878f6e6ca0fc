"""Turns specs that are right, or once went wrong, into specs that are a little different."""

from __future__ import annotations

import random
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"
TOKEN = re.compile(r"\s+|#[^\n]*|\"[^\"\n]*\"|[A-Za-z_]\w*|[0-9][\w.]*|->|//|\*\*|[=!<>]=|.", re.DOTALL)
# Words of the language, and what is easily written instead of them.
PLAIN_WORDS = """
    -> => → | = == := + - * / // % ** ( ) [ ] { } , ; : . .. @ # ## ' ` ~ $ ? ! & é 漢 𝒳 if elif else for in return
    shared as and or not true false import fn block cell network arch id loose oneof range len zip enumerate int max
    conv bn relu concat split add x h p 0 1 -1 2 0.5 1e9 1e309 4.09G 10**12 9223372036854775808 x.channels x.shape
    x.nothing lambda def class None True while std conv_bn net scan tied lstm last
"""
WORDS = [*PLAIN_WORDS.split(), '"', "\\", "\n", "\t", "\r", "\0", "\ufeff", "\u200b", "\x1b[31m"]
KINDS = ["delete", "insert", "replace", "duplicate", "swap", "cut", "repeat", "garbage"]
LONGEST = 20_000  # characters: a mutation may repeat what is there
Change = tuple[str, int, int, str, str]  # kind, two numbers that say where, a word, garbage

# Stages that take any map: put for one another, most of what comes out is a network.
_STAGES = """
    relu sigmoid bn conv(8) conv(8,3) conv(8,3,2) conv(8,(1,3)) conv(8,3,dilation=2) conv(8,3,groups=2) max_pool(2)
    avg_pool(3,1) avg_pool(2,1,"same") max_pool(3,2,ceil=true) upsample conv_transpose(8,2,2) depthwise(3) dropout(0.5)
    group_norm(2) instance_norm softmax(axis=0) global_avg_pool global_avg_pool(keep=true) flatten linear(8) pad(1)
    crop(1) id (relu->relu) (conv(8)->bn) (id+relu) [relu,bn]->add [id,id]->concat shuffle(2) transpose gelu lrn
    adaptive_avg_pool(2) layer_norm upsample(2,mode="bilinear") squeeze_excite(4) mean drop_path(0.1) learned([8,1,1])
"""
STAGES = _STAGES.split()
NUMBERS = ["0", "1", "2", "3", "4", "5", "7", "8", "16", "-1", "0.5", "(1, 2)", "[2, 3]", "x.channels", "x.height"]


def read_specs() -> dict[str, str]:
    """Text by path of everything that is mutated: the corpus, the zoo and the standard library."""
    folders = [CORPUS, ROOT / "specs", ROOT / "archdsl" / "std"]
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
            for folder in folders for path in sorted(folder.glob("*.arch"))}  # fmt: skip


def mutated(tokens: list[str], how: list[Change]) -> str:
    """The spec after one change after another."""
    tokens = list(tokens)
    for kind, first, second, word, garbage in how:
        here, there = first % (len(tokens) or 1), second % (len(tokens) or 1)
        if kind == "delete":
            del tokens[here : here + 1 + second % 4]
        elif kind == "insert":
            tokens.insert(here, f" {word} ")
        elif kind == "replace":
            tokens[here : here + 1] = [word]
        elif kind == "duplicate":
            tokens[there:there] = tokens[here : here + 1 + second % 8]
        elif kind == "swap" and tokens:
            tokens[here], tokens[there] = tokens[there], tokens[here]
        elif kind == "cut":
            del tokens[here : max(here, there) if second % 2 else None]
        elif kind == "repeat":
            tokens[here : here + 1] = tokens[here : here + 1] * (1 + second % 300)
        elif kind == "garbage":
            tokens.insert(here, garbage)
    return "".join(tokens)[:LONGEST]


def mutant(specs: dict[str, str], seed: str) -> str:
    """A spec that only `seed` decides."""
    chance = random.Random(seed)
    # Small ones more often: they take less time, and more of them stay right.
    names = sorted(specs)
    weights = [1 / (500 + len(specs[name])) for name in names]
    text = part(specs[chance.choices(names, weights)[0]], chance)
    tokens = TOKEN.findall(text)
    style = chance.random()
    for _ in range(chance.choice([1, 1, 1, 2, 2, 3, 6])):
        if not tokens or style < 0.3:
            garbage = "".join(chance.choice('ab1 \n"({[]})\\é\0#@→') for _ in range(chance.randrange(6)))
            change = (chance.choice(KINDS), chance.randrange(10**6), chance.randrange(10**6))
            tokens = TOKEN.findall(mutated(tokens, [(*change, chance.choice(WORDS), garbage)]))
        else:
            _exchange(tokens, chance)
    return "".join(tokens)[:LONGEST]


def _exchange(tokens: list[str], chance: random.Random) -> None:
    """One change that may keep a spec right: another number, another stage, one more stage, a stage less."""
    kind = chance.randrange(5)
    arrows = [i for i, token in enumerate(tokens) if token == "->"]
    numbers = [i for i, token in enumerate(tokens) if token[0].isdecimal()]
    words = [i for i, token in enumerate(tokens) if token[0].isalpha()]
    if kind == 0 and numbers:
        tokens[chance.choice(numbers)] = chance.choice(NUMBERS)
    elif kind in (1, 2) and arrows:
        tokens.insert(chance.choice(arrows), f"-> {chance.choice(STAGES)} ")
    elif kind == 3 and words:
        tokens[chance.choice(words)] = chance.choice([tokens[chance.choice(words)], *STAGES])
    elif kind == 4 and words:
        at = chance.choice(words)
        tokens[at] = (
            f"({tokens[at]} {chance.choice(['+', '*', '->', 'if x.channels > 8 else'])} {chance.choice(STAGES)})"
        )


_TOP = re.compile(r"^(?=(?:block|network|cell|fn|import|shared|arch|@|##|[A-Za-z_]\w* *=))", re.MULTILINE)
_NAMED = re.compile(r"(?:^|\n)(block|network|cell|fn) +([A-Za-z_]\w*)")


def part(text: str, chance: random.Random) -> str:
    """One or two networks of a spec with what they name; the whole spec now and then."""
    pieces = [piece for piece in _TOP.split(text) if piece]
    names: dict[str, int] = {}
    for number, piece in enumerate(pieces):
        if match := _NAMED.search(piece):
            names[match[2]] = number
    ends = [number for number, piece in enumerate(pieces) if piece.startswith("network")]
    if not ends or chance.random() < 0.05:
        return text
    wanted = set(chance.sample(ends, min(len(ends), chance.choice([1, 1, 2]))))
    pending = list(wanted)
    while pending:
        for word in set(re.findall(r"[A-Za-z_]\w*", pieces[pending.pop()])):
            if word in names and names[word] not in wanted:
                wanted.add(names[word])
                pending.append(names[word])
    kept = [piece for number, piece in enumerate(pieces)
            if number in wanted or (not piece.startswith(("@", "##")) and not _NAMED.match(piece))]  # fmt: skip
    return "".join(kept)
