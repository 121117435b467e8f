"""What the family is asked for: named by a person, answered by the family or for them."""

from workflows.declared import Raises
from workflows.documents.completeness import (
    ANSWERED,
    NOT_AVAILABLE,
    NOTHING_MORE,
    ask_family,
    asked_now,
)
from workflows.engine.deciding import (
    COORDINATORS,
    PATIENT,
    Choice,
    Deciding,
    DecisionRefused,
    Question,
)

CLINICIAN = "clinician"


def wanted_items(deciding: Deciding) -> list[str]:
    """Return the items given, as codes of `playbooks/completeness.yaml`; none when it is blank."""
    if not deciding.optional("items"):
        return []
    known = deciding.world.playbooks.completeness.items
    given = list(dict.fromkeys(deciding.listed("items")))
    if unknown := [one for one in given if one not in known]:
        raise DecisionRefused(
            f"{', '.join(one[:40] for one in unknown[:3])} is no item that families are asked for. "
            f"Choose of: {', '.join(known)}."
        )
    return given


def request_items(deciding: Deciding, items: list[str]) -> None:
    """Ask the family for what the clinician named; a coordinator names it where nobody did."""
    if items:
        ask_family(deciding, items, CLINICIAN)
    else:
        deciding.request("name_items", detail="needs_data")


def _name(deciding: Deciding) -> None:
    reason = "gap" if deciding.task.detail == "no_value" else CLINICIAN
    ask_family(deciding, wanted_items(deciding), reason)


def _go_on(deciding: Deciding) -> None:
    deciding.record(ANSWERED, {"items": [], "answer": NOTHING_MORE})
    deciding.request("check_batch")


def _not_available(deciding: Deciding) -> None:
    """Take it that items cannot be had; the question stays open while others are awaited."""
    asked = asked_now(deciding.session, deciding.case_id)
    items = wanted_items(deciding)
    if asked is None or not set(items) <= set(asked.items):
        open_items = ", ".join(asked.items) if asked else "nothing"
        raise DecisionRefused(f"The family is asked for: {open_items}. Choose of these.")
    deciding.record(ANSWERED, {"items": items, "answer": NOT_AVAILABLE})
    deciding.stays_open = bool(set(asked.items) - set(items))
    deciding.request("check_batch")


GOES_ON = Raises(events=(ANSWERED,), requests=("check_batch",))

QUESTIONS = {
    "name_items": Question.of(
        "More is needed from the family: say what",
        COORDINATORS,
        {
            "ask": Choice(
                "Ask the family for these",
                _name,
                needs=("items",),
                raises=Raises(events=("records.requested",)),
                will="A letter names each of them, why it is needed and how to get it.",
            ),
            "go_on": Choice(
                "Nothing is asked of the family: look at the file again",
                _go_on,
                reason=True,
                raises=GOES_ON,
            ),
        },
    ),
    "record_records_answer": Question.of(
        "What does the family say of the papers asked for?",
        (*COORDINATORS, PATIENT),
        {
            "not_available": Choice(
                "These cannot be had, or the test was never done",
                _not_available,
                needs=("items",),
                raises=GOES_ON,
            ),
            "nothing_more": Choice(
                "Nothing more comes: go on with what is there", _go_on, raises=GOES_ON
            ),
        },
    ),
}
