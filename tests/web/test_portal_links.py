"""The link to a patient's page: how long it opens, for whom, and what is written down."""

import time
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from accounts.signed_links import LinkRefused
from models import AuditEntry, Case, FollowUpEntry, Message
from tests.web.test_portal_home import Visit, asked, path_of, rows, to_home
from tests.workflows.playing import Play
from workflows.cases.reported_facts import report_fact
from workflows.engine.world import World
from workflows.events import Actor
from workflows.portal.access import FROM_PAGE, case_of_link, revoke_links


def test_every_opening_and_every_refusal_is_written_down(visit: Visit, play: Play) -> None:
    play.open()
    visitor, path = visit(), path_of(play)
    visitor.get(path)
    (entry,) = rows(play.world, AuditEntry, action="portal.opened")
    assert (entry.actor_ref, entry.case_id) == (f"patient:{play.case_id}", play.case_id)
    revoke_links(play.world, play.case_id, "U-1")
    assert visitor.get(path).status_code == 404
    assert visitor.get(path[:-3] + "abc").status_code == 404
    refused = rows(play.world, AuditEntry, action="portal.refused")
    assert [(e.object_ref, e.case_id) for e in refused] == [
        ("revoked", play.case_id),
        ("forged", None),
    ]
    assert visitor.get(path_of(play)).status_code == 200, "a fresh link opens"
    assert all(path.rsplit("/", 1)[1] not in e.object_ref for e in rows(play.world, AuditEntry))


def test_a_link_ends_with_its_time_and_with_a_death(
    visit: Visit, play: Play, monkeypatch: Any
) -> None:
    play.open()
    path = path_of(play)
    report_fact(play.world, play.case.ref, "patient.deceased", Actor("coordinator", "c1"))
    assert visit().get(path).status_code == 404
    fresh = path_of(play)
    monkeypatch.setattr("time.time", lambda: 4_000_000_000.0)
    assert visit().get(fresh).status_code == 404
    reasons = [e.object_ref for e in rows(play.world, AuditEntry, action="portal.refused")]
    assert reasons == ["revoked", "expired"]


def test_the_setting_decides_how_long_a_link_opens(play: Play, monkeypatch: Any) -> None:
    play.open()
    token = path_of(play).rsplit("/", 1)[1]
    today = time.time()
    short = World(
        play.world.settings.model_copy(update={"portal_link_days": 3}), engine=play.world.engine
    )
    monkeypatch.setattr("time.time", lambda: today + 4 * 86400)
    assert case_of_link(play.world, token).id == play.case_id
    with pytest.raises(LinkRefused):
        case_of_link(short, token)
    assert play.world.settings.portal_link_days == 14


def test_nobody_acts_on_another_patients_case(visit: Visit, play: Play) -> None:
    to_home(play)
    entry = asked(play.world)
    mine = play.case_id
    play.open()
    assert play.case_id != mine
    visitor, path = visit(), path_of(play)
    form = {"question": entry.id, "answer": "done"}
    assert visitor.send(f"{path}/answer", form, path).status_code == 422
    assert rows(play.world, FollowUpEntry, id=entry.id)[0].state == "sent"
    for act in ("message", "answer", "signs", "consent", "withdraw", "decide"):
        wrong = path[:-4] + "AAAA"
        token = visitor.token(path)
        data = {"csrf": token, "text": "x", "sign": "fever", "sure": "yes"}
        assert visitor.client.post(f"{wrong}/{act}", data=data).status_code == 404
        assert visitor.client.post(f"{path}/{act}", data={**data, "csrf": "0"}).status_code == 403
    with Session(play.world.engine) as session:
        assert session.get_one(Case, play.case_id).state == "INQUIRY"
        assert FROM_PAGE not in session.scalars(select(col(Message.address))).all()
