"""`archdsl view --watch`: the page is made again on every save, mistakes are shown, and nothing else is served."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import archdsl
from archdsl.cli import main
from archdsl.emit.view.live import Attempt, LivePage
from archdsl.emit.view.page import unpacked
from tests.emit_view.test_page import Elements

ROOT = Path(__file__).parents[2]
SPEC = "import part: unit\nnetwork n(x: [3, 8, 8]) = x -> unit -> conv(5)\n"
PART = "block unit(x) = x -> conv(4, 3) -> conv(4, 3)\n"


class Served:
    """A command line that serves a spec in a folder."""

    def __init__(self, folder: Path, *targets: str) -> None:
        self.folder = folder
        (folder / "part.arch").write_text(PART)
        (folder / "net.arch").write_text(SPEC)
        environment = {**os.environ, "BROWSER": "true", "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "archdsl", "view", *(targets or ["net.arch"]), "--watch"]
        streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs in the background ignores it
        self.process = subprocess.Popen(command, cwd=folder, env=environment, **streams)
        signal.signal(signal.SIGINT, before)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        self.page, self.mark = "", ""
        self.news()

    def get(self, path: str = "", **headers: str) -> bytes:
        request = urllib.request.Request(self.url + path, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            content: bytes = answer.read()
        return content

    def news(self) -> str:
        """What is wrong, once something is new."""
        found = json.loads(self.get(f"news?after={self.page}.{self.mark}"))
        self.page, self.mark = found["page"], found["mark"]
        return str(found["problems"])

    def end(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=20)
        return self.process.returncode, said


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    found = Served(tmp_path)
    yield found
    if found.process.poll() is None:
        found.process.kill()
        found.process.communicate()


def drawn(page: bytes) -> list[str]:
    """All words of a page."""
    data = unpacked(Elements(page.decode()).inside[3])
    assert isinstance(data, dict)
    return list(data["strings"])


def test_a_save_makes_the_page_again(served: Served) -> None:
    assert "1×1 conv, 5" in drawn(served.get())
    (served.folder / "net.arch").write_text(SPEC.replace("conv(5)", "conv(77)"))
    assert served.news() == ""
    assert "1×1 conv, 77" in drawn(served.get())
    (served.folder / "part.arch").write_text(PART.replace("conv(4, 3) ->", "conv(6, 3) ->"))  # what it imports
    assert served.news() == ""
    assert "3×3 conv, 6" in drawn(served.get())


def test_a_save_of_either_of_two_makes_their_page_again(tmp_path: Path) -> None:
    """What is wrong with one is told, and the picture of both stays."""
    (tmp_path / "other.arch").write_text(SPEC.replace("conv(5)", "conv(6)"))
    both = Served(tmp_path, "net.arch", "other.arch")
    assert {"1×1 conv, 5", "1×1 conv, 6", "~"} <= {*drawn(both.get())}
    for file in ("net.arch", "other.arch"):
        (tmp_path / file).write_text(SPEC.replace("conv(5)", "conv(77)"))
        assert both.news() == "" and "1×1 conv, 77" in drawn(both.get())
    assert "~" not in drawn(both.get())
    page = both.get()
    (tmp_path / "other.arch").write_text("something")
    assert "other.arch:1:" in both.news() and both.get() == page
    (tmp_path / "other.arch").write_text(SPEC.replace("conv(5)", "conv(77)"))
    assert both.news() == ""
    (tmp_path / "part.arch").write_text(PART.replace("x ->", "x => "))
    assert both.news().count("part.arch:1:") == 1 and both.get() == page  # a mistake of both is told once
    assert both.end()[0] == 0


def test_mistakes_are_told_with_their_line_and_the_picture_stays(served: Served) -> None:
    page = served.get()
    (served.folder / "net.arch").write_text(SPEC.replace("conv(5)", "conv(5, kernle = 3)"))
    said = served.news()
    assert "net.arch:2:" in said and "kernle" in said and "1 error" in said
    assert served.get() == page
    (served.folder / "net.arch").unlink()
    assert "net.arch" in served.news()
    (served.folder / "net.arch").write_text(SPEC)
    assert served.news() == "" and served.get() == page
    (served.folder / "net.arch").write_text("import other: unit\n" + SPEC.split("\n", 1)[1])
    assert "other" in served.news()
    (served.folder / "other.arch").write_text(PART)  # a file that was not there
    assert served.news() == "" and "5 × 8 × 8" in drawn(served.get())


def test_nothing_else_is_served(served: Served) -> None:
    address = served.url.split("/")[2]
    token = served.url.split("/")[3]
    assert address.startswith("127.0.0.1:") and len(token) >= 24
    wrong = ["/", "/x/", f"/{token[:-1]}/", f"/{token}x/", f"/{token}/net.arch", f"/{token}/../net.arch", "//", "/%2e"]
    for path in wrong:
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://{address}{path}", timeout=20)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        served.get(Host="evil.example")
    with pytest.raises(urllib.error.HTTPError, match="501"):
        urllib.request.urlopen(urllib.request.Request(served.url, data=b"x"), timeout=20)
    with urllib.request.urlopen(served.url, timeout=20) as answer:
        assert answer.headers["Cache-Control"] == "no-store" and answer.headers["X-Frame-Options"] == "DENY"
        text = answer.read().decode()
    (policy,) = [a["content"] or "" for t, a in Elements(text).found if t == "meta" and a.get("http-equiv")]
    assert policy.startswith("default-src 'none'; ") and "connect-src 'self'; " in policy


def test_ctrl_c_ends_it(served: Served) -> None:
    """Also while a page waits for news; exit code 0."""
    address = served.url.split("/")[2]
    waiting = http.client.HTTPConnection(address, timeout=20)
    waiting.request("GET", f"/{served.url.split('/')[3]}/news?after={served.page}.{served.mark}")
    code, said = served.end()
    assert code == 0 and said.splitlines() == [
        "n is drawn",
        "made again on every save of the spec; Ctrl-C ends it",
        "stopped",
    ]


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    (tmp_path / "n.arch").write_text(PART + SPEC.split("\n", 1)[1])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["view", str(tmp_path / "n.arch"), "--watch", "--port", str(port)])
    assert result.exit_code == 2 and f"cannot serve at port {port}" in result.stderr


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["net.arch", "--watch", "-o", "x.html"], 2, "no -o"),
        (["-", "--watch"], 2, "give a file"),
        (["net.arch", "--port", "80"], 2, "--watch"),
        (["nowhere.arch", "--watch"], 1, "nowhere.arch"),
    ],
)
def test_wrong_usage(options: list[str], code: int, words: str) -> None:
    result = CliRunner().invoke(main, ["view", *options])
    assert (result.exit_code, words in result.stderr) == (code, True), result.stderr


def test_a_spec_that_is_wrong_from_the_start(tmp_path: Path) -> None:
    """The page waits, says what is wrong, and draws once it can."""
    path = tmp_path / "net.arch"
    path.write_text("something")
    graphs = iter([None, archdsl.loads("network n(x: [3, 8, 8]) = x -> conv(3)").graph])
    live = LivePage(lambda: Attempt(tuple(filter(None, [next(graphs)])), "wrong", (str(path),)))
    thread = threading.Thread(target=live.run)
    thread.start()
    with urllib.request.urlopen(live.url, timeout=20) as answer:
        text = answer.read().decode()
    assert "waiting for a spec" in text and len(text) < 40_000
    mark = next(inside for inside in Elements(text).inside if len(inside) == 16)
    path.write_text("something else")
    with urllib.request.urlopen(f"{live.url}news?after={mark}.", timeout=20) as answer:
        told = json.load(answer)
    while told["page"] == mark:
        with urllib.request.urlopen(f"{live.url}news?after={mark}.{told['mark']}", timeout=20) as answer:
            told = json.load(answer)
    assert told["problems"] == "wrong"
    live.stop()
    thread.join(20)
    assert not thread.is_alive()
