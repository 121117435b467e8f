"""A stage that many tests begin at is played once; who comes later finds it as their own."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine

from adapters.clock import FixedClock
from settings import Settings
from tests.fixtures.databases import WorkerDatabase
from tests.workflows.acts import OFFER, reply, to_outreach
from tests.workflows.playing import Play, add_hospitals
from tests.workflows.remembered import Remembered
from workflows.engine.world import World

PLAYED: list[int] = []


@Remembered
def asked(play: Play) -> None:
    to_outreach.played(play)
    PLAYED.append(play.case_id)


def begin(settings: Settings, engine: Engine, storage: Any) -> Play:
    clock = FixedClock(datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    add_hospitals(world)
    return Play(world, clock)


def raw(play: Play) -> bytes:
    (enquiry,) = play.messages(template="M10", state="sent")
    return play.world.storage.get(enquiry.raw_object_key or "")


def test_it_is_played_once_and_put_back_with_the_address_of_another_test(
    engine: Engine, settings: Settings, storage: Any, worker_database: WorkerDatabase
) -> None:
    one = begin(settings, engine, storage)
    asked(one)
    first = raw(one), one.messages(), one.answered, one.mail.left, one.clock.now()
    worker_database.empty()
    for kind in ("s1/", "criteria/"):
        storage.erase(kind, whole=False)
    address = f"another-{settings.mail_from}"
    users = dict.fromkeys(("mail_from", "smtp_user", "imap_user"), address)
    two = begin(settings.model_copy(update=users), engine, storage)
    asked(two)
    assert len(PLAYED) == 1, "what makes a world another one? see remembered.py"
    assert (two.case_id, two.answered, two.clock.now()) == (one.case_id, first[2], first[4])
    old, new = settings.mail_from.encode(), address.encode()
    assert raw(two) == first[0].replace(old, new) != first[0]
    assert two.mail.left == [mail.replace(old, new) for mail in first[3]] != []
    before = [(m.address or "").replace(settings.mail_from, address) for m in first[1]]
    assert [m.address or "" for m in two.messages()] == before
    assert [m.template for m in two.messages()] == [m.template for m in first[1]]
    reply(two, OFFER)
    two.answer("confirm_reply", "offer")
    assert two.case.state == "OFFER_REVIEW"
