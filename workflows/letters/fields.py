"""What each letter is told: template fields, computed from the case when a template asks.

Values that nobody reported are shown as "not reported", never as negative.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from sqlalchemy import select
from sqlmodel import Session, col

from accounts.signed_links import portal_link
from models import (
    Case,
    CaseEvent,
    Document,
    FollowUpEntry,
    Hospital,
    JourneyEntry,
    Message,
    Offer,
    OutreachThread,
    Patient,
)
from models.base import require_id
from planning.completeness import Item
from workflows.cases.chosen_hospital import chosen_hospital
from workflows.engine.lookup import get, patient_of
from workflows.engine.world import World
from workflows.letters.patient_points import matched_points, open_questions, signed_result

NOT_REPORTED = "not reported"
TECHNIQUE_WORDS = {
    "ioert": "electron IORT",
    "kv_iort": "low-energy X-ray IORT",
    "ebx": "electronic brachytherapy",
    "hdr_iort": "HDR brachytherapy IORT",
}
NOT_NOTED = "not noted here; please ask us"
WITH_SUMMARY = ("M10",)
ASKING_TO_DELETE = ("M17",)
"""Letters to hospitals that bring a summary, and that ask to delete it."""
ANSWER_WITHIN = timedelta(days=5)
NEXT_NEWS = timedelta(hours=72)


def case_state(session: Session, case_id: int | None) -> str | None:
    """Return the state a case is in now."""
    return session.scalars(select(col(Case.state)).where(col(Case.id) == case_id)).first()


def country_name(code: str, language: str) -> str:
    """Return a country's name in the letter's language; the code itself when it names none."""
    names: Mapping[str, str] = Locale.parse(language.replace("-", "_")).territories
    return names.get(code.upper(), code)


def day(value: date | datetime) -> str:
    """Return a date for people: ISO and the month's name."""
    return f"{value:%Y-%m-%d} ({value.day} {value:%B %Y})"


@dataclass
class Source:
    """Where the values come from: a case, its patient and the rows a letter is about."""

    session: Session
    world: World
    case: Case
    patient: Patient
    now: datetime
    objects: Mapping[str, Any]
    template: str

    @property
    def case_id(self) -> int:
        """The case's id."""
        return require_id(self.case.id)

    @property
    def language(self) -> str:
        """The language that the letter is written in."""
        return self.world.playbooks.letters.language_for(self.template, self.case.language)

    def local(self, moment: datetime) -> str:
        """Return a moment in the recipient's own time."""
        zone = ZoneInfo(self.patient.time_zone)
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M} ({self.patient.time_zone})"

    def last(self, type: str, **holding: str) -> CaseEvent | None:
        """Return the newest event of a type whose payload holds these values."""
        query = select(CaseEvent).where(
            col(CaseEvent.case_id) == self.case_id, col(CaseEvent.type) == type
        )
        for name, value in holding.items():
            query = query.where(col(CaseEvent.payload)[name].as_string() == value)
        return self.session.scalars(query.order_by(col(CaseEvent.seq).desc()).limit(1)).first()

    def last_payload(self, type: str, **holding: str) -> dict[str, Any]:
        """Return the payload of `last`; empty when there is none."""
        event = self.last(type, **holding)
        return dict(event.payload) if event else {}


Compute = Callable[[Source], Any]


def patient_fields(
    session: Session, world: World, case: Case, template: str, objects: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields that patient letter `template` declares."""
    source = Source(
        session, world, case, patient_of(session, require_id(case.id)), world.clock.now(), objects,
        template,
    )  # fmt: skip
    declared = world.playbooks.letters.meta(template).fields
    return {name: _compute(source, template, name) for name in declared}


def _compute(source: Source, template: str, name: str) -> Any:
    compute = _FIELDS.get(f"{template}.{name}") or _FIELDS.get(name)
    if compute is None:
        return NOT_REPORTED
    value = compute(source)
    optional = source.world.playbooks.letters.meta(template).fields[name].optional
    return NOT_REPORTED if value is None and not optional else value


def _missing_items(source: Source) -> list[dict[str, str]]:
    """Return the missing items by name, or what is wrong with the one file the letter is about."""
    if "document_id" in source.objects:
        return [_document_problem(source)]
    payload = source.last_payload("completeness.failed")
    items = source.world.playbooks.completeness.items
    return [_item(source, items[code]) for code in payload.get("missing") or [] if code in items]


def _all_items(source: Source) -> list[dict[str, str]]:
    playbook = source.world.playbooks.completeness
    lines = playbook.profiles.get(source.case.site or "", ())
    return [_item(source, playbook.items[x.item]) for x in lines if x.need == "required"]


def _item(source: Source, item: Item) -> dict[str, str]:
    due = (source.now + ANSWER_WITHIN).date()
    return {"plain_name": item.plain, "why": item.why, "how": item.how, "due": day(due)}


_PROBLEMS = {
    "encrypted": ("it is locked with a password", "Send the password through the secure page."),
    "corrupt": ("it is damaged", "Please save it again and send it once more."),
    "empty": ("it is empty", "Please check the file and send it once more."),
    "too_large": ("it is larger than we can open", "Please send it in parts, or ask us how."),
    "too_many_pages": ("it has more pages than we can read", "Please send the report's pages."),
    "unsupported": ("its kind cannot be opened", "Please send a PDF or a clear photo."),
    "no_text": ("no text could be read on it", "Please send a sharper photo or scan."),
}


def _document_problem(source: Source) -> dict[str, str]:
    document = get(source.session, Document, int(source.objects["document_id"]))
    why, how = _PROBLEMS.get(document.read_status or "", _PROBLEMS["corrupt"])
    due = (source.now + ANSWER_WITHIN).date()
    name = f"a readable copy of your file {document.id}"
    return {"plain_name": name, "why": why, "how": how, "due": day(due)}


def _arrived(source: Source) -> int:
    return len(
        source.session.scalars(
            select(col(Document.id)).where(
                col(Document.case_id) == source.case_id,
                col(Document.state).in_(("proposed", "verified")),
            )
        ).all()
    )


def _asked(source: Source) -> list[dict[str, str]]:
    rows = source.session.execute(
        select(OutreachThread, col(Hospital.name))
        .join(Hospital, col(Hospital.id) == col(OutreachThread.hospital_id))
        .where(col(OutreachThread.case_id) == source.case_id)
    ).all()
    words = {"sent": "has the summary, no answer yet", "acked": "has confirmed that it came"}
    return [
        {
            "hospital": name,
            "when": day(thread.opened_at),
            "state": words.get(thread.state, thread.state.replace("_", " ")),
        }
        for thread, name in rows
    ]


def _suggested(source: Source) -> list[dict[str, str]]:
    codes = source.last_payload("shortlist.proposed").get("hospital_ids", [])
    hospitals = source.session.scalars(select(Hospital).where(col(Hospital.code).in_(codes)))
    return [
        {
            "name": hospital.name,
            "city": hospital.city,
            "country": country_name(hospital.country, source.language),
            "why": "has the technique for this site in its directory entry",
            "shared": "a summary without name and birth date",
        }
        for hospital in hospitals
    ]


def _offers(source: Source) -> list[dict[str, str]]:
    rows = source.session.execute(
        select(Offer, col(Hospital.name))
        .join(Hospital, col(Hospital.id) == col(Offer.hospital_id))
        .where(col(Offer.case_id) == source.case_id, col(Offer.state) == "presented")
    ).all()
    return [
        {
            "hospital": name,
            "treatment": TECHNIQUE_WORDS.get(offer.technique or "", NOT_NOTED),
            "conditions": NOT_NOTED,
            "first_date": day(offer.earliest_admission) if offer.earliest_admission else NOT_NOTED,
            "stay": f"{offer.stay_days} days" if offer.stay_days else NOT_NOTED,
            "cost": f"{offer.currency} {offer.amount_low:,.0f} to {offer.amount_high:,.0f}",
            "not_included": ", ".join(offer.exclusions) or NOT_NOTED,
            "ebrt": NOT_NOTED
            if offer.supplementary_ebrt_cost is None
            else f"{offer.currency} {offer.supplementary_ebrt_cost:,.0f} more",
            "deposit": NOT_NOTED,
            "valid_until": day(offer.valid_until) if offer.valid_until else NOT_NOTED,
        }
        for offer, name in rows
    ]


def _hospital_name(source: Source) -> str | None:
    if "hospital_id" in source.objects:
        return get(source.session, Hospital, int(source.objects["hospital_id"])).name
    hospital = chosen_hospital(source.session, source.case_id)
    return hospital.name if hospital else None


def _first_steps(source: Source) -> list[str]:
    entries = source.session.scalars(
        select(JourneyEntry)
        .where(
            col(JourneyEntry.case_id) == source.case_id,
            col(JourneyEntry.owner) == "patient",
            col(JourneyEntry.state) == "pending",
        )
        .order_by(col(JourneyEntry.due))
        .limit(3)
    )
    return [f"{entry.title} (by {day(entry.due)})" for entry in entries if entry.due]


def _plan(source: Source) -> list[dict[str, str]]:
    entries = source.session.scalars(
        select(FollowUpEntry)
        .where(col(FollowUpEntry.case_id) == source.case_id)
        .order_by(col(FollowUpEntry.due))
        .limit(6)
    )
    return [
        {"when": day(entry.due), "what": entry.ask, "origin": entry.origin.replace("_", " ")}
        for entry in entries
    ]


def _options(_: Source) -> list[dict[str, str]]:
    """Return ways to talk about with the family's own doctors; a person edits the list."""
    here = "we send your papers, translated, to the department that you name"
    return [
        {
            "name": "external radiotherapy",
            "what": "radiotherapy after the operation, in daily sessions",
            "who": "radiotherapy departments, often near home",
            "our_help": here,
        },
        {
            "name": "a second opinion",
            "what": "another tumour board reads the same papers",
            "who": "cancer centres with a tumour board",
            "our_help": here,
        },
    ]


def _asked_items(source: Source) -> list[dict[str, str]]:
    due = day((source.now + ANSWER_WITHIN).date())
    how = "Ask the department that made it, or press help and we call you."
    item = {"plain_name": "the records named in the hospital's letter", "why": "the doctors asked"}
    return [{**item, "how": how, "due": due, "nr": "1"}]


WHY_NO_WAY_ON = {
    "clinician.review_signed": "not_recommended",
    "shortlist.empty": "no_hospital",
    "outreach.exhausted": "no_offer",
    "patient.declined_all": "declined_all",
}
"""What brought a case to its alternatives, by the event that moved it there."""


def _why_no_way_on(source: Source) -> str:
    moved = source.last_payload("case.state_changed", to_state="ALTERNATIVES")
    return WHY_NO_WAY_ON.get(str(moved.get("trigger")), "other")


def _written_to(
    source: Source, templates: tuple[str, ...] | None, since: datetime | None = None
) -> list[str]:
    """Return the names of the hospitals to which such a letter has left, in order of name."""
    query = (
        select(col(Hospital.name))
        .join(OutreachThread, col(OutreachThread.hospital_id) == col(Hospital.id))
        .join(Message, col(Message.thread_id) == col(OutreachThread.id))
        .where(
            col(Message.case_id) == source.case_id,
            col(Message.direction) == "out",
            col(Message.state) == "sent",
        )
        .order_by(col(Hospital.name))
        .distinct()
    )
    if templates is not None:
        query = query.where(col(Message.template).in_(templates))
    if since is not None:
        query = query.where(col(Message.sent_at) > since)
    return list(source.session.scalars(query))


def _had_summary(source: Source) -> list[str]:
    return _written_to(source, WITH_SUMMARY)


def _told_to_delete(source: Source) -> list[str]:
    return _written_to(source, ASKING_TO_DELETE)


def _hospital_told(source: Source) -> bool:
    """Return whether a letter to the chosen hospital has left since the family chose it."""
    chosen = source.last("patient.accepted_offer")
    name = _hospital_name(source)
    return chosen is not None and name in _written_to(source, None, chosen.occurred_at)


_FIELDS: dict[str, Compute] = {
    "case": lambda s: s.case.ref,
    "name": lambda s: s.patient.name or "reader",
    "coordinator": lambda s: s.world.settings.contact_name,
    "phone": lambda s: s.world.settings.contact_phone,
    "hours": lambda s: s.world.settings.contact_hours,
    "link": lambda s: portal_link(
        s.world.settings.web_public_url, s.world.secret, s.case_id, s.case.link_generation
    ),
    "has_phone": lambda s: bool(s.patient.phone),
    "reason_plain": lambda _: "it is outside what our service can do",
    "where": lambda _: "your own doctor or the cancer centre nearest to you",
    "items": _missing_items,
    "M04.items": _all_items,
    "M13.items": _asked_items,
    "arrived": _arrived,
    "hospitals": _suggested,
    "next_step": lambda _: "we suggest hospitals to ask, and you say yes or no to each",
    "M07.next_step": lambda _: "We suggest hospitals to ask, and you say yes or no to each.",
    "M07.matched": lambda s: matched_points(
        signed_result(s.session, s.case_id), s.world.playbooks.criteria
    ),
    "M07.missing": lambda s: open_questions(signed_result(s.session, s.case_id)),
    "asked": _asked,
    "news": lambda _: "There is no new answer yet.",
    "next_word": lambda s: f"by {s.local(s.now + NEXT_NEWS)}, also if nothing is new",
    "hospital": _hospital_name,
    "offers": _offers,
    "hospital_told": _hospital_told,
    "admission_date": lambda s: day(s.case.admission_date) if s.case.admission_date else None,
    "first_steps": _first_steps,
    "iort": lambda s: s.last_payload("surgery.completed").get("iort_delivered"),
    "pathology_due": lambda s: day((s.case.surgery_date or s.now.date()) + timedelta(days=10)),
    "why": _why_no_way_on,
    "M37.reason_plain": lambda s: {
        "by_patient": "You told us that you do not wish to go on.",
        "unresponsive": "We could not reach you for a long time.",
    }.get(s.case.outcome or "", "The case has come to its end."),
    "options": _options,
    "said_plain": lambda _: "the final laboratory result asks for a talk about further treatment",
    "steps": lambda _: [
        "the treating doctors discuss with you whether and where further treatment is given",
        "we check your stay, your visa and the costs with you",
    ],
    "plan": _plan,
    "had_summary": _had_summary,
    "told": _told_to_delete,
}


def reminder_fields(
    session: Session, world: World, case: Case, entry: FollowUpEntry
) -> dict[str, Any]:
    """Return the fields of a reminder: one question and whose plan it comes from."""
    fields = patient_fields(session, world, case, "M34", {})
    origin = {"template": "our usual schedule", "clinician_entry": "your doctor's plan"}
    question = world.playbooks.follow_up.plain(entry.code, entry.ask)
    return {
        **fields,
        "question": question,
        "origin": origin.get(entry.origin, entry.origin),
        "kind": world.playbooks.follow_up.kind(entry.code, entry.ask),
        "answers": world.playbooks.follow_up.answers(entry.code, entry.ask),
    }
