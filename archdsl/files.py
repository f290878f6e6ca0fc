"""Writes a file whole or not at all, and never over what it was made from."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from archdsl.diagnostics.display import safe
from archdsl.diagnostics.model import ArchError, Diagnostic

try:
    import fcntl
except ImportError:  # no locks on this system: what killed writers left stays
    fcntl = None  # type: ignore[assignment]

_BEGINNING = 40  # characters of a file's name that its temporary file repeats
_ENDING = ".archdsl-tmp"
_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)


def write(path: Path, content: bytes | str, inputs: Iterable[str] = ()) -> None:
    """Write to a temporary file beside `path`, then rename: nobody ever sees half of it.

    A file that exists keeps its permissions, a link goes on to link; a device or pipe (`/dev/stdout`) is written to.
    What a killed writer left beside `path` is removed. `inputs` are paths of files that must not be written over.

    Raises:
        ArchError: `path` is one of `inputs`, by whatever name or link (overwrites-input); or it cannot be written
            (cannot-write).
    """
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    keep_inputs(path, inputs)
    try:
        if path.exists() and not path.is_file():
            _write_device(path, data)
        else:
            _replace(Path(os.path.realpath(path)), data)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        reason = getattr(error, "strerror", None) or str(error)
        hint = "does the folder exist, may you write there, and is there room? Of a pipe: does anybody read it?"
        message = f"cannot write {safe(str(path))}: {reason}"
        raise ArchError([Diagnostic("cannot-write", message, None, help=hint)]) from None


def keep_inputs(path: Path, inputs: Iterable[str]) -> None:
    """Refuses to write to one of `inputs`.

    Raises:
        ArchError: `path` is one of them, by whatever name or link (overwrites-input).
    """
    if _is_one_of(path, inputs):
        message = f"{safe(str(path))} is a spec that is read here: writing would replace it"
        raise ArchError([Diagnostic("overwrites-input", message, None, help="name another file behind -o")])


def _is_one_of(path: Path, inputs: Iterable[str]) -> bool:
    """Whether `path` is the same file as one of `inputs`; `<stdin>` is the file that stdin reads."""
    found = _status(path)
    others = (_status(0 if name == "<stdin>" else name) for name in inputs)
    return found is not None and any(other is not None and os.path.samestat(found, other) for other in others)


def _status(file: Path | str | int) -> os.stat_result | None:
    try:
        return os.stat(file)
    except (OSError, ValueError):
        return None


def _write_device(path: Path, data: bytes) -> None:
    """Writes to a pipe or device; a pipe that nobody reads is an error instead of a wait."""
    handle = os.open(path, os.O_WRONLY | _NO_WAIT | _FLAGS)
    with os.fdopen(handle, "wb") as file:
        os.set_blocking(handle, True)
        file.write(data)


def _replace(path: Path, data: bytes) -> None:
    if path.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    before = _status(path)
    if before is not None and not os.access(path, os.W_OK):
        raise PermissionError(None, "it is read-only")
    _sweep(path)
    handle, temporary = _open_temporary(path, None if before is None else stat.S_IMODE(before.st_mode))
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
            if fcntl is None:
                file.close()  # such systems rename no open file
            os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _open_temporary(path: Path, mode: int | None) -> tuple[int, Path]:
    """A new file beside `path`, locked for as long as it is open, with permissions `mode` or those of any new file."""
    while True:
        temporary = path.with_name(f".{path.name[:_BEGINNING]}.{secrets.token_hex(4)}{_ENDING}")
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o666 if mode is None else mode)
        except FileExistsError:
            continue
        if _lock(handle) and temporary.exists():
            if mode is not None:
                os.chmod(temporary, mode)  # the umask may have taken some away
            return handle, temporary
        os.close(handle)  # another writer took it for a leftover


def _lock(handle: int) -> bool:
    """Locks an open file; False where another process has it. The lock ends with the process, however that ends."""
    if fcntl is not None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks
            return True
    return True


def _sweep(path: Path) -> None:
    """Removes temporary files of `path` that no process holds open."""
    if fcntl is None:
        return
    leftover = re.compile(rf"\.{re.escape(path.name[:_BEGINNING])}\.[0-9a-f]{{8}}{re.escape(_ENDING)}")
    with contextlib.suppress(OSError):
        for entry in [entry for entry in os.scandir(path.parent) if leftover.fullmatch(entry.name)]:
            with contextlib.suppress(OSError):
                handle = os.open(entry.path, os.O_RDONLY | os.O_NOFOLLOW | _NO_WAIT | _FLAGS)
                try:
                    if stat.S_ISREG(os.fstat(handle).st_mode):
                        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        os.unlink(entry.path)
                finally:
                    os.close(handle)
