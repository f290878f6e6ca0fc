"""Writes the generated pages of this folder anew: the reference of all ops."""

from __future__ import annotations

from pathlib import Path

from archdsl.emit import ops_reference
from archdsl.files import write

if __name__ == "__main__":
    write(Path(__file__).parent / "ops.md", ops_reference.reference())
