"""Turns the specs that come with archdsl into one table of numbers, each beside what its spec and its paper claim."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from io import StringIO

from archdsl import expect
from archdsl.analysis import registry
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.report import json_int, report
from archdsl.diagnostics.model import Diagnostic, Diagnostics
from archdsl.emit.cells import short, table
from archdsl.emit.plots.points import Axis, PlotPoint, PlotSeries, scatter
from archdsl.ir.graph import Graph
from archdsl.library import specs
from archdsl.network import check_source, load
from archdsl.syntax.items import Item
from archdsl.syntax.parse import parse
from archdsl.syntax.read import read_source

# What the plot names, where there is room.
WELL_KNOWN = """
    alexnet vgg16 vgg19 googlenet inception_v3 inception_v4 xception polynet
    resnet18 resnet50 resnet152 wrn28_10 resnext101_64x4d preresnet1001_cifar senet154 sknet50 dpn131
    densenet121 densenet201 densenet_bc100_k12 dla34 squeezenet1_0
    mobilenet_v1_100 mobilenet_v2 mobilenet_v3_large mobilenet_v3_small shufflenet_v1_g3 shufflenet_v2_x1_0 mnasnet1_0
    ghostnet_100 efficientnet_b0 efficientnet_b4 efficientnet_b7
    nasnet_mobile nasnetalarge pnasnet5large amoebanet_a_6_190 amoebanet_b_6_512 darts_v2_cifar nasbench201_resnet
    vit_base_patch16 vit_large_patch16 vit_huge_patch14 swin_t transformer_base transformer_big
"""

# What the plot tells apart where the files are too many: the files of each family.
FAMILIES = {
    "plain": "alexnet zfnet spp_net prelu_net vgg all_cnn repvgg",
    "Inception": "inception bn_inception inception_v4 se_inception xception",
    "residual": """
        resnet resnet_v1 resnet_d resnet_cifar preresnet wide_resnet resnext resnext_cifar multi_resnet ror polynet
        polynet_modules res2net shake_shake senet gated_resnet dpn dla highway elu_resnet hrnet regnet resnest
        activation_search bit convnext convnext_v2
    """,
    "dense": "densenet densenet_cifar condensenet fractalnet fabric",
    "small": """
        squeezenet squeezenet_bypass mobilenet_v1 mobilenet_v2 mobilenet_v3 mobilenet_v3_widths shufflenet_v1
        shufflenet_v1_se shufflenet_v2 mnasnet efficientnet efficientnet_v2 condconv ghostnet mobileone shift_resnet
        shiftnet igcnet clcnet deep_roots
    """,
    "attention, pooling": """
        resattnet nonlocal cbam sknet vit swin beit mobilevit mlp_mixer transformer spatial_transformer bilinear_cnn
        isqrt_cov gem
    """,
    "dense prediction": "drn fcn segnet unet vnet nnunet espcn edsr gcn encnet deeplab deformable",
    "detection": "yolov3 yolov5 yolov8 dsod pvanet efficientdet ssd_mobilenet fpn retinanet ssd faster_rcnn",
    "clips": "c3d video_resnet lrcn",
    "made images": "dcgan cyclegan pix2pix vae",
    "searched": "nasnet nasnet_mobile pnasnet amoebanet darts enas enas_macro nasbench201",
    "sequences": "lstm_lm rhn darts_rnn enas_rnn tcn wavenet bert gpt2",
    "efficiency bricks": "efficiency_bricks",
}
_MANY_FILES = 30


@dataclass(frozen=True)
class Entry:
    """One network at its published size. Numbers are exact; `expected` is what its `@expect` says, as written.

    `receptive_field` (input pixels) and `fragments` (of the largest block) are None where a network has no such number.
    `published_params` and `published_macs` are as printed in the `source` that `@cite` names; "" where no source is
    known. Two sources, the one of the parameters first, are joined by "; ".
    """

    network: str
    file: str
    input: str
    params: int
    macs: int
    depth: int
    paths: int | None
    receptive_field: int | None
    fragments: int | None
    expected: str
    published_params: str
    published_macs: str
    source: str


def entries(match: str = "") -> Iterator[Entry]:
    """Every network of the zoo that claims a number (`@expect`), file by file in order of writing.

    With `match` those only whose name, or whose file's name, contains it, in whatever case.

    Raises:
        ArchError: a spec has errors.
    """
    for path in specs():
        for item in parse(read_source(path), Diagnostics()).items:
            name, expected = getattr(item.declaration, "name", None), expect.claims(item)
            if name is None or not expected or match.lower() not in f"{name} {path.name}".lower():
                continue
            graph = load(path, name).graph
            numbers = report(graph)
            params_source, published_params = _published("params", item)
            macs_source, published_macs = _published("macs", item)
            yield Entry(
                network=name,
                file=path.name,
                input=", ".join("x".join(map(str, type.shape)) for type in graph.inputs),
                params=numbers.total.params,
                macs=numbers.total.macs,
                depth=numbers.depth,
                paths=numbers.path_count,
                receptive_field=_number("receptive_field", graph),
                fragments=_number("fragments", graph),
                expected=expected,
                published_params=published_params,
                published_macs=published_macs,
                source="; ".join(dict.fromkeys(filter(None, [params_source, macs_source]))),
            )


def _published(name: str, item: Item) -> tuple[str, str]:
    """Source and digits of the first `@cite` above a network that prints this number; two "" without one."""
    return next(((source, numbers[name]) for source, numbers in expect.citations(item) if name in numbers), ("", ""))


def in_order(found: list[Entry], key: str) -> list[Entry]:
    """Entries by a number of theirs, such as "macs", the smallest first; those without it come last."""

    def rank(entry: Entry) -> tuple[bool, int]:
        number = getattr(entry, key)
        return number is None, number or 0

    return sorted(found, key=rank)


def _number(name: str, graph: Graph) -> int | None:
    try:
        return int(registry.metric(name)(graph))
    except NotDefined:
        return None


def check() -> list[Diagnostic]:
    """Everything that is wrong in any spec of the zoo, unmet `@expect` included."""
    return [d for path in specs() for d in check_source(read_source(path))]


def deviation(published: str, actual: int) -> Fraction | None:
    """How far a printed number is off, relative to the true one; 0 where that rounds to it, None if unprinted."""
    claim = expect.read_claim(published)
    if claim is None or not actual:
        return None
    return Fraction(0) if claim.holds(actual) else (claim.low + claim.high) / 2 / actual - 1


def as_json(entry: Entry) -> dict[str, object]:
    """An entry as plain data; integers beyond 64 bits as text."""
    return {key: json_int(value) if isinstance(value, int) else value for key, value in asdict(entry).items()}


def markdown(found: list[Entry], picture: str = "") -> str:
    """docs/zoo.md: one table a spec file, under the `plot` that lies at `picture`, if any."""
    lines = ["# Zoo", "", "<!-- Generated by `make docs`; a test fails when it is stale. -->", ""]
    if picture:
        lines += [f"![Parameters against multiply-accumulates of all networks]({picture})", ""]
    lines += [
        f"{len(found)} networks, at batch 1 and the published input. Parameters and multiply-accumulates are exact;",
        "`archdsl zoo --check` verifies them against the `@expect` of each spec, which tests compare with a reference.",
        "*published* is what the source prints, as its spec's `@cite` says; in parentheses how far that is off where",
        "the true number does not round to it. Depth counts convolutions and pools on the longest path, *field* is the",
        "receptive field in pixels before any global operation, *fragments* are those of the largest building block.",
    ]
    files: dict[str, list[Entry]] = {}
    for entry in found:
        files.setdefault(entry.file, []).append(entry)
    for file, networks in files.items():
        lines += ["", f"## [{file}](../specs/{file})", ""]
        lines += ["| network | input | params | published | MACs | published | depth | field | fragments | source |"]
        lines += ["|---|---|---:|---:|---:|---:|---:|---:|---:|---|"]
        for entry in networks:
            cells = [entry.network, entry.input, f"{entry.params:,}", _beside(entry.published_params, entry.params)]
            cells += [f"{entry.macs:,}", _beside(entry.published_macs, entry.macs), str(entry.depth)]
            cells += ["-" if n is None else str(n) for n in (entry.receptive_field, entry.fragments)] + [entry.source]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _beside(published: str, actual: int) -> str:
    off = deviation(published, actual)
    percent = 100 * float(off or 0)
    return published.replace("_", ",") + (f" ({percent:+.{1 if abs(percent) > 0.05 else 2}f} %)" if off else "")


def text(found: list[Entry]) -> str:
    """The zoo as a table of at most 80 columns: counts to five digits, printed ones too; a star where these are off."""
    rows = [["network", "params", "printed", "MACs", "printed", "depth", "field", "frag."]]
    for entry in found:
        row = [entry.network, short(entry.params), _starred(entry.published_params, entry.params)]
        row += [short(entry.macs), _starred(entry.published_macs, entry.macs), str(entry.depth)]
        rows.append(row + ["-" if n is None else str(n) for n in (entry.receptive_field, entry.fragments)])
    shown = table(rows, 80, texts=1)
    return shown + ("* the true number does not round to the printed one\n" if "*" in shown else "")


def _starred(published: str, actual: int) -> str:
    claim = expect.read_claim(published)
    if claim is None:
        return ""
    fits = len(published) <= 7 and not published.isdecimal()
    digits = published if fits else short(int((claim.low + claim.high) / 2))
    return digits + "*" * bool(deviation(published, actual))


def csv_text(found: list[Entry]) -> str:
    """The zoo as comma-separated values with a header line."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([field.name for field in fields(Entry)])
    writer.writerows([["" if v is None else str(v) for v in asdict(entry).values()] for entry in found])
    return file.getvalue()


def plot(found: list[Entry], format: str) -> bytes:
    """Parameters against macs in a format of `archdsl.emit.marks.formats`, the best known networks named.

    Each spec file has a colour and marker of its own; of more than 30 files, each family.

    Raises:
        ArchError: the format is unknown, or a png cannot be made.
    """
    known = set(WELL_KNOWN.split())
    family = {f"{file}.arch": name for name, files in FAMILIES.items() for file in files.split()}
    many = len({entry.file for entry in found}) > _MANY_FILES
    series: dict[str, list[PlotPoint]] = {name: [] for name in FAMILIES} if many else {}
    for entry in found:
        label = entry.network if entry.network in known else ""
        point = PlotPoint(entry.params / 1e6, entry.macs / 1e9, label, hollow=not _sees_photographs(entry))
        name = family[entry.file] if many else entry.file.removesuffix(".arch")
        series.setdefault(name, []).append(point)
    return scatter(
        [PlotSeries(name, tuple(points)) for name, points in series.items()],
        Axis("parameters (millions)", log=True),
        Axis("multiply-accumulates at batch 1 (billions)", log=True),
        format,
        title="The zoo at published input sizes; outlines are networks for small images and for other inputs",
    )


def _sees_photographs(entry: Entry) -> bool:
    shape = entry.input.split("x")
    return len(shape) == 3 and shape[0] == "3" and int(shape[1]) >= 128
