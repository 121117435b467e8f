"""The doctor finds what is well and what is not, and says what to do about it."""

import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, update

from accounts.users import add_user
from adapters.health import Unwell, broker, traces
from cli.doctor import Check, examine
from local.embedded.ports import PortBook
from local.embedded.servers import EmbeddedServers
from models import User
from models.database import transaction
from settings import Settings
from tests.fixtures.collector import collecting

SERVERS = {"settings", "postgresql", "migrations", "broker", "storage", "smtp", "imap"}
OF_THE_APPLICATION = {"web", "flower"}


def checks(settings: Settings, **changes: object) -> dict[str, Check]:
    """Examine with some settings changed; answers by name."""
    changed = settings.model_copy(update=changes)
    return {check.name: check for check in examine(changed)}


@pytest.fixture
def nobody(tmp_path: Path) -> int:
    """A port on which nobody listens."""
    ports = PortBook(tmp_path / "ports.json")
    ports.claim(["nobody"])
    return ports["nobody"]


@pytest.fixture
def bucket(servers: EmbeddedServers, settings: Settings) -> None:
    """The worker's bucket; another test may have made it."""
    client = servers.s3.client()
    with suppress(client.exceptions.BucketAlreadyOwnedByYou):
        client.create_bucket(Bucket=settings.s3_bucket)


@pytest.mark.usefixtures("bucket")
def test_servers_that_answer_are_well_and_tell_their_version(settings: Settings) -> None:
    found = checks(settings)
    unwell = {name for name, check in found.items() if not check.ok}
    assert unwell <= OF_THE_APPLICATION
    assert found["postgresql"].detail.startswith("PostgreSQL 18.")
    assert found["broker"].detail.startswith("Valkey 9.")
    assert found["ocr"].detail.startswith("Tesseract 5.")


def test_servers_that_are_away_are_named_with_advice(settings: Settings, nobody: int) -> None:
    found = checks(
        settings,
        database_url=f"postgresql+psycopg://iort:hidden@127.0.0.1:{nobody}/iort",
        broker_url=f"redis://:hidden@127.0.0.1:{nobody}/0",
        s3_endpoint_url=f"http://127.0.0.1:{nobody}",
        smtp_port=nobody,
        imap_port=nobody,
        web_port=nobody,
        flower_port=nobody,
    )
    away = (SERVERS | OF_THE_APPLICATION) - {"settings"}
    for name in away:
        assert not found[name].ok, name
        assert "iort up" in found[name].advice
        assert "hidden" not in found[name].detail


@pytest.mark.usefixtures("bucket")
def test_wrong_passwords_are_found(settings: Settings) -> None:
    wrong = SecretStr("wrong")
    found = checks(
        settings,
        database_url=settings.database_url.replace("iort:", "iort:wrong"),
        broker_url=settings.broker_url.replace("redis://iort:", "redis://iort:wrong"),
        s3_secret_key=wrong,
        smtp_password=wrong,
        imap_password=wrong,
    )
    assert {name for name in SERVERS if found[name].ok} == {"settings"}


def test_a_database_without_our_schema_is_found(
    settings: Settings, servers: EmbeddedServers
) -> None:
    found = checks(settings, database_url=servers.postgres.url("iort"))
    assert found["postgresql"].ok
    assert not found["migrations"].ok
    assert "alembic upgrade head" in found["migrations"].advice
    assert checks(settings)["migrations"].ok


def test_a_broker_that_would_throw_away_is_found(private_servers: EmbeddedServers) -> None:
    client = private_servers.valkey.client()
    client.config_set("maxmemory-policy", "allkeys-lru")
    client.close()
    own = Settings(_env_file=None, broker_url=private_servers.valkey.url())
    found = {check.name: check for check in examine(own)}
    assert "must be noeviction" in found["broker"].detail


def test_a_user_of_the_broker_who_may_do_everything_is_named(
    settings: Settings, servers: EmbeddedServers
) -> None:
    assert "everything" not in broker(settings)
    everything = settings.model_copy(update={"broker_url": servers.valkey.url(admin=True)})
    assert broker(everything).endswith(", whose user may do everything")


def test_a_short_secret_and_an_open_flower_are_found(settings: Settings) -> None:
    assert not checks(settings, secret_key=SecretStr("short"), secret_keys_file="")["keys"].ok
    assert not checks(settings, flower_password=SecretStr(""))["settings"].ok


def test_a_broken_playbook_is_named(settings: Settings, tmp_path: Path) -> None:
    books = tmp_path / "playbooks"
    shutil.copytree(settings.playbooks_dir, books)
    (books / "travel.yaml").write_text("items: [", encoding="utf-8")
    found = checks(settings, playbooks_dir=books)["playbooks"]
    assert not found.ok
    assert "travel" in found.detail
    assert checks(settings)["playbooks"].ok


def test_a_language_that_is_not_installed_is_named(settings: Settings) -> None:
    found = checks(settings, ocr_languages="eng+tlh")["ocr"]
    assert not found.ok
    assert "tlh" in found.detail


def test_an_address_that_no_letter_can_be_written_to_is_named(
    engine: Engine, settings: Settings
) -> None:
    with transaction(engine) as session:
        add_user(session, user_name="ben", role="lead", password="violet teapots argue quietly")
        session.execute(update(User).values(email="jürgen@team.example"))
    found = checks(settings)["red flags"]
    assert not found.ok and "ben" in found.detail
    assert "no letter reaches ben" in checks(settings, embedded=False)["late letters"].detail
    assert "0 people hear" in checks(settings, embedded=True)["late letters"].detail
    assert "off" in checks(settings, late_roles=[])["late letters"].detail


def test_traces_are_off_or_go_to_a_collector_that_answers(settings: Settings, nobody: int) -> None:
    assert traces(settings) == "off: IORT_TRACES_URL is empty"
    with collecting() as collector:
        some = settings.model_copy(update={"traces_url": collector.url, "traces_share": 0.1})
        assert traces(some) == "on: 10.00% of the traces go to 127.0.0.1"
        wrong = settings.model_copy(update={"traces_url": f"http://127.0.0.1:{nobody}/v1/traces"})
        with pytest.raises(Unwell, match="the collector does not answer"):
            traces(wrong)
