"""The count of work is the same on every run, and ends what does not end."""

from __future__ import annotations

import pytest

from tests.work import TooMuchWork, work


def loop(times: int) -> None:
    for number in range(times):
        abs(number)


def test_calls_are_counted() -> None:
    assert work(lambda: loop(100)) == work(lambda: loop(100)) == work(lambda: loop(0)) + 100


def test_what_does_not_end_is_ended() -> None:
    def forever() -> None:
        while True:
            try:
                abs(0)
            except Exception:
                continue

    with pytest.raises(TooMuchWork):
        work(forever, most=1000)
