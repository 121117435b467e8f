"""Roles and logins are made by the product and looked at; as the owner it does not start."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from cli.doctor_database import database_checks
from cli.main import build
from local.embedded.postgres import SUPERUSER
from local.embedded.servers import EmbeddedServers
from models.logins import by_hand, hand_out
from models.role_checks import RoleSeen, look_at_roles
from safety import Unsafe
from settings import Settings
from tests.fixtures.databases import WorkerDatabase
from tests.fixtures.run import next_number, worker_name
from workflows.engine.world import World


def seen(settings: Settings) -> dict[str, RoleSeen]:
    return {one.role: one for one in look_at_roles(settings)}


@pytest.fixture
def superuser_url(servers: EmbeddedServers, worker_database: WorkerDatabase) -> str:
    return servers.postgres.url(worker_database.name, user=SUPERUSER)


@pytest.fixture
def newcomers(superuser_url: str) -> Iterator[tuple[str, str]]:
    """Two names that nobody signs in with yet; gone afterwards."""
    names = tuple(f"test_{kind}_{worker_name()}_{next_number()}" for kind in ("app", "asks"))
    yield names[0], names[1]
    engine = create_engine(superuser_url)
    with engine.begin() as connection:
        for name in names:
            connection.execute(text(f'DROP ROLE IF EXISTS "{name}"'))
    engine.dispose()


def test_every_role_is_as_it_should_be(settings: Settings) -> None:
    found = seen(settings)
    assert {name: one.wrong for name, one in found.items()} == dict.fromkeys(found, "")
    assert found["owner"].says == "iort_owner owns the tables; the product is iort"
    told = [ask(settings) for name, ask, _ in database_checks() if name.startswith("role ")]
    assert told == [one.says for one in found.values()]


def test_the_product_does_not_start_as_the_owner(
    settings: Settings, worker_database: WorkerDatabase
) -> None:
    as_owner = settings.model_copy(
        update={"database_url": worker_database.owner_url, "embedded": False}
    )
    with pytest.raises(Unsafe, match=r"database_owner: .* may rewrite history"):
        World(as_owner).not_as_owner()
    World(as_owner.model_copy(update={"unsafe": "database_owner"})).not_as_owner()
    World(settings.model_copy(update={"embedded": False})).not_as_owner()
    assert "rewrite history" in seen(as_owner)["owner"].wrong


def test_who_may_do_too_much_is_named(settings: Settings, superuser_url: str) -> None:
    found = seen(settings.model_copy(update={"database_analyst_url": settings.database_url}))
    assert "iort reaches account_change, alembic_version, assessment" in found["analyst"].wrong
    assert "IORT_DATABASE_ANALYST_URL" in (
        seen(settings.model_copy(update={"database_analyst_url": ""}))["analyst"].wrong
    )
    engine = create_engine(superuser_url)
    with engine.begin() as connection:
        connection.execute(text("GRANT DELETE ON audit_entry TO iort_application"))
    assert "iort may do too much with audit_entry" in seen(settings)["application"].wrong
    with engine.begin() as connection:
        connection.execute(text("REVOKE DELETE ON audit_entry FROM iort_application"))
        connection.execute(text("REVOKE INSERT ON audit_entry FROM iort_application"))
    assert "too little with audit_entry" in seen(settings)["application"].wrong
    with engine.begin() as connection:
        connection.execute(text("GRANT INSERT ON audit_entry TO iort_application"))
    engine.dispose()
    assert seen(settings)["application"].wrong == ""


def test_an_owner_who_may_makes_those_who_sign_in(
    settings: Settings, superuser_url: str, newcomers: tuple[str, str]
) -> None:
    urls = [
        make_url(superuser_url).set(username=name, password=f"{name}-'secret'")
        for name in newcomers
    ]
    app, asks = (url.render_as_string(hide_password=False) for url in urls)
    theirs = settings.model_copy(
        update={
            "database_url": app,
            "database_analyst_url": asks,
            "database_owner_url": superuser_url,
        }
    )
    owner = create_engine(superuser_url)
    with owner.begin() as connection:
        assert hand_out(connection, theirs) == []
        assert hand_out(connection, theirs) == [], "again changes nothing"
    owner.dispose()
    for url in (app, asks):
        begun = create_engine(url)
        with begun.connect() as connection:
            assert connection.scalar(text("SHOW lock_timeout")) == "10s", "as it is told nothing"
        begun.dispose()
    found = seen(theirs)
    assert {one.wrong for one in found.values()} == {""}
    assert found["owner"].says.endswith(f"the product is {newcomers[0]}")


def test_who_may_not_is_told_what_to_run_by_hand(
    settings: Settings, worker_database: WorkerDatabase
) -> None:
    mine = settings.model_copy(update={"database_owner_url": worker_database.owner_url})
    engine = create_engine(worker_database.owner_url)
    with engine.begin() as connection:
        assert hand_out(connection, mine) == []
        told = list(by_hand(connection, mine))
    engine.dispose()
    assert 'GRANT iort_application TO "iort";' in told
    assert "ALTER ROLE \"iort\" SET lock_timeout TO '10s';" in told
    assert f'ALTER DATABASE "{worker_database.name}" OWNER TO "iort_owner";' in told
    assert not [line for line in told if line.startswith("CREATE")], "they are there"


def test_the_command_says_what_is_so(settings: Settings) -> None:
    done = CliRunner().invoke(build("database"), ["database", "roles"])
    assert done.exit_code == 0, done.output
    assert "ok   application" in done.output and "FAIL" not in done.output
