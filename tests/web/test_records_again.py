"""Records for a hospital the second time: sent again, chosen again, ended, come back, too late."""

import io
import json
import re

import pyzipper
from sqlalchemy import select
from sqlmodel import Session, col

from models import AuditEntry, DeskLink, Hospital, RecordsPackage
from models.database import transaction
from tests.web.desks import at_desk
from tests.web.test_records import (
    COORDINATOR,
    Visit,
    chosen,
    coordinator,
    here,
    looked_at,
    released,
    rows,
)
from tests.workflows.acts import to_outreach
from tests.workflows.playing import Play
from workflows.engine.acting import acting


def test_an_archive_that_is_sent_once_more_has_the_same_password(play: Play, visit: Visit) -> None:
    to_outreach(play)
    visitor = coordinator(play, visit)
    released(play, visitor)
    visitor.send("/records/1/archive", {}, "/records/1")
    play.run()
    waiting = visitor.send("/records/1/archive", {}, "/records/1")
    assert waiting.status_code == 422 and "waits to leave already" in waiting.text
    play.run()
    play.answer("approve_message", "approve")
    visitor.send("/records/1/archive", {}, "/records/1")
    play.run()
    play.answer("approve_message", "approve")
    told = visitor.send("/records/1/password", {}, "/records/1")
    password = re.search(r'class="code">([A-Z-]{19})<', told.text)
    first, second = play.mails("M61")
    assert password
    for mail in (first, second):
        (archive,) = list(mail.iter_attachments())
        with pyzipper.AESZipFile(io.BytesIO(archive.get_content())) as files:
            files.setpassword(password[1].encode())
            assert files.read(files.namelist()[0]).startswith(b"%PDF")


def test_records_whose_links_opened_nothing_any_more_are_not_released(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    visitor = coordinator(play, visit)
    chosen(play, visitor)
    looked_at(play, visitor)
    visitor.send("/records/1/answer", {"answer": "release"}, "/records/1")
    with transaction(play.world.engine) as session:
        for link in session.scalars(select(DeskLink)):
            link.expires_at = play.clock.now()
    play.run()
    (package,) = rows(play, RecordsPackage)
    assert (package.state, package.end_reason) == ("dropped", "expired")
    assert play.messages(template="M59") == []


def test_nothing_else_is_chosen_while_approved_records_are_being_made(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    visitor = coordinator(play, visit)
    chosen(play, visitor, code_by="telephone")
    looked_at(play, visitor)
    visitor.send("/records/1/answer", {"answer": "release"}, "/records/1")
    refused = chosen(play, visitor)
    assert refused.status_code == 422 and "are just being made" in refused.text
    play.run()
    assert [one.state for one in rows(play, RecordsPackage)] == ["released"]
    form = visitor.get(here(play)).text
    assert re.search(r'value="telephone"\s+checked', form), "a new choice does not undo it"


def test_the_last_link_that_is_ended_closes_what_it_showed(play: Play, visit: Visit) -> None:
    to_outreach(play)
    visitor = coordinator(play, visit)
    released(play, visitor)
    (link,) = rows(play, DeskLink)
    form = {"ref": play.case.ref, "thread": "1", "sure": "1"}
    visitor.send(f"/desk-links/{link.id}/end", form, here(play))
    assert [one.state for one in rows(play, RecordsPackage)] == ["ended"]
    (revoked,) = play.events("package.revoked")
    assert revoked.payload["reason"] == "other"
    with Session(play.world.engine) as session:
        actions = session.scalars(
            select(col(AuditEntry.action)).where(col(AuditEntry.action).like("desk%"))
        )
        assert list(actions) == ["desk_link.ended"]


def test_a_letter_about_records_that_came_back_goes_to_its_recipient_alone(
    play: Play, visit: Visit
) -> None:
    to_outreach(play)
    with transaction(play.world.engine) as session:
        hospital = session.scalars(select(Hospital).where(col(Hospital.code) == "H01")).one()
        departments = [dict(one) for one in hospital.details["departments"]]
        departments[0]["backup_email"] = "deputy@h01.example"
        hospital.details = {**hospital.details, "departments": departments}
    visitor = coordinator(play, visit)
    both = re.findall(r'name="recipient" value="([^"]+)"', visitor.get(here(play)).text)[:2]
    assert len(both) == 2
    chosen(play, visitor, recipient=both)
    looked_at(play, visitor)
    visitor.send("/records/1/answer", {"answer": "release"}, "/records/1")
    play.run()
    while "approve_message" in {task.kind for task in play.tasks()}:
        play.answer("approve_message", "approve")
    assert len(play.messages(template="M59", state="sent")) == 2
    letter = next(m for m in play.messages(template="M59") if m.address == both[0])
    with transaction(play.world.engine) as session:
        hospital = session.scalars(select(Hospital).where(col(Hospital.code) == "H01")).one()
        hospital.email = "desk@new.h01.example"
        _move(hospital, both[0], "desk@new.h01.example")
    with acting(play.world, play.case_id, COORDINATOR) as by:
        objects = {"thread_id": 1, "hospital_id": 1, "message_id": letter.id}
        by.request("write_again", {**objects, "template": "M59"})
    play.run()
    play.answer("approve_message", "approve")
    sent = [one.address for one in play.messages(template="M59", state="sent")]
    assert sorted(sent) == sorted([*both, "desk@new.h01.example"])
    desk = at_desk(visit, play, "M59")
    desk.open()
    assert "/records/1" in desk.page().text
    assert [one.end_reason for one in rows(play, DeskLink) if one.address == both[0]] == [
        "replaced"
    ]


def _move(hospital: Hospital, before: str, after: str) -> None:
    details = json.loads(json.dumps(hospital.details).replace(before, after))
    hospital.details = details
