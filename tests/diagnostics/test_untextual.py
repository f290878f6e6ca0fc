"""The mistakes that the text of one file cannot show: files, command lines, arguments from outside."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import archdsl
from archdsl.checking import checked
from archdsl.diagnostics.render import render
from archdsl.elaborate.spec import Spec
from archdsl.emit.figure.proof import prove
from archdsl.emit.figure.scenes import scene
from archdsl.emit.marks.model import Drawing, Leaf
from archdsl.emit.marks.png import png
from archdsl.explore.settings import NetworkFamily
from archdsl.files import write
from archdsl.network import Network
from archdsl.source import Source
from archdsl.spaces.plain import asked_plainly
from archdsl.transform.unroll import unrolled

NET = "network net(x: [3, 8, 8]; width = 4) = x -> conv(width)\n"
TWO = NET + "network other = net(width = 8)\n"
SCAN = "block f(x, h: [8]) = x + h\nnetwork net(x: [3, 8]) = x -> scan(f)\n"
UNEQUAL = "block f(x) = oneof([[x], [x, x -> relu]])\nnetwork net(x: [4, 8, 8]) = x -> f -> concat\n"
WIDTHS = "network net(x: [3, 8, 8]) = x -> conv(oneof([4, 8]))\n"
SPACE = "network net(x: [3, 8, 8]) = x -> oneof([relu, sigmoid])\n"


def loads(text: str, network: str | None = None, **arguments: object) -> Callable[[Path], object]:
    return lambda folder: archdsl.loads(text, network, **arguments)  # type: ignore[arg-type]


def load(name: str, data: bytes | None = None) -> Callable[[Path], object]:
    def attempt(folder: Path) -> object:
        if data is not None:
            (folder / name).write_bytes(data)
        return archdsl.load(folder / name)

    return attempt


def load_cycle(folder: Path) -> object:
    (folder / "a.arch").write_text("import b: g\nblock f(x) = x -> g\nnetwork net(x: [3]) = x -> f\n")
    (folder / "b.arch").write_text("import a: f\nblock g(x) = x -> f\n")
    return archdsl.load(folder / "a.arch")


def load_pipe(folder: Path) -> object:
    os.mkfifo(folder / "pipe.arch")
    return archdsl.load(folder / "pipe.arch")


def check_base(folder: Path) -> None:
    raise archdsl.ArchError(checked(Source("net.arch", NET.replace(" = 4", ""))).not_run)


def draw_over_spec(folder: Path) -> object:
    (folder / "net.arch").write_text(NET)
    (folder / "link").mkdir()
    (folder / "link" / "net.svg").symlink_to(folder / "net.arch")
    return archdsl.load(folder / "net.arch").draw(folder / "link" / "net.svg")


def png_without_pypdfium2(_folder: Path) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pypdfium2", None)
        return png(Drawing((Leaf(10, 10, ()),), "a"))


# code -> what shows it, given an empty folder
def drawn_too_large(folder: Path) -> None:
    """What opens more than is drawn is told, and the figure stays folded; here as if that were an error."""
    levels = [f"block l{i}(x) = x -> l{i + 1} -> relu -> l{i + 1}" for i in range(12)]
    text = "\n".join(
        [*levels, "block l12(x) = x -> conv(8, 3) -> relu -> conv(8, 3)", "network n(x: [8, 8, 8]) = x -> l0"]
    )
    raise archdsl.ArchError(archdsl.loads(text).figure("svg", depth=100)[1])


def drawn_over_pages(folder: Path) -> None:
    """Pages below each other in one svg are told, and written; here as if that were an error."""
    raise archdsl.ArchError(archdsl.load("transformer_base").figure("svg", width="3.5in")[1])


def drawn_in_boxes(folder: Path) -> None:
    """Characters that no shipped font has are told, and the figure is written; here as if that were an error."""
    text = "block b(x; name) = x -> conv(8, 3) -> relu -> conv(8, 3)\n"
    text += 'network n(x: [8, 8, 8]) = x -> b("日") -> tanh -> b("本")'
    raise archdsl.ArchError(archdsl.loads(text).figure("pdf")[1])


def drawn_for_a_poster(folder: Path) -> None:
    """A figure that is far narrower than asked is told, and written; here as if that were an error."""
    raise archdsl.ArchError(archdsl.load("alexnet").figure("svg", width="84cm")[1])


def drawn_bare(folder: Path) -> None:
    """What a bare figure leaves out is told; here as if that were an error."""
    raise archdsl.ArchError(archdsl.load("inception_v3").figure("svg", bare=True, block="network")[1])


def stays_closed(folder: Path) -> None:
    """What is not opened is told; here as if that were an error."""
    text = "block b(x) = x -> conv(8, 3) -> relu -> conv(8, 3)\nnetwork n(x: [8, 8, 8]) = x -> b * 3 -> relu"
    raise archdsl.ArchError(archdsl.loads(text).figure("svg", inline="b")[1])


SHOWN_IN_PYTHON: dict[str, Callable[[Path], object]] = {
    "file-not-found": load("missing.arch"),
    "is-a-directory": load(""),
    "unreadable-file": load("bad\0name.arch"),
    "not-a-file": load_pipe,
    "overwrites-input": draw_over_spec,
    "not-utf8": load("latin.arch", "network netté(x: [3]) = x".encode("latin-1")),
    "file-too-large": load("large.arch", b"#" * (1 << 20) + b"\n"),
    "too-many-tokens": loads("A = [" + "1, " * 60_000 + "]\n" + NET),
    "import-cycle": load_cycle,
    "cannot-write": lambda folder: write(folder / "no such folder" / "net.svg", b""),
    "not-run": check_base,
    "no-network": loads("block b(x) = x -> relu\n"),
    "which-network": loads(TWO),
    "unknown-network": loads(TWO, "nett"),
    "unknown-parameter": loads(NET, widht=8),
    "nothing-fits": lambda folder: archdsl.fit(
        NetworkFamily(Spec(Source("net.arch", NET)), "net"), {"macs": 1}, "width"
    ),
    "no-effect": lambda folder: archdsl.fit(
        NetworkFamily(Spec(Source("net.arch", NET)), "net"), {"params": 10**6}, "input"
    ),
    "no-spec": lambda folder: Network(unrolled(archdsl.loads(SCAN).graph), "net.arch").spec(),
    "nothing-to-fold": lambda folder: archdsl.loads(NET).fold_batch_norm(),
    "space-too-large": lambda folder: asked_plainly(NetworkFamily(Spec(Source("net.arch", SPACE)), "net"), 1),
    "no-supernet": lambda folder: archdsl.space(archdsl.loads(UNEQUAL)).supernet(),
    "not-relaxed": lambda folder: archdsl.space(archdsl.loads(WIDTHS)).supernet(relaxed=True),
    "unknown-input": loads(NET, input={"y": (3, 8, 8)}),
    "bad-pick": loads(SPACE, picks={"out": 2}),
    "no-renderer": png_without_pypdfium2,
    "picture-too-large": lambda folder: png(Drawing((Leaf(40_000, 40_000, ()),), "a")),
    "figure-differs": lambda folder: prove(scene(archdsl.loads(NET).graph), scene(archdsl.loads(NET).graph), b""),
    "figure-too-large": drawn_too_large,
    "several-pages": drawn_over_pages,
    "not-in-fonts": drawn_in_boxes,
    "stays-closed": stays_closed,
    "for-caption": drawn_bare,
    "page-too-narrow": lambda folder: archdsl.load("resnet50").draw(folder / "net.svg", width="0.5in"),
    "page-too-wide": drawn_for_a_poster,
    "unknown-format": lambda folder: archdsl.loads(NET).draw(folder / "net.gif"),
    "other-ending": lambda folder: archdsl.loads(NET).view(folder / "net.svg"),
}


@pytest.mark.parametrize("code", SHOWN_IN_PYTHON)
def test_the_mistake_is_one_diagnostic_with_help(code: str, tmp_path: Path) -> None:
    with pytest.raises(archdsl.ArchError) as caught:
        SHOWN_IN_PYTHON[code](tmp_path)
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert found.help
    assert len(render(found).encode()) < 4000
    assert list(tmp_path.glob("*.svg")) == []


def test_a_pick_for_no_decision_is_a_bad_pick_too() -> None:
    with pytest.raises(archdsl.ArchError) as caught:
        archdsl.loads(SPACE, picks={"depth": 0})
    assert [d.code for d in caught.value.diagnostics] == ["bad-pick"]
