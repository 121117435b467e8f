"""Plays the people: looks at the open questions and answers each as its role would.

A question that only time can answer (the patient arrives on Tuesday) is answered when the business
clock has reached that day.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence import classify_reply, parse_inbound
from local.rehearsal import papers
from local.rehearsal.asked import Answer, Asked, Later, Reaction, morning
from local.rehearsal.parts import Part
from models import (
    Case,
    Document,
    FindingRecord,
    Hospital,
    HumanTask,
    Message,
    Offer,
    OutreachThread,
)
from models.base import require_id
from models.database import transaction
from views.asking import background
from workflows.decisions import DecisionRefused, choices_of, decide
from workflows.engine.lookup import get
from workflows.engine.world import World
from workflows.events import Actor
from workflows.outreach.item_answers import untold
from workflows.screening.signing import as_read

SIGNED = {"signed_by": "patient", "method": "paper"}
SIGNER = {
    "signer_name": "Dr Ada Example (invented)",
    "signer_qualification": "Consultant in radiation oncology",
    "signer_registration": "EX-00001, register of the example",
}
JOURNEY_AHEAD = timedelta(days=45)
"""How far ahead an admission is agreed."""


def _in_days(asked: Asked, name: str, days: int) -> Mapping[str, str]:
    """Return the value that a thing is expected some days from now."""
    return {name: (asked.now.date() + timedelta(days=days)).isoformat()}


def _today(asked: Asked, name: str) -> Mapping[str, str]:
    """Return the value that a thing happened today."""
    return {name: asked.now.date().isoformat()}


def _operation(case: Case) -> datetime:
    """Return the morning of the operation: as agreed, else the day after the admission."""
    return morning(case.surgery_date) if case.surgery_date else morning(case.admission_date, 1)


def _at(asked: Asked, moment: datetime, answer: Answer) -> Reaction:
    return answer if asked.now >= moment else Later(moment)


def _triage(asked: Asked) -> Reaction:
    return Answer("in_scope", {"site": asked.part.site})


def _review_findings(asked: Asked) -> Reaction:
    first = not asked.session.scalars(
        select(col(FindingRecord.id)).where(
            col(FindingRecord.case_id) == asked.case.id,
            col(FindingRecord.state).in_(("confirmed", "corrected")),
        )
    ).first()
    return Answer("confirm", asked.part.by_hand if first else asked.part.final_by_hand)


def _review_case(asked: Asked) -> Reaction:
    part = asked.part
    values = _signing(asked, "preop")
    if part.signs == "suitable_for_outreach":
        values = {**values, "technique": part.technique}
    return Answer(part.signs, values, part.reason)


def _recheck_pathology(asked: Asked) -> Reaction:
    return Answer("no_change", _signing(asked, "postop"))


def _signing(asked: Asked, phase: str) -> Mapping[str, str]:
    """Return what every signature states: which result, the findings that decide, who signs."""
    library, case_id = asked.world.playbooks.criteria, require_id(asked.case.id)
    return {**SIGNER, **as_read(asked.session, library, case_id, phase)}


def _chosen_hospitals(asked: Asked) -> Reaction:
    found = background(asked.session, require_id(asked.task.id))
    codes = [
        each.code for each in found.hospitals if not found.allowed or each.code in found.allowed
    ]
    chosen = ",".join(codes[: max(1, len(asked.part.replies))])
    if asked.task.kind == "approve_shortlist":
        return Answer("approve", {"hospitals": chosen})
    return Answer("granted", {"hospitals": chosen, **SIGNED})


def _confirm_reply(asked: Asked) -> Reaction:
    message = get(asked.session, Message, asked.task.objects["message_id"])
    offered = choices_of(asked.task, asked.case)
    proposed = message.reply_class or "other"
    if asked.case.state not in ("OUTREACH", "MORE_INFO", "OFFER_REVIEW"):
        proposed = "other"  # the case is past asking: what comes now are papers
    return Answer(proposed if proposed in offered else "other")


def _answer_more_info(asked: Asked) -> Reaction:
    """Settle what the hospital asks for: all of it stands in the papers that the case has."""
    thread_id = asked.task.objects["thread_id"]
    items = [str(item.id) for item in untold(asked.session, thread_id)]
    papers = asked.session.scalars(
        select(col(Document.id))
        .where(col(Document.case_id) == asked.case.id, col(Document.state) == "verified")
        .limit(1)
    ).all()
    named = {"items": ",".join(items)}
    if not papers:
        return Answer("unavailable", named, "the file holds no paper that says it")
    return Answer("have", {**named, "papers": str(papers[0])})


def _record_offer(asked: Asked) -> Reaction:
    """Write down what the hospital's newest letter states, as a coordinator reads it."""
    thread = get(asked.session, OutreachThread, asked.task.objects["thread_id"])
    letter = asked.session.scalars(
        select(Message)
        .where(col(Message.thread_id) == thread.id, col(Message.reply_class) == "offer")
        .order_by(col(Message.id).desc())
        .limit(1)
    ).first()
    if letter is None or letter.raw_object_key is None:
        return Answer("no_offer", reason="the letter names no amount")
    facts = classify_reply(parse_inbound(asked.world.storage.get(letter.raw_object_key))).facts
    if "amount_low" not in facts:
        return Answer("no_offer", reason="the letter names no amount")
    values = {"technique": asked.part.technique}
    for name in ("currency", "amount_low", "amount_high", "earliest_admission", "valid_until"):
        if name in facts:
            values[name] = str(facts[name])
    if "stay_days_low" in facts:
        values["stay_days"] = str(facts["stay_days_low"])
    return Answer("record", values)


def _present_offer(asked: Asked) -> Reaction:
    return Answer("present") if asked.case.state == "OFFER_REVIEW" else None


def _patient_decision(asked: Asked) -> Reaction:
    offer = asked.session.scalars(
        select(Offer)
        .where(col(Offer.case_id) == asked.case.id, col(Offer.state) == "presented")
        .order_by(col(Offer.amount_low))
        .limit(1)
    ).first()
    answer = Answer("accepted", {"offer": str(offer.id)} if offer else {})
    return _at(asked, asked.task.opened_at + timedelta(days=2), answer)


def _confirm_admission(asked: Asked) -> Reaction:
    admission = (asked.now + JOURNEY_AHEAD).date()
    values = {
        "admission_date": admission.isoformat(), "needs_visa": "yes", "supplementary_at": "home",
    }  # fmt: skip
    return _confirmed(asked, "passports", Answer("confirmed", values))


def _confirmed(asked: Asked, about: str, answer: Answer) -> Reaction:
    """Let a second person confirm first what no paper of the rehearsal shows."""
    found = papers.confirmation(asked.session, require_id(asked.case.id), about)
    if found == "given":
        return answer
    if found == "asked":
        return None
    return Answer("ask_second", reason="seen on the screen of a call")


def _progress(asked: Asked) -> Reaction:
    react = _JOURNEY.get(asked.case.state)
    return react(asked) if react else None


def _fly_home(asked: Asked) -> Reaction:
    case = asked.case
    settled = asked.world.process.machine.settled_for_flight
    earliest = morning(case.surgery_date, 10)
    flight = max(morning(case.surgery_date, 11), asked.now)
    values = {"flight_date": flight.date().isoformat()}
    if case.pathology_state in settled:
        cleared = Answer("cleared", values, gate="fly_home")
    elif asked.part.final_pathology:
        return Later(earliest) if asked.now < earliest else None
    elif asked.now >= earliest:
        case_id = require_id(case.id)
        paper = papers.waiver(asked.session, case_id)
        if paper is None:
            papers.bring_waiver(asked.world, case_id, asked.part.person)
            return None
        values |= {"waiver_signed": "yes", "waiver_document": str(paper)}
        why = "the waiver that the family has read and signed"
        cleared = Answer("cleared", values, why, "fly_home")
    else:
        return Later(earliest)
    if asked.now < earliest:
        return Later(earliest)
    return _confirmed(asked, "fit_to_fly", cleared)


def _departed(asked: Asked) -> Reaction:
    return _at(
        asked,
        morning(asked.case.admission_date, -3),
        Answer("departed", _today(asked, "departure_date"), gate="go_no_go"),
    )


def _arrived(asked: Asked) -> Reaction:
    return _at(asked, asked.task.opened_at + timedelta(days=1), Answer("arrived"))


_JOURNEY: Mapping[str, Callable[[Asked], Reaction]] = {
    "INVITATION_LETTER": lambda a: _at(
        a, a.task.opened_at + timedelta(days=2), Answer("letter_verified")
    ),
    "VISA": lambda a: _at(a, a.task.opened_at + timedelta(days=12), Answer("granted", {
        "valid_until": morning(a.case.admission_date, 90).date().isoformat(),
    })),
    "TRAVEL_PREP": _departed,
    "IN_TRANSIT": _arrived,
    "LOCAL_PREOP": lambda a: _at(a, morning(a.case.admission_date), Answer("admitted")),
    "ADMITTED": lambda a: _at(a, _operation(a.case), Answer("operated", {
        **_today(a, "surgery_date"), "iort_delivered": "yes", "technique": a.part.technique,
    })),
    "POST_OP": lambda a: _at(
        a, morning(a.case.surgery_date, 4), Answer("discharged", _today(a, "discharge_date"))
    ),
    "FLY_HOME_CLEARANCE": _fly_home,
    "RETURNING": lambda a: _at(
        a, morning(a.case.return_date, 1), Answer("home", _today(a, "date"))
    ),
}  # fmt: skip

_SAME: Mapping[str, Answer] = {
    "record_consent": Answer("granted", SIGNED),
    "settle_completeness": Answer("waive", reason="imaging is on its way"),
    "countersign_waiver": Answer("agree", reason="a first answer does not need the imaging"),
    "approve_message": Answer("approve"),
    "call_family": Answer("called"),
    "confirm_deletion": Answer("confirmed", reason="said so on the telephone"),
    "give_news": Answer("told", reason="called, and told how things stand"),
    "record_alternative": Answer("referred_out"),
    "chase_item": Answer("done"),
    "confirm_word": Answer("confirmed", reason="seen in the original"),
    "call_patient": Answer("done"),
    "ask_symptoms": Answer("none_of_these"),
    "repair_document": Answer("asked_sender"),
    "settle_wrong_patient": Answer("other_patient"),
    "match_mail": Answer("ignore"),
    "approve_translation": Answer("approved"),
    "repair_step": Answer("retry"),
}
_REACTIONS: Mapping[str, Callable[[Asked], Reaction]] = {
    "triage_inquiry": _triage,
    "review_findings": _review_findings,
    "review_case": _review_case,
    "recheck_pathology": _recheck_pathology,
    "record_hospital_consent": _chosen_hospitals,
    "approve_shortlist": _chosen_hospitals,
    "confirm_reply": _confirm_reply,
    "record_offer": _record_offer,
    "answer_more_info": _answer_more_info,
    "chase_by_phone": lambda _: Answer("silent"),
    "follow_thread": lambda a: Answer("wait", _in_days(a, "promised_on", 2)),
    "mend_address": lambda a: Answer("arrived", _in_days(a, "promised_on", 2)),
    "present_offer": _present_offer,
    "record_patient_decision": _patient_decision,
    "confirm_admission": _confirm_admission,
    "report_progress": _progress,
}
LEFT_OPEN = frozenset({"settle_message"})
"""What the player does not know: whether a letter arrived is found out in the mailbox."""


def react(asked: Asked) -> Reaction:
    """Return what the person asked would answer now; None when only something else helps."""
    kind = asked.task.kind
    if kind in LEFT_OPEN:
        return None
    if kind in _SAME:
        return _SAME[kind]
    if kind in _REACTIONS:
        return _REACTIONS[kind](asked)
    simple = [
        code
        for code, choice in choices_of(asked.task, asked.case).items()
        if not choice.needs and not choice.reason
    ]
    return Answer(simple[0]) if simple else None


@dataclass
class Player:
    """Answers the open questions of the cases it plays, as `rehearsal:<role>`."""

    world: World
    parts: dict[int, Part] = field(default_factory=dict)
    """By case id."""
    answered: int = 0
    last_refusal: str = ""
    """Why the rules did not take an answer; it names no patient."""
    _refused: dict[int, datetime] = field(default_factory=dict)

    def answer_all(self, most: int | None = None) -> tuple[int, datetime | None]:
        """Answer what can be answered now, at most `most` questions.

        Returns the number of answers, and the earliest moment at which time lets another be given.
        """
        now = self.world.clock.now()
        count, next_at = 0, None
        for task_id in self._open():
            reaction = self._reaction(task_id, now)
            if isinstance(reaction, Answer):
                if self._give(task_id, reaction, now):
                    count += 1
                    if count == most:
                        break
                    continue
                reaction = Later(self._refused[task_id])
            if isinstance(reaction, Later):
                next_at = min(next_at or reaction.at, reaction.at)
        self.answered += count
        return count, next_at

    def _open(self) -> list[int]:
        with transaction(self.world.engine) as session:
            rows = session.scalars(
                select(col(HumanTask.id))
                .where(col(HumanTask.state) == "open", col(HumanTask.case_id).in_(self.parts))
                .order_by(col(HumanTask.id))
            )
            return [row for row in rows if row is not None]

    def _reaction(self, task_id: int, now: datetime) -> Reaction:
        refused = self._refused.get(task_id)
        if refused is not None and now < refused:
            return Later(refused)
        with transaction(self.world.engine) as session:
            task = get(session, HumanTask, task_id)
            if task.state != "open" or task.case_id is None:
                return None
            case = get(session, Case, task.case_id)
            return react(Asked(self.world, session, task, case, self.parts[task.case_id], now))

    def _give(self, task_id: int, answer: Answer, now: datetime) -> bool:
        with transaction(self.world.engine) as session:
            task = get(session, HumanTask, task_id)
            role, case_id = task.role, task.case_id
        if answer.gate is not None and case_id is not None:
            papers.tick(self.world, case_id, answer.gate)
        try:
            decide(
                self.world,
                task_id,
                answer=answer.code,
                actor=Actor(role, f"rehearsal:{role}"),
                reason=answer.reason,
                values=answer.values,
            )
        except DecisionRefused as refused:
            # A rule says "not yet": a person would come back to it the next day.
            self._refused[task_id] = now + timedelta(days=1)
            self.last_refusal = str(refused)
            return False
        return True


def hospital_addresses(session: Session) -> list[str]:
    """Return where the directory's hospitals get their mail."""
    return sorted(set(session.scalars(select(col(Hospital.email)))))
