"""Decisions: the answers that people give to human tasks, and what each of them records.

`decide()` is the one way in, for the console and the command line alike. An answer that the rules
do not allow is refused with the reason; nothing is written then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from accounts.people import is_somebody
from models import Case, HumanTask, OutreachThread
from models.database import transaction
from models.human_task import SETTLE
from workflows.cases import ending_decisions as endings
from workflows.cases import inquiry_decisions as inquiry
from workflows.cases import silence_decisions as silence
from workflows.cases import who_decides
from workflows.cases.silence import wake
from workflows.documents import budget_decisions as budgets
from workflows.documents import request_decisions as requests
from workflows.engine import repair_decisions as repair
from workflows.engine import unknown
from workflows.engine.deciding import (
    Choice,
    Deciding,
    DecisionRefused,
    NotStated,
    Question,
    check_text,
    stated_only,
)
from workflows.engine.doorbell import DueRow
from workflows.engine.not_there import ERASED
from workflows.engine.outside import with_outside
from workflows.engine.record import Recorder
from workflows.engine.values import VALUES, YES_NO
from workflows.engine.world import World
from workflows.events import Actor
from workflows.findings import differing_decisions as differences
from workflows.findings import document_decisions as documents
from workflows.history import decisions as history
from workflows.hooks import decisions as hooks
from workflows.journey import decisions as journey
from workflows.journey import evidence
from workflows.journey import follow_up_decisions as follow_up
from workflows.journey import red_flag_decisions as red_flags
from workflows.journey import supplementary_decisions as supplementary
from workflows.letters import decisions as letters
from workflows.letters import gate_decisions as gate
from workflows.letters import page_decisions as pages
from workflows.letters import placing_decisions as placing
from workflows.outreach import contact_decisions as contacts
from workflows.outreach import decisions as hospitals
from workflows.outreach import invitation_decisions as invitations
from workflows.outreach import item_decisions as items
from workflows.outreach import offer_decisions as offers
from workflows.outreach import patient_decisions as deciding_offers
from workflows.outreach import renewal_decisions as renewals
from workflows.outreach import reply_decisions as replies
from workflows.outreach import thread_decisions as threads
from workflows.outreach.open_threads import see_on
from workflows.records import approving as records
from workflows.retention import decisions as retention
from workflows.retention import holding
from workflows.screening import decisions as review
from workflows.screening import withdrawn
from workflows.watch import decisions as watch

QUESTIONS: Mapping[str, Question] = {
    **inquiry.QUESTIONS,
    **who_decides.QUESTIONS,
    **documents.QUESTIONS,
    **requests.QUESTIONS,
    **budgets.QUESTIONS,
    **differences.QUESTIONS,
    **review.QUESTIONS,
    **withdrawn.QUESTIONS,
    **hospitals.QUESTIONS,
    **letters.QUESTIONS,
    **gate.QUESTIONS,
    **placing.QUESTIONS,
    **replies.QUESTIONS,
    **contacts.QUESTIONS,
    **invitations.QUESTIONS,
    **threads.QUESTIONS,
    **items.QUESTIONS,
    **offers.QUESTIONS,
    **deciding_offers.QUESTIONS,
    **renewals.QUESTIONS,
    **records.QUESTIONS,
    **journey.QUESTIONS,
    **evidence.QUESTIONS,
    **supplementary.QUESTIONS,
    **follow_up.QUESTIONS,
    **red_flags.QUESTIONS,
    **endings.QUESTIONS,
    **silence.QUESTIONS,
    **repair.QUESTIONS,
    **unknown.QUESTIONS,
    **hooks.QUESTIONS,
    **watch.QUESTIONS,
    **pages.QUESTIONS,
    **history.QUESTIONS,
    **retention.QUESTIONS,
    **holding.QUESTIONS,
}

__all__ = [
    "QUESTIONS",
    "Choice",
    "Decided",
    "DecisionRefused",
    "NotStated",
    "Question",
    "choices_of",
    "decide",
]


BREAKS_SILENCE = ("record_consent", "record_records_answer", "record_patient_decision")
"""Questions whose answer is the family's word: a hold that was only for their silence ends."""


REPAIR = "repair_step"
OF_ERASED = (REPAIR, SETTLE, holding.REVIEW)
"""Answered of an erased case too: the step that erases may have stopped, a letter be on its way."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided: the task, the case's reference (None for a task without one), the state.

    `stays_open`: a part was settled, and the task still waits for the rest.
    """

    task_id: int
    case_ref: str | None
    state: str | None
    stays_open: bool = False


def choices_of(task: HumanTask, case: Case | None) -> Mapping[str, Choice]:
    """Return the answers that `task` allows now, by their code."""
    return QUESTIONS[task.kind].choices(case)


def decide(
    world: World,
    task_id: int,
    *,
    answer: str,
    actor: Actor,
    reason: str | None = None,
    values: Mapping[str, str] | None = None,
) -> Decided:
    """Answer a human task in one transaction and ring for what follows.

    Raises `DecisionRefused` with a message for the person: no such task, not open, not your role,
    an answer that is not offered, a value or reason that is missing, or a guard that does not hold.
    What it stores is stored first, with no case held.
    """
    for name, given in {**(values or {}), "reason": reason or ""}.items():
        check_text("the name of a value", name)
        check_text(name, given)
    values = {name: stated_only(name, given) for name, given in (values or {}).items()}
    reason = stated_only("reason", reason or "") or None
    if not is_somebody(actor.ref):
        raise DecisionRefused("Nobody says who answers: sign in, or name yourself.")
    now = world.clock.now()
    decided, due = with_outside(
        lambda: _decided(world, task_id, answer, actor, reason, values or {}, now)
    )
    world.doorbell.ring(due)
    return decided


def _decided(
    world: World,
    task_id: int,
    answer: str,
    actor: Actor,
    reason: str | None,
    values: Mapping[str, str],
    now: datetime,
) -> tuple[Decided, list[DueRow]]:
    with transaction(world.engine) as session:
        case_id = session.scalars(
            select(col(HumanTask.case_id)).where(col(HumanTask.id) == task_id)
        ).first()
        recorder = Recorder(session, world.process, now)
        case = recorder.case(case_id) if case_id is not None else None
        task = session.get(HumanTask, task_id, with_for_update=True, populate_existing=True)
        if task is None:
            raise DecisionRefused(f"There is no task {task_id}. `iort tasks` lists the open ones.")
        if case is not None and case.erased_at is not None and task.kind not in OF_ERASED:
            raise DecisionRefused(ERASED)
        if case_id is not None and task.state == "open" and task.kind in BREAKS_SILENCE:
            wake(recorder, case_id)
        choice = _allowed(task, case, answer, actor)
        deciding = Deciding(session, recorder, world, task, actor, values, reason)
        for name in choice.needs:
            deciding.value(name)
        for name in (*choice.needs, *choice.may):
            _known_code(deciding, name)
        unknown = sorted(set(values) - {*choice.needs, *choice.may, "*"})
        if unknown and "*" not in choice.may:
            raise DecisionRefused(f"{answer} takes no value {', '.join(unknown)}.")
        if choice.reason:
            deciding.needs_reason()
        # Answered before its facts are recorded: leaving a state cancels only what is still open.
        task.state = "done"
        session.flush()
        recorder.by = f"answer {task.kind}.{answer}"
        choice.apply(deciding)
        recorder.by = None
        if deciding.stays_open:
            task.state = "open"
        else:
            _complete(deciding, answer)
        if "thread_id" in task.objects:
            thread = session.get_one(OutreachThread, task.objects["thread_id"])
            see_on(recorder, thread, deciding.cause)
        due = recorder.flush()
        ref, state = (case.ref, case.state) if case else (None, None)
        return Decided(task_id, ref, state, stays_open=deciding.stays_open), due


def _known_code(deciding: Deciding, name: str) -> None:
    """Refuse a word outside the list of its value; what is yes or no is read by `flag`."""
    given, known = deciding.optional(name), VALUES.get(name)
    if given is None or known is None or not known.codes or known.codes == YES_NO:
        return
    if given not in known.codes:
        raise DecisionRefused(f"{name} must be one of: {', '.join(known.codes)}")


def _allowed(task: HumanTask, case: Case | None, answer: str, actor: Actor) -> Choice:
    if task.state != "open":
        how = "was answered" if task.state == "done" else "is no longer asked"
        raise DecisionRefused(
            f"Task {task.id} is {task.state} already. Its question {how}, perhaps in another "
            "window or by a colleague. Nothing was saved now. Open the case to see how it stands."
        )
    question = QUESTIONS[task.kind]
    if actor.type not in question.roles and actor.type != "administrator":
        allowed = " or ".join(sorted(question.roles))
        raise DecisionRefused(f"Only a {allowed} may answer this.")
    choices = question.choices(case)
    if answer not in choices:
        offered = ", ".join(sorted(choices)) or "none in this state"
        if not answer:
            raise DecisionRefused(f"Choose an answer: {offered}.")
        raise DecisionRefused(f"{answer} is not an answer here. Choose one of: {offered}.")
    return choices[answer]


def _complete(deciding: Deciding, answer: str) -> None:
    task, now = deciding.task, deciding.recorder.now
    task.answer = answer
    task.reason = deciding.reason
    task.done_by = deciding.actor.ref
    task.done_at = now
    deciding.session.flush()
    if task.case_id is None or task.id is None:
        return
    payload = {
        "task_id": task.id,
        "kind": task.kind,
        "role": task.role,
        "answer": answer,
        "seconds_spent": int((now - task.opened_at).total_seconds()),
    }
    deciding.record("human_task.completed", payload, {"task_id": task.id})
