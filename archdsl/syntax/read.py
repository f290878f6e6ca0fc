"""Turns a path (or `-` for standard input) into a Source, or into a diagnostic that says why it cannot be read."""

from __future__ import annotations

import sys
from pathlib import Path

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.source import Source
from archdsl.syntax.parse import MAX_BYTES


def read_source(path: str | Path) -> Source:
    """The text of the file at `path`; `-` reads standard input, which is then named `<stdin>`.

    Raises ArchError: file-not-found, is-a-directory, unreadable-file, file-too-large, not-utf8.
    """
    if str(path) == "-":
        return decode("<stdin>", sys.stdin.buffer.read(MAX_BYTES + 1))
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except IsADirectoryError:
        help = "name a file in it, for example specs/resnet.arch"
        raise _error("is-a-directory", f"{path} is a directory", help) from None
    except FileNotFoundError:
        raise _error(
            "file-not-found",
            f"there is no file {path}",
            "check the path; specs end in .arch; networks of the zoo: `archdsl zoo`",
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise _error("unreadable-file", f"cannot read {path}: {reason}", "check the file's permissions") from None
    return decode(str(path), data)


def decode(name: str, data: bytes) -> Source:
    """The Source of a file's bytes, without its byte order mark. Raises ArchError: file-too-large, not-utf8."""
    if len(data) > MAX_BYTES:
        raise _error("file-too-large", f"{name} is larger than 1 MiB", "split it, and use `import`")
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{name} is not UTF-8 text: byte {error.start} in line {line} cannot be read"
        raise _error("not-utf8", message, "save the file as UTF-8; specs are plain text") from None


def _error(code: str, message: str, help: str) -> ArchError:
    return ArchError([Diagnostic(code, message, None, help=help)])
