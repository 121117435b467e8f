"""The ring turns under a running house: no link, form, factor, upload or answer is lost by it."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col
from typer.testing import CliRunner

from accounts import second_factor
from cli.keys import keys_app
from correspondence import verify_reply_token
from keys import OpeningFailed, key_id_of
from keys.ring import LEGACY, Key
from keys.ring_file import changing
from models import AuditEntry, DataKey, Message, PortalDraft, SecondFactor, WebhookEndpoint
from models.database import transaction
from settings import Settings
from tests.web.parts import Visitor, link_of
from tests.web.test_second_factor import set_up, step_in
from tests.workflows.letters.posting import Post, path_of, reasons, sent
from tests.workflows.playing import Play
from workflows.engine.world import World
from workflows.events import Actor
from workflows.hooks import endpoints
from workflows.hooks.partner_secrets import opened
from workflows.keyring import sealed as sealing
from workflows.keyring.hanging import key_states
from workflows.keyring.sealed import reseal
from workflows.keyring.turning import TurnRefused, add, retire, rotate
from workflows.letters.return_path import answers_to
from workflows.portal import drafts
from workflows.portal.access import case_of_link
from workflows.portal.upload_tickets import owner_of, ticket_for
from workflows.portal.uploads import Owner

Visit = Callable[..., Visitor]
ADMINISTRATOR = Actor("administrator", "a1")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with a ring file of this test's own, which begins with the key of before."""
    path = tmp_path / "ring"
    with changing(path) as keys:
        keys.append(Key(LEGACY, "the-key-of-before-there-was-a-ring"))
    monkeypatch.setenv("IORT_SECRET_KEYS_FILE", str(path))
    return settings.model_copy(update={"secret_keys_file": str(path)})


def hangs(world: World, key_id: str) -> dict[str, int]:
    (state,) = [one for one in key_states(world) if one.id == key_id]
    return {one.what: one.count for one in state.hangs}


def test_links_forms_uploads_and_answers_hold_through_two_turns(
    visit: Visit, play: Play, world: World
) -> None:
    play.open()
    play.run()
    visitor = visit()
    link = link_of(world, play.case)
    form = visitor.token(link)
    ticket = ticket_for(world, Owner("case", play.case_id))
    inquiry = drafts.start(world, "place", "en")
    answers, path = answers_to(world, "case", play.case_id), path_of(play, sent(play, "M01"))
    assert rotate(world, ADMINISTRATOR) == "k1"
    assert rotate(world, ADMINISTRATOR) == "k2"
    assert case_of_link(world, link.removeprefix("/portal/")).id == play.case_id
    assert visitor.get(link).status_code == 200
    assert (
        visitor.client.post("/portal/sign-in", data={"csrf": form, "email": ""}).status_code < 500
    )
    assert visitor.send("/login", {"user_name": "x", "password": "y"}).status_code == 401
    assert owner_of(world, ticket) == Owner("case", play.case_id)
    assert drafts.read(world, inquiry).answers == {}
    token = answers.partition("+")[2].partition("@")[0]
    assert verify_reply_token(token, world.keys.ring, "case") == play.case_id
    Post(play).bounces(path)
    assert len(play.events("message.refused")) == 1 and reasons(play) == []
    fresh = link_of(world, play.case)
    assert fresh.startswith("/portal/k2.") and link.startswith("/portal/0.")


def test_a_form_of_a_page_that_was_open_is_taken(visit: Visit, world: World) -> None:
    visitor = visit()
    form = visitor.token("/login")
    rotate(world, ADMINISTRATOR)
    given = {"csrf": form, "user_name": "x", "password": "y"}
    assert visitor.client.post("/login", data=given).status_code == 401, "the form is ours"
    for forged in (form[:64], form[:64] + b"k1".hex(), form + "00", "", "ff" * 32):
        assert visitor.client.post("/login", data={**given, "csrf": forged}).status_code == 403


def test_second_factors_recovery_codes_and_sessions_hold(visit: Visit, world: World) -> None:
    inside = visit("coordinator")
    secret, codes = set_up(inside)
    rotate(world, ADMINISTRATOR)
    with Session(world.engine) as session:
        (row,) = session.scalars(select(SecondFactor))
        assert second_factor.opened(world.keys, row) == secret
    assert step_in(visit(), "coordinator-1", codes[0]).status_code == 303
    assert reseal(world).done == 2, "the factor and the key of marks"
    assert reseal(world).done == 0
    retire(world, LEGACY, ADMINISTRATOR, force=True)
    assert World(world.settings, engine=world.engine).keys.marks.of("a", "b") == (
        world.keys.marks.of("a", "b")
    )
    assert inside.get("/").status_code == 200, "a session hangs on no key"
    assert step_in(visit(), "coordinator-1", codes[1]).status_code == 303
    forget_last_step(world)
    assert step_in(visit(), "coordinator-1", pyotp.TOTP(secret).now()).status_code == 303


def forget_last_step(world: World) -> None:
    with transaction(world.engine) as session:
        session.execute(update(SecondFactor).values(last_step=None))


def test_what_was_marked_before_there_was_a_ring_is_found_again(world: World) -> None:
    """The first key made the hashes of before: the migration leaves a row for it, still empty."""
    from keys import Marks

    with transaction(world.engine) as session:
        session.add(DataKey(owner="house", subject="marks"))
    rotate(world, ADMINISTRATOR)
    assert hangs(world, LEGACY)["keys of data"] == 1
    before = Marks(b"the-key-of-before-there-was-a-ring").of("recovery|1", "code")
    assert world.keys.marks.of("recovery|1", "code") == before
    reseal(world)
    assert "keys of data" not in hangs(world, LEGACY)
    again = World(world.settings, engine=world.engine)
    assert again.keys.marks.of("recovery|1", "code") == before


def test_two_processes_at_once_make_one_key_of_marks(world: World) -> None:
    made: list[str] = []
    ready = threading.Barrier(2)

    def mark() -> None:
        own = World(world.settings, engine=world.engine)
        ready.wait()
        made.append(own.keys.marks.of("a", "b"))

    threads = [threading.Thread(target=mark) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2 and len(set(made)) == 1


def test_a_resealing_that_is_killed_goes_on(
    world: World, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "AT_ONCE", 1)
    secrets = [set_up(visit(role))[0] for role in ("coordinator", "lead", "clinician")]
    rotate(world, ADMINISTRATOR)

    class Killed(Exception):
        pass

    def heard(count: int) -> None:
        if count:
            raise Killed

    with pytest.raises(Killed):
        reseal(world, heard)
    assert hangs(world, LEGACY)["second factors"] == 2
    rotate(world, ADMINISTRATOR)
    with Session(world.engine) as session:
        rows = session.scalars(select(SecondFactor).order_by(col(SecondFactor.user_id))).all()
        assert [second_factor.opened(world.keys, row) for row in rows] == secrets
        assert sorted({key_id_of(row.sealed_secret) for row in rows}) == ["0", "k1"]
    assert reseal(world).done == 4
    left = set(hangs(world, "0")) | set(hangs(world, "k1"))
    assert not left & {"second factors", "keys of data"}


def test_a_partners_secret_is_sealed_and_signs_on(world: World) -> None:
    with transaction(world.engine) as session:
        shown = endpoints.add_endpoint(world, session, "p", "http://127.0.0.1:9/x")
        other = endpoints.add_endpoint(world, session, "q", "http://127.0.0.1:9/x")
        endpoint = endpoints.endpoint_named(session, "p")
        new = endpoints.rotate(world, endpoint, world.clock.now(), timedelta(hours=1))
    rotate(world, ADMINISTRATOR)
    reseal(world)
    with Session(world.engine) as session:
        one, two = session.scalars(select(WebhookEndpoint).order_by(col(WebhookEndpoint.id)))
        assert not {shown, new} & {one.secret, one.previous_secret}
        assert opened(world.keys.ring, one, one.secret) == new
        assert opened(world.keys.ring, one, one.previous_secret or "") == shown
        with pytest.raises(OpeningFailed):
            opened(world.keys.ring, one, two.secret)
        assert opened(world.keys.ring, two, two.secret) == other


def test_a_key_that_something_needs_is_not_retired(visit: Visit, play: Play, world: World) -> None:
    play.open()
    play.run()
    drafts.start(world, "place", "en")
    rotate(world, ADMINISTRATOR)
    with pytest.raises(TurnRefused, match="signs now"):
        retire(world, "k1", ADMINISTRATOR)
    with pytest.raises(TurnRefused, match=r"1 inquiries being written .*letters with links") as no:
        retire(world, LEGACY, ADMINISTRATOR)
    assert "letters that may be answered" in str(no.value) and "sign-ins under way" in str(no.value)
    assert LEGACY in world.keys.ring
    lost = {one.what for one in retire(world, LEGACY, ADMINISTRATOR, force=True)}
    assert lost == {
        "inquiries being written", "letters with links", "letters that may be answered",
        "pages and sign-ins under way",
    }  # fmt: skip
    assert LEGACY not in world.keys.ring
    with pytest.raises(TurnRefused, match="no key 0"):
        retire(world, LEGACY, ADMINISTRATOR)


def test_a_key_that_nothing_needs_any_more_is_retired(play: Play, world: World) -> None:
    play.open()
    play.run()
    drafts.start(world, "place", "en")
    rotate(world, ADMINISTRATOR)
    past = world.clock.now() - timedelta(days=500)
    with transaction(world.engine) as session:
        session.execute(update(Message).values(created_at=past, sent_at=past))
        session.execute(update(PortalDraft).values(expires_at=past))
    path = Path(world.settings.secret_keys_file)
    with changing(path) as keys:
        keys[0] = Key("k1", keys[0].secret, past + timedelta(days=400))
    assert retire(world, LEGACY, ADMINISTRATOR) == []


def test_a_key_may_be_brought_to_every_machine_before_it_signs(world: World) -> None:
    assert add(world, ADMINISTRATOR) == "k1"
    assert [(one.id, one.state) for one in key_states(world)] == [("0", "signs"), ("k1", "waits")]
    assert world.keys.ring.signing.id == LEGACY
    assert rotate(world, ADMINISTRATOR) == "k1"
    assert [(one.id, one.state) for one in key_states(world)] == [("k1", "signs"), ("0", "opens")]
    with Session(world.engine) as session:
        acts = list(session.scalars(select(col(AuditEntry.action))))
    assert acts == ["keys.added", "keys.rotated"]


def test_a_key_that_is_gone_from_the_ring_is_named(visit: Visit, world: World) -> None:
    set_up(visit("coordinator"))
    rotate(world, ADMINISTRATOR)
    _ = world.keys.marks
    with changing(Path(world.settings.secret_keys_file)) as keys:
        keys.pop()
    missing = {one.id: one for one in key_states(world)}[LEGACY]
    assert missing.state == "missing"
    assert {one.what for one in missing.hangs} == {"second factors", "keys of data"}
    assert reseal(world).lost == 2


def test_without_a_file_the_commands_say_what_to_set(world: World) -> None:
    settings = world.settings.model_copy(update={"secret_keys_file": ""})
    with pytest.raises(TurnRefused, match="IORT_SECRET_KEYS_FILE"):
        rotate(World(settings, engine=world.engine), ADMINISTRATOR)


@pytest.fixture
def told(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    monkeypatch.setattr("cli.keys.make_world", lambda: world)

    def call(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(keys_app, list(words))
        assert done.exit_code == code, done.output
        return done.output if code == 0 else str(done.exception)

    yield call


def test_the_commands(told: Callable[..., Any], world: World) -> None:
    _ = world.keys.marks
    assert "k1 signs from now on\n1 values sealed anew" in told("rotate")
    assert "k2 is on the ring and waits" in told("add")
    shown = told("list")
    assert re.search(r"k1 +signs and seals now", shown) and re.search(r"0 +opens", shown)
    assert world.keys.ring.signing.secret not in shown
    assert [one["id"] for one in json.loads(told("list", "--json"))] == ["k1", "0", "k2"]
    assert "0 values sealed anew" in told("reseal")
    assert "sign-ins under way" in told("retire", "0", code=1)
    assert "lost: 1 pages" in told("retire", "0", "--force")
    assert "administrator's" in told("rotate", "--as", "lead", code=1)
