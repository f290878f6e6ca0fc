"""Turns what a network's input size changes into plain data, as `archdsl sizes --json` prints it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archdsl.analysis.report import json_int
from archdsl.analysis.sizes.answer import AtSize, ShapeFormula, Sizes, SizeVariant
from archdsl.analysis.sizes.formulas import form_text
from archdsl.analysis.sizes.loss import Loss
from archdsl.analysis.sizes.regions import Region
from archdsl.analysis.sizes.sets import SizeSet


def as_json(sizes: Sizes, at: Sequence[tuple[int, ...]], follows_size: bool) -> dict[str, Any]:
    """Everything as plain data; sets of sizes as start, period, residues and exceptions."""
    return {
        "network": sizes.name,
        "axes": [{"input": x.input, "axis": x.name, "letter": x.letter, "native": x.native} for x in sizes.axes],
        "by_formula": not sizes.problem,
        "reason": sizes.problem or None,
        "tried": None if sizes.tried is None else list(sizes.tried),
        "follows_size": follows_size,
        "works_boxes": None if sizes.works is None else _boxes(sizes.works),
        "works_alike": _set(sizes.alike),
        "works_alone": [_set(found) for found in sizes.alone],
        "refusals": [
            {
                "boxes": _boxes(r.region),
                "code": r.problem.code,
                "message": r.problem.message,
                "place": str(r.problem.span),
            }
            for r in sizes.refusals
        ],
        "variants": [_variant(sizes, v) for v in sizes.variants],
        "at": [_at(found) for found in (sizes.at(*point) for point in at)],
    }


def _variant(sizes: Sizes, v: SizeVariant) -> dict[str, Any]:
    return {
        "boxes": _boxes(v.region),
        "same_weights_boxes": None if v.weights is None else _boxes(v.weights),
        "outputs": [_shape(sizes, v, shape) for shape in v.outputs],
        "maps": [
            {"path": m.path, "word": m.word, "place": str(m.span), "shape": _shape(sizes, v, m.shape)} for m in v.maps
        ],
        "losses": [
            {
                "path": loss.path,
                "word": loss.word,
                "side": loss.side,
                "place": str(loss.span),
                "axis": None if loss.axis is None else loss.axis,
                "most_rows": loss.most(),
                "sizes": _set_or_none(loss),
            }
            for loss in v.losses
        ],
    }


def _shape(sizes: Sizes, v: SizeVariant, shape: ShapeFormula) -> list[str | None]:
    return [form_text(n, sizes.axes, v.region) for n in shape]


def _set_or_none(loss: Loss) -> dict[str, Any] | None:
    found = None if loss.axis is None else loss.sizes(loss.axis)
    return None if found is None else _set(found)


def _at(found: AtSize) -> dict[str, Any]:
    return {
        "sizes": list(found.sizes),
        "works": found.works,
        "reason": None if found.problem is None else f"{found.problem.code} at {found.problem.span}",
        "outputs": [list(shape) for shape in found.outputs],
        "params": json_int(found.params),
        "macs": json_int(found.macs),
        "activations": json_int(found.activations),
        "same_weights": found.same_weights,
        "mixed": [{"path": m.path, "place": str(m.span), "mixes": m.what} for m in found.mixed],
        "lost": [
            {"path": x.path, "word": x.word, "side": x.side, "place": str(x.span), "rows": x.rows} for x in found.lost
        ],
    }


def _boxes(region: Region) -> list[list[dict[str, Any]]]:
    return [[_set(part) for part in box] for box in region.boxes]


def _set(found: SizeSet) -> dict[str, Any]:
    return {
        "from": found.start,
        "period": found.period,
        "residues": list(found.residues),
        "exceptions": list(found.exceptions),
    }
