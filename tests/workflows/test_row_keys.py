"""Rows without a case have a key of their own, which follows them wherever they go."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import DataKey, PortalDraft, Upload
from models.base import require_id
from models.database import transaction
from models.key_store import store_of
from settings import Settings
from workflows.cases.intake import NewCase, NewPatient, open_case
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.retention.erasing import destroy_keys

WORDS = {"story": "Zyxcanary writes"}


@pytest.fixture
def world(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> World:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    return world


def a_draft(world: World, number: int = 1) -> int:
    ends = world.clock.now() + timedelta(days=1)
    draft = PortalDraft(token_sha256=f"{number}", seed="", answers=WORDS, expires_at=ends)
    with transaction(world.engine) as session:
        session.add(draft)
        session.flush()
        return require_id(draft.id)


def a_case(world: World) -> int:
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        case = open_case(session, recorder, world, NewCase(NewPatient(name="Somebody")))
        recorder.flush()
        return require_id(case.id)


def own_keys(world: World) -> list[DataKey]:
    query = select(DataKey).where(col(DataKey.owner) == "row").order_by(col(DataKey.id))
    with Session(world.engine) as session:
        return list(session.scalars(query))


def answers_of(world: World, draft_id: int) -> Any:
    with Session(world.engine) as session:
        return session.get_one(PortalDraft, draft_id).answers


def test_each_row_has_a_key_of_its_own_and_reads_what_it_was_given(world: World) -> None:
    first, second = a_draft(world, 1), a_draft(world, 2)
    subjects = [one.subject for one in own_keys(world)]
    assert subjects == [f"portal_draft {first}", f"portal_draft {second}"]
    assert answers_of(world, first) == answers_of(world, second) == WORDS
    with world.engine.connect() as connection:
        lies = str(connection.execute(text("SELECT * FROM portal_draft")).all())
    assert "canary" not in lies.lower()


def test_what_is_rolled_back_leaves_no_key(world: World) -> None:
    with Session(world.engine) as session:
        ends = world.clock.now()
        session.add(PortalDraft(token_sha256="x", seed="", answers=WORDS, expires_at=ends))
        session.flush()
        session.rollback()
    assert own_keys(world) == []


def test_a_row_that_goes_takes_its_key_with_it(world: World) -> None:
    """However it goes: by its row, by a statement, or blanked as an erasure does."""
    for number, way in enumerate(("row", "statement", "blanked"), 1):
        draft_id = a_draft(world, number)
        assert len(own_keys(world)) == 1
        with transaction(world.engine) as session:
            if way == "row":
                session.delete(session.get_one(PortalDraft, draft_id))
            elif way == "statement":
                session.execute(text("DELETE FROM portal_draft"))
            else:
                session.execute(text("UPDATE portal_draft SET answers = ''"))
        assert own_keys(world) == [], way


def test_given_to_a_case_it_is_sealed_anew_and_its_key_goes_with_the_cases(world: World) -> None:
    """Backups of before hold it sealed with the key that it had: that stays as long as the case."""
    draft_id, case_id = a_draft(world), a_case(world)
    (before,) = own_keys(world)
    with transaction(world.engine) as session:
        session.get_one(PortalDraft, draft_id).case_id = case_id
    assert answers_of(world, draft_id) == WORDS
    number, _ = store_of(world.engine.dialect).of_case(case_id)
    with world.engine.connect() as connection:
        lies = connection.scalars(text("SELECT answers FROM portal_draft")).one()
    assert lies.startswith(f"s2.{number}.")
    (after,) = own_keys(world)
    assert (after.id, after.wrapped, after.case_id) == (before.id, before.wrapped, case_id)
    with transaction(world.engine) as session:
        destroy_keys(world, session, case_id)
    (after,) = own_keys(world)
    assert (after.wrapped, after.subject) == (None, "")
    assert answers_of(world, draft_id) == {}


def test_taken_from_its_case_again_it_gets_a_new_key(world: World) -> None:
    draft_id, case_id = a_draft(world), a_case(world)
    for owner in (case_id, None, case_id):
        with transaction(world.engine) as session:
            session.get_one(PortalDraft, draft_id).case_id = owner
        assert answers_of(world, draft_id) == WORDS
    assert [one.case_id for one in own_keys(world)] == [case_id] * 2


def test_a_statement_that_gives_a_row_to_a_case_leaves_nothing_that_opens_elsewhere(
    world: World,
) -> None:
    """Values of one row do not open in another, be both nobody's."""
    first = a_draft(world, 1)
    a_draft(world, 2)
    turned = "UPDATE portal_draft SET answers = (SELECT answers FROM portal_draft WHERE id = :a)"
    with world.engine.begin() as connection:
        connection.execute(text(turned), {"a": first})
    with Session(world.engine) as session, pytest.raises(ValueError, match="does not open"):
        session.scalars(select(PortalDraft)).all()


def test_a_row_with_nothing_to_seal_gets_no_key(world: World) -> None:
    with transaction(world.engine) as session:
        ends = world.clock.now()
        session.add(PortalDraft(token_sha256="x", seed="", expires_at=ends))
        session.add(Upload(public_id="x", length=1, expires_at=ends))
    assert own_keys(world) == []
