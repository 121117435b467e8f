"""What a person does about what the watch found: each answer starts something, or says what was."""

from collections.abc import Mapping

from models import Case, Document
from workflows.declared import Raises
from workflows.engine import outside
from workflows.engine.deciding import (
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
    Trouble,
    nothing,
)
from workflows.engine.lookup import get
from workflows.table import ON_ENTERING
from workflows.verbs import Ask, Do
from workflows.watch.invariants import late_steps

ASKED = ("OUTREACH", "MORE_INFO")
"""States in which hospitals are asked."""


def _start_anew(deciding: Deciding) -> None:
    if not deciding.recorder.start_anew(deciding.case_id, deciding.cause):
        raise DecisionRefused("Nothing is asked in this state: put the case on hold, or go on.")


def _see_hospitals(deciding: Deciding) -> None:
    deciding.request("check_exhausted")


def _hold(deciding: Deciding) -> None:
    payload = {"reason": deciding.value("why_hold")}
    deciding.record_moving("case.put_on_hold", payload)


HOLD = Choice(
    "Put the case on hold: it comes back to be resumed",
    _hold,
    needs=("why_hold",),
    raises=Raises(events=("case.put_on_hold",)),
)
ANEW = Choice("Ask again what this state asks", _start_anew)
HOSPITALS = Choice(
    "See whether any hospital is left to answer, or to be asked",
    _see_hospitals,
    raises=Raises(requests=("check_exhausted",)),
)


def _answers(case: Case | None) -> Mapping[str, Choice]:
    """Return what helps in the case's state."""
    state = case.state if case is not None else ""
    entered = ON_ENTERING.get(state, ())
    answers = {}
    if any(isinstance(one, Ask) or (isinstance(one, Do) and not one.template) for one in entered):
        answers["ask_again"] = ANEW
    if state in ASKED:
        answers["see_hospitals"] = HOSPITALS
    if state != "ON_HOLD":
        answers["hold"] = HOLD
    return answers


def _found(deciding: Deciding) -> None:
    document = get(deciding.session, Document, deciding.object_id("document_id"))
    key, storage = document.object_key, deciding.world.storage
    if not outside.first(f"is there {key}", lambda: storage.exists(key)):
        raise DecisionRefused("The store still does not have the file.")


def _asked_sender(deciding: Deciding) -> None:
    """The file is lost: another copy is asked for, and this document counts for nothing more."""
    document = get(deciding.session, Document, deciding.object_id("document_id"))
    document.state = "unreadable"
    objects = {"document_id": deciding.object_id("document_id")}
    deciding.record("document.unreadable", {**objects, "reason": "lost"}, objects)


def _runs_again(deciding: Deciding) -> None:
    if deciding.task.detail in late_steps(deciding.session, deciding.recorder.now):
        raise DecisionRefused("Rows of this step are still late.")


QUESTIONS = {
    "look_at_case": Question(
        "Nothing waits for this case: what happens next?", frozenset(COORDINATORS), _answers
    ),
    "give_news": Question.of(
        "The patient has heard nothing for 72 hours: tell how things stand",
        COORDINATORS,
        {
            "told": Choice(
                "They were told; how, and what, stands in the reason", nothing, reason=True
            )
        },
    ),
    "find_object": Question.of(
        "The file of a document is not in the store",
        COORDINATORS,
        {
            "found": Choice("It is there again", _found),
            "asked_sender": Choice(
                "It is lost: the sender was asked for another copy",
                _asked_sender,
                reason=True,
                raises=Raises(events=("document.unreadable",)),
            ),
        },
    ),
    "late_step": Question.of(
        "A step is due and nobody works it",
        ("administrator",),
        {"runs_again": Choice("It runs again", _runs_again)},
        trouble=Trouble(
            stopped="A step is due for longer than it needs",
            patient="Letters, deadlines or readings of cases are late.",
            do="See with ./iort doctor that the workers and the relay run.",
        ),
    ),
}
