"""Turns a list of examples into `docs/pictures.md` and its pictures: what each option of `archdsl draw` does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from archdsl import load, space
from docs.gallery import Exhibit

PICTURES = PurePosixPath("pictures/options")  # from docs/

OPENING = """# Pictures

`archdsl draw X -o X.svg` draws the figure that a paper would print: the skeleton of the network, and a panel for each
form of each block. What differs between the instances of a panel stands in its table, so the figure holds every op and
every operand of the network; `--verify` proves that. `Network.draw` takes the same options in the same words:
`load("resnet18").draw("resnet18.pdf", width="5.5in", color="macs")`, and a network to be drawn beside it as `other`.

A box with a sheet behind it stands for several in a row, or side by side. `bottleneck a, then b × 2` is one
`bottleneck a`, then two `bottleneck b`. Where a wire goes on elsewhere it ends at a letter, and starts there again; no input or block of the panel is called so.
A wire that nothing takes ends at a bar.

| option | what it does |
|---|---|
| `-o FILE`, `--format` | the ending of the file decides: `svg`, `pdf` and `png` (`--dpi`, 144 unless you say), `tikz` or `tex` for LaTeX, `dot` (`gv`) and `mermaid` (`mmd`) for tools that lay out themselves; `-` is stdout, an svg without `--format` |
| `--width` | fits the figure to a page: `3.5in`, `5.5in`, `14cm`, `140mm`, `397pt`, `a4`, `slide` |
| `--block NAME` | draws this block alone, or one variant of it by the title of its panel (`"basic a"`, in quotes: `a` by itself would be a second network), or the network alone (`network`); repeatable |
| `--inline NAME` | draws this block where it is called; repeatable |
| `--depth N` | opens N levels of blocks, counted from the network or from the blocks of `--block`; calls are then drawn one by one, and what stays closed (a scan's cell) is told |
| `--cells` | draws cells from below: inputs at the foot, what they give on top |
| `--left-to-right` | lets wires lead to the right, but in cells that `--cells` draws |
| `--bare` | leaves out the name, the caption line and the legend |
| `--color` | `kind` of op, or the share of `macs`, `params` or `memory` (elements that ops write) that a box stands for; in every format |
| `--theme` | `light`, `dark`, or `print` in black and greys |
| `--verify` | compares the figure with the network, op by op and operand by operand, reads the svg back, and says what it proved; where they differ nothing is written, and the exit code is 1 (`figure-differs`) |
| `--set width=0.5`, `--input 3x128x128`, `--pick depth=3` | draw the network with other parameters, another input size (batch left out), other choices of its `oneof`; in Python `load` takes these |
| `--first` | where choices are open, draws the network of the first options, not [the space](#a-space) |

`--dpi` says nothing to any format but `png`; `--width`, `--cells` and `--dpi` say nothing to `dot` and `mermaid`, and a
line on stderr (in Python a warning) tells so. A file that ends as one format is not written in another.

Equal input gives equal bytes, on every machine: text is measured by fonts that come along.

## In a paper

Draw it as wide as it is printed, and its text has the size that it says: a `pdf` for `\\includegraphics`, or a `tikz` to change by hand.

    archdsl draw resnet18 --width 5.5in -o net.pdf
    archdsl draw resnet18 --width 5.5in -o net.tex

```latex
\\includegraphics{net.pdf}  % no width=…: it has its width; [page=2] takes the second page
```

`net.tex` is a document of its own (class `standalone`), of which LaTeX makes a PDF. To `\\input` it where the paper's own fonts and macros hold, give the paper what stands in its preamble from
`% Colours.` on, as a file `colours.tex`:

```latex
\\usepackage{standalone,tikz,amssymb}  % standalone passes over the preamble of net.tex
\\usetikzlibrary{arrows.meta}
\\input{colours}
…
\\begin{figure}\\sffamily\\input{net}\\end{figure}
```

Boxes are as wide as their text in Helvetica, which `\\usepackage{tgheros}` gives (`\\sffamily` chooses it; the font is TeX Gyre Heros, on Debian in `tex-gyre`). Where it is not installed, `net.tex` takes Latin Modern, and a paper its own font: a wider
one, as these are, lets words touch borders and columns of tables each other. The `pdf` brings its font along.

A width is an upper bound: what needs less is narrower, and more width never gives more pages or smaller print (in steps of half an inch). A page is at most 8.2 inches high, so that a caption has room below it. A figure of several pages is a page each in `pdf` and in `tikz`, of which `\\input` would set all below each other: take
them one by one with `\\includegraphics[page=2]{net.pdf}`, from the pdf that LaTeX makes of `net.tex`, too. How many there are is said as the file is written. In an `svg` or a `png` they stand below each other, and a warning says so.

## On a poster, on a slide, on the web

Without `--width` a figure has its natural size, with print of 8 points and more, on one page; `svg` and `pdf` may be scaled without loss. For a place of a given width, such as 60 cm of a poster, draw it
half as wide and print it twice as large: its smallest print is then 12 points at least, and 14 where there is room. Of a figure that needs less than a poster's width it is said how large to print it. A slide is filled: a small figure is printed larger, up to 20 points, and stands in its middle.

    archdsl draw resnet50 --width 30cm -o poster.pdf                  # print it at 200 %
    archdsl draw resnet50 --width 30cm --dpi 600 -o poster.png        # 60 cm at 300 dots per inch
    archdsl draw resnet50 --width slide -o slide.svg                  # 16:9, no print below 8 points
    archdsl draw resnet50 --theme dark --dpi 192 -o readme.png
"""  # noqa: E501

EXAMPLES = (
    Exhibit(
        "space",
        "Where a network leaves choices open (`oneof`, `someof`), all is drawn that its designs consist of. A dashed "
        "box is a decision, by its name: the options that all take the same tensor are its lines, each by what it is "
        "picked and what it is, and with `--pick` the one that is taken has a `●`. Dashed edges lead from what may be "
        "taken to the decision that takes one of them, or so many (`2 of 4`), or one or none (`or not`). "
        "`unit × 2, 3 or 4` is a depth, and says by which decision. A number that depends on picks is all that it may "
        "be, `8|16 × 32 × 32`. Once all is picked it is the network. [More](figures.md). "
        "`--verify` follows designs through the figure to their networks. In Python: `archdsl.space(…).draw(…)`.",
        "A space",
        "nasbench201_space",
        {"block": "searched", "pick": "0.arch=conv3"},
    ),
    Exhibit(
        "width",
        "Print is at least 6 points (7 on `a4`, 8 on a `slide`) where that can be: words are broken, wires led to the "
        "right, tables and long figures cut into columns and pages. Where it cannot be, a warning names the panel, and "
        "what helps, such as a width that has room; below 3.5 points it is an error. "
        "Without `--width` a figure has its natural size.",
        "`--width 3.5in`",
        "googlenet",
        {"block": "inception", "width": "3.5in"},
    ),
    Exhibit(
        "block",
        "All forms of a block, each with its count, what selects it, and where it stands.",
        "`--block basic`",
        "resnet18",
        {"block": "basic"},
    ),
    Exhibit(
        "inline",
        "A block drawn in the box that calls it. It keeps a panel of its own where it is also part of a run.",
        "`--inline work`",
        "shufflenet_v2_x1_0",
        {"block": "down_unit", "inline": "work"},
    ),
    Exhibit(
        "depth",
        "The same, level by level; a body that is open at one place is open everywhere. Runs of ops stay folded. "
        "More than 4,000 boxes are not drawn: the figure then stays folded as far as has room, and says so.",
        "`--depth 1`",
        "squeezenet_simple_bypass",
        {"block": "simple", "depth": 1},
    ),
    Exhibit(
        "cells",
        "As papers on architecture search draw cells.",
        "`--cells`",
        "darts_v2_cifar",
        {"block": "normal_v2", "cells": True},
    ),
    Exhibit(
        "left_to_right",
        "For slides, and for columns that are wide and low.",
        "`--left-to-right`",
        "resnet18",
        {"block": "basic", "left_to_right": True},
    ),
    Exhibit(
        "bare",
        "For figures that stand above a caption in LaTeX. What a reader needs of what is left out, such as settings "
        "(`BN eps 0.001`) or blocks that are not drawn, is told as text for that caption (`for-caption`).",
        "`--bare`",
        "resnet18",
        {"block": "basic", "bare": True},
    ),
    Exhibit(
        "color",
        "The darker (in the dark theme the lighter), the larger the share of the whole network, from none to the "
        "largest that a box has; a box of a panel stands for all instances of it. Of macs and memory the boxes of "
        "the skeleton add up to 100 %, but for rounding; shared weights count wherever they are used.",
        "`--color macs`",
        "resnet18",
        {"color": "macs"},
    ),
    Exhibit("dark", "For dark slides and pages.", "`--theme dark`", "resnet18", {"block": "basic", "theme": "dark"}),
    Exhibit(
        "print",
        "For printers without colours: five greys for families of ops. The other themes can be read in grey, too.",
        "`--theme print`",
        "resnet18",
        {"block": "basic", "theme": "print"},
    ),
    Exhibit(
        "two",
        "Two networks beside each other: what was added (+), removed (−) and changed (~) from the first to the second, "
        "aligned as `archdsl diff` aligns. Each box that changed says what changed; of ⊕ and the like it stands "
        "below the title. Blocks that differ stand beside their counterparts; what is the same stays "
        "pale, and blocks that are the same are told by name. One network with two settings: "
        "`draw mobilenet_v1_100 mobilenet_v1_100 --set-new width=0.5`; `--set-old`, `--input-new`, `--pick-new`. "
        "[The page](view.md) of two is `archdsl view A B`. Two take no `--color`, since colours say what "
        "differs, and no `--verify`, which is about the figure of one; they are drawn as `svg`, `pdf`, `png` and "
        "`tikz`, not as `dot` or `mermaid`.",
        "`archdsl draw A B`",
        "resnet50",
        {},
        "resnext50_32x4d",
    ),
)


def page() -> str:
    """The text of `docs/pictures.md`."""
    parts = [OPENING]
    for example in EXAMPLES:
        picture = PICTURES / f"{example.name}.svg"
        parts.append(
            f"## {example.paper}\n\n{example.shows}\n\n    $ {example.command}\n\n![{example.command}]({picture})\n"
        )
    return "\n".join(parts)


def pictures() -> Iterator[tuple[str, bytes]]:
    """File name and content of each picture."""
    for example in EXAMPLES:
        options = dict(example.options)
        if "pick" in options:
            name, _, text = options.pop("pick").partition("=")
            yield f"{example.name}.svg", space(example.target, picks={name: text}).draw(**options)
            continue
        other = load(example.other) if example.other else None
        yield f"{example.name}.svg", load(example.target).draw(other=other, **options)
