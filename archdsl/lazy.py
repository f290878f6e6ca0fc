"""Imports a module of this package on demand, so that numbers never pay for models or pictures."""

from __future__ import annotations

import importlib
from typing import Any


def load_module(name: str) -> Any:
    """The module called `name`, imported now if it was not yet."""
    return importlib.import_module(name)
