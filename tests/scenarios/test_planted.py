"""Planted: what must never happen, brought about on purpose, and what happened instead.

A void signature stands in scenario 9, a death amid letters in `tests/faults`.
"""

from datetime import timedelta

from tests.scenarios.house import House
from tests.scenarios.journeys import (
    ADMISSION,
    OFFER,
    accepts,
    admission_agreed,
    happens,
    offers,
    to_offer,
    until,
)
from tests.scenarios.people import People, blockers
from tests.scenarios.stories import approved, asked, inquiry, to_clinician
from tests.scenarios.test_hospitals import threads

DANGER = "Since tonight high fever 39.5, bleeding, breathless. What shall we do?"


def test_a_red_flag_at_22_57_by_mail(house: House, people: People) -> None:
    story = inquiry(house, people)
    staff = {"amina": "coordinator", "rao": "clinician", "lee": "lead"}
    for name, role in staff.items():
        people.desk(role, name)
        house.iort("user", "email", name, people.mailbox(f"at-{name}").address)

    def read(*, flags: bool) -> list[list[str]]:
        boxes = [*(people.mailbox(f"at-{name}") for name in staff), people.mailbox("on-call")]
        return [
            [
                one.subject + one.text
                for one in box.letters()
                if one.subject.startswith("Red flag") is flags
            ]
            for box in boxes
        ]

    def alerted() -> list[int]:
        return [len(letters) for letters in read(flags=True)]

    house.forward("14h56m")
    before = len(story.family.letters())
    story.family.box.write(DANGER, subject="help")  # 22:57 in Nairobi, 1:27 in Delhi
    (flag,) = story.case.events("clinical.red_flag_reported")
    assert flag["payload"]["symptom_codes"] == ["fever", "bleeding", "breathless"]
    # The family hears at once, night or not, where to go; nothing promises a call without a number.
    (receipt,) = story.family.letters()[before:]
    assert "call your local emergency number or go to the nearest hospital now" in receipt.text
    assert "We have no telephone number of yours" in receipt.text
    # Pinned above everything for the team, with name, ways to call and local time.
    for name, role in staff.items():
        assert "1 red flag" in people.desk(role, name).reads("/")
    page = people.amina.reads(f"/tasks/{people.amina.task(story.ref, 'call_patient_now')}")
    assert "Rosa Exempla" in page and "Their time now 22:57" in page and "breathless" in page
    # The ladder reaches the next person, then everybody, then everybody again.
    assert alerted() == [1, 0, 0, 0]
    house.forward("5m")
    assert alerted() == [2, 0, 1, 0]
    house.forward("10m")
    assert alerted() == [3, 1, 2, 1]
    # Who is on duty was told besides, hours before, that the inquiry waits past its time.
    amina, *_, on_call = read(flags=False)
    assert not on_call and "questions past their time: 1" in "".join(amina)
    letters = [one for flags in (False, True) for box in read(flags=flags) for one in box]
    assert all("Exempla" not in letter and "fever" not in letter for letter in letters)
    # Who calls stops it; it is closed only with whom one reached and what was said.
    people.rao.does(story.ref, "call_patient_now", "take")
    house.forward("10m")
    assert alerted() == [3, 1, 2, 1]
    refused = people.rao.does(story.ref, "call_patient_now", "reached", refused=True)
    assert "call_patient_now" in story.case.tasks() and "reached" in refused
    people.rao.does(
        story.ref, "call_patient_now", "reached", reached="patient", said="goes to hospital now"
    )
    assert "call_patient_now" not in story.case.tasks()
    (closed,) = story.case.events("red_flag.closed")
    assert closed["payload"]["reached"] == "patient"
    assert "goes to hospital" not in house.iort("timeline", story.ref, "--all", "--json")


def test_a_letter_without_consent(house: House, people: People) -> None:
    story = to_clinician(house, people)
    people.rao.signs(story.ref, "review_case", "suitable_for_outreach", "seen", technique="kv_iort")
    story.family.says("give", "hospitals", hospital=["H01", "H02"])
    amina = people.amina
    amina.does(story.ref, "approve_shortlist", "approve", hospitals=["H01", "H02"])
    # Both are approved; before a worker takes them, the permission for H01 is taken back.
    house.workers = False
    amina.does(story.ref, "approve_message", "approve")
    amina.does(story.ref, "approve_message", "approve")
    story.family.says("back", "share_deid", hospital=["H01"])
    house.workers = True
    house.work()
    assert people.hospital("H01").letters(story.ref) == []
    assert len(people.hospital("H02").letters(story.ref)) == 1
    assert threads(story.case) == {"H01": "closed", "H02": "sent"}
    house.forward("3d")
    assert people.hospital("H01").letters(story.ref) == [], "not even a request to delete nothing"
    assert house.told("ask", "sent_without_consent") == []


def test_a_thread_that_nobody_waits_for(house: House, people: People) -> None:
    story = to_clinician(house, people)
    asked(story, "H01")
    with house.world.engine.begin() as connection:
        lost = "DELETE FROM step_run WHERE name = 'outreach.chase_hospital'"
        assert connection.exec_driver_sql(lost).rowcount == 1
    # Within minutes one task asks what happens next, once.
    house.forward("6m")
    house.forward("6m")
    assert story.case.tasks() == ["follow_thread"]
    people.amina.does(story.ref, "follow_thread", "wait", promised_on="2027-01-12")
    assert story.case.tasks() == []
    house.forward("2d")
    assert story.case.tasks() == ["approve_message"], "they are reminded"


def test_an_expired_offer(house: House, people: People) -> None:
    story = to_clinician(house, people)
    asked(story, "H01")
    soon = OFFER.replace("2027-02-20", "2027-01-19")
    offers(story, "H01", soon, valid_until="2027-01-19")
    approved(story)
    assert "Accept this offer" in story.family.reads()
    house.forward("9d")
    # The family is told, by letter and on its page, and cannot accept what is over.
    (expired,) = story.case.events("offer.expired")
    assert expired["occurred_at"].startswith("2027-01-20") and story.case.state == "OUTREACH"
    assert len(story.family.letters("An offer has run out")) == 1
    assert "Accept this offer" not in story.family.reads()
    offered = house.told("case", "show", story.ref)["threads"][0]["offers"]
    assert [one["state"] for one in offered] == ["expired"]
    # Asked whether it holds, the hospital keeps it; presented anew, it can be accepted.
    people.amina.does(story.ref, "renew_offer", "ask")
    approved(story)
    assert "2027-01-19" in people.hospital("H01").letters(story.ref)[-1].text
    people.amina.does(story.ref, "renew_offer", "renewed", valid_until="2027-02-20")
    people.amina.does(story.ref, "present_offer", "present")
    approved(story)
    accepts(story)
    assert story.case.state == "ADMISSION_SCHEDULING"


def test_24_open_blockers(house: House, people: People) -> None:
    story = to_offer(house, people, "H01")
    accepts(story)
    admission_agreed(story)
    happens(story, "letter_verified")
    happens(story, "granted", valid_until="2027-08-01")
    until(story, ADMISSION - timedelta(days=3))
    page = people.amina.reads(f"/cases/{story.ref}/journey", html=True)
    blocking = blockers(page, "departure")
    assert len(blocking) >= 24
    # Nobody leaves: the refusal counts them (but the decision to go itself) and names some.
    today = house.now.date().isoformat()
    refused = happens(story, "departed", departure_date=today, refused=True)
    assert f"Not yet: {len(blocking) - 1} items block the departure" in refused
    assert story.case.state == "TRAVEL_PREP"
    assert story.case.events("travel.go_no_go_signed") == []
    assert people.amina.settles(story.ref, "departure") == []
    happens(story, "departed", departure_date=today)
    assert story.case.state == "IN_TRANSIT"
    (signed,) = story.case.events("travel.go_no_go_signed")
    assert signed["payload"] == {"decision": "go", "blockers": []}
