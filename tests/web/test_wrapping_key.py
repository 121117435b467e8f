"""A key of the ring that wraps the keys of data alone: what was erased ends with it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlmodel import Session, col

from keys import OpeningFailed, key_id_of, open_sealed
from keys.ring import LEGACY, WRAPPING
from keys.ring_file import changing
from local.embedded.servers import EmbeddedServers
from models import AuditEntry, DataKey, Patient
from models.database import make_engine, transaction
from tests.web.test_key_ring import ADMINISTRATOR, hangs, settings, told
from tests.web.test_sealed_on_disk import on_disk
from tests.workflows.playing import Play
from workflows.engine.world import World
from workflows.keyring.hanging import key_states
from workflows.keyring.sealed import reseal
from workflows.keyring.turning import TurnRefused, add, retire, rewrap, rotate
from workflows.retention.erasing import destroy_keys

__all__ = ["settings", "told"]


def wrapped(world: World, owner: str = "case") -> dict[int, str]:
    """Return the keys of data as they stand, by number."""
    with Session(world.engine) as session:
        query = select(col(DataKey.id), col(DataKey.wrapped)).where(
            col(DataKey.owner) == owner, col(DataKey.wrapped).is_not(None)
        )
        return {number or 0: kept or "" for number, kept in session.execute(query)}


def opened(world: World, number: int, kept: str) -> bytes:
    return open_sealed(world.keys.ring, WRAPPING, f"data_key|{number}", kept)


def turned(world: World, lost: int = 0) -> str:
    """Wrap everything with a new key, as was done two hours ago."""
    _ = world.keys.marks
    key_id = rewrap(world, ADMINISTRATOR)
    assert reseal(world).lost == lost
    with changing(Path(world.settings.secret_keys_file)) as keys:
        for at, key in enumerate(keys):
            if key.id == key_id and key.since is not None:
                keys[at] = replace(key, since=key.since - timedelta(hours=2))
    return key_id


def test_what_was_erased_opens_no_more_from_old_pages_and_logs_once_the_wrapping_key_is_gone(
    play: Play, world: World, servers: EmbeddedServers
) -> None:
    assert turned(world) == "w1"
    play.open()
    play.run()
    erased = play.case_id
    ((number, kept),) = wrapped(world).items()
    assert key_id_of(kept) == "w1"
    play.open()
    with transaction(world.engine) as session:
        destroy_keys(world, session, erased)
    assert on_disk(servers, [kept])[kept] > 0, "the log has it still"
    assert len(opened(world, number, kept)) == 32, "and whoever has the ring opens it"
    assert turned(world) == "w2"
    assert retire(world, "w1", ADMINISTRATOR) == []
    assert on_disk(servers, [kept])[kept] > 0
    with pytest.raises(OpeningFailed):
        opened(world, number, kept)
    assert {key_id_of(one) for one in wrapped(world).values()} == {"w2"}
    assert {key_id_of(one) for one in wrapped(world, "house").values()} == {"w2"}
    anew = World(world.settings, engine=make_engine(world.settings))
    with Session(anew.engine) as session:
        names = session.scalars(select(Patient).order_by(col(Patient.id))).all()
        assert (names[0].name, bool(names[1].name)) == (None, True), "the others are as they were"
    anew.engine.dispose()


def test_it_signs_nothing_and_nothing_but_keys_hangs_on_it(play: Play, world: World) -> None:
    play.open()
    play.run()
    turned(world)
    assert world.keys.ring.signing.id == LEGACY
    assert hangs(world, "w1") == {"keys of data": len(wrapped(world)) + 1}
    assert "keys of data" not in hangs(world, LEGACY) and hangs(world, LEGACY)
    assert rotate(world, ADMINISTRATOR) == "k1"
    assert reseal(world).done == 0, "keys of data stay with the key that wraps them"
    assert [(one.id, one.state) for one in key_states(world)] == [
        ("k1", "signs"), ("0", "opens"), ("w1", "wraps"),
    ]  # fmt: skip


def test_it_is_not_destroyed_while_a_key_may_just_be_made_with_it(world: World) -> None:
    _ = world.keys.marks
    rewrap(world, ADMINISTRATOR)
    with pytest.raises(TurnRefused, match="wraps the keys of data now"):
        retire(world, "w1", ADMINISTRATOR)
    assert add(world, ADMINISTRATOR, wraps=True) == "w2"
    assert key_id_of(next(iter(wrapped(world, "house").values()))) == "w1", "not yet"
    assert rewrap(world, ADMINISTRATOR) == "w2", "the one that waits"
    with pytest.raises(TurnRefused, match="just being made"):
        retire(world, "w1", ADMINISTRATOR)
    assert key_id_of(next(iter(wrapped(world, "house").values()))) == "w2", "brought over first"
    with Session(world.engine) as session:
        acts = list(session.scalars(select(col(AuditEntry.action)).order_by(col(AuditEntry.id))))
    assert acts == ["keys.rewrapped", "keys.added", "keys.rewrapped"]


def test_a_key_that_somebody_spoilt_keeps_the_one_that_opens_it(world: World, play: Play) -> None:
    turned(world)
    play.open()
    with transaction(world.engine) as session:
        session.execute(
            text("UPDATE data_key SET wrapped = wrapped || 'AAAA' WHERE owner = 'case'")
        )
    turned(world, lost=1)
    with pytest.raises(TurnRefused, match="1 keys of data"):
        retire(world, "w1", ADMINISTRATOR)


def test_its_commands(told: Callable[..., Any], world: World) -> None:
    _ = world.keys.marks
    assert "w1 wraps the keys of data from now on\n1 values sealed anew" in told("rewrap")
    again = told("rewrap")
    assert "w1 still opens" in again and "keys retire w1 --saved" in again
    assert "w2        wraps the keys of data now" in told("list")
    assert "keys.gz" in told("retire", "w1", code=1)
    assert "just being made" in told("retire", "w1", "--saved", code=1)
    assert "w3 is on the ring and waits" in told("add", "--wraps")
