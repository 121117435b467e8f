"""The bank's rates: fetched only where it is switched on, kept once a day, tried again."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from models import ExchangeRate, StepRun
from settings import Settings
from tests.adapters.peers import WebhookServer, webhook_server
from tests.adapters.test_euro_rates import FILE
from tests.workflows.playing import Play
from workflows.engine.recurring import ensure_recurring
from workflows.engine.world import World

STEP = "outreach.fetch_rates"


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    world.bucket = storage
    return Play(world, clock)


def fetch(play: Play) -> str:
    """Let the step run when it is due; return how its row stands."""
    ensure_recurring(play.world)
    play.run()
    with Session(play.world.engine) as session:
        return session.scalars(select(StepRun).where(col(StepRun.name) == STEP)).one().state


def kept(play: Play) -> dict[str, tuple[str, Decimal, str]]:
    with Session(play.world.engine) as session:
        return {
            row.currency: (row.rate_on.isoformat(), row.per_euro.normalize(), row.source)
            for row in session.scalars(select(ExchangeRate))
        }


def switched_on(play: Play, server: WebhookServer) -> None:
    play.world.settings = play.world.settings.model_copy(
        update={"ecb_rates": True, "ecb_rates_url": server.url, "embedded": True}
    )


def test_nothing_is_asked_unless_it_is_switched_on(play: Play) -> None:
    with webhook_server(chunks=[FILE]) as server:
        play.world.settings = play.world.settings.model_copy(update={"ecb_rates_url": server.url})
        assert fetch(play) == "done"
        assert server.received == [] and kept(play) == {}


def test_a_days_rates_are_kept_once_with_their_day(play: Play) -> None:
    play.clock.move(datetime(2026, 12, 1, 9, tzinfo=UTC))
    with webhook_server(chunks=[FILE.replace(b"JPY", b"ISK")]) as server:
        switched_on(play, server)
        for _ in range(2):
            assert fetch(play) == "done"
            play.clock.move(timedelta(hours=7))
        assert len(server.received) == 2
    # No offer can be in krónur.
    assert kept(play) == {"USD": ("2026-11-30", Decimal("1.0824"), "ecb")}


def test_a_bank_that_is_away_is_asked_again_and_what_was_known_stays(play: Play) -> None:
    with webhook_server(503) as server:
        switched_on(play, server)
        assert fetch(play) == "queued"
        assert len(server.received) == 1 and kept(play) == {}
