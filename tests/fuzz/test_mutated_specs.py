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
from tests.few import few
from tests.fuzz.mutate import KINDS, TOKEN, WORDS, Change, mutated

FOLDER = Path(__file__).parents[2] / "specs"
SPECS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.arch"))}
TOKENS = {name: TOKEN.findall(text) for name, text in SPECS.items()}
SECONDS = 5.0

changes = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 10**6),
        st.integers(0, 10**6),
        st.sampled_from(WORDS),
        st.text(max_size=6),
    ),
    min_size=1,
    max_size=6,
)


def assert_sound(found: list[Diagnostic], text: str) -> None:
    """Each diagnostic has a known code, a message, a help line and a place inside the text; it can be shown."""
    known = set(codes())
    for diagnostic in found:
        assert diagnostic.code in known, diagnostic
        assert diagnostic.message.strip() and diagnostic.help.strip(), diagnostic
        for span in [diagnostic.span, *[label.span for label in diagnostic.labels]]:
            if span is not None:
                assert 0 <= span.start <= span.end <= len(span.source.text), (diagnostic.code, span.start, span.end)
                imported = Path(span.source.name)  # what it says of a variant stands where the block does
                assert span.source.text == text or imported.read_text(encoding="utf-8") == span.source.text
        render(diagnostic, color=True)


def check_mutation(name: str, how: list[Change]) -> None:
    text = mutated(TOKENS[name], how)
    start = time.process_time()
    assert_sound(check_text(text), text)
    assert time.process_time() - start < SECONDS


@given(st.sampled_from(sorted(SPECS)), changes)
@settings(max_examples=few(400), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_changed_spec_gives_diagnostics(name: str, how: list[Change]) -> None:
    check_mutation(name, how)


@pytest.mark.slow
@given(st.sampled_from(sorted(SPECS)), changes)
@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_changed_spec_gives_diagnostics_at_length(name: str, how: list[Change]) -> None:
    check_mutation(name, how)


@given(st.sampled_from(sorted(SPECS)), st.integers(0, 10**5), st.binary(max_size=12))
@settings(max_examples=few(150), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
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
@settings(max_examples=few(300), deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_gives_diagnostics(text: str) -> None:
    assert_sound(check_text(text), text)


@given(name=st.sampled_from(["alexnet", "squeezenet", "densenet", "nasnet"]), how=changes)
@settings(max_examples=few(60), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_failing_compile_leaves_no_file(
    tmp_path_factory: pytest.TempPathFactory, name: str, how: list[Change]
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
@settings(max_examples=few(60), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_loading_raises_nothing_but_arch_errors(name: str, how: list[Change]) -> None:
    text = mutated(TOKENS[name], how)
    found = re.findall(r"^network (\w+)", text, re.MULTILINE)
    try:
        network = from_source(Source("<text>", text), found[-1] if found else None)
    except ArchError as error:
        assert error.diagnostics and str(error)
        assert_sound(error.diagnostics, text)
    else:
        assert network.params >= 0 and network.macs >= 0
