"""Which question an act answers, what its values are at that moment, and what it says to others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlmodel import Session, col

from local.rehearsal.people import SIGNER
from models import Case, HumanTask, Message
from models.database import transaction
from models.findable import address_mark
from models.key_store import store_of
from tests.simulation.acts import Act
from tests.simulation.life import Life
from workflows.documents.differing import differing
from workflows.findings.decisions import as_looked_at
from workflows.screening.signing import as_read

if TYPE_CHECKING:
    from tests.simulation.house import House


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is asked now."""

    id: int
    kind: str
    role: str
    state: str
    objects: Mapping[str, Any]
    detail: str
    case_state: str
    pathology: str


ANYBODYS = ("budget_spent", "late_step", "mend_playbook", "peer_away", "unknown_step")
"""Questions about no case."""
_FIND = """
SELECT t.id, t.kind, t.role, t.state, t.objects, coalesce(t.detail, '') AS detail,
       coalesce(c.state, '') AS case_state, coalesce(c.pathology_state, '') AS pathology
  FROM human_task t LEFT JOIN "case" c ON c.id = t.case_id
 WHERE (t.case_id = :case OR t.case_id IS NULL AND (
          (t.objects ->> 'message_id')::bigint = ANY(:letters) OR :anybody))
   AND t.kind = :kind AND (t.state = 'open') = (:state = 'open')
 ORDER BY t.id
"""
_LETTERS = "SELECT id FROM message WHERE case_id IS NULL AND address_mark = ANY(:marks)"


def find(house: "House", life: Life, kind: str, which: int, state: str) -> Asked | None:
    """Return the oldest question of a kind that is open in the life's case, or is not any more.

    `which` counts on from the oldest, and round again.
    """
    made = store_of(house.world.engine.dialect).marks
    marks = [address_mark(made, one) for one in sorted(life.emails)]
    letters = [row[0] for row in house.rows(_LETTERS, marks=marks)]
    found = house.rows(
        _FIND, case=life.case_id, kind=kind, state=state, letters=letters,
        anybody=kind in ANYBODYS,
    )  # fmt: skip
    return Asked(*found[which % len(found)]) if found else None


def resolve(house: "House", life: Life, asked: Asked, done: Act) -> dict[str, str]:
    """Return the values of an answer: what stands for a day, a paper or a row becomes one."""
    return _resolved(house, life, _with_seen(house, life, asked, done))


def resolve_plain(house: "House", life: Life, done: Act) -> dict[str, str]:
    """Return the values of an act that answers by the family's page."""
    return _resolved(house, life, done.values)


def _resolved(house: "House", life: Life, values: Mapping[str, str]) -> dict[str, str]:
    return {
        name: ",".join(_one(house, life, part) for part in value.split(","))
        for name, value in values.items()
    }


def _with_seen(house: "House", life: Life, asked: Asked, done: Act) -> dict[str, str]:
    """Return the values, with what a person states who has looked at all there is to look at."""
    given, seen = done.values, done.get("seen")
    if not seen:
        return given
    with Session(house.engine) as session:
        library = house.world.playbooks.criteria
        if seen == "values":
            return as_looked_at(session, library, session.get_one(HumanTask, asked.id), given)
        if seen == "result":
            phase = "postop" if asked.kind == "recheck_pathology" else "preop"
            return {**SIGNER, **as_read(session, library, life.case_id, phase), **given}
        today = house.clock.now().date()
        found = differing(session, session.get_one(Case, life.case_id), library, today)
        picked = {name: str(said[-1][0].id) for name, said in found.items()}
        return {**picked, **{f"why:{name}": "superseded" for name in picked}, **given}


def _one(house: "House", life: Life, said: str) -> str:
    """Return what a part of a value stands for: `@day:+5`, `@paper:-1`, `@offer:0`, `@thread:0`."""
    if not said.startswith("@"):
        return said
    what, _, number = said[1:].partition(":")
    if what == "day":
        return (house.clock.now().date() + timedelta(days=int(number))).isoformat()
    if what == "case":
        return life.ref
    if what == "own":  # an address that no other life has
        return f"patient{life.number}@own.example"
    rows = house.rows(_ROWS[what], case=life.case_id)
    return str(rows[int(number) % len(rows)][0]) if rows else "0"


_ROWS = {
    "paper": "SELECT id FROM document WHERE case_id = :case ORDER BY id",
    "offer": "SELECT id FROM offer WHERE case_id = :case ORDER BY (state = 'presented'), id",
    "thread": "SELECT id FROM outreach_thread WHERE case_id = :case ORDER BY id",
    "admission": 'SELECT admission_date FROM "case" WHERE id = :case',
    "surgery": 'SELECT coalesce(surgery_date, admission_date) FROM "case" WHERE id = :case',
}


def stated(
    house: "House", life: Life, asked: Asked, answer: str, values: Mapping[str, str]
) -> None:
    """Note what an answer that was taken says: its values, and what it allows or stops."""
    life.says(*values.values())
    taken = len(house.post.taken)
    match (asked.kind, answer):
        case ("record_hospital_consent", "granted"):
            life.allowed.update(one.strip() for one in values.get("hospitals", "").split(","))
        case ("finish_bereavement", "retracted"):
            life.go_on("death")
        case ("confirm_erasure", "erase") if not asked.case_state.startswith("CLOSED"):
            life.withdraws(["process"], taken)  # an open case is withdrawn whole with it
        case ("settle_who_decides", "patient_knows") if values.get("patient_email"):
            life.is_at(values["patient_email"])
        case ("settle_message", "send_again"):
            number = asked.objects["message_id"]
            with transaction(house.world.engine) as session:
                query = select(col(Message.message_id)).where(col(Message.id) == number)
                life.again.update(str(one) for one in session.scalars(query))
