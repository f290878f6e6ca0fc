"""Says what `--json` of `archdsl space` holds, field by field."""

from __future__ import annotations

from archdsl.schemas.networks import NUMBER
from archdsl.schemas.notation import (
    NETWORK,
    PLACE,
    Schema,
    count,
    flag,
    listing,
    mapping,
    null_or,
    record,
    text,
    whole,
    word,
)

_WHEN = record(
    "when that is, in words",
    where=text('"depth is 3 or 4"; "" where always'),
    whole=flag("false: the words are cut, and there are more cases"),
)
_OPTIONS = listing("texts of the options", text())
_DESIGN: dict[str, Schema] = {
    "design": count("number of a design, from 0"),
    "picks": mapping("what it picks, by name of the decision", text()),
}
_ENDS = record("", number=NUMBER, **_DESIGN)


def _amount(doc: str) -> Schema:
    return record(
        doc,
        number=null_or(count("how many; null where not known")),
        known=word("what the number is", "exact", "at most", "not known"),
    )


SPACE = record(
    "",
    network=NETWORK,
    hash=text("equal for spaces of the same designs, in whatever order options stand"),
    designs=_amount("the designs that elaborate"),
    failing=count("designs that do not elaborate; they have no number"),
    networks=_amount("the networks that `@require` and `--where` keep; exact with `--networks`"),
    allowed=_amount("the designs that `@require` allows"),
    required=listing("what `@require` says", text()),
    decisions=listing(
        "what is chosen, in the order in which it is first asked",
        record(
            name=text("its name, for `--pick`"),
            options=_OPTIONS,
            asked=_WHEN,
            offers=listing(
                "where it offers different options: each list, and when", record(options=_OPTIONS, asked=_WHEN)
            ),
            places=listing("where it is asked", record(**PLACE)),
        ),
    ),
    looked_at=record(
        "the designs that numbers are of",
        which=word("how they were taken", "all", "sample", "range"),
        seed=null_or(whole("of a sample")),
        first=null_or(count("number of the first, but in a sample")),
        designs=whole("how many were looked at"),
        where=listing("what `--where` says", text()),
        within=whole("how many of these `@require` and `--where` keep"),
        exact=flag("they are all designs"),
        how=text("where their numbers come from"),
    ),
    extremes_exact=flag("extremes are those of all designs; else of those looked at"),
    extremes=mapping("by metric; null where no design has such a number", null_or(record(least=_ENDS, most=_ENDS))),
    pareto=null_or(listing('goals of `--pareto`: a metric that is to be small, or "METRIC:max"', text())),
    listed=listing(
        "with `--pareto` the designs that none beats, else those looked at with --sample, --enumerate or --range",
        record(**_DESIGN, numbers=mapping("by metric; null where not defined", null_or(NUMBER))),
    ),
)
