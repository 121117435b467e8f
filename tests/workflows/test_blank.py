"""A blank form states nothing: what nobody chose is refused, or not recorded at all.

The walk goes through every answer of every question, so a new one is covered when it is added. A
new payload field is taken for something that a person has to state until it stands in `OURS`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from adapters.clock import FixedClock
from models import Case, CaseEvent
from settings import Settings
from tests.workflows.furnished import Furnished
from tests.workflows.playing import add_hospitals
from workflows.decisions import QUESTIONS, Choice, DecisionRefused, decide
from workflows.engine.values import VALUES
from workflows.engine.world import World
from workflows.events import Actor
from workflows.table import ON_ENTERING
from workflows.verbs import Ask

OURS = frozenset({
    # ids, versions and hashes
    "assessment_id", "document_id", "finding_id", "hospital_id", "item_id", "message_id",
    "offer_id", "offer_ids", "contact_id", "reminder_id", "review_id", "task_id", "thread_id",
    "package_id", "link_id",
    "input_hash",
    "body_sha256", "old_input_hash", "sets",
    "model_version", "engine_version", "extractor_version", "text_version", "profile_version",
    "template_version", "task_name", "queue", "profile", "template",
    # counted or computed from what is known of the case and of who answers
    "attempt", "blockers", "category", "corrected", "days_from_surgery", "days_post_op", "due_at",
    "seconds_spent", "hours_to_answer", "los_days", "pathology_settled", "confidence", "missing",
    "missing_fields", "answers", "field", "document_label", "language", "proposed_by", "waived_by",
    "edited", "first_outcome", "machine", "matched_by", "needs_visa", "phase", "same_day",
    "routes_open", "tags", "to_role", "unit", "deletion_due", "owner", "critical_fields", "old",
    "agrees_with_screen", "fields", "rejected", "stops", "others_open", "was", "round",
    "open_items", "all_asked", "changed", "has_attachments", "state_before", "attested",
    "about", "stay_covers_plan", "wait_until", "policy_version", "documents", "letters",
    "pages", "deid_level", "ends",
    # the machine's own words
    "from_state", "to_state", "trigger", "guard_results", "waiting_on", "role", "kind", "state",
})  # fmt: skip
CHOSEN = frozenset({
    "consent.withdrawn.scopes", "consent.withdrawn.whole", "data.erasure_approved.reason",
    "package.dropped.reason", "invitation.defect_found.defects",
    "data.kept.asked", "data.erasure_asked.reason", "data.erasure_held.asked",
    "data.erasure_held.parts", "data.erasure_released.reason", "hospital.withdrew_offer.agreed",
    "hospital.withdrew_offer.abroad", "abroad.settled.way", "care.settled.how",
    "family.called.reached", "offer.renewed.present", "outreach.thread_closed.reason",
    "records.answered.answer", "records.requested.by", "records.requested.items",
    "records.requested.reason", "timer.fired.timer", "case.resumed.after",
    "case.closed.outcome", "clinical.red_flag_reported.channel",
    "clinical.red_flag_reported.joined", "clinical.red_flag_reported.source",
    "clinical.red_flag_reported.symptom_codes", "message.received.channel",
    "message.received.danger", "message.received.from_role", "red_flag.not_reached.reached",
    "checklist.item_waived.reason", "clinician.opinions_differed.reason",
    "clinician.opinions_differed.review", "clinician.review_signed.override_reason",
    "clinician.review_signed.review", "clinician.review_voided.reason",
    "clinician.second_opinion_asked.review", "consent.declined.scopes", "consent.granted.scopes",
    "document.unreadable.reason", "extraction.field_rejected.reason",
    "hospital.reply_classified.confirmed", "hospital.reply_classified.reply_class",
    "hospital.sender_confirmed.why", "hospital.named_date.scheduling",
    "outreach.delivery_updated.status",
    "inquiry.triaged.in_scope", "more_info.unavailable.reason",
    "offer.clarification_needed.questions", "offer.fell_away.reason",
    "more_info.requested.items", "patient.death_report_retracted.by",
    "patient.death_report_retracted.reason",
    "shortlist.empty.reason_code", "travel.go_no_go_signed.decision",
})  # fmt: skip
"""What the very choice of an answer says, or the state that it leads to."""
FIRST = ("CLINICIAN_REVIEW", "OFFER_REVIEW", "SHORTLISTING", "COMPLETENESS_CHECK", "OUTREACH")
PATHOLOGY = ("NOT_STARTED", "NO_CHANGE", "RECEIVED", "SUPPL_RECOMMENDED", "SUPPL_SCHEDULED")
ROLES = {"mend_playbook": "administrator", "finish_bereavement": "lead"}


@dataclass(frozen=True)
class Offered:
    """One answer of one question, and the states that offer it."""

    kind: str
    answer: str
    choice: Choice
    states: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind}: {self.answer}"


@pytest.fixture
def world(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> World:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    return world


def every_answer(world: World) -> Iterator[Offered]:
    states = sorted(world.process.machine.waiting_on)
    for kind, question in QUESTIONS.items():
        asked = [
            s
            for s, acts in ON_ENTERING.items()
            if any(isinstance(a, Ask) and a.kind == kind for a in acts)
        ]
        ordered = list(dict.fromkeys([*asked, *FIRST, *states]))
        offered: dict[tuple[str, int], list[str]] = {}
        found: dict[tuple[str, int], Choice] = {}
        for state in ordered:
            cases = [
                Case(ref="x", state=state, stage="x", pathology_state=beside)
                for beside in PATHOLOGY
            ]
            for code, choice in [one for c in cases for one in question.choices(c).items()]:
                key = (code, id(choice))
                if state not in offered.setdefault(key, []):
                    offered[key].append(state)
                found[key] = choice
        for (code, _), choice in found.items():
            yield Offered(kind, code, choice, tuple(offered[(code, id(choice))]))


def needed(of: Furnished, choice: Choice, answer: str) -> dict[str, str]:
    """Return a value for everything that an answer needs, none of them today's date."""

    def day(ahead: int) -> str:
        return (of.today + timedelta(days=ahead)).isoformat()

    samples = {
        "address": "new@hospital.example", "mrz_name": "SAMPLE<<GRACE", "mission": "Nairobi",
        "passport_number": "A0000000", "nationality": "KE", "valid_from": day(-400),
        "valid_to": day(2000), "name_stated": "Grace Sample", "passport_stated": "A0000000",
        "admission_stated": day(60),
        "admission_date": day(60), "amount_high": "200", "amount_low": "100", "currency": "USD",
        "case": of.ref, "date": day(-1), "defects": "dates", "departure_date": day(-12),
        "discharge_date": day(-3), "flight_date": day(3), "hospitals": "H01",
        "evidence": "a call",
        "items": "imaging_mri", "keep_until": day(400), "password": "secret", "said": "we talked",
        "papers": str(of.objects["document_id"]), "promised_on": day(5), "surgery_date": day(-4),
        "language": "ru", "places": f"{of.ref},{of.objects['thread_id']}",
        "start_date": day(30), "reason_code": "family", "time_zone": "Asia/Muscat",
        "treatment_document": str(of.objects["document_id"]),
        "extension_document": str(of.objects["document_id"]),
        "thread": str(of.objects["thread_id"]), "told_on": day(-1),
        "valid_until": day(90), "resume_by": day(30), "questions": "validity",
            "step_name": "travel.plan_journey",
    }  # fmt: skip
    samples |= {name: value.codes[0] for name, value in VALUES.items() if value.codes}
    assert set(choice.needs) <= set(samples), f"give a sample of {choice.needs}"
    return {name: samples[name] for name in choice.needs} | of.stated(answer)


def answered(of: Furnished, offered: Offered, state: str, pathology: str,
             values: Mapping[str, str], reason: str | None) -> list[CaseEvent]:  # fmt: skip
    role = ROLES.get(offered.kind) or sorted(QUESTIONS[offered.kind].roles)[0]
    before = of.seq()
    decide(
        of.world,
        of.ask(state, pathology, role),
        answer=offered.answer,
        actor=Actor(role, "somebody"),
        values=values,
        reason=reason,
    )
    return of.since(before)


def where_it_is_taken(of: Furnished, offered: Offered) -> tuple[str, str, list[CaseEvent]] | str:
    """Answer with what is needed and nothing else, in the first state that takes it.

    Returns the state, the pathology's state and the events; or, where none does, why.
    """
    refusals = set()
    for pathology in PATHOLOGY:
        for state in offered.states:
            try:
                values = needed(of, offered.choice, offered.answer)
                return state, pathology, answered(of, offered, state, pathology, values, "why")
            except DecisionRefused as refused:
                refusals.add(str(refused))
    return f"{offered} is taken in no state: {sorted(refusals)}"


def invented(events: list[CaseEvent], answer: str, values: Mapping[str, str]) -> list[str]:
    """Return what the events state that neither a person said nor the program can know."""
    given = {answer} | {part for value in values.values() for part in (value, *value.split(","))}
    found = []
    for event in events:
        for name, value in event.payload.items():
            whole = f"{event.type}.{name}"
            if name in OURS or whole in CHOSEN or value is None or value == []:
                continue
            parts = value if isinstance(value, list) else [value]
            if not {_said(part) for part in parts} <= given:
                found.append(f"{whole} = {value!r}")
    return found


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def rows_invented(of: Furnished, before: Mapping[str, Any], values: Mapping[str, str]) -> list[str]:
    found = [
        f"case.{name} = {day}"
        for name, day in of.dates().items()
        if before.get(name) != day and day.isoformat() not in values.values()
    ]
    for consent in of.consents()[of.given :]:
        found += [
            f"consent.{name} = {getattr(consent, name)}"
            for name in ("signed_by", "method")
            if getattr(consent, name) != values.get(name)
        ]
    return found


def test_no_answer_states_what_nobody_said(world: World) -> None:
    faults: list[str] = []
    for offered in every_answer(world):
        of = Furnished(world, offered.kind)
        before = {"admission_date": of.admitted}
        taken = where_it_is_taken(of, offered)
        if isinstance(taken, str):
            faults.append(taken)
            continue
        state, pathology, events = taken
        values = needed(of, offered.choice, offered.answer)
        faults += [f"{offered}: {one}" for one in invented(events, offered.answer, values)]
        faults += [f"{offered}: {one}" for one in rows_invented(of, before, values)]
        blank = Furnished(world, offered.kind)
        try:
            events = answered(blank, offered, state, pathology, {}, None)
        except DecisionRefused:
            continue
        faults += [f"{offered}, blank: {one}" for one in invented(events, offered.answer, {})]
        faults += [f"{offered}, blank: {one}" for one in rows_invented(blank, before, {})]
    assert not faults, "\n".join(faults)
