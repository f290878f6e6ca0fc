"""Whatever happens to a spec's text, the compiler answers with diagnostics that have a place, a page and help."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archdsl.cli import main
from archdsl.diagnostics.catalog import codes
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.diagnostics.render import render
from archdsl.network import check_source, check_text, from_source
from archdsl.source import Source
from archdsl.syntax.read import decode

FOLDER = Path(__file__).parents[2] / "specs"
SPECS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.arch"))}
TOKEN = re.compile(r"\s+|#[^\n]*|\"[^\"\n]*\"|[A-Za-z_]\w*|[0-9][\w.]*|->|//|\*\*|[=!<>]=|.", re.DOTALL)
TOKENS = {name: TOKEN.findall(text) for name, text in SPECS.items()}
# Words of the language, and what is easily written instead of them.
PLAIN_WORDS = """
    -> => → | = == := + - * / // % ** ( ) [ ] { } , ; : . .. @ # ## ' ` ~ $ ? ! & é 漢 𝒳 if elif else for in return
    shared as and or not true false import fn block cell network arch id loose oneof range len zip enumerate int max
    conv bn relu concat split add x h p 0 1 -1 2 0.5 1e9 1e309 4.09G 10**12 9223372036854775808 x.channels x.shape
    x.nothing lambda def class None True while std conv_bn net scan tied lstm last
"""
WORDS = [*PLAIN_WORDS.split(), '"', "\\", "\n", "\t", "\r", "\0", "\ufeff", "\u200b", "\x1b[31m"]
SECONDS = 5.0
LONGEST = 20_000  # characters: a mutation may repeat what is there

changes = st.lists(
    st.tuples(
        st.sampled_from(["delete", "insert", "replace", "duplicate", "swap", "cut", "repeat", "garbage"]),
        st.integers(0, 10**6),
        st.integers(0, 10**6),
        st.sampled_from(WORDS),
        st.text(max_size=6),
    ),
    min_size=1,
    max_size=6,
)


def mutated(tokens: list[str], how: list[tuple[str, int, int, str, str]]) -> str:
    """The spec after one change after another; numbers say where."""
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


def assert_sound(found: list[Diagnostic], text: str) -> None:
    """Each diagnostic has a known code, a message, a help line and a place inside the text; it can be shown."""
    known = set(codes())
    for diagnostic in found:
        assert diagnostic.code in known, diagnostic
        assert diagnostic.message.strip() and diagnostic.help.strip(), diagnostic
        for span in [diagnostic.span, *[label.span for label in diagnostic.labels]]:
            if span is not None:
                assert 0 <= span.start <= span.end <= len(span.source.text), (diagnostic.code, span.start, span.end)
                assert span.source.text == text or span.source.name.endswith("std.arch")
        render(diagnostic, color=True)


def check_mutation(name: str, how: list[tuple[str, int, int, str, str]]) -> None:
    text = mutated(TOKENS[name], how)
    start = time.process_time()
    assert_sound(check_text(text), text)
    assert time.process_time() - start < SECONDS


@given(st.sampled_from(sorted(SPECS)), changes)
@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_changed_spec_gives_diagnostics(name: str, how: list[tuple[str, int, int, str, str]]) -> None:
    check_mutation(name, how)


@pytest.mark.slow
@given(st.sampled_from(sorted(SPECS)), changes)
@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_changed_spec_gives_diagnostics_at_length(name: str, how: list[tuple[str, int, int, str, str]]) -> None:
    check_mutation(name, how)


@given(st.sampled_from(sorted(SPECS)), st.integers(0, 10**5), st.binary(max_size=12))
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_bytes_in_a_spec_give_diagnostics(name: str, place: int, data: bytes) -> None:
    whole = SPECS[name].encode()
    place %= len(whole)
    try:
        source = decode("spec.arch", whole[:place] + data + whole[place + len(data) :])
    except ArchError as error:
        assert [d.code for d in error.diagnostics] == ["not-utf8"]
        return
    assert_sound(list(check_source(source)), source.text)


@given(st.text(max_size=200) | st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_gives_diagnostics(text: str) -> None:
    assert_sound(check_text(text), text)


@given(name=st.sampled_from(["alexnet", "squeezenet", "densenet", "nasnet"]), how=changes)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_failing_compile_leaves_no_file(
    tmp_path_factory: pytest.TempPathFactory, name: str, how: list[tuple[str, int, int, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("compile")
    spec, output = folder / "spec.arch", folder / "model.py"
    spec.write_bytes(mutated(TOKENS[name], how).encode("utf-8", "surrogatepass"))
    result = CliRunner().invoke(main, ["compile", f"{spec}:{first_network(spec)}", "-o", str(output)])
    if result.exception is not None:
        assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (0, 1), result.output
    assert sorted(os.listdir(folder)) == (["model.py", "spec.arch"] if result.exit_code == 0 else ["spec.arch"])
    if result.exit_code == 0:
        compile(output.read_text(encoding="utf-8"), str(output), "exec")


def first_network(spec: Path) -> str:
    """The last network that the text still defines: the others are bases of variants."""
    found = re.findall(r"^network (\w+)", spec.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    return found[-1] if found else "net"


@given(st.sampled_from(["alexnet", "squeezenet", "shufflenet_v2"]), changes)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_loading_raises_nothing_but_arch_errors(name: str, how: list[tuple[str, int, int, str, str]]) -> None:
    text = mutated(TOKENS[name], how)
    found = re.findall(r"^network (\w+)", text, re.MULTILINE)
    try:
        network = from_source(Source("<text>", text), found[-1] if found else None)
    except ArchError as error:
        assert error.diagnostics and str(error)
        assert_sound(error.diagnostics, text)
    else:
        assert network.params >= 0 and network.macs >= 0
