"""Says what `--json` of the commands on one or two networks holds, field by field with units."""

from __future__ import annotations

from archdsl.schemas.notation import (
    AXIS,
    COST,
    COSTS,
    LEVEL,
    MODULE,
    NETWORK,
    PLACE,
    SHAPE,
    SHAPES,
    Schema,
    count,
    defined,
    flag,
    fraction,
    listing,
    mapping,
    null_or,
    ranged,
    real,
    record,
    text,
    whole,
    word,
)

NUMBER: Schema = {"anyOf": [count(), {"type": "number"}]}

_PATHS = null_or(count("paths from an input to an output; null where they have too many digits"))
_APPLICATIONS = whole("how often the network applies it")

ROW = record(
    **MODULE,
    level=LEVEL,
    kind=text('kind of the op, or "block", "cell", "network"'),
    **SHAPES,
    **COST,
    own_params=count("parameters of the ops directly in it"),
    own_macs=count("macs of the ops directly in it"),
    repeats=whole("equal rows that this one stands for; its costs are those of one", 1),
    steps=whole("elements that a scan or `each` goes along; 1 for anything else", 1),
    times=count("how often it is applied: `repeats` times those of the rows around it, and their `steps`"),
    shared=flag("its weights were counted in an earlier row"),
    **PLACE,
)

ANALYZE = record(
    "",
    ("metrics",),
    name=NETWORK,
    inputs=mapping("shapes by input", SHAPE),
    outputs=listing("shapes", SHAPE),
    totals=record(
        "",
        **COST,
        depth=count("convolutions and non-global pools on the longest path"),
        shortest_depth=count("the same on the shortest path"),
        weighted_depth=count("convolutions and linear layers on the longest path"),
        paths=_PATHS,
    ),
    by_kind=mapping("costs by kind of op", COSTS),
    by_word=mapping("costs by op", COSTS),
    by_stage=mapping(
        'costs by the sizes of a result without its first axis, of a map height and width, "56x56"; or "vector"', COSTS
    ),
    kernel_params_by_kind=mapping("parameters by kind, without biases and norms", count()),
    rows=listing("ops and calls in order, `--depth` levels deep", ROW),
    metrics=mapping("with `--all`: every number that `@expect` knows, see docs/analyses.md", defined(NUMBER)),
)

RANGES = ranged(
    {
        **ANALYZE,
        "properties": {
            **ANALYZE["properties"],
            "rows": listing("", record(**ROW["properties"], designs=whole())),
        },
    }
)

ANALYZE_SPACE = record(
    "",
    space=record(
        "the designs that numbers are of",
        designs=count("how many designs of the space elaborate"),
        which=word("how those that were looked at were taken", "all", "sample"),
        seed=null_or(whole("of a sample")),
        looked_at=whole("how many were looked at"),
        exact=listing("totals that are of all designs though not all were looked at", text()),
    ),
    ranges=RANGES
    | {
        "description": "the fields as above; where designs differ in a number it is "
        '`{"least": 3, "most": 7}`, of an op that some lack least 0; where they differ in how many shapes or sizes '
        "there are, these are null; a row is one place in the source, in the same steps of loops, and `path` is "
        '"unit_1–3" where the number of the module differs; `designs` of a row says how many of those looked at have '
        "it, and its numbers are of these"
    },
)

COUNT = record(
    "",
    network=NETWORK,
    tool=text("the tool"),
    version=text("its version"),
    exact=flag("every number is the tool's to the last digit"),
    numbers=listing(
        "what the tool prints",
        record(
            name=text("the tool's name for it"),
            call=text("the call that gives it"),
            value=count("the number, in the tool's own unit; a lower bound where `exact` is false"),
            exact=flag("nothing in `not_predicted`"),
            ours=record(
                "our number, from which it starts",
                measure=text("a number of `archdsl analyze`"),
                value=count("that number"),
                times=whole("how often it counts in the tool's", 1),
            ),
            differences=listing(
                "what lies between", record(reason=text("why"), amount=count("how much the tool counts more"))
            ),
            not_predicted=listing(
                "ops whose share is not known",
                record(op=text("the op"), applications=whole("how often it runs"), reason=text("why")),
            ),
        ),
    ),
)

FIELD = record(
    **AXIS,
    rf={
        "description": 'elements of the input that one output element sees: an integer or "whole input"; '
        "null where not defined",
        "anyOf": [{"type": "integer"}, {"const": "whole input"}, {"type": "null"}],
    },
    rf_without_global=null_or(whole("the same without global ops; null where not defined")),
    at_most=null_or(whole("an upper bound of `rf_without_global`, where that is not known")),
    aligned=flag("all paths have one centre and one stride"),
    exact=flag("false: something is known as a bound only"),
    problem=text('why something is not defined, or ""'),
    windows=listing(
        "the hull of all paths of one stride, in elements of the input",
        record(
            "",
            ("size", "at_most"),
            size=whole("elements"),
            at_most=whole("instead of `size`: an upper bound, elements"),
            smallest=whole("elements that the output with the smallest window sees"),
            stride=fraction("elements between the windows of neighbours"),
            pad_begin=whole("elements of padding before the input; below 0: cut off", -(2**62)),
            least=null_or(whole("size of the smallest window of one path; null where it differs by position")),
            most=null_or(whole("size of the largest window of one path; null as above")),
            centres=listing("the centres of output 0 that lie furthest apart", fraction()),
        ),
    ),
)

FIELDS = listing("per output, per input and axis", listing("", FIELD))

FIELD_OUTPUT = record(
    "",
    name=NETWORK,
    aligned=flag("no join in `misaligned`"),
    outputs=FIELDS,
    misaligned=listing(
        "joins of paths that do not align",
        record(
            block=text("the definition it stands in"),
            word=text("the op"),
            **PLACE,
            input=text("the input whose positions differ"),
            axis=AXIS["axis"],
            reason=text("what differs"),
            path_lines=listing("lines of the operands", null_or(whole(least=1))),
        ),
    ),
    rows=listing(
        "modules, `--depth` levels deep",
        record(
            **MODULE,
            level=LEVEL,
            outputs=FIELDS,
            **PLACE,
        ),
    ),
)

_STORAGE = {"path": null_or(text("module name")), "word": text("the op"), "line": null_or(whole("line", 1))}

MEMORY = record(
    "",
    ("peak_minimal_lower_bytes", "exact", "breadth_bytes", "order", "peak", "steps"),
    name=NETWORK,
    peak_eager_bytes=defined(whole("peak of activations as PyTorch frees them, bytes of float32, batch 1")),
    peak_ideal_bytes=defined(whole("peak where a tensor lives until its last reader, bytes")),
    peak_minimal_bytes=defined(whole("peak of the best order found, bytes; an upper bound unless `exact`")),
    peak_minimal_lower_bytes=whole("no order needs less, bytes"),
    exact=flag("the best order is proven to be the best"),
    breadth_bytes=whole("peak of the order that takes ops as soon as they are ready, bytes"),
    order=word("the order that `peak` and `steps` are of", "written", "minimal"),
    peak=record(
        "the first step with the most bytes",
        step=null_or(whole("number of the op, from 0", -1)),
        path=null_or(text("module name of the op")),
        bytes=whole("bytes in use"),
        held=listing(
            "what is in use",
            record(**_STORAGE, bytes=whole("bytes"), role=word("why", "read", "written", "waiting")),
        ),
    ),
    steps=listing(
        "with `--steps`: every op in order",
        record(**_STORAGE, during_bytes=whole("bytes while it runs"), after_bytes=whole("bytes after it")),
    ),
)

ACCESS = record(
    "",
    name=NETWORK,
    memory_access_elements=count("elements read and written, weights included, batch 1"),
    memory_access_bytes=count("the same in bytes of float32"),
    macs=count("multiply-accumulates"),
    macs_per_element=real("macs per element of memory access"),
    elementwise_share=real("share of activations, arithmetic, norms and depthwise convolutions, 0 to 1"),
    by_kind_elements=mapping("elements by kind of op", count()),
    convolutions=listing(
        "every written convolution, the most above its bound first; numbers are for one application",
        record(
            block=text("the definition"),
            label=text("the module in it"),
            kind=text("kind of convolution"),
            macs=count("multiply-accumulates"),
            memory_access=count("elements"),
            least_memory_access=real("lower bound of guideline G1, elements"),
            applications=_APPLICATIONS,
            over_bound=real("memory access over its lower bound, minus 1"),
            **PLACE,
        ),
    ),
)

STRUCTURE = record(
    "",
    name=NETWORK,
    longest_layers=null_or(count("convolutions and pools on the longest path; null without a path")),
    shortest_layers=null_or(count("the same on the shortest path")),
    weighted_layers=null_or(count("convolutions and linear layers on the longest path")),
    paths=_PATHS,
    path_lengths=defined(mapping("how many paths have this many convolutions and pools", count())),
    width=defined(whole("most convolutions and pools of which none depends on another")),
    macs=count("multiply-accumulates"),
    critical_path_macs=count("macs on the most expensive path"),
    average_parallelism=real("all macs divided by those"),
    blocks=listing(
        "building blocks in order",
        record(
            name=text("the definition"),
            kind=text("block, cell, …"),
            fragments=whole("convolutions and pools, as guideline G3 counts"),
            series=whole("most of them in a row"),
            parallel=whole("most of them side by side"),
            applications=_APPLICATIONS,
            **PLACE,
        ),
    ),
    blocks_not_counted=listing("blocks too large to be counted; `fragments_max` is then a lower bound", text()),
    fragments_max=whole("fragments of the largest building block"),
    fragments_mean=real("mean over applications"),
)

_SIDE = null_or(
    record(
        **MODULE,
        repeats=whole("equal rows taken together", 1),
        **SHAPES,
        **COST,
        **PLACE,
    )
)

DIFF = record(
    "",
    old=text("the old network"),
    new=text("the new network"),
    numbers=mapping(
        "every number that `@expect` knows, [old, new]; null where not defined",
        listing("", null_or(NUMBER)),
    ),
    rows=listing(
        "rows in order, equal ones too; behind those of a body its outputs that are other tensors than before",
        record(
            status=word("what became of it", "equal", "renamed", "resized", "changed", "added", "removed"),
            level=LEVEL,
            old=_SIDE,
            new=_SIDE,
            notes=listing("what differs", text()),
        ),
    ),
)
