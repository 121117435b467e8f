"""Lists that stay open: rows that renew themselves, and whose a case is."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from models import CaseEvent, User, UserSession
from models.base import require_id
from models.database import transaction
from tests.web.parts import Visitor, seen
from tests.workflows.playing import Play
from workflows.engine.world import World

Visit = Callable[..., Visitor]


def asks_again(visitor: Visitor, path: str, state: str) -> Any:
    return visitor.client.get(path, headers={"list-state": state, "background": "true"})


@pytest.mark.parametrize("path", ["/", "/cases"])
def test_an_open_list_gets_nothing_while_nothing_changes_and_then_the_new_row(
    visit: Visit, play: Play, path: str
) -> None:
    play.open()
    first, visitor = play.case.ref, visit("coordinator")
    state = visitor.get(path).headers["list-state"]
    assert asks_again(visitor, path, state).status_code == 204
    play.open()
    answer = asks_again(visitor, path, state)
    assert answer.status_code == 200 and "<html" not in answer.text
    assert first in answer.text and play.case.ref in answer.text
    state = answer.headers["list-state"]
    assert asks_again(visitor, path, state).status_code == 204
    play.answer("triage_inquiry", "in_scope", site="breast")
    gone = asks_again(visitor, path, state)
    assert gone.status_code == 200


def test_an_open_list_gets_nothing_when_something_else_changed(visit: Visit, play: Play) -> None:
    play.open(site="breast")
    visitor = visit("coordinator")
    quiet = "/cases?stage=travel&site=breast&country=IN"
    state = visitor.get(quiet).headers["list-state"]
    play.open(site="stomach")
    answer = asks_again(visitor, quiet, state)
    assert answer.status_code == 204, "what it shows is the same"
    assert answer.headers["list-state"] != state, "the next question is cheap again"
    assert asks_again(visitor, "/cases?site=breast", state).status_code == 200


def test_a_task_that_becomes_late_is_shown_so(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit("coordinator")
    state = visitor.get("/").headers["list-state"]
    play.clock.move(timedelta(days=10))
    answer = asks_again(visitor, "/", state)
    assert answer.status_code == 200 and "late" in answer.text


def test_an_open_list_does_not_keep_a_session_alive(visit: Visit, world: World) -> None:
    visitor = visit("coordinator")
    state = visitor.get("/").headers["list-state"]
    with transaction(world.engine) as session:
        row = session.scalars(select(UserSession)).one()
        almost = row.expires_at - timedelta(minutes=20)
        session.execute(update(UserSession).values(expires_at=almost))

    def ends() -> datetime:
        with Session(world.engine) as session:
            return session.scalars(select(UserSession)).one().expires_at

    asks_again(visitor, "/", state)
    assert ends() == almost
    visitor.get("/")
    assert ends() > almost, "somebody's own click does"
    with transaction(world.engine) as session:
        session.execute(update(UserSession).values(expires_at=row.created_at))
    answer = asks_again(visitor, "/", state)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/login")


def test_a_taken_case_leaves_the_lists_of_colleagues(
    visit: Visit, world: World, play: Play
) -> None:
    play.open()
    ref, mine, other = play.case.ref, visit("coordinator"), visit("coordinator")
    assert ref in other.get("/").text
    overview = f"/cases/{ref}/overview"
    assert "Nobody in particular" in mine.get(overview).text
    answer = mine.send(f"/cases/{ref}/assign", {"to": "me"}, overview)
    assert answer.status_code == 303
    assert "coordinator-1" in other.get(overview).text and "Take it" in other.get(overview).text
    assert "Take it" not in mine.get(overview).text
    assert ref in mine.get("/").text and ref in mine.get("/cases?mine=true").text
    page = other.get("/").text
    assert f'data-row="{ref}"' not in page and "1 with what colleagues have taken" in seen(page)
    assert ref in other.get("/?whose=all").text and ref not in other.get("/cases?mine=true").text
    (fact,) = play.events("case.assigned")
    with Session(world.engine) as session:
        owner = session.scalars(select(User).where(col(User.user_name) == "coordinator-1")).one()
    assert fact.payload["coordinator_ref"] == fact.actor_ref == owner.ref
    other.send(f"/cases/{ref}/assign", {"to": ""}, "/")
    assert play.case.coordinator_ref is None and ref in other.get("/").text


def test_a_case_is_not_given_to_who_may_not_have_it(visit: Visit, world: World, play: Play) -> None:
    play.open()
    visit("analyst")
    with Session(world.engine) as session:
        analyst = session.scalars(select(User)).one()
        events = len(session.scalars(select(CaseEvent)).all())
    lead, clinician = visit("lead"), visit("clinician")
    path = f"/cases/{play.case.ref}/assign"
    for given in (analyst.ref, "U-nobody"):
        assert lead.send(path, {"to": given}, "/").status_code == 422
    assert clinician.send(path, {"to": "me"}, "/").status_code == 403
    assert lead.client.post(path, data={"to": "me"}).status_code == 403, "a form from elsewhere"
    assert play.case.coordinator_ref is None
    with Session(world.engine) as session:
        assert len(session.scalars(select(CaseEvent)).all()) == events
    assert require_id(play.case.id)
