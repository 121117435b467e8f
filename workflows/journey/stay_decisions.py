"""The stay abroad: where further radiotherapy would be, and what if a visa is too short."""

from typing import Any

from models import JourneyEntry
from workflows.declared import Raises
from workflows.engine.deciding import Choice, Deciding, DecisionRefused
from workflows.engine.stays import Stay, last_said, stay_of
from workflows.journey.checklist import item_of, settle_item
from workflows.journey.evidence import shown_by

MOST_FRACTIONS = 50
MOST_DAYS = 3650
SAYS = ("supplementary_at", "fractions", "allowed_days", "stay_choice")
RECORDS = ("stay.answered", "stay.extension_chosen")


def stay_said(deciding: Deciding, visa: dict[str, Any] | None = None) -> Stay | None:
    """Take what was said of the stay, record it, and return the stay that follows.

    `visa` is the payload of a visa that is being granted. Raises `DecisionRefused` for a choice
    that is not open, and for a course of radiotherapy without its number of fractions.
    """
    answered = _answered(deciding)
    choice = deciding.optional("stay_choice")
    if choice == "ebrt_at_home":
        answered = {**answered, "supplementary_at": "home"}
    now_said: dict[str, Any] = {"visa.granted": visa} if visa else {}
    if answered:
        before = _before(deciding)
        answered = {**before, **{k: v for k, v in answered.items() if v is not None}}
        if answered.get("supplementary_at") == "here" and not answered.get("fractions"):
            raise DecisionRefused(
                "Say how many fractions of radiotherapy are planned for, should it be there."
            )
        deciding.record("stay.answered", answered)
        now_said["stay.answered"] = answered
    template = deciding.world.playbooks.travel
    deciding.recorder.flush()
    stay = stay_of(deciding.session, deciding.case, template, now_said=now_said)
    if choice == "extension":
        if stay is None or stay.check.stay_covers_plan:
            raise DecisionRefused(
                "No extension is needed by the dates."
                + (f" {stay.numbers}." if stay is not None else "")
            )
        chosen = {"days_short": stay.check.days_short}
        deciding.record("stay.extension_chosen", chosen)
        deciding.recorder.flush()
        stay = stay_of(deciding.session, deciding.case, template, now_said=now_said)
    return stay


def must_be_settled(stay: Stay | None) -> None:
    """Raise `DecisionRefused`, with the numbers and the ways out, unless the stay is settled."""
    if stay is None or stay.settled:
        return
    if stay.asked:
        raise DecisionRefused(
            "Say where further radiotherapy would take place, should the final pathology ask for "
            "it: there (with how many fractions), or at home. The family answers in writing."
        )
    ways = "choose an extension of the stay"
    if "ebrt_at_home" in stay.check.proposals:
        ways += ", or further radiotherapy at home"
    days = "1 day" if stay.check.days_short == 1 else f"{stay.check.days_short} days"
    raise DecisionRefused(f"The stay is {days} short. {stay.numbers}. Say first: {ways}.")


def _answered(deciding: Deciding) -> dict[str, Any]:
    said = {
        "supplementary_at": deciding.optional("supplementary_at"),
        "fractions": deciding.optional_whole("fractions", 1, MOST_FRACTIONS),
        "allowed_days": deciding.optional_whole("allowed_days", 1, MOST_DAYS),
    }
    return said if any(value is not None for value in said.values()) else {}


def _before(deciding: Deciding) -> dict[str, Any]:
    event = last_said(deciding.session, deciding.case_id).get("stay.answered")
    return dict(event.payload) if event else {}


def _stay(deciding: Deciding) -> None:
    """A part of what happens on a journey: the question what has happened stays open."""
    stay_said(deciding)
    deciding.stays_open = True


def _extended(deciding: Deciding) -> None:
    """The authority extended the stay; the paper of it is in the case."""
    until = deciding.day("valid_until")
    template = deciding.world.playbooks.travel
    before = stay_of(deciding.session, deciding.case, template)
    if before is not None and before.stay_end is not None and until <= before.stay_end:
        raise DecisionRefused(
            f"The stay is allowed until {before.stay_end.isoformat()} already: an extension ends "
            "later."
        )
    document_id = shown_by(deciding, "extension")
    deciding.record("stay.extended", {"until": until.isoformat(), "document_id": document_id})
    entry = extension_item(deciding)
    if entry is not None and entry.state == "pending":
        settle_item(
            deciding.recorder, template, entry, "done", actor=deciding.actor, cause=deciding.cause,
            document_id=document_id,
        )  # fmt: skip
    deciding.stays_open = True


def extension_item(deciding: Deciding) -> JourneyEntry | None:
    """Return the item of the extension, by country, where one applies."""
    for code in ("I11", "C08"):
        entry = item_of(deciding.session, deciding.case_id, code)
        if entry is not None and entry.state == "pending":
            return entry
    return None


EXTENDED = Choice(
    "The stay was extended",
    _extended,
    needs=("valid_until", "extension_document"),
    raises=Raises(events=("evidence.stated", "stay.extended", "checklist.item_done")),
)
STAY = Choice(
    "About the stay: radiotherapy there or at home, days allowed, extension",
    _stay,
    needs=SAYS[:1],
    may=SAYS[1:],
    raises=Raises(events=RECORDS),
)
