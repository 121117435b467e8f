"""What was untrue when whole cases were read: who is meant, which day, what is over."""

import re
from datetime import UTC, datetime

from sqlalchemy import select, update
from sqlmodel import col

from models import FollowUpEntry, Hospital, Message
from models.database import transaction
from tests.workflows.acts import to_decision, to_home, to_outreach
from tests.workflows.letters.test_letter_facts import letter, record, report_red_flag, to_hospital
from tests.workflows.patients import patients_are
from tests.workflows.playing import Play


def test_a_day_is_the_one_that_its_reader_lives(play: Play) -> None:
    to_outreach(play)
    evening = datetime(2027, 3, 1, 19, 30, tzinfo=UTC)
    with transaction(play.world.engine) as session:
        session.execute(update(Message).values(sent_at=evening))
        patients_are(session, time_zone="Pacific/Auckland")
        hospital = session.scalars(select(Hospital).where(col(Hospital.code) == "H01")).one()
        details = hospital.details
        hospital.details = {**details, "hours": {**details["hours"], "zone": "America/Lima"}}
    assert "asked on 2027-03-02 (2 March 2027)" in letter(play, "M12")
    assert "On 2027-03-01 (1 March 2027) we asked for a review" in to_hospital(play, "M11")


def test_what_was_asked_already_is_no_part_of_the_plan_and_what_follows_is_counted(
    play: Play,
) -> None:
    to_home(play)
    with transaction(play.world.engine) as session:
        mine = col(FollowUpEntry.recipients).contains(["patient"])
        entries = session.scalars(
            select(FollowUpEntry).where(mine).order_by(col(FollowUpEntry.due))
        ).all()
        entries[0].state, asked = "sent", entries[0].due
        left = len([one for one in entries if one.state == "scheduled"]) - 6
        same_day = sum(one.due == asked for one in entries)
    text = letter(play, "M32")
    assert same_day == 1 and f"- {asked}" not in text
    assert f"After these, {left} questions follow by the plan." in text


def test_a_programme_that_ends_early_is_not_called_complete(play: Play) -> None:
    to_home(play)
    record(play, "case.closed", outcome="completed")
    with transaction(play.world.engine) as session:
        mine = col(FollowUpEntry.recipients).contains(["patient"])
        waiting = select(FollowUpEntry).where(mine, col(FollowUpEntry.state) == "scheduled")
        left = len(session.scalars(waiting).all())
    assert left > 1
    assert f"{left} questions of the plan after your return are not asked" in letter(play, "M36")
    with transaction(play.world.engine) as session:
        session.execute(update(FollowUpEntry).values(state="answered"))
    assert "Every question of the plan after your return was asked." in letter(play, "M36")


def test_who_writes_for_the_patient_reads_whom_the_letter_means(play: Play) -> None:
    to_decision(play)
    said = "You write for the patient: where this letter says"
    read = ("M02", "M04", "M06", "M07", "M15", "M32", "M37", "M38")
    assert not [code for code in read if said in letter(play, code)]
    with transaction(play.world.engine) as session:
        intake = {"relation": "family", "asker_name": "Layla", "patient_knows": "yes"}
        patients_are(session, intake=intake)
    for code in read:
        text = letter(play, code)
        assert "Dear Layla, You write for the patient:" in text, code
    with transaction(play.world.engine) as session:
        patients_are(session, intake={**intake, "own_address": True})
    assert not [code for code in read if said in letter(play, code)]


def test_a_red_flag_before_any_stay_speaks_of_no_discharge_and_of_no_call(play: Play) -> None:
    play.open()
    report_red_flag(play)
    text = letter(play, "M33")
    assert "discharge" not in text and "our call" not in text


def test_the_points_of_the_permission_are_those_of_the_page(play: Play) -> None:
    play.open()
    text = letter(play, "M02")
    points = re.findall(r"\d\. that (.*?)[;.] ", text)
    assert len(points) == len(ASKED_AT_FIRST)
    for (scope, words), point in zip(ASKED_AT_FIRST.items(), points, strict=True):
        assert words in point, scope
    assert "About each hospital you are asked by itself" in text


ASKED_AT_FIRST = {"process": "keep and read", "messaging": "e-mail", "research": "research"}
"""What the page asks for before any hospital is named (portal_home_turn.html), in its order."""
