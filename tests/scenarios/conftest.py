"""A house for each scenario, on the run's servers, with the people who act in it."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from correspondence.directory import HospitalRecord, confirm_units, load_hospitals
from local.embedded.environment import settings_environment
from models.database import transaction
from settings import Settings, get_settings
from tests.fixtures.templates import keep_compiled
from tests.scenarios.house import START, House, StandingClock
from tests.scenarios.people import People
from workflows.directory.store import put_hospitals
from workflows.engine import world
from workflows.engine.world import World

keep_compiled()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--whole`: play every case of `test_whole.py` for every family."""
    parser.addoption("--whole", action="store_true", help="play every case to its end")


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An embedded instance, whose clock may be moved; commands at the terminal read it too."""
    changes = {"embedded": True, "on_call_address": f"on-call-{settings.mail_from}"}
    own = settings.model_copy(update=changes)
    for name, value in settings_environment(own).items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    return own


@pytest.fixture
def house(
    engine: Engine, settings: Settings, storage: Any, monkeypatch: pytest.MonkeyPatch
) -> House:
    """The whole system; the world's own time stands still at START."""
    monkeypatch.setattr(world, "ShiftedClock", StandingClock)
    monkeypatch.setattr(world, "make_engine", lambda _: engine)  # commands share connections
    own = World(settings, engine=engine)
    own.bucket = storage
    with transaction(engine) as session:
        put_hospitals(session, [_here(one, settings) for one in _directory(settings)])
    return House(own)


def _directory(settings: Settings) -> list[HospitalRecord]:
    return list(load_hospitals(settings.playbooks_dir / "hospitals.yaml"))


def _here(record: HospitalRecord, settings: Settings) -> HospitalRecord:
    """Return a hospital we ship, its units confirmed today, with a mailbox of this test alone."""
    code, own = record.hospital_id.lower(), settings.mail_from
    first = record.departments[0].model_copy(
        update={"email": f"{code}-{own}", "backup_email": f"{code}-deputy-{own}"}
    )
    moved = record.model_copy(update={"departments": (first, *record.departments[1:])})
    return confirm_units(moved, START.date(), "invented")


@pytest.fixture
def people(house: House) -> Iterator[People]:
    """Those who act: families, hospitals, and the team at the console."""
    own = People(house)
    yield own
    own.leave()
