"""Limits count by address, and nobody but a proxy that we named says whose address it is."""

from datetime import UTC, datetime

import pytest
import time_machine
from fastapi.testclient import TestClient

from tests.web.parts import TOKEN
from web.app import create_app
from web.server import configured
from workflows.engine.world import World

PROXY = "10.4.0.1"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIMIT = 3
"""Calls of webhooks from one address in a minute: the cheapest of the limits by address."""


def client_from(world: World, peer: str, trusted: str = PROXY, **more: object) -> TestClient:
    """A browser behind `peer`, before an application of production with named proxies."""
    changes = {
        "trusted_proxies": trusted,
        "embedded": False,
        "hook_calls_per_minute": LIMIT,
        **more,
    }
    own = World(world.settings.model_copy(update=changes), engine=world.engine, clock=world.clock)
    return TestClient(create_app(own), client=(peer, 50_000), base_url="http://127.0.0.1:8000")


def answers(client: TestClient, forwarded: list[str]) -> list[int]:
    with time_machine.travel(NOW, tick=False), client:
        return [
            client.post("/hooks/x", content=b"{}", headers={"x-forwarded-for": word}).status_code
            for word in forwarded
        ]


@pytest.mark.parametrize(
    ("peer", "changes"),
    [
        ("127.0.0.1", {"trusted": ""}),
        ("127.0.0.1", {"embedded": True}),
        ("127.0.0.1", {"embedded": True, "trusted": "127.0.0.1"}),
        ("192.0.2.7", {}),
        ("::ffff:192.0.2.7", {}),
    ],
)
def test_a_changing_header_lifts_no_limit(
    world: World, peer: str, changes: dict[str, str | bool]
) -> None:
    client = client_from(world, peer, **changes)  # type: ignore[arg-type]
    got = answers(client, [f"198.51.100.{number}" for number in range(LIMIT + 2)])
    assert got == [401] * LIMIT + [429] * 2


def test_guessing_of_passwords_from_loopback_is_counted_whatever_the_header_says(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.signing_in.ATTEMPTS_PER_ADDRESS", LIMIT)
    client = client_from(world, "127.0.0.1", embedded=True)
    with time_machine.travel(NOW, tick=False), client:
        found = TOKEN.search(client.get("/login").text)
        assert found
        got = [
            client.post(
                "/login",
                data={"user_name": f"name-{number}", "password": "no", "csrf": found.group(1)},
                headers={"x-forwarded-for": f"198.51.100.{number}"},
            ).status_code
            for number in range(LIMIT + 1)
        ]
    assert got == [401] * LIMIT + [429]


def test_behind_a_named_proxy_the_visitors_own_address_counts(world: World) -> None:
    client = client_from(world, PROXY)
    first = ["198.51.100.1"] * (LIMIT + 1)
    others = ["198.51.100.2", "2001:db8:1::1"]
    assert answers(client, first + others) == [401] * LIMIT + [429] + [401] * 2


@pytest.mark.parametrize(
    "pattern",
    [
        "203.0.113.{n}, 198.51.100.1",  # what the visitor wrote stands on the left
        "203.0.113.{n}, 198.51.100.1, 10.4.0.2",  # a second proxy of ours
        "203.0.113.{n}, 198.51.100.1:5{n:04}",
        "2001:db8:1:2::{n:x}",  # one connection has all of a /64
        "[2001:db8:1:2::{n:x}]:80",
        "203.0.113.{n}, unknown",  # no address: the proxy's own
        "203.0.113.{n}, ",
    ],
)
def test_what_a_visitor_writes_into_the_header_counts_for_nothing(
    world: World, pattern: str
) -> None:
    client = client_from(world, PROXY, "10.4.0.0/16")
    got = answers(client, [pattern.format(n=number) for number in range(LIMIT + 1)])
    assert got == [401] * LIMIT + [429]


def test_the_server_itself_believes_no_header() -> None:
    served = configured("127.0.0.1", 8000)
    assert (served.proxy_headers, served.access_log, served.server_header) == (False, False, False)
