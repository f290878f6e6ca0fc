"""How many random examples a test takes: `make test` a third, always the same ones; `make test-all` all, new ones."""

from __future__ import annotations

import os


def few(all_of_them: int) -> int:
    """Of examples, or of what is counted among them, as many as `make test` takes where `make test-all` takes all."""
    return all_of_them if os.environ.get("ARCHDSL_EXAMPLES_ARE") == "new" else -(-all_of_them // 3)
