"""Checks the LaTeX that a drawing becomes: its lines by reading them, its pages by lualatex where there is one."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from pathlib import Path

import pypdfium2
import pytest
from pypdfium2 import raw

import archdsl
from archdsl.emit.marks.font import font, printable
from archdsl.emit.marks.model import CircleMark, Drawing, GroupMark, Leaf, PathMark, RectMark, TextMark
from archdsl.emit.marks.palettes import DARK, LIGHT, colour
from archdsl.emit.marks.tex import UNKNOWN, tex
from archdsl.emit.marks.tikz import tikz
from tests.emit_marks.demo import HOSTILE, demo, flat, random_drawing

COMMANDS = {
    r"\textbackslash{}": "\\",
    r"\textasciicircum{}": "^",
    r"\textasciitilde{}": "~",
    r"\textquotedbl{}": '"',
    r"\textquotesingle{}": "'",
    r"\textasciigrave{}": "`",
    r"{\kern0pt}": "",
    r"\ ": " ",
    **{f"\\{c}": c for c in "{}%$#&_"},
}


def read_back(source: str) -> str:
    """The text that LaTeX would set, of letters in ASCII; fails for what has a meaning of its own."""
    text = ""
    while source:
        command = next((one for one in sorted(COMMANDS, key=len, reverse=True) if source.startswith(one)), None)
        if command is None:
            assert source[0] not in "\\{}%$#&_^~", source
            assert source[0] != " " or text[-1:] not in ("", " "), source
        text += source[0] if command is None else COMMANDS[command]
        source = source[len(command or " ") :]
    return text


def test_any_text_in_ascii_is_set_as_it_is() -> None:
    draw = random.Random(8)
    for _ in range(5000):
        text = "".join(draw.choice(r"\{}%$#&_^~'\"`-<>, ab") for _ in range(draw.randrange(10)))
        source = tex(text)
        assert read_back(source) == text
        assert not re.search("--|<<|>>|,,", source)
        assert not source.endswith(" ") or source.endswith("\\ ")


def test_all_other_text_is_ascii_too_and_closed() -> None:
    draw = random.Random(9)
    texts = [*font().glyphs, *HOSTILE]
    texts += [chr(draw.randrange(0x110000)) + chr(draw.randrange(0x2000)) for _ in range(3000)]
    for text in texts:
        source = tex(text)
        assert source.isascii() and source.isprintable()
        bare = re.sub(r"\\[\\{}%$#&_^~ ]", "", source)
        assert bare.count("{") == bare.count("}")
        assert bare.count("$") % 2 == 0
        assert "%" not in bare


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("conv 3×3, 64", r"conv 3\texttimes{}3, 64"),
        ("x⊕y → ↻", r"x$\oplus$y $\to$ $\circlearrowright$"),
        ("é ő Ž ł ß", r"\'{e} \H{o} \v{Z} \l{} \ss{}"),
        ("αΑΩς", r"$\alpha$A$\Omega$$\varsigma$"),
        ("m² a₁ 10⁻¹", r"m\textsuperscript{2} a\textsubscript{1} 10\textsuperscript{\textminus{}}\textsuperscript{1}"),
        ("中", r"\unknown{4E2D}"),
        ("a  b ", r"a \ b\ "),
    ],
)  # fmt: skip
def test_signs_have_their_commands(text: str, source: str) -> None:
    assert tex(text) == source


def drawings() -> list[Drawing]:
    draw = random.Random(7)
    return [demo(), *(random_drawing(draw, draw.randrange(12)) for _ in range(100))]


def test_each_mark_is_one_line_and_each_group_a_comment() -> None:
    for drawing in drawings():
        lines = tikz(drawing).decode().splitlines()
        body = lines[lines.index(r"\begin{document}") + 1 : -1]
        pages = [i for i, line in enumerate(body) if line.startswith(r"\begin{tikzpicture}")]
        assert len(pages) == len(drawing.leaves)
        wanted = []
        for leaf in drawing.leaves:
            wanted += [r"\begin", r"\path"]
            for mark in flat(leaf.marks):
                if isinstance(mark, GroupMark):
                    wanted.append(f"% {printable(f'{mark.id} {mark.kind}').strip()}")
                elif isinstance(mark, TextMark):
                    wanted += [r"\node"] if mark.text else []
                elif mark.fill or mark.stroke or (isinstance(mark, PathMark) and mark.arrow):
                    wanted.append(r"\path")
            wanted.append(r"\end")
        assert [line if line.startswith("%") else re.match(r"\\\w+", line)[0] for line in body] == wanted  # type: ignore[index]
        for line in lines:
            code = re.sub(r"(?<!\\)%.*", "", line)
            assert code.isascii()


def test_colours_and_sizes_are_named_at_the_top() -> None:
    for drawing in drawings():
        text = tikz(drawing, DARK).decode()
        head, body = text.split(r"\begin{document}")
        defined = dict(re.findall(r"\\definecolor\{(\w+)\}\{HTML\}\{([0-9A-F]{6})\}", head))
        code = re.sub(r"(?<!\\)%.*", "", body)
        assert {*re.findall(r"(?:fill|draw|text)=(\w+)", code)} == defined.keys()
        roles = {"sheet", *(role for leaf in drawing.leaves for mark in flat(leaf.marks) for role in roles_of(mark))}
        assert sorted(defined.values()) == sorted(colour(DARK, role)[1:].upper() for role in roles)
        assert {*re.findall(r"\[text ([\d.]+),", code)} == {*re.findall(r"text ([\d.]+)/\.style", head)}


def roles_of(mark: object) -> list[str]:
    if isinstance(mark, TextMark):
        return [mark.colour] if mark.text else []
    if isinstance(mark, PathMark) and mark.arrow and not mark.stroke:
        return ["wire", *([mark.fill] if mark.fill else [])]
    return [role for role in (getattr(mark, "fill", None), getattr(mark, "stroke", None)) if role]


def compiled(source: bytes, folder: Path, program: str = "lualatex") -> pypdfium2.PdfDocument:
    (folder / "figure.tex").write_bytes(source)
    command = [program, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "figure.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-3000:]
    log = (folder / "figure.log").read_text(errors="replace")
    assert "Missing character" not in log
    return pypdfium2.PdfDocument(folder / "figure.pdf")


NEEDS_LATEX = pytest.mark.skipif(shutil.which("lualatex") is None, reason="lualatex is not installed")


@pytest.mark.slow
@NEEDS_LATEX
@pytest.mark.parametrize("program", ["lualatex", "pdflatex"])
def test_latex_sets_the_pages_as_they_are_drawn(program: str, tmp_path: Path) -> None:
    drawing = demo()
    document = compiled(tikz(drawing), tmp_path, program)
    for leaf, page in zip(drawing.leaves, document, strict=True):
        assert page.get_size() == pytest.approx((leaf.width, leaf.height), abs=0.05)
        shapes = [m for m in flat(leaf.marks) if isinstance(m, RectMark | CircleMark) and (m.fill or m.stroke)]
        found = iter(
            (left, leaf.height - top, right, leaf.height - low)
            for left, low, right, top in (one.get_bounds() for one in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH]))
        )
        for mark in shapes:
            if isinstance(mark, RectMark):
                box = (mark.x, mark.y, mark.x + mark.width, mark.y + mark.height)
            else:
                box = (mark.x - mark.radius, mark.y - mark.radius, mark.x + mark.radius, mark.y + mark.radius)
            assert any(one == pytest.approx(box, abs=1.5) for one in found), mark
    texts = [page.get_textpage().get_text_range() for page in document]
    for word in ("resnet50", "bottleneck", "12, stride 1: identity", "convolution"):
        assert word in texts[0]
    for word in (r"\input{/etc/passwd} %$#&_", "]]><script>alert(1)</script>&amp;'\"", r"( ( \) ) \\ ("):
        assert word in texts[1]


@pytest.mark.slow
@NEEDS_LATEX
def test_latex_knows_every_command(tmp_path: Path) -> None:
    """Every character of the fonts, plain and bold, all that has a command, and random drawings in one document."""
    signs = [*font().glyphs]
    marks = tuple(
        TextMark(10, 12.0 * i + 12, "".join(signs[30 * i : 30 * i + 30]), 8, bold=i % 2 > 0)
        for i in range(-(-len(signs) // 30))
    )
    draw = random.Random(10)
    plane = [chr(code) for code in range(0x20, 0xFFFF) if not tex(chr(code)).startswith(UNKNOWN)]
    rows = tuple(
        TextMark(10, 12.0 * i + 12, "".join(plane[40 * i : 40 * i + 40]), 8) for i in range(-(-len(plane) // 40))
    )
    leaves = [Leaf(400, 400, marks), Leaf(500, 400, rows)]
    for _ in range(40):
        leaves += random_drawing(draw, 10).leaves
    source = tikz(Drawing(tuple(leaves), HOSTILE[0], HOSTILE[2]))
    assert len(compiled(source, tmp_path)) == len(leaves)
    assert UNKNOWN in source.decode()


@pytest.mark.slow
@NEEDS_LATEX
@pytest.mark.parametrize("name", ["resnet50", "transformer_base", "nasnetalarge", "densenet121", "mobilenet_v3_large"])
def test_latex_sets_figures(name: str, tmp_path: Path) -> None:
    picture = archdsl.load(name).draw(format="tikz")
    assert len(compiled(picture, tmp_path)) == picture.count(b"\\begin{tikzpicture}")


@pytest.mark.slow
@NEEDS_LATEX
def test_a_page_larger_than_tex_can_count_is_drawn_smaller(tmp_path: Path) -> None:
    leaf = Leaf(1000, 40_000, (RectMark(0, 39_000, 1000, 900, "ink", radius=30), TextMark(10, 20_000, "a", 400)))
    (page,) = compiled(tikz(Drawing((leaf,), "a")), tmp_path)
    assert page.get_size() == pytest.approx((360, 14_400), abs=1)


def test_equal_drawings_are_equal_bytes() -> None:
    assert tikz(demo()) == tikz(demo(), LIGHT) != tikz(demo(), DARK)
