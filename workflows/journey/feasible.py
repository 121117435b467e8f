"""Can the admission be on that day? Compared with today, the offer, and all that comes before."""

from datetime import date

from sqlalchemy import select
from sqlmodel import col

from models import JourneyEntry
from planning.stay import EarliestAdmission, earliest_admission
from planning.travel import JourneyFacts
from workflows.cases.chosen_hospital import accepted_offer, facts_for
from workflows.engine.deciding import Deciding, DecisionRefused

SETTLED = ("done", "waived")


def check_admission(
    deciding: Deciding,
    admission: date,
    surgery: date | None,
    *,
    visa: bool | None = None,
    in_hand: frozenset[str] = frozenset(),
) -> JourneyFacts:
    """Return the facts of the journey with that admission.

    `in_hand` are items whose paper is there already. Raises `DecisionRefused` for a day in the
    past, before the offer's earliest, of an offer that ran out, or too early to be reached.
    """
    today = deciding.recorder.now.date()
    if admission < today:
        raise DecisionRefused(
            f"The admission date {admission.isoformat()} lies in the past. Today is "
            f"{today.isoformat()}."
        )
    _as_offered(deciding, admission, today)
    template = deciding.world.playbooks.travel
    facts = facts_for(deciding.session, deciding.case, template, admission, surgery, visa)
    found = earliest_admission(template, facts, today=today, done=_settled(deciding) | in_hand)
    if admission < found.shortest:
        raise DecisionRefused(_too_early(deciding, admission, facts, found))
    return facts


def _as_offered(deciding: Deciding, admission: date, today: date) -> None:
    offer, holds = accepted_offer(deciding.session, deciding.case_id), deciding.flag("offer_holds")
    if offer is None:
        return
    if offer.earliest_admission is not None and admission < offer.earliest_admission:
        raise DecisionRefused(
            f"The hospital offers an admission from {offer.earliest_admission.isoformat()} on: "
            f"{admission.isoformat()} is before that day."
        )
    if offer.valid_until is not None and offer.valid_until < today:
        ran_out = f"The offer was valid until {offer.valid_until.isoformat()}."
        if holds is None:
            raise DecisionRefused(
                f"{ran_out} Say whether the hospital has written that it still holds."
            )
        if not holds:
            raise DecisionRefused(f"{ran_out} Ask the hospital to renew it first.")


def _settled(deciding: Deciding) -> frozenset[str]:
    return frozenset(
        deciding.session.scalars(
            select(col(JourneyEntry.code)).where(
                col(JourneyEntry.case_id) == deciding.case_id, col(JourneyEntry.state).in_(SETTLED)
            )
        )
    )


def _too_early(
    deciding: Deciding, admission: date, facts: JourneyFacts, found: EarliestAdmission
) -> str:
    """Return the refusal: the earliest day, and the items that take the time, in order."""
    template = deciding.world.playbooks.travel
    titles = [f"{code} “{template.item(code).title}”" for code in found.because]
    waits = "; then ".join([*titles, "the journey and the days before the admission"])
    visa = " A visa is needed." if facts.needs_visa else ""
    usual = f", usually {found.likely.isoformat()}" if found.likely > found.shortest else ""
    return (
        f"An admission on {admission.isoformat()} cannot be reached.{visa} The earliest day is "
        f"{found.shortest.isoformat()}{usual}. It waits for: {waits}. If one of these is there "
        "already, name its code under “papers in hand”."
    )


def papers_in_hand(deciding: Deciding) -> frozenset[str]:
    """Return the items whose paper is there already, as typed; refuse any other code."""
    if deciding.optional("in_hand") is None:
        return frozenset()
    template = deciding.world.playbooks.travel
    codes = [code.upper() for code in deciding.listed("in_hand")]
    if unknown := [code for code in codes if code not in template.durations]:
        known = ", ".join(template.durations)
        raise DecisionRefused(f"{unknown[0][:8]} takes no time. Codes are: {known}.")
    return frozenset(codes)
