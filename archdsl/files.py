"""Writes a file whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from archdsl.diagnostics.model import ArchError, Diagnostic


def write(path: Path, content: bytes | str) -> None:
    """Write to a temporary file beside `path`, then rename: nobody ever sees half of it.

    A file that exists keeps its permissions, a link goes on to link; a device or pipe (`/dev/stdout`) is written to.

    Raises:
        ArchError: the folder does not exist or cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        path = Path(os.path.realpath(path))
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(temporary, mode)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except OSError as error:
        hint = "does the folder exist, and may you write there?"
        raise ArchError(
            [Diagnostic("cannot-write", f"cannot write {path}: {error.strerror}", None, help=hint)]
        ) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
