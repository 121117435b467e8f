"""A queue that is held is told on each page, with who, since when and why; a lead lets it go on."""

from collections.abc import Callable

from sqlalchemy import update
from sqlmodel import Session, col, select

from models import AuditEntry, LateLetter, LateThing, User
from models.database import transaction
from tests.web.parts import Visitor, seen
from tests.workflows.playing import Play
from workflows.engine.pausing import pause, paused
from workflows.events import Actor

Visit = Callable[..., Visitor]


def test_a_held_queue_is_on_each_page_until_a_lead_lets_it_go(visit: Visit, play: Play) -> None:
    coordinator, lead, analyst = visit("coordinator"), visit("lead"), visit("analyst")
    assert "No queue is held" in seen(coordinator.get("/queues").text)
    assert 'href="/queues"' not in coordinator.get("/").text
    pause(play.world, "outreach", "a hospital's <b>server</b>", Actor("lead", "l.one"))
    for visitor, path in ((coordinator, "/"), (lead, "/repair"), (analyst, "/charts")):
        assert "Held: outreach" in seen(visitor.get(path).text), path
    assert 'href="/queues"' not in analyst.get("/charts").text
    assert analyst.get("/queues").status_code == 403

    page = coordinator.get("/queues").text
    assert "a hospital&#39;s &lt;b&gt;server&lt;/b&gt;" in page
    assert "l.one" in page
    assert "<button>Let" not in page
    form = {"queue": "outreach"}
    assert coordinator.send("/queues/resume", form, "/queues").status_code == 403
    assert len(paused(play.world)) == 1

    refused = lead.send("/queues/resume", {"queue": "hooks"}, "/queues")
    assert (refused.status_code, "hooks is not paused" in seen(refused.text)) == (422, True)
    assert lead.send("/queues/resume", form, "/queues").status_code == 303
    assert paused(play.world) == []
    assert lead.send("/queues/resume", form, "/queues").status_code == 422, "twice"
    with Session(play.world.engine) as session:
        done = select(col(AuditEntry.action)).where(col(AuditEntry.object_ref) == "outreach")
        assert sorted(session.scalars(done)) == ["queue.paused", "queue.resumed"]


def test_what_is_late_and_who_was_told_stands_there(visit: Visit, play: Play) -> None:
    lead = visit("lead")
    assert "Nothing is late" in lead.get("/queues").text
    assert "Nobody on duty can be written to; lead-1 has no address" in seen(
        lead.get("/queues").text
    )
    now = play.clock.now()
    with transaction(play.world.engine) as session:
        session.execute(update(User).values(email="lead@team.example"))
        user = session.exec(select(User)).one()
        for kind, key in (("steps", "7"), ("steps", "8"), ("queues", "<hooks>")):
            session.add(LateThing(kind=kind, key=key, role="lead", since=now, found_at=now))
        for state in ("sent", "sent", "uncertain", "refused", "queued", "cancelled"):
            session.add(LateLetter(user_id=user.id or 0, state=state, planned_at=now, told_at=now))
    page = seen(lead.get("/queues").text)
    assert "Steps that were given up 2" in page
    assert "told to 2 people; of 1 nobody knows whether it arrived; 1 could not be written" in page
    assert "1 letter waits to leave" in page and "1 person on duty can be written to." in page
    assert "at most every 1 hours" not in page and "what stays late every 24 hours" in page
