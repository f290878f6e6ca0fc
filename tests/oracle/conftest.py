"""Gives memory back after each slow test, so that a worker never needs more than its largest comparison."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pytest

# glibc keeps what was freed in small pieces, up to gigabytes of it; other C libraries have no such function.
_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None)


@pytest.fixture(autouse=True)
def memory_goes_back(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if _TRIM is not None and request.node.get_closest_marker("slow"):
        _TRIM(0)
