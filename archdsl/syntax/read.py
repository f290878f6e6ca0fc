"""Turns a path (or `-` for standard input) into a Source, or into a diagnostic that says why it cannot be read."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from archdsl.diagnostics.display import safe
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.source import Source
from archdsl.syntax.parse import MAX_BYTES

_NO_WAIT = getattr(os, "O_NONBLOCK", 0)


def read_source(path: str | Path) -> Source:
    """The text of the file at `path`; `-` reads standard input, which is then named `<stdin>`.

    Raises ArchError: file-not-found, is-a-directory, not-a-file, unreadable-file, file-too-large, not-utf8.
    """
    if str(path) == "-":
        return _from_stdin()
    shown = safe(str(path))
    try:
        data = _content(path)
    except IsADirectoryError:
        help = "name a file in it, for example specs/resnet.arch"
        raise _error("is-a-directory", f"{shown} is a directory", help) from None
    except FileNotFoundError:
        raise _error(
            "file-not-found",
            f"there is no file {shown}",
            f"did you mean {shown}.arch?"
            if os.path.isfile(f"{path}.arch")
            else "check the path; specs end in .arch; networks of the zoo: `archdsl zoo`",
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise _error("unreadable-file", f"cannot read {shown}: {reason}", "check the file's permissions") from None
    return decode(str(path), data)


def _content(path: str | Path) -> bytes:
    """What a file holds, up to more than it may; opened without waiting, since a pipe may have no writer for ever.

    Raises ArchError (not-a-file) for a pipe, device or socket.
    """
    status = os.stat(path)
    if stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode):  # else not even opened: that may do something
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | _NO_WAIT)) as file:
            if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return file.read(MAX_BYTES + 1) or b""
    help = "save the spec in a file, or send it to stdin and write - for its name: `… | archdsl check -`"
    raise _error("not-a-file", f"{safe(str(path))} is a pipe, a device or a socket", help)


def _from_stdin() -> Source:
    try:
        if sys.stdin is None:
            raise ValueError("it is closed")
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _error("unreadable-file", f"cannot read standard input: {reason}", "name a file instead of -") from None
    return decode("<stdin>", data)


def decode(name: str, data: bytes) -> Source:
    """The Source of a file's bytes, without its byte order mark. Raises ArchError: file-too-large, not-utf8."""
    if len(data) > MAX_BYTES:
        raise _error("file-too-large", f"{safe(name)} is larger than 1 MiB", "split it, and use `import`")
    try:
        return Source(name, data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{safe(name)} is not UTF-8 text: byte {error.start} in line {line} cannot be read"
        raise _error("not-utf8", message, "save the file as UTF-8; specs are plain text") from None


def _error(code: str, message: str, help: str) -> ArchError:
    return ArchError([Diagnostic(code, message, None, help=help)])
