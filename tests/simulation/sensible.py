"""What somebody answers who wants the case to go well: the way from the inquiry to follow-up."""

from collections.abc import Callable, Mapping
from random import Random
from typing import TYPE_CHECKING, Any

from tests.simulation.acts import Act, act
from tests.simulation.life import Life

if TYPE_CHECKING:
    from tests.simulation.people import Sees

Sensible = Callable[[Life, "Sees", Random], Act | None]
SIGNED = {"set_signed_by": "patient", "set_method": "paper"}


def says(answer: str, reason: str = "", /, **said: str) -> Sensible:
    """Return an answer that is always given alike."""
    why = {"reason": reason} if reason else {}
    return lambda *_: act("answer", answer=answer, **why, **said)


def _one_of(*ways: Sensible) -> Sensible:
    return lambda life, sees, chance: chance.choice(ways)(life, sees, chance)


def _offer(_: Life, __: "Sees", chance: Random) -> Act:
    low = chance.randint(4000, 9000)
    return act(
        "answer",
        answer="record",
        set_currency="USD",
        set_amount_low=str(low),
        set_amount_high=str(low + 1300),
        set_technique="kv_iort",
        set_stay_days="5",
        set_valid_until=chance.choice(("@day:+20", "@day:+60", "@day:+90")),
        reason="as the hospital said in a call",
    )


def _admission(_: Life, __: "Sees", chance: Random) -> Act:
    if chance.random() < 0.4:
        return act("answer", answer="ask_second", reason="seen in a call", who="coordinator:one")
    return act(
        "answer",
        answer="confirmed",
        set_admission_date=chance.choice(("@day:+60", "@day:+75")),
        set_needs_visa="yes",
        set_supplementary_at="home",
        set_offer_holds="yes",
    )


_GOES_ON: Mapping[str, tuple[Sensible, ...]] = {
    "INVITATION_LETTER": (says("letter_verified"),),
    "VISA": (says("granted", set_valid_until="@day:+180", set_stay_covers_plan="yes"),),
    "TRAVEL_PREP": (says("departed", set_departure_date="@day:+0"),),
    "IN_TRANSIT": (says("arrived"),),
    "LOCAL_PREOP": (says("admitted"),),
    "ADMITTED": (says("operated", set_surgery_date="@day:+0", set_iort_delivered="yes"),),
    "POST_OP": (says("discharged", set_discharge_date="@day:+0"),),
    "FLY_HOME_CLEARANCE": (
        says("ask_second", "seen in a call", who="coordinator:one"),
        says("cleared", set_flight_date="@day:+0"),
        says("cleared", "signed on paper", set_flight_date="@day:+0", set_waiver_signed="yes",
             set_waiver_document="@paper:-1"),
        says("treatment_scheduled", set_modality="EBRT", set_treated_at="home",
             set_start_date="@day:+30", set_fractions="15"),
    ),
    "RETURNING": (says("home", set_date="@day:+0"),),
    "FOLLOW_UP": (says("completed"),),
}  # fmt: skip


def _progress(_: Life, sees: "Sees", chance: Random) -> Act | None:
    ways = _GOES_ON.get(sees.state)
    return chance.choice(ways)(_, sees, chance) if ways else None


def _reply(_: Life, sees: "Sees", chance: Random) -> Act:
    return act("answer", answer=chance.choice(("offer", "offer", "opinion", "ack", "more_info")))


WAYS: Mapping[str, Sensible] = {
    "triage_inquiry": says("in_scope", set_site="breast"),
    "settle_who_decides": says(
        "patient_knows", set_told_by="doctor", set_told_on="@day:-1",
        set_patient_email="@own",
    ),
    "state_time_zone": says("stated", set_time_zone="Europe/Moscow"),
    "record_consent": says("granted", **SIGNED),
    "review_findings": says("confirm", seen="values"),
    "settle_differences": says("pick", seen="differences"),
    "settle_completeness": says("waive", "imaging is on its way"),
    "countersign_waiver": says("agree", "not needed yet", who="clinician:one"),
    "approve_translation": says("approved"),
    "review_case": says("suitable_for_outreach", "read, and discussed at the board", seen="result",
                        who="clinician:one"),
    "second_opinion": says("suitable_for_outreach", "read, and agreed", seen="result",
                           who="clinician:two"),
    "record_hospital_consent": _one_of(
        says("granted", set_hospitals="H01,H02", **SIGNED),
        says("granted", set_hospitals="H01", **SIGNED),
    ),
    "approve_shortlist": _one_of(
        says("approve", set_hospitals="H01"), says("approve", set_hospitals="H01,H02")
    ),
    "approve_message": says("approve"),
    "confirm_reply": _reply,
    "confirm_contact": says("theirs"),
    "confirm_redirect": says("no", "the address is the desk's own"),
    "use_named_date": says("seen_to", "the admission has that day"),
    "request_invitation": says("not_needed", "their desk sends it by itself"),
    "check_invitation": says("no_letter", "it was compared before"),
    "answer_more_info": says(
        "unavailable", "it was never made", set_items="imaging_mri,operation_note"
    ),
    "record_offer": _offer,
    "present_offer": says("present"),
    "record_patient_decision": says("accepted", set_offer="@offer:-1"),
    "confirm_word": says("confirmed", "seen in the original", who="lead:two"),
    "confirm_admission": _admission,
    "report_progress": _progress,
    "recheck_pathology": _one_of(
        says("no_change", "the final report agrees", seen="result", who="clinician:one"),
        says("supplementary_recommended", "positive nodes", seen="result", who="clinician:one"),
    ),
    "chase_item": says("done"),
    "chase_pathology": says("done"),
    "call_family": says("called"),
    "call_silent": says("reached", "they go on collecting"),
    "call_patient": says("done"),
    "ask_symptoms": says("none_of_these"),
    "call_patient_now": says("reached", set_reached="patient", set_said="They go to hospital now."),
    "tell_patient": says("told"),
    "give_news": says("told", "by telephone"),
    "read_letter": says("done"),
    "resume_case": says("resume"),
    "settle_message": _one_of(says("delivered"), says("send_again", "it surely did not arrive")),
    "repair_step": says("retry"),
    "mend_address": _one_of(says("corrected"), says("arrived", set_promised_on="@day:+5")),
    "chase_by_phone": says("reached", set_promised_on="@day:+5"),
    "call_head": says("reached", set_promised_on="@day:+5"),
    "follow_thread": _one_of(says("wait", set_promised_on="@day:+5"), says("write")),
    "renew_offer": _one_of(says("ask"), says("renewed", set_valid_until="@day:+60")),
    "repair_document": says("asked_sender"),
    "settle_wrong_patient": says("other_patient"),
    "finish_withdrawal": says("completed"),
    "finish_bereavement": says("completed", who="lead:one"),
    "confirm_deletion": says("confirmed", "they wrote it"),
    "close_shared_thread": says("done"),
    "record_alternative": says("none"),
    "confirm_erasure": says("erase", set_identified_by="identity_paper"),
    "give_copy": says("given", set_handed="in_person", set_identified_by="identity_paper"),
    "match_mail": says("attach_case", set_case="@case"),
    "mend_moved": says("nothing"),
    "name_items": says("ask", set_items="imaging_mri"),
    "call_for_items": says("called", "they look for it"),
    "record_records_answer": says("nothing_more"),
    "await_return": says("at_home", set_date="@day:+0"),
    "settle_abroad": _one_of(
        says("goes_home", "as the family decided"), says("other_hospital", "they stay")
    ),
    "settle_care": says("goes_on", "as the hospital wrote"),
    "tell_withdrawal": says("told", "in a call"),
    "look_at_case": says("ask_again"),
    "find_sender": says("patient", set_case="@case"),
    "close_silent": says("wait", "they asked for time", set_resume_by="@day:+20"),
}  # fmt: skip


def sensible(life: Life, sees: "Sees", task: Any, chance: Random) -> Act | None:
    """Return what helps; None where nothing is known to."""
    way = WAYS.get(task.kind)
    return way(life, sees, chance) if way is not None else None
