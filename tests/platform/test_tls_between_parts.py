"""Database and broker behind TLS with a certificate of one's own: used, checked, never in clear."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
from kombu.exceptions import OperationalError as BrokerError
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from adapters.clock import FixedClock
from adapters.health import Unwell, broker, broker_answers
from models.database import beside, make_engine
from settings import Settings
from tasks.app import make_app
from tasks.doorbell import CeleryDoorbell
from tests.platform.tls_front import SSL_REQUEST, Front, before
from tests.workflows.playing import Play
from workflows.engine.doorbell import DueRow
from workflows.engine.world import World
from workflows.steps import STEPS

BELL = "ingestion.fetch_mail"


def through(url: str, front: Front, query: str, scheme: str = "") -> str:
    """Return the address of a server as it is behind a front."""
    parts = urlsplit(url)
    signed_in = parts.netloc.rpartition("@")[0]
    place = f"{signed_in}@localhost:{front.port}"
    return urlunsplit((scheme or parts.scheme, place, parts.path, query, ""))


@pytest.fixture
def database(settings: Settings, engine: Engine, tmp_path: Path) -> Iterator[Front]:
    port = urlsplit(settings.database_url).port or 0
    with before(tmp_path / "database", port, SSL_REQUEST) as front:
        yield front


@pytest.fixture
def valkey(settings: Settings, tmp_path: Path) -> Iterator[Front]:
    with before(tmp_path / "broker", urlsplit(settings.broker_url).port or 0) as front:
        yield front


def of_database(settings: Settings, front: Front, query: str) -> Settings:
    return settings.model_copy(
        update={"database_url": through(settings.database_url, front, query)}
    )


def of_broker(settings: Settings, front: Front, ca: Path) -> Settings:
    query = f"ssl_cert_reqs=required&ssl_ca_certs={ca}"
    return settings.model_copy(
        update={"broker_url": through(settings.broker_url, front, query, "rediss")}
    )


def test_a_case_lives_in_a_database_that_is_reached_by_tls(
    settings: Settings, clock: FixedClock, storage: object, database: Front
) -> None:
    checked = of_database(settings, database, f"sslmode=verify-full&sslrootcert={database.ca}")
    engine = make_engine(checked)
    world = World(checked, engine=engine, clock=clock)
    try:
        play = Play(world, clock)
        play.open()
        play.run()
        assert play.tasks() and database.passed > 0
        with beside(engine).connect() as connection:
            assert connection.scalar(text('SELECT count(*) FROM "case"')) == 1
    finally:
        engine.dispose()
    assert database.refused == 0


@pytest.mark.parametrize("query", ["sslmode=verify-full&sslrootcert={other}", "sslmode=disable"])
def test_a_database_that_is_not_ours_or_asked_in_clear_gets_no_password(
    settings: Settings, database: Front, tmp_path: Path, query: str
) -> None:
    with before(tmp_path / "other", 1) as other:
        wrong = of_database(settings, database, query.format(other=other.ca))
    engine = make_engine(wrong)
    with pytest.raises(OperationalError) as told, engine.connect():
        pass
    engine.dispose()
    database.settle()
    assert (database.passed, database.refused) == (0, 1)
    password = urlsplit(settings.database_url).password or ""
    assert password and password not in str(told.value)


def test_rings_go_to_a_broker_that_is_reached_by_tls(settings: Settings, valkey: Front) -> None:
    checked = of_broker(settings, valkey, valkey.ca)
    broker_answers(checked)
    assert broker(checked).endswith(", encrypted")
    with make_app(checked) as app:
        bell = CeleryDoorbell(app, STEPS, 10)
        bell.ring([DueRow(1, BELL, 1)])
        assert sum(bell.held({"ingestion"}).values()) == 1
        with app.connection_for_read() as connection:
            taken = connection.SimpleQueue("ingestion").get(timeout=10)
            taken.ack()
            assert taken.headers["task"]
    assert valkey.passed > 0 and valkey.refused == 0


def test_a_broker_that_is_not_ours_is_not_spoken_to(
    settings: Settings, valkey: Front, tmp_path: Path
) -> None:
    with before(tmp_path / "other", 1) as other:
        wrong = of_broker(settings, valkey, other.ca)
    with pytest.raises(Unwell):
        broker_answers(wrong)
    with make_app(wrong) as app, pytest.raises((BrokerError, redis.RedisError)):
        app.connection_for_write().ensure_connection(max_retries=1, timeout=5)
    valkey.settle()
    assert valkey.passed == 0 and valkey.refused > 0
