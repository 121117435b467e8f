"""Which of several statements holds: one pick and one reason for each field, nothing preselected.

The values of an answer are `FIELD=ID`, the number of the finding that holds, or `FIELD=none`, and
`why:FIELD`, one of the reasons for which the others do not count (with words after a colon).
"""

from collections.abc import Mapping, Sequence

from models.base import require_id
from workflows.declared import Raises
from workflows.documents.differing import KIND, Said, differing
from workflows.engine.deciding import (
    CLINICIANS,
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    NotStated,
    Question,
)
from workflows.findings.decisions import (
    REJECTION_REASONS,
    WHY,
    must_fit,
    reason_code,
    screen_if_changed,
    settle,
)

NONE = "none"
"""The pick that no statement of a field holds: each of them is rejected."""


def _pick(deciding: Deciding) -> None:
    """Reject what states another value than the picked statement, field by field."""
    today = deciding.recorder.now.date()
    library = deciding.world.playbooks.criteria
    open_fields = differing(deciding.session, deciding.case, library, today)
    given = {name: value.strip() for name, value in deciding.values.items() if value.strip()}
    reasons = {
        name.removeprefix(WHY): given.pop(name) for name in list(given) if name.startswith(WHY)
    }
    for name in (*given, *reasons):
        if name not in open_fields:
            raise DecisionRefused(
                f"Documents do not differ on {name[:60]} any more: somebody settled it, or it does "
                "not decide here."
            )
    if open_fields and not given:
        raise _nothing_picked(open_fields)
    for name, pick in given.items():
        _settle_field(deciding, name, open_fields[name], pick, reasons.pop(name, ""))
    for name in reasons:
        raise NotStated(f"Pick which statement of {name} holds.", f"--set {name}=ID")
    must_fit(deciding)
    if differing(deciding.session, deciding.case, library, today):
        deciding.stays_open = True
    elif deciding.case.state == "EXTRACTION_REVIEW":
        deciding.request("check_verified")
    if deciding.case.state != "EXTRACTION_REVIEW":
        before = deciding.case.pathology_state == "NOT_STARTED"
        screen_if_changed(deciding, "preop" if before else "postop")


def _settle_field(
    deciding: Deciding, field: str, statements: Sequence[Said], pick: str, why: str
) -> None:
    if reason_code(why) not in REJECTION_REASONS:
        raise NotStated(
            f"Choose why the other statements of {field} do not count: "
            f"{', '.join(REJECTION_REASONS)}.",
            f"--set {WHY}{field}=CODE",
        )
    held = next((one for one in statements if str(one[0].id) == pick), None)
    if held is None and pick != NONE:
        raise DecisionRefused(f"{pick[:20]} is not one of them. {_choices(field, statements)}.")
    others = [row for row, value in statements if held is None or value != held[1]]
    for row in others:
        settle(deciding, row, "rejected", why=why)
    number = require_id(held[0].id) if held else None
    payload = {
        "field": field,
        "finding_id": number,
        "rejected": len(others),
        "reason": reason_code(why),
    }
    objects = {"finding_id": number} if number is not None else {}
    deciding.record("extraction.difference_settled", payload, objects)


def _nothing_picked(found: Mapping[str, Sequence[Said]]) -> NotStated:
    words = "; ".join(_choices(field, statements) for field, statements in found.items())
    first = next(iter(found))
    return NotStated(
        f"Pick which statement holds, and choose why the others do not. {words}.",
        f"--set {first}=ID --set {WHY}{first}=CODE",
    )


def _choices(field: str, statements: Sequence[Said]) -> str:
    """Return the numbers of a field's statements with kind and date, and no value."""
    named = [
        f"{row.id} ({row.source.replace('_', ' ')}, {row.report_date or 'no date'})"
        for row, _ in statements
    ]
    return f"{field}: {', '.join(named)} or {NONE}"


QUESTIONS = {
    KIND: Question.of(
        "Documents state different values: which one holds?",
        (*COORDINATORS, *CLINICIANS),
        {
            "pick": Choice(
                "Pick one statement of each field; the others are rejected with your reason",
                _pick,
                may=("*",),
                raises=Raises(
                    events=(
                        "extraction.field_confirmed",
                        "extraction.field_rejected",
                        "extraction.difference_settled",
                        "extraction.differences_found",
                        "extraction.differences_ended",
                        "clinician.review_voided",
                        "suitability.assessed",
                        "suitability.set_withdrawn",
                    ),
                    requests=("check_verified",),
                ),
            )
        },
    )
}
