"""Hands text to the terminal: the one door, through which no control character passes and where streams may fail."""

from __future__ import annotations

import errno
import sys
from typing import Any

from archdsl.diagnostics.display import harmless, safe
from archdsl.diagnostics.model import ArchError, Diagnostic


def say(text: str = "", *, styled: bool = False) -> None:
    """Print an answer for people, line breaks kept, on stdout.

    `styled`: the text was made harmless before colours were added.

    Raises:
        ArchError: stdout is closed, or takes no more (cannot-write).
    """
    line = text if text.endswith("\n") else text + "\n"
    _write_stdout(line if styled else harmless(line))


def hand_over(content: str | bytes) -> None:
    """Put what programs read on stdout: as it is, text in UTF-8, unless a terminal reads it.

    Raises:
        ArchError: stdout is closed, or takes no more, or shows what is no text to a person (cannot-write).
    """
    if not is_terminal():
        _write_stdout(content, exact=True)
        return
    try:
        _write_stdout(harmless(content if isinstance(content, str) else content.decode()))
    except UnicodeDecodeError:
        message = "cannot write to standard output: this is no text, and a terminal reads it"
        hint = "name a file behind -o, or pass it on: `archdsl … -o - | …`"
        raise ArchError([Diagnostic("cannot-write", message, None, help=hint)]) from None


def tell(text: str, *values: object) -> None:
    """Print a remark on stderr, `{}` in it standing for values that are shown on one line; nobody has to read it."""
    tell_styled(harmless(text.format(*(safe(str(value)) for value in values)) if values else text))


def tell_styled(text: str) -> None:
    """Print on stderr a text that was made harmless before colours were added."""
    try:
        _put(sys.stderr, text + "\n", exact=False)
    except (OSError, ValueError):
        sys.stderr = None


def is_terminal(*, stderr: bool = False) -> bool:
    """Whether a person sees stdout, or stderr, as it comes."""
    stream = sys.stderr if stderr else sys.stdout
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it is closed
        return False


def _write_stdout(content: str | bytes, *, exact: bool = False) -> None:
    try:
        if sys.stdout is None:
            raise ValueError("it is closed")
        _put(sys.stdout, content, exact)
    except BrokenPipeError:  # the reader has seen enough
        sys.stdout = None
        sys.exit(0)
    except (OSError, ValueError) as error:
        raise no_stdout(error) from None


def no_stdout(error: OSError | ValueError) -> ArchError:
    """What to raise when stdout failed with `error`; from now on nothing is written to it."""
    sys.stdout = None  # the interpreter would try again when it ends
    reason = getattr(error, "strerror", None) or "it is closed"
    hint = "write to a file with room left, or to a terminal; -o FILE writes a file whole or not at all"
    message = f"cannot write to standard output: {reason}"
    return ArchError([Diagnostic("cannot-write", message, None, help=hint)])


def _put(stream: Any, content: str | bytes, exact: bool) -> None:
    """Writes at once, whatever the encoding of the stream lacks as escapes."""
    if stream is None:
        return
    buffer = getattr(stream, "buffer", None)
    if buffer is not None and (exact or isinstance(content, bytes)):
        stream.flush()
        buffer.write(content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace"))
        buffer.flush()
        return
    if isinstance(content, bytes):
        raise OSError(errno.EINVAL, "it takes text alone")
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(content.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()
