"""The box in which a result is signed, and what was sent in it; the one place to sign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.datastructures import FormData

from accounts.users import SignedIn
from views.lists import TaskRow
from views.shown import ShownAssessment
from web.forms import AnswerForm, Input, Known, answer_forms, posted_values
from workflows.decisions import QUESTIONS
from workflows.screening.who_signs import SIGNER

BY_PHASE = {"preop": ("review_case", "second_opinion"), "postop": ("recheck_pathology",)}
KINDS = frozenset(kind for kinds in BY_PHASE.values() for kind in kinds)
SECOND = "second_opinion"
"""The answer of a second button: the same signature, and another clinician is asked."""
DRAWN_ELSEWHERE = frozenset({"agrees", "seen", "result", "outcome", *SIGNER})
"""What the box has its own place for, and what is computed."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent and refused."""

    task_id: int
    kind: str
    answer: str
    outcome: str
    values: Mapping[str, str]
    reason: str
    refusal: str

    @property
    def seen(self) -> frozenset[str]:
        """The findings that were ticked."""
        return frozenset(self.values.get("seen", "").split(","))


@dataclass(frozen=True, slots=True)
class SignBox:
    """An open task that asks for a signature; `mine` when the reader's role may give it.

    `outcomes` are the decisions of the one form, `others` the answers that sign nothing; `second`
    is offered where a colleague may be asked. `sent` is what comes back from a refused form, its
    ticks left out when the result is another one by now.
    """

    task: TaskRow
    mine: bool
    outcomes: Sequence[AnswerForm]
    inputs: Sequence[Input]
    second: AnswerForm | None
    others: Sequence[AnswerForm]
    sent: Sent | None
    ticked: frozenset[str]


def sign_boxes(
    tasks: Sequence[TaskRow],
    assessment: ShownAssessment,
    who: SignedIn,
    sent: Sent | None,
    items: Sequence[tuple[str, str]] = (),
) -> list[SignBox]:
    """Return the boxes of the open questions about a result; `items` may be asked of a family."""
    return [
        _box(task, assessment, who, sent, items)
        for task in tasks
        if task.kind in BY_PHASE[assessment.phase]
    ]


def _box(
    task: TaskRow,
    assessment: ShownAssessment,
    who: SignedIn,
    sent: Sent | None,
    items: Sequence[tuple[str, str]],
) -> SignBox:
    kept = sent if sent is not None and sent.kind == task.kind else None
    typed = kept.values if kept else {}
    forms = answer_forms(task, Known(items=items))
    signs = [form for form in forms if "seen" in form.answer.may and form.answer.answer != SECOND]
    second = next((form for form in forms if form.answer.answer == SECOND), None)
    same = kept is not None and typed.get("result") in (None, str(assessment.id))
    return SignBox(
        task,
        who.role in QUESTIONS[task.kind].roles,
        signs,
        [_with(one, typed) for one in _inputs(signs) if one.name not in DRAWN_ELSEWHERE],
        second,
        [form for form in forms if form not in signs and form is not second],
        kept,
        kept.seen if kept and same else frozenset(),
    )


def _inputs(signs: Sequence[AnswerForm]) -> list[Input]:
    """Return what any of the decisions takes, each once: one form has them all."""
    return list({one.name: one for form in signs for one in form.inputs}.values())


def _with(one: Input, typed: Mapping[str, str]) -> Input:
    value = typed.get(one.name, "")
    ticked = frozenset(value.split(",")) if value else one.checked
    return replace(one, value=value, checked=ticked)


def as_sent(form: FormData, task_id: int, kind: str) -> Sent:
    """Return a posted form: the decision chosen in it, and the button it was sent with."""
    values = posted_values(form, Known())
    outcome = str(form.get("answer", ""))
    reason = str(form.get("reason", "")).strip()
    answer = outcome
    if SECOND in form.getlist("sent-as") and outcome:
        answer, values = SECOND, {**values, "outcome": outcome}
    return Sent(task_id, kind, answer, outcome, values, reason, "")
