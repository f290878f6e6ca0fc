"""Checks that names too long for any file system, and errors that go to another process, are ordinary answers."""

from __future__ import annotations

import copy
import pickle

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import archdsl
from archdsl.cli import main
from tests.few import few

BROKEN = "network n(x: [3, 8, 8]) = x -> con(4)"


@pytest.mark.parametrize("length", [250, 252, 256, 300, 5000])
@pytest.mark.parametrize(
    "command", ["check", "analyze", "lint", "field", "sizes", "spec", "access", "memory", "structure"]
)
def test_a_name_longer_than_the_file_system_has(command: str, length: int) -> None:
    result = CliRunner().invoke(main, [command, "x" * length])
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1 and result.stderr.startswith("error[")


def test_a_long_name_in_python() -> None:
    with pytest.raises(archdsl.ArchError):
        archdsl.load("x" * 1_000_000)
    with pytest.raises(archdsl.ArchError):
        archdsl.sweep("x" * 300, {"width": [1]})


def _broken() -> archdsl.ArchError:
    with pytest.raises(archdsl.ArchError) as raised:
        archdsl.loads(BROKEN)
    return raised.value


@pytest.mark.parametrize("carry", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_cross_to_another_process(carry: object) -> None:
    assert callable(carry)
    error = _broken()
    assert str(carry(error)) == str(error) and "did you mean conv" in str(error)
    with pytest.raises(KeyError) as raised:
        archdsl.loads("network n(x: [3, 8, 8]) = x -> conv(4)").metric("dept")
    assert str(carry(raised.value)) == str(raised.value)


@settings(max_examples=few(200), deadline=None)
@given(
    # Exponents beyond 300 are no numbers of the language (bad-number).
    value=st.one_of(
        st.integers(-20, 20),
        st.floats(-20, 20).filter(lambda x: x == 0 or abs(x) > 1e-200),
        st.integers(-40, 40).map(lambda n: n / 2),
    ),
    ends=st.tuples(st.integers(-15, 15), st.integers(-15, 15), st.sampled_from([-3, -2, -1, 1, 2, 3])),
)
def test_in_a_range_is_in_its_list(value: int | float, ends: tuple[int, int, int]) -> None:
    """A range is never gone through, so that large ones answer at once; what it holds is what its list would hold."""
    start, stop, step = ends
    text = f"network n(x: [3, 8, 8]) = x -> conv(2 if ({value!r}) in range({start}, {stop}, {step}) else 1)"
    expected = 2 if value in list(range(start, stop, step)) else 1
    assert archdsl.loads(text).graph.output_types[0].shape[0] == expected


def test_a_fraction_in_a_large_range() -> None:
    text = "network n(x: [3, 8, 8]) = x -> conv(2 if 1.5 in range(10**12) or -0.5 in range(10**12) else 1)"
    assert archdsl.loads(text).params == 4
