"""What the table repeats, and what it starts on request: planned without a database."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.moments import (
    MANY,
    NOTHING_KNOWN,
    NOW,
    PROCESS,
    Moment,
    cancels,
    changes,
    moments,
    names,
    planned,
    standing,
    started,
)
from workflows.events import Event
from workflows.guards import Facts
from workflows.plan import (
    AskPerson,
    Cancel,
    Effect,
    QueueStep,
    UnknownRequest,
    next_run,
    plan,
    requested,
)
from workflows.stages import HOLD
from workflows.steps import STEPS
from workflows.verbs import GIVEN, Ask, Do, Wait, hours, repeat

REPEATED = sorted((name, state) for name, a in PROCESS.repeats.items() for state in a.while_in)
CYCLED = ("OUTREACH", "MORE_INFO")


def more_info(reply: str = "more_info") -> Event:
    return Event("hospital.reply_classified", {"reply_class": reply})


def test_news_go_on_from_one_state_of_the_list_to_another() -> None:
    """Neither started a second time nor begun anew: 72 hours from the last letter stay 72 hours."""
    there = planned(standing("OUTREACH"), more_info())
    back = planned(standing("MORE_INFO"), Event("more_info.answered", {"open_items": 0}))
    for effects in (there, back):
        (change,) = changes(effects)
        assert change.to.state in CYCLED
        assert "notices.send_update" not in names(started(effects))
        assert "notices.send_update" not in [name for c in cancels(effects) for name in c.steps]


def test_news_begin_with_the_first_state_and_end_with_the_last() -> None:
    approved = {"hospital_ids": ["H01"], "attested": ["deidentified_summary_only"]}
    known = replace(NOTHING_KNOWN, consents=frozenset({("share_deid", "H01")}))
    begun = planned(standing("SHORTLISTING"), Event("shortlist.approved", approved), known)
    (first,) = [e for e in started(begun) if names([e]) == ["notices.send_update"]]
    assert first.due_at == NOW + timedelta(hours=72)
    assert isinstance(first, QueueStep) and first.wait and not first.safety
    for state in CYCLED:
        (change,) = changes(planned(standing(state), more_info("offer")))
        assert change.to.state == "OFFER_REVIEW"
        assert "notices.send_update" in change.then[0].steps  # type: ignore[union-attr]


@pytest.mark.parametrize(("step", "state"), REPEATED)
def test_a_repeated_step_is_queued_again_while_its_state_lasts_or_is_held(
    step: str, state: str
) -> None:
    objects = {"document_id": 4}
    again = next_run(PROCESS, standing(state), step, objects, NOW)
    assert again == QueueStep(step, NOW + timedelta(hours=72), objects, wait=True)
    assert next_run(PROCESS, standing(HOLD, state), step, objects, NOW) == again


@MANY
@given(moments(), st.sampled_from(sorted(STEPS)))
def test_no_step_is_queued_again_where_the_table_does_not_repeat_it(
    moment: Moment, step: str
) -> None:
    case = moment[0]
    place = case.history_state if case.state == HOLD else case.state
    again = next_run(PROCESS, case, step, {}, NOW)
    assert (again is not None) == ((step, place) in REPEATED)


def test_reminders_of_records_begin_after_two_days_and_a_file_ends_them() -> None:
    payload = {"scopes": ["process"], "signed_by": "patient"}
    effects = planned(standing("AWAITING_CONSENT"), Event("consent.granted", payload))
    (first,) = [e for e in started(effects) if names([e]) == ["notices.nudge_records"]]
    assert first.due_at == NOW + timedelta(hours=48)
    ended = planned(standing("COLLECTING_RECORDS"), Event("document.received"))
    assert Cancel(steps=("notices.nudge_records",)) in ended


@MANY
@given(
    st.sampled_from(sorted(PROCESS.on_request)),
    st.sampled_from(["routine", "urgent"]),
    st.one_of(st.none(), st.text("abc_", max_size=9)),
)
def test_a_request_starts_what_its_line_says(name: str, urgency: str, detail: str | None) -> None:
    action, objects = PROCESS.on_request[name], {"message_id": 7}
    given = action.due_from if isinstance(action, Wait) else None
    open_moment = given is not None or (isinstance(action, Ask) and action.within == GIVEN)
    moment = NOW + timedelta(days=9) if open_moment else None
    effect = requested(PROCESS, name, objects, NOW, urgency=urgency, detail=detail, due_at=moment)
    if isinstance(action, Ask):
        due_at = moment or PROCESS.calendar.due(NOW, action.within)
        assert effect == AskPerson(action.kind, action.role, due_at, objects, detail)
    elif isinstance(action, Do):
        wanted = {**objects, "template": action.template} if action.template else objects
        assert effect == QueueStep(action.step, NOW, wanted)
    else:
        assert given is not None or action.within is not None
        due_at = moment or PROCESS.calendar.due(NOW, action.within or GIVEN)
        assert effect == QueueStep(action.step, due_at, objects, wait=True, safety=action.safety)


def test_a_request_that_the_table_does_not_know_is_refused() -> None:
    with pytest.raises(UnknownRequest, match="ON_REQUEST"):
        requested(PROCESS, "call_the_president", {}, NOW)


@pytest.mark.parametrize(("name", "moment"), [("tell_patient", NOW), ("approve_shortlist", None)])
def test_a_moment_is_given_exactly_where_the_table_leaves_it_open(
    name: str, moment: datetime | None
) -> None:
    with pytest.raises(ValueError, match=name):
        requested(PROCESS, name, {}, NOW, due_at=moment)


def test_an_urgent_case_is_asked_about_in_its_own_time() -> None:
    opened = Event("case.opened", {"source": "web"})
    for urgency, within in (("routine", 4), ("urgent", 1)):
        effects = planned(standing("INQUIRY", urgency=urgency), opened)
        (question,) = [e for e in started(effects) if isinstance(e, AskPerson)]
        assert question.due_at == NOW + timedelta(hours=within)


def test_a_repeat_without_a_first_span_begins_with_its_interval() -> None:
    news = repeat("notices.send_update", every=hours(5), while_in=("VISA",))
    process = replace(PROCESS, on_entering={"VISA": (news,)})
    event = Event("invitation.verified", {"attested": ["invitation_fields_match"]})
    facts = Facts(event.payload, lambda: NOTHING_KNOWN)
    effects: tuple[Effect, ...] = plan(process, standing("INVITATION_LETTER"), event, facts, NOW)
    (first,) = [
        e for e in started(effects) if isinstance(e, QueueStep) and e.step == "notices.send_update"
    ]
    assert first.due_at == NOW + timedelta(hours=5)
