"""Turns a file's bytes into a Source: UTF-8, at most 1 MiB."""

from __future__ import annotations

from pathlib import Path

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.source import Source

MAX_BYTES = 2**20


def read_source(path: str | Path) -> Source:
    """The Source of the file at `path`.

    Raises:
        ArchError: it does not exist, cannot be read, is too large, or is not UTF-8 text.
    """
    name = str(path)
    try:
        with open(name, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        near = sorted(p.name for p in Path(name).parent.glob("*.arch"))[:8] if Path(name).parent.is_dir() else []
        raise _error(
            "file-not-found",
            f"there is no file {name}",
            f"this folder has {', '.join(near)}" if near else "check the path",
        ) from None
    except IsADirectoryError:
        raise _error("is-a-directory", f"{name} is a folder", "name a file in it") from None
    except (OSError, ValueError) as error:
        raise _error(
            "cannot-read", f"cannot read {name}: {getattr(error, 'strerror', None) or error}", "may you read it?"
        ) from None
    return decode(name, data)


def decode(name: str, data: bytes) -> Source:
    """The Source of bytes that were read elsewhere (stdin).

    Raises:
        ArchError: they are too many, or not UTF-8 text.
    """
    if len(data) > MAX_BYTES:
        raise _error("file-too-large", f"{name} is larger than 1 MiB", "split it, and use `import`")
    try:
        return Source(name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        hint = "save it as UTF-8; is it a spec at all?"
        raise _error("not-utf8", f"{name} is not UTF-8 text: byte {error.start} in line {line}", hint) from None


def _error(code: str, message: str, help: str) -> ArchError:
    return ArchError([Diagnostic(code, message, None, help=help)])
