"""What each letter is told: template fields, computed from the case when a template asks.

Fields are facts: codes, days, amounts, names, yes and no; None is "not stated". How they are said
is written in `playbooks/letters` (templates and `words/<language>.yaml`), never here.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence import LetterError
from correspondence.own_page import CODE, PAGE
from models import Case, Document, FollowUpEntry, Hospital
from models.base import require_id
from suitability.criteria import TECHNIQUES
from workflows.cases.chosen_hospital import chosen_hospital
from workflows.cases.who_decides import addressee, reads_for_another
from workflows.documents.completeness import asked_now, compare
from workflows.documents.photos import joined_in, photos_of
from workflows.documents.sending import Problem, problems_of
from workflows.engine.away import is_away
from workflows.engine.lookup import get, patient_of
from workflows.engine.world import World
from workflows.letters import hospital_facts as hospitals
from workflows.letters.asked_fields import asked_by, asked_on, expired
from workflows.letters.data_facts import DATA_FIELDS
from workflows.letters.happened import HAPPENED, result_open
from workflows.letters.journey_fields import JOURNEY_FIELDS
from workflows.letters.next_news import promised
from workflows.letters.offer_fields import OFFER_FIELDS
from workflows.letters.own_codes import CODE_VALID
from workflows.letters.own_page import marked
from workflows.letters.receipts import receipt_of
from workflows.letters.review_fields import REVIEW_FIELDS
from workflows.letters.source import Compute, Source
from workflows.letters.ways import ways

ASKING_TO_DELETE = ("M17",)
"""Letters to hospitals that ask to delete what they were sent."""
ANSWER_WITHIN = timedelta(days=5)
NEXT_NEWS = timedelta(hours=72)
PATHOLOGY_WITHIN = timedelta(days=10)
"""Final pathology is expected by ten days after the operation (handbook, proposed)."""
MAX_QUESTIONS = 6
NOBODY = ("nobody",)
"""Where a value comes from that nothing gives yet (`facts.yaml`)."""


def case_state(session: Session, case_id: int | None) -> str | None:
    """Return the state a case is in now."""
    return session.scalars(select(col(Case.state)).where(col(Case.id) == case_id)).first()


def patient_fields(
    session: Session,
    world: World,
    case: Case,
    template: str,
    objects: Mapping[str, Any],
    given: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the fields that patient letter `template` declares; `given` are known already.

    Raises `LetterError` for a field that nothing is known about.
    """
    own = given or {}
    source = Source(
        session,
        world,
        case,
        patient_of(session, require_id(case.id)),
        world.clock.now(),
        objects,
        template,
    )
    declared = world.playbooks.letters.meta(template).fields
    return {
        name: own[name] if name in own else _compute(source, template, name) for name in declared
    }


def _compute(source: Source, template: str, name: str) -> Any:
    compute = _FIELDS.get(f"{template}.{name}") or _FIELDS.get(name)
    if compute is None:
        texts = source.world.playbooks.letters
        optional = texts.meta(template).fields[name].optional
        if optional and texts.sources(template, name) == NOBODY:
            return None  # its sentence is not there
        raise LetterError(f"{template}: nothing is known that {name} could say")
    return compute(source)


def _missing_items(source: Source) -> list[dict[str, Any]]:
    """Return the missing items, or what is wrong with the sending the letter is about."""
    due = source.day(source.now + ANSWER_WITHIN)
    if "document_id" in source.objects:
        document = get(source.session, Document, int(source.objects["document_id"]))
        sent = document.received_at
        return [_unread(problem, sent, due) for problem in problems_of(source.session, document)]
    request = asked_now(source.session, source.case_id)
    asked = request.items if request else ()
    known = source.world.playbooks.completeness.items
    return [
        {"item": code, "file": None, "problem": None, "due": due} for code in asked if code in known
    ]


def _unread(problem: Problem, sent: datetime, due: date) -> dict[str, Any]:
    return {
        "item": None,
        "sent": sent,
        "photos": problem.photos,
        "file": problem.files[0],
        "files": [str(number) for number in problem.files],
        "pages": [str(number) for number in problem.pages],
        "problem": problem.code,
        "due": due,
    }


def _still_needed(source: Source) -> list[str] | None:
    """Return the required items that no paper states yet; None for a site without a profile."""
    playbook = source.world.playbooks.completeness
    if source.case.site not in playbook.profiles:
        return None
    result = compare(source.session, playbook, source.case, source.today)
    return [item.code for item in result.missing if item.code in playbook.items]


def _arrived(source: Source) -> int:
    """Count readable files as they were sent: each photo of a document made of photos."""
    known = source.session.scalars(
        select(Document).where(
            col(Document.case_id) == source.case_id,
            col(Document.state).in_(("proposed", "verified", "superseded")),
        )
    ).all()
    whole = {one.id for one in known if one.state != "superseded"}
    return sum(
        joined_in(one.notes) in whole if one.state == "superseded" else not photos_of(one.notes)
        for one in known
    )


def _suggested(source: Source) -> list[dict[str, Any]]:
    """Return the hospitals that were matched, each with the technique it was matched by."""
    proposed = source.last_payload("shortlist.proposed")
    codes, matched = proposed.get("hospital_ids", []), proposed.get("match_reasons", {})
    hospitals = source.session.scalars(select(Hospital).where(col(Hospital.code).in_(codes)))
    return [
        {
            "name": one.name,
            "city": one.city,
            "country": one.country,
            "technique": next(
                (why for why in matched.get(one.code, []) if why in TECHNIQUES), None
            ),
        }
        for one in hospitals
    ]


def _hospital_name(source: Source) -> str | None:
    if "hospital_id" in source.objects:
        return get(source.session, Hospital, int(source.objects["hospital_id"])).name
    hospital = chosen_hospital(source.session, source.case_id)
    return hospital.name if hospital else None


def _to_be_asked(source: Source) -> Sequence[FollowUpEntry]:
    """Return what the patient will be asked; what others are asked is not theirs to read."""
    return source.session.scalars(
        select(FollowUpEntry)
        .where(
            col(FollowUpEntry.case_id) == source.case_id,
            col(FollowUpEntry.recipients).contains(["patient"]),
            col(FollowUpEntry.state) == "scheduled",
        )
        .order_by(col(FollowUpEntry.due), col(FollowUpEntry.id))
    ).all()


def _plan(source: Source) -> list[dict[str, Any]]:
    """Return what the patient is asked next: what was asked already is none of it."""
    return [
        {"due": entry.due, "origin": entry.origin, **_question(source.world, entry)}
        for entry in _to_be_asked(source)[:MAX_QUESTIONS]
    ]


def _question(world: World, entry: FollowUpEntry) -> dict[str, str | None]:
    """Return the playbook's question by its code, or the words of whoever asks in their own."""
    if world.playbooks.follow_up.is_own_wording(entry.code, entry.ask):
        return {"question": None, "asked": entry.ask}
    return {"question": entry.code, "asked": None}


def _pathology_due(source: Source) -> date | None:
    """Return the day by which the final pathology is expected; None once it was read or is over."""
    operated = source.case.surgery_date
    if operated is None or not result_open(source):
        return None
    due = operated + PATHOLOGY_WITHIN
    return due if due >= source.today else None


WHY_NO_WAY_ON = {
    "clinician.review_signed": "not_recommended",
    "shortlist.empty": "no_hospital",
    "outreach.exhausted": "no_offer",
    "patient.declined_all": "declined_all",
}
"""What brought a case to its alternatives, by the event that moved it there."""


def _why_no_way_on(source: Source) -> str:
    moved = source.last_payload("case.state_changed", to_state="ALTERNATIVES")
    why_empty = source.last_payload("shortlist.empty").get("reason_code")
    if moved.get("trigger") == "shortlist.empty" and why_empty == "family_declined":
        return "other"  # hospitals were found: the family wished none of them asked
    return WHY_NO_WAY_ON.get(str(moved.get("trigger")), "other")


"""Why a file cannot be read, as codes that letters have words for."""
OUTCOMES = frozenset({"by_patient", "unresponsive"})

_FIELDS: dict[str, Compute] = {
    **REVIEW_FIELDS,
    **DATA_FIELDS,
    **HAPPENED,
    "case": lambda s: s.case.ref,
    "name": lambda s: addressee(s.patient),
    "for_other": lambda s: reads_for_another(s.patient),
    "coordinator": lambda s: s.world.settings.contact_name,
    "phone": lambda s: s.world.settings.contact_phone,
    "hours": lambda s: s.world.settings.contact_hours,
    "link": lambda s: marked(s.world, PAGE),
    "M41.days": lambda s: s.world.settings.portal_link_days,
    "code": lambda s: CODE,
    "minutes": lambda s: int(CODE_VALID.total_seconds() // 60),
    "M56.done": receipt_of,
    "has_phone": lambda s: bool(s.patient.phone),
    "items": _missing_items,
    "M04.items": _still_needed,
    "asked_by": asked_by,
    "asked_on": asked_on,
    "M13.due": lambda s: s.day(s.now + ANSWER_WITHIN),
    "M13.items": lambda s: hospitals.asked_items(s),
    "reminded": lambda s: hospitals.reminded(s),
    "arrived": _arrived,
    "hospitals": _suggested,
    "asked": hospitals.asked,
    "since": hospitals.last_such,
    "news": hospitals.have_written,
    "next_at": lambda s: promised(s.world, s.patient.time_zone, s.now + NEXT_NEWS),
    "zone": lambda s: s.patient.time_zone,
    "hospital": _hospital_name,
    **OFFER_FIELDS,
    "expired": expired,
    "admission_date": lambda s: s.case.admission_date,
    "away": lambda s: is_away(s.session, s.case_id),
    **JOURNEY_FIELDS,
    "iort": lambda s: s.last_payload("surgery.completed").get("iort_delivered"),
    "pathology_due": _pathology_due,
    "why": _why_no_way_on,
    "outcome": lambda s: s.case.outcome if s.case.outcome in OUTCOMES else "other",
    "options": ways,
    "plan": _plan,
    "left": lambda s: len(_to_be_asked(s)),
    "more": lambda s: max(len(_to_be_asked(s)) - MAX_QUESTIONS, 0),
    "had_summary": lambda s: hospitals.written_to(s.session, s.case_id, hospitals.WITH_SUMMARY),
    "told": lambda s: hospitals.written_to(s.session, s.case_id, ASKING_TO_DELETE),
}


def reminder_fields(
    session: Session, world: World, case: Case, entry: FollowUpEntry
) -> dict[str, Any]:
    """Return the fields of a reminder: one question, what it offers, whose plan it comes from."""
    template = world.playbooks.follow_up
    own = {
        **_question(world, entry),
        "origin": entry.origin,
        "kind": template.kind(entry.code, entry.ask),
        "answers": list(template.answers(entry.code, entry.ask)),
    }
    return patient_fields(session, world, case, "M34", {}, own)
