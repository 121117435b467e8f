"""Findings as people check them: the unsure first, and what other places state of the same field.

Holds personal data: whoever asks is audited.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, Document, FindingRecord
from models.base import require_id
from models.database import transaction
from models.finding import ACCEPTED
from suitability import FindingsError, Library, parse_findings
from suitability.evidence import Facts, Kept, Observation
from suitability.vocabulary import Field
from views.shown import ShownDocument, ShownFinding, shown
from workflows.documents.by_itself import is_unsure
from workflows.documents.differing import differing
from workflows.engine.lookup import case_by_ref
from workflows.engine.world import World

USED = "used"
DISPLACED = "displaced"
OWN_WORD = "own_word"
UNSETTLED = "unsettled"
REJECTED = "rejected"
USE_WORDS = {
    USED: "counts",
    DISPLACED: "a higher source replaces it",
    OWN_WORD: "the patient's own statement does not decide",
    UNSETTLED: "not settled by a person yet: does not count",
    REJECTED: "rejected",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One place that states a field; `rank` is its source's in the vocabulary, higher replaces.

    `use` is one of `USE_WORDS`.
    """

    finding: ShownFinding
    document: ShownDocument | None
    rank: int
    use: str

    @property
    def words(self) -> str:
        """What the evaluation makes of it."""
        return USE_WORDS[self.use]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of which the case's documents state different values.

    `open`: more than one value counts, so that a person has to settle it. `why` says in words
    which value the evaluation uses (`clinical/SCHEMA.md`, section 3). `picks` are the findings of
    which a person has to pick one before the case goes on; none where it does not wait for that.
    """

    field: str
    statements: tuple[Statement, ...]
    open: bool
    why: str
    picks: tuple[int, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether the case waits for a person's pick."""
        return bool(self.picks)


def in_checking_order(
    findings: Iterable[ShownFinding], decisive: frozenset[str]
) -> list[ShownFinding]:
    """Return findings with the unsure first, then what criteria read, each in reading order."""
    return sorted(
        findings, key=lambda f: (not is_unsure(f), f.field not in decisive, f.page or 0, f.id)
    )


def differences(
    session: Session, case: Case, library: Library, on: date, *, field: str | None = None
) -> list[Difference]:
    """Return the fields of which the case's documents state different values, the open first.

    `on` is today: the evaluation refuses statements dated later, which then count as unsettled.
    """
    query = select(FindingRecord).where(col(FindingRecord.case_id) == case.id)
    if field is not None:
        query = query.where(col(FindingRecord.field) == field)
    by_field: dict[str, list[FindingRecord]] = {}
    for row in session.scalars(query.order_by(col(FindingRecord.id))):
        by_field.setdefault(row.field, []).append(row)
    documents = {
        row.id: shown(ShownDocument, row)
        for row in session.scalars(select(Document).where(col(Document.case_id) == case.id))
    }
    waits = differing(session, case, library, on)
    found = []
    for name, rows in by_field.items():
        if _differ(rows) or name in waits:
            one = _difference(name, rows, documents, library, on)
            found.append(_waiting(one, [row for row, _ in waits.get(name, ())], documents, library))
    return sorted(found, key=lambda one: (not one.waits, not one.open, one.field))


def _waiting(
    one: Difference,
    rows: Sequence[FindingRecord],
    documents: Mapping[int | None, ShownDocument],
    library: Library,
) -> Difference:
    """Add of which statements a person picks; another field's may be among them."""
    ranks = library.vocabulary.source_rank
    beside = tuple(
        Statement(
            shown(ShownFinding, row), documents.get(row.document_id), ranks.get(row.source, 0), USED
        )
        for row in rows
        if row.field != one.field
    )
    picks = tuple(require_id(row.id) for row in rows)
    return replace(one, statements=(*one.statements, *beside), picks=picks)


def differences_of(world: World, ref: str) -> list[Difference]:
    """Return what `differences` says of the case `ref` today; raise `CaseNotFound`."""
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
        return differences(session, case, world.playbooks.criteria, world.clock.now().date())


def _differ(rows: Sequence[FindingRecord]) -> bool:
    """Rejected values are shown beside the others, but make no difference by themselves."""
    values = [row.value for row in rows if row.state != "rejected"]
    return any(value != values[0] for value in values)


def _difference(
    name: str,
    rows: Sequence[FindingRecord],
    documents: Mapping[int | None, ShownDocument],
    library: Library,
    on: date,
) -> Difference:
    ranks = library.vocabulary.source_rank
    accepted = [row for row in rows if row.state in ACCEPTED]
    kept, uses = _weighed(name, accepted, library, on)
    statements = sorted(
        (
            Statement(
                shown(ShownFinding, row),
                documents.get(row.document_id),
                ranks.get(row.source, 0),
                REJECTED if row.state == "rejected" else uses.get(row.id, UNSETTLED),
            )
            for row in rows
        ),
        key=lambda one: (list(USE_WORDS).index(one.use), -one.rank, one.finding.id),
    )
    is_open = kept is not None and len(kept.values) > 1
    waiting = len([row for row in rows if row.state == "proposed"])
    return Difference(
        name, tuple(statements), is_open, _why(library.vocabulary.fields.get(name), kept, waiting)
    )


def _weighed(
    name: str, rows: Sequence[FindingRecord], library: Library, on: date
) -> tuple[Kept | None, dict[int | None, str]]:
    """Ask the evaluator's own rules what counts of one field."""
    if not rows:
        return None, {}
    raw = [
        {"value": row.value, "unit": row.unit, "source": row.source, "date": row.report_date}
        for row in rows
    ]
    try:
        parsed = parse_findings({name: raw}, library, on=on).get(name, [])
    except FindingsError:
        return None, {}
    if len(parsed) != len(rows):
        return None, {}
    kept = Facts({name: parsed}, "postop", library.vocabulary).kept(name)
    owner = {id(item): row.id for item, row in zip(parsed, rows, strict=True)}

    def used_as(items: Iterable[Observation], use: str) -> dict[int | None, str]:
        return {owner[id(item)]: use for item in items}

    uses = (
        used_as(kept.counted, USED)
        | used_as(kept.displaced, DISPLACED)
        | used_as(kept.ignored, OWN_WORD)
    )
    return kept, uses


def _why(field: Field | None, kept: Kept | None, waiting: int) -> str:
    if kept is None:
        return "No value counts yet: a person has to settle them first."
    later = f" {waiting} more wait to be settled." if waiting else ""
    if not kept.values:
        return "Only the patient's own statement: a document is required." + later
    if len(kept.values) > 1:
        rule = (
            "Sources of the same rank state different values, and none is taken by itself."
            if field is not None and field.supersede
            else "For this field no source replaces another, and none is taken by itself."
        )
        return (
            f"{rule} Each is weighed: where they lead to different results, the criterion "
            f"cannot be told until a person settles it.{later}"
        )
    if kept.displaced:
        return f"The highest-ranked source counts; what it replaces stays visible.{later}"
    if kept.ignored:
        return f"Documents count, the patient's own statement does not decide.{later}"
    return f"One value counts.{later}"
