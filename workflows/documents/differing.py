"""Documents that state different values of what decides a criterion: a person picks one.

Nothing is chosen by rank here: that the newer or the final report is right is said by a person,
with a reason. An indeterminate value yields to a determinate one of the same or a higher rank
(clinical/CORRECTIONS.md, 1.1); what patients state of themselves decides nothing where the
vocabulary says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, FindingRecord, HumanTask
from models.base import require_id
from models.finding import ACCEPTED
from suitability import FindingsError, Library, parse_findings
from suitability.evidence import normal
from suitability.values import Value
from suitability.vocabulary import INTAKE, Field
from workflows.documents.by_itself import deciding_fields
from workflows.engine.world import World

KIND = "settle_differences"
FOUND, ENDED = "extraction.differences_found", "extraction.differences_ended"


class Noting(Protocol):
    """Whose case it is, and how a fact of it is recorded: a step, an answer or a door."""

    session: Session

    @property
    def world(self) -> World:
        """The world, with its criteria."""

    @property
    def case(self) -> Case:
        """The locked case."""

    def record(self, type: str, payload: Mapping[str, Any] | None = None) -> Any:
        """Record a fact on the case."""


def differing_in_words(fields: Iterable[str], library: Library) -> str:
    """Return how long a case waits: the same words for the review and for the signature."""
    known = library.vocabulary.fields
    named = ", ".join(known[name].label if name in known else name for name in fields)
    return (
        f"while documents differ on: {named}. A person picks which of them holds, with a reason, "
        "in the task about it or among the documents: the case is then weighed anew."
    )


Said = tuple[FindingRecord, Value]
"""A statement, and what it says of the field in question as the evaluator compares it."""


def differing(session: Session, case: Case, library: Library, on: date) -> dict[str, list[Said]]:
    """Return the accepted statements, by field, of each deciding field with more than one value.

    `on` is today. The statements of a field that says something of another one, such as a
    positive margin of the distance, stand beside those of the other.
    """
    decisive = deciding_fields(library, case.site)
    rows = session.scalars(
        select(FindingRecord)
        .where(col(FindingRecord.case_id) == case.id, col(FindingRecord.state).in_(ACCEPTED))
        .order_by(col(FindingRecord.field), col(FindingRecord.id))
    ).all()
    stated: dict[str, list[Said]] = {}
    for row in rows:
        stated.setdefault(row.field, []).append((row, _value(row, library, on)))
    found: dict[str, list[Said]] = {}
    for name in sorted(decisive & stated.keys()):
        field = library.vocabulary.fields.get(name)
        said = stated[name] if field is None else [*stated[name], *_beside(field, stated)]
        counted = said if field is None else _counted(field, said, library)
        if any(value != counted[0][1] for _, value in counted[1:]):
            found[name] = counted
    return found


def _value(row: FindingRecord, library: Library, on: date) -> Value:
    """Return an accepted value as the evaluator compares it, in the field's unit."""
    raw = {"value": row.value, "unit": row.unit, "source": row.source}
    try:
        parsed = parse_findings({row.field: [raw]}, library, on=on).get(row.field)
    except FindingsError:
        parsed = None
    return normal(parsed[0].value if parsed else row.value)


def _beside(field: Field, stated: Mapping[str, Sequence[Said]]) -> Iterable[Said]:
    derive = field.derive
    if derive is None or not derive.beside:
        return
    for row, value in stated.get(derive.source, ()):
        if isinstance(value, str) and value in derive.beside:
            yield row, derive.mapping[value]


def _counted(field: Field, said: Sequence[Said], library: Library) -> list[Said]:
    """Leave out the patient's own word, and what is indeterminate where it yields."""
    ranks = library.vocabulary.source_rank
    heard = [one for one in said if field.self_ok or one[0].source != INTAKE]

    def is_open(value: Value) -> bool:
        return isinstance(value, str) and value in field.indeterminate

    settled = [ranks.get(row.source, 0) for row, value in heard if not is_open(value)]
    return [
        (row, value)
        for row, value in heard
        if not (is_open(value) and any(rank >= ranks.get(row.source, 0) for rank in settled))
    ]


def note_differences(by: Noting, on: date) -> Sequence[str]:
    """Record that documents differ on what decides, or that they do so no more; return the fields.

    One task asks about all of them; while it is open nothing more is recorded.
    """
    by.session.flush()
    fields = list(differing(by.session, by.case, by.world.playbooks.criteria, on))
    asked = _open_task(by.session, require_id(by.case.id))
    if fields and not asked:
        by.record(FOUND, {"fields": fields})
    elif asked and not fields:
        by.record(ENDED, {})
    return fields


def _open_task(session: Session, case_id: int) -> bool:
    query = select(col(HumanTask.id)).where(
        col(HumanTask.case_id) == case_id,
        col(HumanTask.kind) == KIND,
        col(HumanTask.state) == "open",
    )
    return session.scalars(query).first() is not None
