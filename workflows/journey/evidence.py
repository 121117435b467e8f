"""What one person's word is not enough for: its paper in the case, or a second person.

Passports, the certificate of fitness to fly and a waiver of the final pathology are shown by a
document of the case that somebody chooses; where there is none, another account confirms. A paper
that is said to be signed by the family is that paper: nobody confirms it instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from accounts.people import same_person, says_something
from models import CaseEvent, Document
from workflows.declared import Raises
from workflows.engine.deciding import (
    CLINICIANS,
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
)

READABLE = ("stored", "read", "proposed", "verified")


@dataclass(frozen=True, slots=True)
class Kind:
    """What is to be shown. `labels` are the kinds of document that do by themselves.

    `since` are facts after which an earlier confirmation no longer counts.
    """

    words: str
    value: str
    labels: tuple[str, ...]
    since: tuple[str, ...] = ()
    second: bool = True


KINDS: Mapping[str, Kind] = {
    "passports": Kind(
        "the passports", "passport_document", ("passport",), ("travel.returned_home",)
    ),
    "fit_to_fly": Kind(
        "the certificate of fitness to fly",
        "certificate_document",
        ("fit_to_fly",),
        (
            "hospital.discharged",
            "hospital.readmitted",
            "flight_clearance.granted",
            "flight_clearance.refused",
        ),
    ),
    "pathology_waiver": Kind(
        "the waiver of the final pathology", "waiver_document", (), second=False
    ),
    "extension": Kind(
        "the extension of the stay", "extension_document", ("visa",), second=False
    ),
    "supplementary_done": Kind(
        "the report of the further treatment",
        "treatment_document",
        ("radiotherapy_plan_or_summary",),
        second=False,
    ),
}  # fmt: skip


def shown_by(deciding: Deciding, about: str) -> int | None:
    """Return the document that shows it, or None when a second person has confirmed it.

    Records `evidence.stated` for a document. Raises `DecisionRefused` for neither.
    """
    kind = KINDS[about]
    if deciding.optional(kind.value) is not None:
        document_id = _paper(deciding, kind)
        payload = {"about": about, "document_id": document_id}
        deciding.record("evidence.stated", payload, {"document_id": document_id})
        return document_id
    if kind.second and _confirmed(deciding, about, kind):
        return None
    other = " or let a second person confirm it first" if kind.second else ""
    raise DecisionRefused(
        f"Choose the document of this case that shows {kind.words}{other}. One person's word is "
        "not enough."
    )


def _paper(deciding: Deciding, kind: Kind) -> int:
    number = deciding.whole(kind.value, 1)
    document = deciding.session.get(Document, number) if number < 2**63 else None
    if document is None or document.case_id != deciding.case_id:
        raise DecisionRefused(f"This case has no document {number}.")
    if document.state not in READABLE or document.identity_result == "mismatch":
        state = "may be another person's" if document.state in READABLE else f"is {document.state}"
        raise DecisionRefused(f"Document {number} cannot be used: it {state}.")
    others = [deciding.optional(one.value) for one in KINDS.values() if one.value != kind.value]
    if str(number) in others:
        raise DecisionRefused(f"Document {number} cannot show two things: choose one for each.")
    if document.label not in kind.labels and not says_something(deciding.reason or ""):
        read_as = (document.label or "nothing that is known").replace("_", " ")
        raise DecisionRefused(
            f"The program reads document {number} as {read_as}, not as {kind.words}. Say in the "
            "reason what it is."
        )
    return number


def _confirmed(deciding: Deciding, about: str, kind: Kind) -> bool:
    """Return whether another account has confirmed it since what made it void."""
    deciding.recorder.flush()
    rows = deciding.session.scalars(
        select(CaseEvent)
        .where(
            col(CaseEvent.case_id) == deciding.case_id,
            col(CaseEvent.type).in_(("confirmation.given", "confirmation.refused", *kind.since)),
        )
        .order_by(col(CaseEvent.seq))
    )
    stands = False
    for row in rows:
        if row.type in kind.since:
            stands = False
        elif row.payload.get("about") == about:
            stands = row.type == "confirmation.given"
    return stands


def ask_second(about: str) -> Choice:
    """Return the answer that asks another account to confirm it."""

    def apply(deciding: Deciding) -> None:
        deciding.record("confirmation.asked", {"about": about})
        deciding.request("confirm_word", {"asked_seq": deciding.case.last_seq}, detail=about)
        deciding.stays_open = True

    return Choice(
        f"No document shows {KINDS[about].words}: ask a second person to confirm",
        apply,
        reason=True,
        raises=Raises(events=("confirmation.asked",), requests=("confirm_word",)),
    )


def _answer(deciding: Deciding, type: str) -> None:
    asked = deciding.session.scalars(
        select(CaseEvent).where(
            col(CaseEvent.case_id) == deciding.case_id,
            col(CaseEvent.seq) == deciding.object_id("asked_seq"),
            col(CaseEvent.type) == "confirmation.asked",
        )
    ).first()
    if asked is None:
        raise DecisionRefused("What was to be confirmed is not on the timeline.")
    if same_person(asked.actor_ref, deciding.actor.ref):
        raise DecisionRefused("Another person has to confirm it: you stated it yourself.")
    deciding.record(type, {"about": asked.payload["about"]})


def _confirm(deciding: Deciding) -> None:
    _answer(deciding, "confirmation.given")


def _doubt(deciding: Deciding) -> None:
    _answer(deciding, "confirmation.refused")


WHO: Sequence[str] = (*COORDINATORS, *CLINICIANS)
QUESTIONS = {
    "confirm_word": Question.of(
        "A second person is asked to confirm what no document shows",
        WHO,
        {
            "confirmed": Choice(
                "I have seen it myself", _confirm, reason=True,
                raises=Raises(events=("confirmation.given",)),
            ),
            "not_confirmed": Choice(
                "I cannot confirm it", _doubt, reason=True,
                raises=Raises(events=("confirmation.refused",)),
            ),
        },
    )
}  # fmt: skip
