"""Serves the page of a spec on the loopback address, and makes it again whenever a file of the spec is saved."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from archdsl.emit.view.page import live_page
from archdsl.ir.graph import Graph

_HOST = "127.0.0.1"
_LOOK = 0.25  # seconds from one look at the files to the next
_Stamp = tuple[int, ...] | None  # what changes with a file when it is saved; None for what is not there
_GRAIN = 20_000_000  # nanoseconds that the time of a file may lie behind
_WAIT = 20.0  # seconds that a question for news stays open


@dataclass(frozen=True)
class Attempt:
    """What came of reading specs: one network or two, none if any is wrong; what is to be said; the files read."""

    graphs: tuple[Graph, ...]
    problems: str
    files: tuple[str, ...]


class LivePage:
    """The last good page of a spec and what is wrong with the spec now, at `url` until it is stopped.

    The address holds a random token, so that no other page that the browser shows can ask for it; nothing but the page
    and its news is served.

    Raises:
        OSError: nothing can listen at `port`; 0 takes any that is free.
    """

    def __init__(self, attempt: Callable[[], Attempt], port: int = 0) -> None:
        self._attempt = attempt
        self._token = secrets.token_urlsafe(18)
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._page, self._digest = live_page()
        self._problems = ""
        self._server = _Server(port, self)
        self.url = f"http://{_HOST}:{self._server.server_address[1]}/{self._token}/"
        self._watched: dict[str, _Stamp] = {}  # files, and how they were when they were read
        self._try()

    def run(self) -> None:
        """Serve until `stop` is called, from another thread, or by a KeyboardInterrupt, which is raised on."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        thread.start()
        try:
            self._watch()
        finally:
            self.stop()
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def stop(self) -> None:
        """End `run`."""
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()

    def _watch(self) -> None:
        while not self._stopped.wait(_LOOK):
            if _stamps(self._watched) != self._watched:
                self._try()

    def _try(self) -> None:
        begun, before = time.time_ns() - _GRAIN, _stamps(self._watched)
        attempt = self._attempt()
        self._take(attempt)
        # While something is wrong their folders too: a file that is imported may come to be.
        folders = () if attempt.graphs else sorted({str(Path(file).parent) for file in attempt.files})
        found = _stamps((*attempt.files, *folders))
        # What was saved while it was read is read again: how it was ahead of that counts, or that it is this new.
        fresh = {file: None if stamp and stamp[0] > begun else stamp for file, stamp in found.items()}
        self._watched = {file: before.get(file, fresh[file]) for file in found}

    def _take(self, attempt: Attempt) -> None:
        made = live_page(*attempt.graphs) if attempt.graphs else None
        with self._changed:
            if made is not None:
                self._page, self._digest = made
            self._problems = attempt.problems
            self._changed.notify_all()

    def answer(self, path: str) -> tuple[int, str, bytes] | None:
        """Status, kind and content for a path; None where there is nothing."""
        parts = urlsplit(path)
        _, token, name = (*parts.path.split("/", 2), "", "")[:3]
        if not secrets.compare_digest(token.encode(), self._token.encode()):
            return None
        if name == "":
            with self._changed:
                return 200, "text/html; charset=utf-8", self._page.encode("utf-8", "backslashreplace")
        if name == "news":
            return self._news(parse_qs(parts.query).get("after", [""])[0])
        return None

    def _news(self, after: str) -> tuple[int, str, bytes]:
        """What is new to a page that knows `after`, as soon as something is."""
        end = time.monotonic() + _WAIT
        with self._changed:
            while self._key() == after and not self._stopped.is_set() and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)
            if self._key() == after:
                return 204, "text/plain", b""
            news = {"page": self._digest, "mark": _mark(self._problems), "problems": self._problems}
        return 200, "application/json", json.dumps(news).encode()

    def _key(self) -> str:
        return f"{self._digest}.{_mark(self._problems)}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, live: LivePage) -> None:
        self.live = live
        super().__init__((_HOST, port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that went away while it was answered is no error."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "archdsl", ""
    timeout = 60

    def do_GET(self) -> None:
        # A page from elsewhere whose name is made to lead here has another host.
        hosts = {f"{name}:{self.server.server_address[1]}" for name in (_HOST, "localhost")}
        found = self.server.live.answer(self.path) if self.headers.get("Host") in hosts else None
        status, kind, content = found or (404, "text/plain", b"nothing here\n")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what is asked is of no interest, and would hold the token."""


def _stamps(files: Iterable[str]) -> dict[str, _Stamp]:
    """How files are now."""
    found: dict[str, _Stamp] = {}
    for file in files:
        try:
            status = os.stat(file)
        except (OSError, ValueError):
            found[file] = None
        else:
            found[file] = status.st_mtime_ns, status.st_size, status.st_ino
    return found


def _mark(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:12] if text else ""
