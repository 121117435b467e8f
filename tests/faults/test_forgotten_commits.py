"""PostgreSQL is killed right after commits that waited for no disk: what was told outside stands.

Cheap steps commit so. What they did in the last moments is forgotten by a crash, as if it had not
been done yet; but nothing may have left the house that rests on it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import Engine, func, select, text
from sqlmodel import Session, col

from adapters import webhooks
from adapters.clock import FixedClock
from adapters.mail_out import Delivered
from adapters.webhooks import WebhookAnswer
from local.embedded.postgres import SUPERUSER
from local.embedded.servers import EmbeddedServers
from models import AccountChange, CaseEvent, HumanTask, InboundMail, User, WebhookDelivery
from models.base import require_id
from models.database import make_engine, transaction
from settings import Settings
from tests.fixtures.databases import clone_template, make_template
from tests.workflows.engine.six_parts import FACTS, NAMES, Begin, begin
from tests.workflows.hooks.parts import subscribe
from tests.workflows.playing import Play
from tests.workflows.retention.test_erasing import decided, erasure, queued, stopped, worked
from workflows.engine.record import Recorder
from workflows.engine.recurring import ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.stopping import DELIVER
from workflows.engine.work import Step, Unit, Work
from workflows.engine.world import World
from workflows.events import Event
from workflows.retention import orphans
from workflows.retention.state import ERASE
from workflows.steps import STEPS

__all__ = ["begin"]

ALERT, TELL, SWEEP = "notices.alert_staff", "notices.tell_account", "ingestion.sweep_store"
T = TypeVar("T")


@dataclass
class Forgetful:
    """A PostgreSQL of this file that keeps what waits for no disk in its memory for ten seconds."""

    servers: EmbeddedServers
    number: int = 0

    def database(self) -> str:
        """Return the address of a new database."""
        self.number += 1
        clone_template(self.servers, f"forgetful_{self.number}")
        return self.servers.postgres.url(f"forgetful_{self.number}")

    def kill(self) -> None:
        """End it as a crash does, its memory with it."""
        self.servers.postgres.kill()

    def back(self) -> None:
        """Have it come back on what it had written."""
        self.servers.postgres.start()


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forgetful]:
    own = EmbeddedServers(tmp_path_factory.mktemp("forgetful") / "var", durable=False)
    own.claim_ports()
    own.postgres.start()
    make_template(own)
    with own.postgres.connect("postgres", user=SUPERUSER) as connection:
        connection.autocommit = True
        for name, value in (
            ("wal_writer_delay", "10s"), ("wal_writer_flush_after", "1GB"),
            ("bgwriter_lru_maxpages", "0"), ("autovacuum", "off"),
        ):  # fmt: skip
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        connection.execute("SELECT pg_reload_conf()")
    yield Forgetful(own)
    own.postgres.stop()


@pytest.fixture
def settings(settings: Settings, forgetful: Forgetful) -> Settings:
    return settings.model_copy(update={"database_url": forgetful.database()})


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    own = make_engine(settings)
    yield own
    own.dispose()


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    return Play(World(settings, engine=engine, clock=clock), clock)


def cheaply(world: Any, act: Callable[[Recorder], T]) -> T:
    """Do something as a cheap step does: its commit waits for no disk."""
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now(), quick=True)
        session.execute(text("SET LOCAL synchronous_commit TO off"))  # where nothing is recorded
        done = act(recorder)
        recorder.flush()
    return done


def crashed(forgetful: Forgetful, world: Any, name: str) -> None:
    """Work a step whose way outside ends in a crash; the database is back, the lease is over."""
    Runner(world, STEPS).drain(name)
    forgetful.back()
    world.engine.dispose()
    with world.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE step_run SET lease_until = now() - interval '1 second'"
                " WHERE state = 'running'"
            )
        )


def count(world: Any, where: Any) -> int:
    """Return how many rows a condition finds."""
    with Session(world.engine) as session:
        return session.scalar(select(func.count()).where(where)) or 0


@dataclass
class Deadly:
    """A mail server that takes a letter, and the database crashes while it does."""

    forgetful: Forgetful
    taken: list[tuple[str, ...]] = field(default_factory=list)
    crash: bool = True

    def deliver(self, raw: bytes, envelope_from: str, recipients: Sequence[str], **_: Any) -> Any:
        """Take it."""
        self.taken.append(tuple(recipients))
        if self.crash:
            self.forgetful.kill()
        return Delivered(250)


def test_here_a_crash_does_forget_what_waited_for_no_disk(
    forgetful: Forgetful, begin: Begin
) -> None:
    """Else the others prove nothing."""
    parts = begin()
    assert parts.runner.drain(NAMES[0]) == 1
    assert parts.facts(parts.cases[0]) == FACTS
    forgetful.kill()
    forgetful.back()
    parts.world.engine.dispose()
    assert parts.rows(parts.cases[0]) == [("1", "queued")], "claim, facts and steps are forgotten"
    assert parts.facts(parts.cases[0]) == FACTS[:1], "the door waited for the disk"
    parts.drain_all()
    assert parts.facts(parts.cases[0]) == FACTS


def test_the_end_of_a_slow_step_and_what_it_claimed_are_kept(
    forgetful: Forgetful, begin: Begin
) -> None:
    def dies(unit: Unit) -> None:
        if not acted[1:]:
            acted.append("crash")
            forgetful.kill()
            unit.session.execute(text("SELECT 1"))

    def ends(work: Work) -> None:
        acted.append("outside")
        with work.finishing() as unit:
            unit.record(FACTS[1])

    acted: list[str] = []
    parts = begin({2: dies})
    parts.runner.steps = {**parts.runner.steps, NAMES[0]: Step(NAMES[0], slow=ends)}
    parts.runner.drain(NAMES[0])
    forgetful.back()
    parts.world.engine.dispose()
    assert parts.rows(parts.cases[0]) == [("1", "done"), ("2", "running")]
    with parts.world.engine.begin() as connection:
        connection.execute(text("UPDATE step_run SET lease_until = now() - interval '1 second'"))
    parts.drain_all()
    assert parts.facts(parts.cases[0]) == FACTS and acted == ["outside", "crash"]


def test_a_partner_hears_of_nothing_that_is_forgotten(
    forgetful: Forgetful, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []

    def post(url: str, body: bytes, headers: Mapping[str, str], **_: Any) -> WebhookAnswer:
        heard.append(headers["webhook-id"])
        if not heard[1:]:
            forgetful.kill()
        return WebhookAnswer(200)

    monkeypatch.setattr(webhooks, "post", post)
    play.open()
    subscribe(play, "http://127.0.0.1:9/hook")
    fact = Event("human_task.cancelled", {"task_id": 1000, "kind": "x"}, {"task_id": 1000})
    cheaply(play.world, lambda recorder: recorder.record(play.case_id, fact))
    crashed(forgetful, play.world, DELIVER)
    assert count(play.world, col(CaseEvent.event_id) == heard[0]) == 1
    assert count(play.world, col(WebhookDelivery.event_id) == heard[0]) == 1
    Runner(play.world, STEPS).drain(DELIVER)
    assert heard == heard[:1] * 2, "it may hear twice, by the same number"
    assert count(play.world, col(WebhookDelivery.state) == "delivered") == 1


def test_an_alarm_that_was_told_is_still_one(forgetful: Forgetful, play: Play) -> None:
    play.world.mail_out = post = Deadly(forgetful)
    with transaction(play.world.engine) as session:
        session.add(
            User(
                ref="c9",
                user_name="c9",
                role="coordinator",
                email="c9@x.example",
                password_hash="x",
            )
        )

    def alarm(recorder: Recorder) -> int:
        task_id = recorder.request("find_sender", objects={"message_id": 1})
        recorder.request("alert_staff", objects={"task_id": task_id})
        return task_id or 0

    task_id = cheaply(play.world, alarm)
    crashed(forgetful, play.world, ALERT)
    assert post.taken == [("c9@x.example",)]
    assert count(play.world, (col(HumanTask.id) == task_id) & (col(HumanTask.state) == "open")) == 1
    post.crash = False
    Runner(play.world, STEPS).drain(ALERT)
    assert post.taken == [("c9@x.example",)] * 2, "who is alarmed twice answers once"


def test_a_letter_about_an_account_names_a_change_that_stands(
    forgetful: Forgetful, play: Play
) -> None:
    play.world.mail_out = post = Deadly(forgetful)
    letters = [{"to": "o@x.example", "link": False, "left": None}]

    def change(recorder: Recorder) -> int:
        row = AccountChange(
            act="second_factor", user_name="o", asked_by="lead", state="done", letters=letters,
            asked_at=recorder.now,
        )  # fmt: skip
        recorder.session.add(row)
        recorder.session.flush()
        recorder.request("tell_account", objects={"change_id": row.id})
        return require_id(row.id)

    change_id = cheaply(play.world, change)
    crashed(forgetful, play.world, TELL)
    assert post.taken == [("o@x.example",)]
    assert count(play.world, col(AccountChange.id) == change_id) == 1
    post.crash = False
    Runner(play.world, STEPS).drain(TELL)
    assert count(play.world, col(AccountChange.told_at).is_not(None)) == 1


def test_an_object_is_swept_only_when_nothing_can_name_it_again(
    forgetful: Forgetful, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cheap step lets go of an object amid the sweep, which removes it; then all crashes."""
    key, world = "mail/" + "b" * 64, play.world
    world.storage.put(key, b"a letter", "message/rfc822")
    with transaction(world.engine) as session:
        mail = InboundMail(
            sha256="b" * 64, object_key=key, state="matched", received_at=world.clock.now()
        )
        session.add(mail)
    named, erase = orphans._named, world.bucket.erase

    def let_go(work: Work, session: Session, beginning: str, keys: Sequence[str]) -> set[str]:
        if key in keys:
            moved = text("UPDATE inbound_mail SET object_key = 'mail/other'")
            cheaply(world, lambda recorder: recorder.session.execute(moved))
        return named(work, session, beginning, keys)

    def erase_and_crash(beginning: str, *, whole: bool = True) -> int:
        gone = erase(beginning, whole=whole)
        if gone:
            forgetful.kill()
        return gone

    monkeypatch.setattr(orphans, "_named", let_go)
    monkeypatch.setattr(world.bucket, "erase", erase_and_crash)
    policy = replace(world.process.policy, orphans_after=timedelta())
    world.process = replace(world.process, policy=policy)
    ensure_recurring(world)
    play.clock.move(timedelta(days=1, minutes=1))
    crashed(forgetful, world, SWEEP)
    assert not world.storage.exists(key)
    assert count(world, col(InboundMail.object_key) == key) == 0, "a row names what is gone"


def test_an_erasure_goes_on_where_the_crash_left_it(
    forgetful: Forgetful, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(play)
    decided(play)
    queued(play)
    erase = play.world.storage.erase

    def erase_and_crash(beginning: str, *, whole: bool = True) -> int:
        gone = erase(beginning, whole=whole)
        forgetful.kill()
        return gone

    with monkeypatch.context() as patched:
        patched.setattr(play.world.storage, "erase", erase_and_crash)
        crashed(forgetful, play.world, ERASE)
    assert play.events("data.erasure_begun")
    for _ in range(9):
        play.clock.move(timedelta(hours=1))
        queued(play)
        worked(play)
    found = erasure(play)
    assert found is not None and found.done_at is not None
