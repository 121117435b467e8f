"""The directory learns: what is measured ranks, wishes count, a stale unit waits for a person."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import AuditEntry, Case, DirectoryChange, Hospital, Message, OutreachThread
from models.base import require_id
from models.database import transaction
from settings import Settings
from tests.workflows.acts import SIGNED, to_clinician
from tests.workflows.playing import Play, add_hospitals
from workflows.decisions import DecisionRefused
from workflows.directory.store import record_of
from workflows.engine.deciding import NotStated
from workflows.engine.world import World


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world, ("IN", "CN", "TR"))
    return Play(world, clock)


def change(play: Play, code: str, on: date | None = None, **given: Any) -> None:
    """Write into the directory what is given; with `on` when its unit was confirmed."""
    with transaction(play.world.engine) as session:
        row = session.scalars(select(Hospital).where(col(Hospital.code) == code)).one()
        details = {**row.details, **given}
        if on is not None:
            unit = {**details["units"][0], "last_confirmed_on": on.isoformat()}
            details["units"] = [unit]
        row.details = details


def stale(play: Play, *codes: str) -> None:
    for code in codes:
        change(play, code, on=play.clock.now().date() - timedelta(days=91))


def wishes(play: Play, language: str = "en", *countries: str) -> None:
    with transaction(play.world.engine) as session:
        case = session.get_one(Case, play.case_id)
        case.language, case.wished_countries = language, list(countries)


def proposed(play: Play) -> list[str]:
    return list(play.events("shortlist.proposed")[-1].payload["hospital_ids"])


def kinds(play: Play) -> list[str]:
    return [task.kind for task in play.tasks()]


def asked_before(play: Play, code: str, times: int, answered: int, robot: bool = False) -> None:
    """Let a hospital have been asked about other cases; some it answered within two hours."""
    now = play.clock.now() - timedelta(days=5)
    own = play.case_id
    for number in range(times):
        play.open()
        with transaction(play.world.engine) as session:
            hospital = session.scalars(select(Hospital).where(col(Hospital.code) == code)).one()
            thread = OutreachThread(
                case_id=play.case_id, hospital_id=require_id(hospital.id), state="sent",
                opened_at=now,
            )  # fmt: skip
            session.add(thread)
            session.flush()
            out = Message(
                case_id=play.case_id, thread_id=thread.id, direction="out", state="sent",
                to_role="hospital", template="M10", sent_at=now,
            )  # fmt: skip
            session.add(out)
            if number < answered:
                answer = Message(
                    case_id=play.case_id, thread_id=thread.id, direction="in", state="received",
                    to_role="coordinator", sent_at=now + timedelta(hours=2), automated=robot,
                )  # fmt: skip
                session.add(answer)
    play.case_id = own


def to_shortlist(play: Play) -> None:
    play.sign("suitable_for_outreach")


# --- wishes and measures


def test_the_familys_country_comes_first_and_excludes_nobody(play: Play) -> None:
    to_clinician(play)
    wishes(play, "en", "TR")
    to_shortlist(play)
    assert proposed(play) == ["H03", "H01", "H02"]
    reasons = play.events("shortlist.proposed")[-1].payload["match_reasons"]
    assert "country_wished" in reasons["H03"] and "country_wished" not in reasons["H01"]


def test_the_familys_language_counts(play: Play) -> None:
    to_clinician(play)
    change(play, "H02", languages=["en", "ru"])
    wishes(play, "ru")
    to_shortlist(play)
    assert proposed(play)[0] == "H02"


@pytest.mark.parametrize(
    ("times", "robot", "first"), [(5, False, "H02"), (4, False, "H01"), (5, True, "H01")]
)
def test_what_was_measured_ranks_from_five_requests_on_and_robots_do_not_count(
    play: Play, times: int, robot: bool, first: str
) -> None:
    to_clinician(play)
    change(play, "H01", answer_yield=0.5)
    asked_before(play, "H02", times, times, robot)
    to_shortlist(play)
    assert proposed(play)[0] == first


def test_a_hospital_that_promises_much_and_answers_nobody_falls_behind(play: Play) -> None:
    to_clinician(play)
    change(play, "H01", answer_yield=1.0, answer_working_days=1)
    asked_before(play, "H01", 5, 0)
    to_shortlist(play)
    assert proposed(play) == ["H01", "H02", "H03"]
    reasons = play.events("shortlist.proposed")[-1].payload["match_reasons"]["H01"]
    assert "answers_measured" in reasons and "answers" not in reasons


# --- units that nobody has confirmed


def test_a_stale_unit_is_shown_and_used_once_a_person_has_confirmed_it(play: Play) -> None:
    to_clinician(play)
    stale(play, "H02")
    to_shortlist(play)
    assert proposed(play) == ["H01", "H03"]
    waits = play.events("shortlist.proposed")[-1].payload["unconfirmed"]
    assert waits == {"H02": ["kv_iort", "unconfirmed_90_days"]}
    play.answer("record_hospital_consent", "granted", hospitals="H01,H02", **SIGNED)
    with pytest.raises(NotStated, match="H02: nobody has confirmed its unit for 90 days") as asked:
        play.answer("approve_shortlist", "approve", hospitals="H01,H02")
    assert asked.value.option == "--set evidence=TEXT" and not play.events("shortlist.approved")
    play.answer("approve_shortlist", "approve", hospitals="H01,H02", evidence="call with the desk")
    assert play.events("shortlist.approved")[-1].payload["hospital_ids"] == ["H01", "H02"]
    with Session(play.world.engine) as session:
        row = session.scalars(select(Hospital).where(col(Hospital.code) == "H02")).one()
        (unit,) = record_of(row).units
        assert unit.last_confirmed_on == play.clock.now().date()
        assert unit.evidence == "call with the desk"
        act = session.scalars(
            select(DirectoryChange).where(col(DirectoryChange.hospital_id) == row.id)
        ).one()
        assert (act.act, act.unit, act.actor_ref) == ("confirmed", 1, "test:coordinator")
        noted = select(AuditEntry).where(col(AuditEntry.action) == "directory.confirmed")
        assert [one.object_ref for one in session.scalars(noted)] == ["hospital:H02"]


def test_where_only_stale_units_fit_a_person_is_asked_and_nobody_hears_of_none(play: Play) -> None:
    to_clinician(play)
    stale(play, "H01", "H02", "H03")
    to_shortlist(play)
    assert play.case.state == "SHORTLISTING" and not play.events("shortlist.empty")
    assert kinds(play) == ["confirm_units"] and play.messages(template="M06") == []
    with pytest.raises(NotStated, match="what the confirmation rests on"):
        play.answer("confirm_units", "confirmed", hospitals="H03")
    play.answer("confirm_units", "confirmed", hospitals="H03", evidence="their form of today")
    assert proposed(play) == ["H03"] and "record_hospital_consent" in kinds(play)
    with pytest.raises(AssertionError, match="no open confirm_units"):
        play.answer("confirm_units", "confirmed", hospitals="H03", evidence="once more")


def test_where_none_can_be_confirmed_the_family_hears_of_hospitals_and_of_no_doctor(
    play: Play,
) -> None:
    to_clinician(play)
    stale(play, "H01", "H02", "H03")
    to_shortlist(play)
    play.answer("confirm_units", "none", reason="nobody answers the telephone")
    assert play.case.state == "ALTERNATIVES"
    assert play.events("shortlist.empty")[-1].payload == {"reason_code": "no_unit_confirmed"}


def test_a_unit_out_of_service_is_not_mended_by_a_confirmation(play: Play) -> None:
    to_clinician(play)
    to_shortlist(play)
    play.answer("record_hospital_consent", "granted", hospitals="H01,H02", **SIGNED)
    with transaction(play.world.engine) as session:
        row = session.scalars(select(Hospital).where(col(Hospital.code) == "H02")).one()
        unit = {**row.details["units"][0], "in_service": False}
        row.details = {**row.details, "units": [unit]}
    with pytest.raises(DecisionRefused, match="H02: its unit is out of service"):
        play.answer("approve_shortlist", "approve", hospitals="H01,H02", evidence="a call")
    assert not play.events("shortlist.approved")
