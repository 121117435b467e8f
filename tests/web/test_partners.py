"""The page of partners' systems: what came, what goes out, and who may do what about it."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import Session, col

from models import AuditEntry, Case, InboundWebhook, WebhookEndpoint
from settings import Settings
from tests.adapters.peers import webhook_server
from tests.web.parts import Visitor, seen
from tests.web.test_hooks import SECRET, count, opened, send, worked
from tests.workflows.playing import Play
from views.partners import PLAIN
from workflows.engine.world import World
from workflows.hooks.problems import PROBLEMS

Visit = Callable[..., Visitor]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhook_secrets": {"partner": SecretStr(SECRET)}})


def test_what_came_is_listed_without_a_word_of_it_and_read_by_carers_alone(
    visit: Visit, world: World
) -> None:
    partner = visit()
    send(partner, opened("Rosa Exempla"))
    send(partner, opened("Ada Sample"))
    send(partner, b"not json", message_id="m-2")
    worked(world)
    for role in ("coordinator", "lead", "administrator"):
        page = visit(role).get("/partners")
        assert page.status_code == 200 and "Rosa" not in page.text
    assert "something that cannot be read" in seen(
        visit("lead").get("/partners?state=refused").text
    )
    at = f"/partners/in/{conflict(world)}"
    assert "two contents under one number" in seen(visit("lead").get(at).text)
    shown = visit("coordinator").get("/partners/in/1")
    assert "Rosa Exempla" in shown.text
    assert visit("administrator").get("/partners/in/1").status_code == 403
    assert visit("analyst").get("/partners").status_code == 403
    with Session(world.engine) as session:
        looks = session.scalars(select(AuditEntry).where(col(AuditEntry.action) == "hook.viewed"))
        assert "hook:1" in {entry.object_ref for entry in looks}


def test_a_delivery_that_was_not_taken_is_taken_on_the_page_once(
    visit: Visit, world: World
) -> None:
    partner, lead = visit(), visit("lead")
    send(partner, opened("Rosa Exempla"))
    send(partner, opened("Ada Sample"))
    worked(world)
    at = f"/partners/in/{conflict(world)}"
    assert lead.send(at, {}).status_code == 303
    again = lead.send(at, {}, "/account")
    assert again.status_code == 422 and "taken already" in again.text
    worked(world)
    assert count(world, Case) == 2
    with Session(world.engine) as session:
        assert session.get_one(InboundWebhook, conflict(world)).replayed == 1


def test_a_partner_is_added_paused_tested_and_removed_on_the_page(
    visit: Visit, world: World, play: Play
) -> None:
    lead, coordinator = visit("lead"), visit("coordinator")
    with webhook_server() as server:
        form: dict[str, Any] = {"name": "Clinic", "url": server.url, "types": "case.* offer.*"}
        added = lead.send("/partners", form)
        assert added.status_code == 200 and "whsec_" in added.text
        assert "whsec_" not in lead.get("/partners").text, "shown once"
        twice = lead.send("/partners", form)
        assert twice.status_code == 422 and "already" in twice.text
        at = f"/partners/out/{endpoint(world).id}"
        assert coordinator.send(at, {"act": "pause"}).status_code == 303
        assert "what happens waits for it" in seen(coordinator.get(at).text)
        coordinator.send(at, {"act": "test"})
        play.open()
        play.run()
        assert [b"endpoint.test" in body for _, _, body in server.received] == [True]
        coordinator.send(at, {"act": "resume"})
        play.run()
        page = seen(coordinator.get(at).text)
        assert "case.opened" in page and "200" in page and "taken" in page
        assert play.case.ref in page
        coordinator.send(at, {"act": "since", "since": "2026-11-22T09:00"})
        before = len(server.received)
        play.run()
        assert len(server.received) > before
        for refused in ("remove", "rotate", "types"):
            assert coordinator.send(at, {"act": refused}).status_code == 422
        odd = [
            {"act": "since", "since": "soon"}, {"act": "since"}, {"act": "dance"},
            {"act": "remove"},
        ]  # fmt: skip
        assert [lead.send(at, one).status_code for one in odd] == [422] * 4
        assert "whsec_" in lead.send(at, {"act": "rotate"}).text
        assert (
            lead.send(at, {"act": "remove", "sure": "true"}).headers["location"]
            == "/partners?done=remove"
        )
    with Session(world.engine) as session:
        actions = set(session.scalars(select(col(AuditEntry.action))))
    assert {"partner.add", "partner.pause", "partner.remove", "partner.rotate"} <= actions


def test_a_partner_that_does_not_answer_is_said_to_be_so(
    visit: Visit, world: World, play: Play
) -> None:
    lead = visit("lead")
    lead.send("/partners", {"name": "Away", "url": "http://127.0.0.1:9/"})
    play.open()
    play.run()
    assert "the last try failed" in seen(lead.get("/partners").text)
    at = f"/partners/out/{endpoint(world).id}"
    assert "no answer (ConnectError)" in seen(lead.get(at).text)


def conflict(world: World) -> int:
    with Session(world.engine) as session:
        second = select(col(InboundWebhook.id)).where(col(InboundWebhook.conflict_of).is_not(None))
        return session.scalars(second).one() or 0


def endpoint(world: World) -> WebhookEndpoint:
    with Session(world.engine) as session:
        return session.scalars(select(WebhookEndpoint)).one()


def test_every_reason_has_words_for_a_coordinator() -> None:
    """Those that make a row; the others are answered at the door and leave none."""
    at_the_door = {"not_genuine", "too_many", "too_large", "not_now", "id_too_long"}
    assert set(PLAIN) == set(PROBLEMS) - at_the_door
