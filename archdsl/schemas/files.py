"""Says what `--json` of the other commands holds: sizes and settings, specs and their mistakes, the vocabulary."""

from __future__ import annotations

from archdsl.schemas.networks import NUMBER
from archdsl.schemas.notation import (
    AXIS,
    COST,
    DIAGNOSTICS,
    MODULE,
    NETWORK,
    SEVERITY,
    SHAPE,
    SHAPES,
    SPAN,
    WEIGHED,
    Schema,
    count,
    flag,
    listing,
    mapping,
    null_or,
    real,
    record,
    scalar,
    text,
    whole,
    word,
)

_SET = record(
    "the sizes s >= `from` with s mod `period` in `residues`, but for `exceptions`, which are the other way round",
    **{
        "from": whole("the smallest size that the period holds for"),
        "period": whole("length of the period", 1),
        "residues": listing("of the sizes in it", whole()),
        "exceptions": listing("sizes that are not as the period says", whole()),
    },
)
_BOXES = listing("a union of boxes: one set of sizes per axis", listing("", _SET))
_FORMS = listing("per axis, in the letters of `axes`, as Python computes it; null: no plain formula", null_or(text()))
_LOCATION = text("file:line:column")
_LOST = {**MODULE, "side": AXIS["axis"], "place": _LOCATION}

SIZES = record(
    "",
    network=NETWORK,
    axes=listing(
        "what varies",
        record(
            **AXIS,
            letter=text("its name in formulas"),
            native=whole("the declared size"),
        ),
    ),
    by_formula=flag("false: each size of `tried` was elaborated instead"),
    reason=null_or(text("why there is no formula, and the line to blame, if there is one")),
    tried=null_or(listing("least and largest size tried", whole())),
    follows_size=flag("an emitted module is for the declared size alone: compile the spec again for others"),
    works_boxes=null_or(_BOXES),
    works_alike={
        **_SET,
        "description": "sizes that work on all axes at once, of those `tried` where that is not null: "
        + _SET["description"],
    },
    works_alone=listing("per axis, the others as declared; of those `tried`", _SET),
    refusals=listing(
        "what stops other sizes",
        record(boxes=_BOXES, code=text("of the diagnostic"), message=text("its sentence"), place=_LOCATION),
    ),
    variants=listing(
        "sets of sizes with one formula",
        record(
            boxes=_BOXES,
            same_weights_boxes=null_or(_BOXES),
            outputs=listing("shapes of the outputs", _FORMS),
            maps=listing(
                "sizes on the way",
                record(**MODULE, place=_LOCATION, shape=_FORMS),
            ),
            losses=listing(
                "ops that cut something off at some size",
                record(
                    **_LOST,
                    axis=null_or(whole("number of the axis of `axes`; null where several count")),
                    most_rows=whole("rows of its operand lost at most"),
                    sizes=null_or(_SET),
                ),
            ),
        ),
    ),
    at=listing(
        "exact numbers at some sizes",
        record(
            sizes=listing("per axis of `axes`", whole(least=1)),
            works=flag("the network elaborates"),
            reason=null_or(text("why it does not")),
            outputs=listing("shapes", SHAPE),
            **WEIGHED,
            activations=count("elements of all results"),
            same_weights=flag("all weights keep the names and shapes of the declared size"),
            lost=listing("rows that an op cuts off", record(**_LOST, rows=whole("rows of its operand"))),
            mixed=listing(
                "layers on one axis that mix another one than at the declared size",
                record(path=MODULE["path"], place=_LOCATION, mixes=text("what it works on")),
            ),
        ),
    ),
)

_NUMBERS: Schema = null_or(NUMBER)
_SETTINGS = "what is set: numbers, true and false as such, all else (lists, names, sizes) as it was written"
_SETTING = scalar()

SWEEP = record(
    "",
    network=NETWORK,
    varied=listing("what varies", text()),
    metrics=listing("what is counted: fields of every point, null where not defined", text()),
    without_effect=listing("what varies and changes no number", text()),
    points=listing(
        "a point per combination",
        record(
            "",
            (),
            _NUMBERS,
            settings=mapping(_SETTINGS, _SETTING),
            problem=text('why it does not elaborate, or ""'),
            remark=text('how its network differs from the others by more than sizes, or ""'),
        ),
    ),
)

_STEP = record(
    "",
    (),
    _NUMBERS,
    value=real("of the knob"),
    settings=mapping(_SETTINGS, _SETTING),
    remark=text('how the network differs from the declared one by more than sizes, or ""'),
)

FIT = record(
    "",
    network=NETWORK,
    over=text("the knob"),
    budgets=mapping("the most allowed, by number", count()),
    range=record("what was searched", low=real(), high=real(), step=real()),
    best={**_STEP, "description": "the largest value within the budgets, with its numbers"},
    same_network_from=real("the smallest value that gives the same network"),
    next=null_or({**_STEP, "description": "the next larger value, over the budget; null at the end of the range"}),
    monotone=flag("no larger value was seen to cost less; else all were tried"),
    elaborated=whole("networks made"),
)

_IN_ELEMENTS = {"activations": "activation_elements", "memory_access": "memory_access_elements"}

LINT = listing(
    "findings, worst first",
    record(
        rule=text("`archdsl explain RULE`"),
        severity=SEVERITY,
        message=text("what it is"),
        **SPAN,
        applications=count("how often the network does it"),
        variants=whole("different ops among them"),
        cost=record(
            "what it costs in all, batch 1; an edit that does the same saves exactly this",
            **{_IN_ELEMENTS.get(name, name): part for name, part in COST.items() if name != "flops"},
        ),
        share=null_or(
            record("its largest share", of=text("a number of the network"), fraction=real("of that number, 0 to 1"))
        ),
        networks=listing("the networks of the file that have it", text()),
        notes=listing("further facts", text()),
        reason=text("why, in a sentence"),
        source=text("where that is argued"),
        edit=text("what to write instead"),
    ),
)

ZOO = listing(
    "networks, file by file",
    record(
        network=text("its name"),
        file=text("its spec"),
        input=text("shapes of its inputs"),
        **WEIGHED,
        depth=count("convolutions and pools on the longest path"),
        paths=null_or(count("paths from an input to an output")),
        receptive_field=null_or(whole("input elements that an output element sees; null where not defined")),
        fragments=null_or(whole("of the largest building block; null where not defined")),
        expected=text("what its `@expect` says"),
        published_params=text('as the source prints them, or ""'),
        published_macs=text('as the source prints them, or ""'),
        source=text('what `@cite` names, or ""'),
    ),
)

ZOO_SPACES = listing(
    "spaces, file by file",
    record(
        space=text("its name"),
        file=text("its spec"),
        decisions=whole("all that are asked in some design"),
        designs=count("those that elaborate"),
        published=text('designs as the source prints them, or ""'),
        source=text('what `@cite` names, or ""'),
    ),
)

FMT = listing(
    "files in the order given",
    record(
        file=text("its name; `-` is stdin"),
        changed=flag("its canonical form differs"),
        text=null_or(text("the canonical form of stdin; null for files, which are written, and with `--check`")),
    ),
)

_EXPLAINED = {"name": text("a code or a rule"), "kind": word("what it names", "diagnostic", "rule")}
_PAGE = text("its page, Markdown")

EXPLAIN_ALL = listing("everything that `archdsl explain` knows", record(**_EXPLAINED))

EXPLAIN = record(**_EXPLAINED, page=_PAGE)

_OP = {"name": text("as written"), "family": text("the file that declares it"), "summary": text("one sentence")}

OPS_ALL = listing("the ops, family by family", record(**_OP))

OPS = record(
    **_OP,
    kind=text("kind of work"),
    operands=record("how many tensors it takes", least=whole(), most=null_or(whole("null: any number"))),
    parameters=listing(
        "arguments in order",
        record(
            name=text("as written"),
            type=text("what it takes"),
            required=flag("it has no default"),
            default={"description": "the default, null where required; infinite numbers are text"},
            doc=text("meaning and unit"),
        ),
    ),
    examples=listing(
        "checked against torch",
        record(
            call=text("as written"),
            **SHAPES,
            **WEIGHED,
        ),
    ),
    page=_PAGE,
)

CHECK = {
    **DIAGNOSTICS,
    "description": "messages, in reading order; then those of severity info, one per network that was not run",
}
