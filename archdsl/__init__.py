"""archdsl turns the text of a neural-network architecture into its numbers, its PyTorch model and its picture."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archdsl.diagnostics.model import ArchError, Diagnostic
    from archdsl.elaborate.spec import Spec
    from archdsl.explore.fit import fit
    from archdsl.explore.sweep import sweep
    from archdsl.network import Network, check_text, load, loads
    from archdsl.spaces.space import Space, space

__version__ = "0.1.0"
__all__ = [
    "ArchError",
    "Diagnostic",
    "Network",
    "Space",
    "Spec",
    "check_text",
    "fit",
    "load",
    "loads",
    "space",
    "sweep",
]

_HOMES = {
    "ArchError": "archdsl.diagnostics.model",
    "Diagnostic": "archdsl.diagnostics.model",
    "Network": "archdsl.network",
    "Space": "archdsl.spaces.space",
    "Spec": "archdsl.elaborate.spec",
    "check_text": "archdsl.network",
    "fit": "archdsl.explore.fit",
    "load": "archdsl.network",
    "loads": "archdsl.network",
    "space": "archdsl.spaces.space",
    "sweep": "archdsl.explore.sweep",
}


def __getattr__(name: str) -> Any:
    """Import the public names on first use: `import archdsl` itself loads nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'archdsl' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
