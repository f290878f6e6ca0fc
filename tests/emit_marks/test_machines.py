"""Checks that files do not depend on the machine: its fonts, its language, the seed of hashes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from archdsl.emit.marks.palettes import DARK
from archdsl.emit.marks.pdf import pdf
from archdsl.emit.marks.png import png
from archdsl.emit.marks.svg import svg
from archdsl.emit.marks.tikz import tikz
from tests.emit_marks.demo import demo

ROOT = Path(__file__).parents[2]
WRITERS = {"svg": svg, "pdf": pdf, "png": png, "tikz": tikz}
CODE = """
import json
from tests.emit_marks.test_machines import digests
print(json.dumps(digests()))
"""
# A machine that knows no font at all, and one that takes another one for every name.
NO_FONTS = "<fontconfig></fontconfig>"
OTHER_FONTS = """<fontconfig><dir>/usr/share/fonts</dir>
<match><edit name="family" mode="assign" binding="strong"><string>DejaVu Serif</string></edit></match></fontconfig>"""


def digests() -> dict[str, str]:
    return {name: hashlib.sha256(write(demo(), DARK)).hexdigest() for name, write in WRITERS.items()}


def test_bytes_are_equal_with_other_fonts_languages_and_seeds(tmp_path: Path) -> None:
    here = digests()
    for seed, fonts in enumerate((NO_FONTS, OTHER_FONTS)):
        (tmp_path / "fonts.conf").write_text(fonts)
        home = tmp_path / f"home{seed}"
        home.mkdir()
        changed = {
            "FONTCONFIG_FILE": str(tmp_path / "fonts.conf"),
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home),
            "LC_ALL": ("C", "tr_TR.UTF-8")[seed],
            "PYTHONHASHSEED": str(seed + 1),
            "PYTHONPATH": str(ROOT),
            "TZ": ("Asia/Tokyo", "America/Lima")[seed],
        }
        command = [sys.executable, "-c", CODE]
        done = subprocess.run(
            command, env={**os.environ, **changed}, capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert json.loads(done.stdout) == here
