"""Plays the people: looks at the open questions and answers each as its role would.

A question that only time can answer (the patient arrives on Tuesday) is answered when the business
clock has reached that day.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from correspondence import parse_inbound, proposal_for
from local.rehearsal import papers
from local.rehearsal.asked import Answer, Asked, Later, Reaction, at_moment, in_days
from local.rehearsal.journeys import confirm_admission, progress
from local.rehearsal.parts import Part
from local.rehearsal.reading import looked_at, picked
from models import Case, Document, Hospital, HumanTask, Message, Offer, OutreachThread
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


def _triage(asked: Asked) -> Reaction:
    return Answer("in_scope", {"site": asked.part.site})


def _review_findings(asked: Asked) -> Reaction:
    return Answer("confirm", looked_at(asked.session, asked.world, asked.task, asked.part))


def _settle_differences(asked: Asked) -> Reaction:
    return Answer("pick", picked(asked.session, asked.world, asked.case, asked.now.date()))


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
    fits = proposed in offered and not offered[proposed].needs
    return Answer(proposed if fits else "other")


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
    facts = proposal_for(parse_inbound(asked.world.storage.get(letter.raw_object_key))).facts
    if "amount_low" not in facts:
        return Answer("no_offer", reason="the letter names no amount")
    values = {"technique": asked.part.technique}
    for name in ("currency", "amount_low", "amount_high", "earliest_admission", "valid_until"):
        if name in facts:
            values[name] = str(facts[name])
    if "stay_days_low" in facts:
        values["stay_days"] = str(facts["stay_days_low"])
    return Answer("record", values)


def _patient_decision(asked: Asked) -> Reaction:
    offer = asked.session.scalars(
        select(Offer)
        .where(col(Offer.case_id) == asked.case.id, col(Offer.state) == "presented")
        .order_by(col(Offer.amount_low))
        .limit(1)
    ).first()
    answer = Answer("accepted", {"offer": str(offer.id)} if offer else {})
    return at_moment(asked, asked.task.opened_at + timedelta(days=2), answer)


_SAME: Mapping[str, Answer] = {
    "record_consent": Answer("granted", SIGNED),
    "settle_completeness": Answer("waive", reason="imaging is on its way"),
    "countersign_waiver": Answer("agree", reason="a first answer does not need the imaging"),
    "approve_message": Answer("approve"),
    "present_offer": Answer("present"),
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
    "match_mail": Answer("ignore", reason="not about a case"),
    "approve_translation": Answer("approved"),
    "repair_step": Answer("retry"),
    "request_invitation": Answer("not_needed", reason="their desk sends it by itself"),
    "check_invitation": Answer("no_letter", reason="it was compared before"),
    "use_named_date": Answer("seen_to", reason="the admission has that day"),
    "confirm_redirect": Answer("no", reason="the address is the desk's own"),
}

_REACTIONS: Mapping[str, Callable[[Asked], Reaction]] = {
    "triage_inquiry": _triage,
    "review_findings": _review_findings,
    "settle_differences": _settle_differences,
    "review_case": _review_case,
    "recheck_pathology": _recheck_pathology,
    "record_hospital_consent": _chosen_hospitals,
    "approve_shortlist": _chosen_hospitals,
    "confirm_reply": _confirm_reply,
    "record_offer": _record_offer,
    "answer_more_info": _answer_more_info,
    "chase_by_phone": lambda _: Answer("silent"),
    "call_head": lambda _: Answer("silent"),
    "follow_thread": lambda a: Answer("wait", in_days(a, "promised_on", 2)),
    "mend_address": lambda a: Answer("arrived", in_days(a, "promised_on", 2)),
    "record_patient_decision": _patient_decision,
    "confirm_admission": confirm_admission,
    "report_progress": progress,
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
