"""The page is one file that loads nothing, runs nothing but its own script, and takes any text as text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
import quickjs
from hypothesis import given
from hypothesis import strategies as st

import archdsl
from archdsl.emit.view.page import packed, unpacked

VIEW = Path(archdsl.__file__).parent / "emit/view"
BAD = "</script><script>alert(1)</script><!-- \u2028 ' \" & ]]> \x00 \ud800 <img src=x onerror=alert(1)>"


class Elements(HTMLParser):
    """What a browser makes of a page: elements with attributes, the text of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inside: list[str] = []
        self.reading = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.reading = tag in ("script", "style")
        if self.reading:
            self.inside.append("")

    def handle_endtag(self, tag: str) -> None:
        self.reading = False

    def handle_data(self, data: str) -> None:
        if self.reading:
            self.inside[-1] += data


def checked(page: str) -> Elements:
    """The elements of a page that is found to be closed in itself."""
    elements = Elements(page)
    for tag, attributes in elements.found:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "form", "image", "use"), tag
        assert not {"src", "href", "xlink:href", "action", "style"} & attributes.keys(), (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")], (tag, attributes)
    assert [tag for tag, _ in elements.found].count("script") == 4
    style, _sample, _data, code, runner = elements.inside
    script = str(unpacked(code))
    (policy,) = [a["content"] for t, a in elements.found if t == "meta" and a.get("http-equiv")]
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{digest(runner)}' 'sha256-{digest(script)}'; "
        f"style-src 'sha256-{digest(style)}'; base-uri 'none'; form-action 'none'"
    )
    written = style + runner + script
    assert not re.search(r"@import|url\((?!#tip\))|\beval\b|new Function|fetch\(|XMLHttp|import\(", written)
    assert set(re.findall(r"https?://[\w.]+", written)) <= {"http://www.w3.org"}  # the name of SVG
    return elements


def digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.mark.parametrize("name", ["resnet50", "nasnetalarge", "densenet264", "transformer_base"])
def test_a_page_is_closed_and_small(name: str) -> None:
    page = archdsl.load(name).view()
    checked(page)
    assert len(page.encode()) <= 100_000
    assert page == archdsl.load(name).view()


@pytest.mark.slow
def test_ten_thousand_nodes() -> None:
    """A page is no larger than 1.5 MB."""
    text = """
block unit(x; width) {
    y = x -> conv(width, 3) -> tanh
    return (y -> conv(width, 1) -> sigmoid) + x
}
network net(x: [8, 8, 8]) {
    for i in range(2000) {
        x = x -> unit(8) -> max_pool(3, 1)
    }
    return x
}
"""
    assert len(archdsl.loads(text).view().encode()) <= 1_500_000


def test_hostile_text() -> None:
    shown = BAD.replace("\x00", "").replace("\ud800", "")
    word = shown.replace('"', "'")
    block = f'block u(x; note = "{word}") = x -> conv(3) -> conv(3)'
    text = f"## {shown}\n{block}\nnetwork n(x: [3, 8, 8]) = x -> u # {shown}\n"
    page = archdsl.loads(text).view()
    data = unpacked(checked(page).inside[2])
    assert isinstance(data, dict) and data["files"][0][1] == text
    assert any(word[:20] in string for string in data["strings"])


def test_what_is_packed_comes_back() -> None:
    assert unpacked(packed({BAD: [1, None, BAD]})) == {BAD: [1, None, BAD]}


@given(st.binary(max_size=40))
def test_bytes_in_base_85(given: bytes) -> None:
    """The page's script reads what Python writes, whatever the bytes, and no sign of it means anything in HTML."""
    text = base64.b85encode(given).decode().translate(str.maketrans("<>&", ",.:"))
    context = quickjs.Context()
    script = (VIEW / "unpack.js").read_text(encoding="utf-8")
    context.eval(script[: script.rindex("run();")])
    assert json.loads(context.eval(f"JSON.stringify([...bytesOf({json.dumps(text)})])")) == list(given)
    assert not {*"<>&"} & {*packed({"given": text})}


def test_a_page_is_written_and_never_over_the_spec(tmp_path: Path) -> None:
    spec = tmp_path / "net.arch"
    spec.write_text("network n(x: [3, 8, 8]) = x -> conv(3)")
    network = archdsl.load(spec)
    page = network.view(tmp_path / "n.html")
    assert (tmp_path / "n.html").read_text(encoding="utf-8") == page
    with pytest.raises(archdsl.ArchError, match="spec"):
        network.view(spec)


def test_a_notebook_shows_the_page_in_a_frame() -> None:
    shown = archdsl.loads("network n(x: [3, 8, 8]) = x -> conv(3)")._repr_html_()
    ((tag, attributes),) = Elements(shown).found
    assert tag == "iframe" and "allow-same-origin" not in str(attributes["sandbox"])
    checked(str(attributes["srcdoc"]))
