"""Turns a drawing into one PNG, its pages below each other, by PDFium from the PDF of the drawing."""

from __future__ import annotations

import math
import struct
import threading
import zlib
from typing import Any

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.emit.marks.model import Drawing
from archdsl.emit.marks.outlines import offsets, stacked
from archdsl.emit.marks.palettes import LIGHT, Palette, colour
from archdsl.emit.marks.pdf import page_scale, pdf

PIXEL_LIMIT = 100_000_000
_INCH = 72.0  # points
_PDFIUM = threading.Lock()  # PDFium may be in one thread of a process alone

_NOWHERE = Diagnostic(
    "no-renderer",
    "pictures as png need pypdfium2, and it is not installed",
    None,
    help="pip install 'archdsl[png]'; svg and pdf need nothing",
)


def png(drawing: Drawing, palette: Palette = LIGHT, dpi: float = 144.0) -> bytes:
    """The drawing as PNG of 8 bits a channel, `dpi` pixels to an inch, which it says.

    The fonts of the machine have no part in it. Pixels are equal with equal versions of pypdfium2, bytes with equal
    versions of zlib too. Safe in threads.

    Raises:
        ArchError: pypdfium2 is not installed (no-renderer), or there would be too many pixels (picture-too-large).
    """
    try:
        import pypdfium2
    except ImportError:
        raise ArchError([_NOWHERE]) from None
    width, height = _size(drawing, dpi)
    if width * height > PIXEL_LIMIT:
        raise ArchError([_too_large(drawing, dpi)])
    sheet = bytes.fromhex(colour(palette, "sheet")[1:])
    blank = b"\0" + sheet * width  # a row, behind the number of its filter
    packer, packed, row = zlib.compressobj(), [], 0
    for (y, _), (line, stride, image) in zip(offsets(drawing), _pages(pypdfium2, drawing, palette, dpi), strict=True):
        start = max(row, round(y * dpi / _INCH))
        packed.append(packer.compress(blank * (start - row)))
        row = min(height, start + len(image) // stride)
        for first in range(0, (row - start) * stride, stride):
            pixels = image[first : first + min(line, 3 * width)]
            packed.append(packer.compress(b"\0" + pixels + blank[1 + len(pixels) :]))
    packed += [packer.compress(blank * (height - row)), packer.flush()]
    per_metre = round(dpi / 0.0254)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
            _chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1)),
            _chunk(b"IDAT", b"".join(packed)),
            _chunk(b"IEND", b""),
        ]
    )


def _pages(pypdfium2: Any, drawing: Drawing, palette: Palette, dpi: float) -> list[tuple[int, int, bytes]]:
    """Of each page the bytes of a row, how far apart rows begin, and all rows: red, green, blue for each pixel."""
    document, fill = pdf(drawing, palette), (*bytes.fromhex(colour(palette, "sheet")[1:]), 255)
    images = []
    with _PDFIUM:
        opened = pypdfium2.PdfDocument(document)
        for leaf, page in zip(drawing.leaves, opened, strict=True):
            scale = dpi / _INCH / page_scale(leaf)
            bitmap = page.render(scale=scale, fill_color=fill, rev_byteorder=True, may_draw_forms=False)
            images.append((3 * bitmap.width, bitmap.stride, bytes(bitmap.buffer)))
            bitmap.close()
            page.close()
        opened.close()  # here, as nothing may be closed by another thread
    return images


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _size(drawing: Drawing, dpi: float) -> tuple[int, int]:
    """Width and height in pixels."""
    width, height = stacked(drawing)
    return math.ceil(width * dpi / _INCH), math.ceil(height * dpi / _INCH)


def _too_large(drawing: Drawing, dpi: float) -> Diagnostic:
    width, height = _size(drawing, dpi)
    most = int(dpi * math.sqrt(PIXEL_LIMIT / (width * height)))
    while most and math.prod(_size(drawing, most)) > PIXEL_LIMIT:  # for what is rounded up
        most -= 1
    fewer = f"at most {most} dots per inch, or " if most else ""
    return Diagnostic(
        "picture-too-large",
        f"the picture would have {width} × {height} pixels, more than {PIXEL_LIMIT // 10**6} million",
        None,
        help=f"{fewer}svg or pdf, which have no pixels",
    )
