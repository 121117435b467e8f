"""Production does not start unsafe: each danger alone, all at once, through every door."""

from collections.abc import Callable, Iterator

import pytest
from celery.signals import celeryd_init
from pydantic import SecretStr, ValidationError

from cli import main as cli
from cli.doctor import proxies, safety
from safety import NAMES, RULES, Unsafe, safe
from settings import Settings, get_settings
from tasks import relay
from web.app import create_app

KEY = "9f2c4be81d0a7735c6e1f04d8ab2937e5c10f6d2a94b83e7"
PASSWORD = "t7Qm2xVd9LwRb4Zk"
ROLES = ["coordinator", "clinician", "lead", "analyst", "administrator"]
SAFE: dict[str, object] = {
    "database_url": "postgresql+psycopg://iort:p@db.example/iort?sslmode=verify-full",
    "broker_url": "rediss://iort:p@broker.example:6379/0",
    "s3_endpoint_url": "https://s3.example",
    "smtp_host": "mail.example",
    "imap_host": "mail.example",
    "web_public_url": "https://coordination.example",
    "secret_key": SecretStr(KEY),
    "flower_password": SecretStr(PASSWORD),
    "require_second_factor": ROLES,
    "trusted_proxies": "10.4.0.1 fd00:4::/64",
}
ONE_WRONG = [
    ("http", {"web_public_url": "http://coordination.example"}),
    ("http", {"flower_public_url": "http://flower.example"}),
    ("secret_key", {"secret_key": SecretStr("")}),
    ("secret_key", {"secret_key": SecretStr(KEY[:31])}),
    ("secret_key", {"secret_key": SecretStr("a" * 64)}),
    ("secret_key", {"secret_key": SecretStr("4be81d0a7735c6e1" * 4)}),
    ("secret_key", {"secret_key": SecretStr("abcdefghijklmnopqrstuvwxyz0123456789")}),
    ("secret_key", {"secret_key": SecretStr("please-change-me-9f2c4be81d0a7735c6e1")}),
    ("second_factor", {"require_second_factor": []}),
    ("second_factor", {"require_second_factor": ROLES[:-1]}),
    ("proxies", {"trusted_proxies": ""}),
    ("proxies", {"trusted_proxies": "0.0.0.0/0"}),
    ("proxies", {"trusted_proxies": "10.4.0.1 ::/0"}),
    ("database_clear", {"database_url": "postgresql+psycopg://iort:p@db.example/iort"}),
    ("database_clear", {"database_url": "postgresql://i:p@db.example/iort?sslmode=require"}),
    (
        "database_clear",
        {"database_url": "postgresql://i:p@127.0.0.1/iort?host=db.example&sslmode=prefer"},
    ),
    ("database_clear", {"database_url": "postgresql://i:p@127.0.0.1,db.example/iort"}),
    ("broker_clear", {"broker_url": "redis://:p@broker.example:6379/0"}),
    ("broker_clear", {"broker_url": "rediss://:p@broker.example:6379/0?ssl_cert_reqs=none"}),
    ("broker_password", {"broker_url": "redis://127.0.0.1:6379/0"}),
    ("store_clear", {"s3_endpoint_url": "http://s3.example"}),
    ("smtp_clear", {"smtp_security": "none"}),
    ("imap_clear", {"imap_security": "none"}),
    ("flower_password", {"flower_password": SecretStr("")}),
    ("flower_password", {"flower_password": SecretStr("flower:flower:fl")}),
    ("flower_writes", {"flower_read_only": False}),
    ("embedded", {"embedded": True}),
]


def settings_with(**changes: object) -> Settings:
    return Settings(_env_file=None, **{**SAFE, **changes})  # type: ignore[arg-type]


def refused(settings: Settings) -> str:
    with pytest.raises(Unsafe) as refusal:
        safe(settings, needs=NAMES)
    return str(refusal.value)


def test_what_is_safe_starts() -> None:
    settings = settings_with()
    assert safe(settings, needs=NAMES) is settings
    assert all(check.ok for check in safety(settings))


@pytest.mark.parametrize(("name", "changes"), ONE_WRONG)
def test_each_danger_is_named_alone_with_what_to_do(name: str, changes: dict[str, object]) -> None:
    said = refused(settings_with(**changes))
    rule = next(rule for rule in RULES if rule.name == name)
    assert f"  {name}: " in said and rule.mend in said
    assert [other for other in NAMES if f"  {other}: " in said] == [name]
    assert not any(secret in said for secret in (KEY, PASSWORD, "p@", "flower:flower"))
    allowed = settings_with(**changes, unsafe=f"{name}")
    assert safe(allowed, needs=NAMES) is allowed


@pytest.mark.parametrize(
    "changes",
    [
        {"database_url": "postgresql://i:p@127.0.0.1:5432/iort"},
        {"database_url": "postgresql://i:p@[::1]:5432/iort"},
        {"database_url": "postgresql:///iort?host=/var/run/postgresql"},
        {"broker_url": "redis://:p@localhost:6379/0"},
        {"s3_endpoint_url": None},
        {"s3_endpoint_url": "http://127.0.0.1:8333"},
        {"smtp_host": "127.0.0.1", "smtp_security": "none"},
    ],
)
def test_this_machine_may_speak_in_clear(changes: dict[str, object]) -> None:
    safe(settings_with(**changes), needs=NAMES)


def test_the_defaults_name_everything_that_is_missing_at_once() -> None:
    said = refused(Settings(_env_file=None))
    expected = {"http", "secret_key", "second_factor", "proxies", "broker_password"}
    assert {name for name in NAMES if f"  {name}: " in said} == expected | {"flower_password"}


def test_a_name_that_means_nothing_is_refused() -> None:
    assert "IORT_UNSAFE knows no htp" in refused(settings_with(unsafe="htp, http"))


def test_a_secret_that_a_part_is_not_given_is_not_missed_there() -> None:
    settings = settings_with(secret_key=SecretStr(""), flower_password=SecretStr(""))
    safe(settings)
    with pytest.raises(Unsafe, match="IORT_SECRET_KEY is missing"):
        safe(settings, needs=["secret_key"])
    with pytest.raises(Unsafe, match="repeats itself"):
        safe(settings_with(secret_key=SecretStr("ab" * 32)))


def test_every_key_of_a_ring_is_looked_at() -> None:
    good, none = f"k1:{KEY}", SecretStr("")
    safe(settings_with(secret_key=none, secret_keys=SecretStr(good)), needs=["secret_key"])
    for ring, said in (
        (f"{good},0:{'ab' * 32}", "repeats itself"),
        (f"{good},k1:{KEY}", "twice"),
        ("k1:short", "shorter than 32"),
    ):
        with pytest.raises(Unsafe, match=said):
            safe(settings_with(secret_key=none, secret_keys=SecretStr(ring)))
    with pytest.raises(Unsafe, match="cannot be read"):
        safe(settings_with(secret_key=none, secret_keys_file="/nowhere/ring"))


def test_embedded_servers_are_asked_nothing_unless_they_are_elsewhere() -> None:
    here = {
        "embedded": True,
        "database_url": "postgresql://i:p@127.0.0.1/iort",
        "broker_url": "redis://:p@127.0.0.1/0",
        "s3_endpoint_url": "http://127.0.0.1:8333",
        "web_public_url": "http://127.0.0.1:8000",
        "secret_key": SecretStr("a"),
    }
    safe(settings_with(**here), needs=NAMES)
    for elsewhere in (
        {"web_host": "0.0.0.0"},
        {"web_public_url": "https://coordination.example"},
        {"broker_url": "redis://:p@broker.example/0"},
        {"s3_endpoint_url": None},
    ):
        said = refused(settings_with(**{**here, **elsewhere}))
        assert "  embedded: " in said and "  secret_key: " in said


@pytest.mark.parametrize("written", ["*", "10.0.0.1,10.0.0.2", "proxy.example", "10.0.0.1/8"])
def test_a_proxy_is_an_address(written: str) -> None:
    with pytest.raises(ValidationError, match="neither an address nor a network"):
        settings_with(trusted_proxies=written)


@pytest.fixture
def unsafe_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Settings of a careless operator, as every process reads them."""
    monkeypatch.setattr("cli.main._use_embedded_settings", lambda: None)
    monkeypatch.setenv("IORT_DATABASE_URL", "postgresql+psycopg://iort:p@db.example/iort")
    monkeypatch.setenv("IORT_BROKER_URL", "redis://broker.example/0")
    monkeypatch.setenv("IORT_WEB_PUBLIC_URL", "http://coordination.example")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


DOORS: dict[str, Callable[[], object]] = {
    "web": create_app,
    "relay": relay.main,
    "worker": lambda: celeryd_init.send(sender="worker"),
}


@pytest.mark.usefixtures("unsafe_environment")
@pytest.mark.parametrize("door", DOORS)
def test_no_process_starts_unsafe(door: str) -> None:
    with pytest.raises(Unsafe) as refusal:
        DOORS[door]()
    for name in ("http", "database_clear", "broker_clear", "broker_password", "second_factor"):
        assert f"  {name}: " in str(refusal.value)


@pytest.mark.usefixtures("unsafe_environment")
def test_no_command_works_unsafe_but_the_doctor(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["tasks"], "tasks") == 1
    said = capsys.readouterr().err
    assert "database_clear" in said and "IORT_UNSAFE" in said


def test_the_doctor_has_a_line_for_each() -> None:
    changed = settings_with(smtp_security="none", imap_security="none", unsafe="imap_clear strange")
    found = {check.name: check for check in safety(changed)}
    assert {f"safe: {name}" for name in NAMES} <= set(found)
    assert not found["safe: smtp_clear"].ok and "starttls" in found["safe: smtp_clear"].advice
    assert found["safe: imap_clear"].ok and "UNSAFE" in found["safe: imap_clear"].detail
    assert not found["safe: names"].ok
    assert proxies(changed) == "the word of 10.4.0.1, fd00:4::/64 is believed"
    assert proxies(settings_with(trusted_proxies="")) == "nobody's word is believed"
