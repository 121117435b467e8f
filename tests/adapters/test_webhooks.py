"""Webhooks: genuine or not, and where ours may go."""

import base64
import json
import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from adapters.webhooks import (
    LARGEST_ANSWER,
    LARGEST_BODY_OUT,
    WebhookFailed,
    WebhookNotGenuine,
    WebhookRefused,
    is_public,
    new_secret,
    post,
    sign,
    verify,
)
from tests.adapters.peers import scripted, trickling, webhook_server

BODY = json.dumps({"type": "case.opened", "case_ref": "CFX-26-00017"}).encode()


def signed(secret: str, *, at: datetime | None = None, body: bytes = BODY) -> dict[str, str]:
    return sign([secret], message_id="msg_1", sent_at=at or datetime.now(UTC), body=body)


def test_what_we_sign_the_reference_library_accepts() -> None:
    secret = new_secret()
    assert Webhook(secret).verify(BODY, signed(secret)) == json.loads(BODY)


def test_a_genuine_webhook_gives_its_id_whatever_the_case_of_its_headers() -> None:
    secret = new_secret()
    headers = {name.title(): value for name, value in signed(secret).items()}
    assert verify([secret], body=BODY, headers=headers) == "msg_1"


def test_while_rotating_old_and_new_secret_are_both_good() -> None:
    old, new = new_secret(), new_secret()
    both = sign([old, new], message_id="msg_1", sent_at=datetime.now(UTC), body=BODY)
    assert verify([new], body=BODY, headers=both) == "msg_1"
    assert verify([new_secret(), old], body=BODY, headers=both) == "msg_1"


def test_a_secret_has_32_random_bytes() -> None:
    one, other = new_secret(), new_secret()
    assert one != other
    assert len(base64.b64decode(one.removeprefix("whsec_"))) == 32


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-signature": "nonsense"},
        {"webhook-signature": ""},
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-id": "m" * 300},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "1"},
        {"webhook-timestamp": "99999999999999999999"},
    ],
)
def test_any_changed_header_is_not_genuine(change: dict[str, str]) -> None:
    secret = new_secret()
    with pytest.raises(WebhookNotGenuine):
        verify([secret], body=BODY, headers={**signed(secret), **change})


def test_a_changed_body_another_secret_or_none_is_not_genuine() -> None:
    secret = new_secret()
    headers = signed(secret)
    with pytest.raises(WebhookNotGenuine):
        verify([secret], body=BODY + b" ", headers=headers)
    with pytest.raises(WebhookNotGenuine):
        verify([new_secret()], body=BODY, headers=headers)
    with pytest.raises(WebhookNotGenuine):
        verify([], body=BODY, headers=headers)
    with pytest.raises(WebhookNotGenuine):
        verify([secret], body=b"\xff\xfe", headers=headers)


@pytest.mark.parametrize("age", [timedelta(seconds=310), timedelta(seconds=-310)])
def test_older_or_newer_than_300_seconds_is_not_genuine(age: timedelta) -> None:
    secret = new_secret()
    with pytest.raises(WebhookNotGenuine):
        verify([secret], body=BODY, headers=signed(secret, at=datetime.now(UTC) - age))


@given(
    st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text()
    )
)
def test_no_headers_whatever_raise_anything_else(headers: dict[str, str]) -> None:
    with pytest.raises(WebhookNotGenuine):
        verify(["whsec_" + base64.b64encode(b"k" * 32).decode()], body=BODY, headers=headers)


def test_a_webhook_arrives_verifiable_and_its_status_comes_back() -> None:
    secret = new_secret()
    with webhook_server(status=202) as server:
        answer = post(server.url, BODY, signed(secret), allow_loopback=True)
    assert answer.status == 202
    ((path, headers, body),) = server.received
    assert path == "/hook"
    assert verify([secret], body=body, headers=headers) == "msg_1"


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with webhook_server() as inner, webhook_server(302, {"Location": inner.url}) as server:
        assert post(server.url, BODY, {}, allow_loopback=True).status == 302
        assert inner.received == []


def test_retry_after_is_told() -> None:
    with webhook_server(429, {"Retry-After": "120"}) as server:
        assert post(server.url, BODY, {}, allow_loopback=True).retry_after == 120


def test_an_endless_answer_is_read_no_further_than_the_limit() -> None:
    chunks = [b"x" * 65536] * 2000
    with webhook_server(chunks=chunks) as server:
        assert post(server.url, BODY, {}, allow_loopback=True).status == 200
        assert server.sent < LARGEST_ANSWER + 64 * 65536


def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with webhook_server() as server:
        assert post(server.url, BODY, {}, allow_loopback=True).status == 200


def test_a_silent_receiver_fails_at_the_deadline() -> None:
    with scripted(b"", hang=True) as port, pytest.raises(WebhookFailed, match="Timeout"):
        post(f"http://127.0.0.1:{port}/", BODY, {}, timeout=0.5, allow_loopback=True)


def test_a_trickling_receiver_fails_at_the_deadline() -> None:
    # Every read gets a byte in time, the header never ends: only a deadline over all reads helps.
    with (
        trickling(b"HTTP/1.1 200 OK\r\nx: ", b"y") as port,
        pytest.raises(WebhookFailed, match="Timeout"),
    ):
        post(f"http://127.0.0.1:{port}/", BODY, {}, timeout=0.5, allow_loopback=True)


def test_nobody_listening_is_a_failure_without_the_address_in_it() -> None:
    with pytest.raises(WebhookFailed) as failed:
        post("http://127.0.0.1:9/secret-path", BODY, {}, allow_loopback=True)
    assert "secret-path" not in str(failed.value)


def test_a_body_that_is_not_thin_is_refused() -> None:
    with pytest.raises(WebhookRefused) as refused:
        post("https://partner.example/", b"x" * (LARGEST_BODY_OUT + 1), {})
    assert refused.value.reason == "body_too_large"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://partner.example/", "not_https"),
        ("ftp://partner.example/", "malformed_url"),
        ("https:///path", "malformed_url"),
        ("https://partner.example:22/", "port_not_allowed"),
        ("https://partner.example:99999/", "malformed_url"),
        ("https://user:pw@partner.example/", "credentials_in_url"),
        ("https://partner.example/a b", "malformed_url"),
        ("https://partner.example/\r\nHost: x", "malformed_url"),
        ("https://пример.example/", "malformed_url"),
        ("https://127.0.0.1/", "address_not_public"),
        ("https://localhost/", "address_not_public"),
        ("https://[::1]/", "address_not_public"),
        ("https://10.0.0.1/", "address_not_public"),
        ("https://169.254.169.254/latest/meta-data", "address_not_public"),
        ("https://2130706433/", "address_not_public"),
        ("https://0x7f.1/", "address_not_public"),
        ("https://[::ffff:127.0.0.1]/", "address_not_public"),
    ],
)
def test_the_guard_refuses(url: str, reason: str) -> None:
    with pytest.raises(WebhookRefused) as refused:
        post(url, BODY, {}, timeout=5)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "192.0.0.1", "198.18.0.1", "203.0.113.5", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "192.88.99.1", "::", "::1", "::7f00:1", "fe80::1",
        "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8",
        "2002:7f00:1::", "2002:808:808::", "2001:0:808:808::1", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "fec0::1", "2001:db8::1", "", "partner.example", "8.8.8.8.8",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "93.184.216.34"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)


def test_one_private_address_among_public_ones_refuses_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def resolve(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (a, port)) for a in ("93.184.216.34", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(WebhookRefused):
        post("https://partner.example/", BODY, {})


def test_the_name_is_resolved_once_and_the_checked_address_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: a second resolution would lead to loopback."""
    asked: list[str] = []
    connected: list[str] = []

    def resolve(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        connected.append(address[0])
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr("socket.create_connection", connect)
    with pytest.raises(WebhookFailed):
        post("https://partner.example/", BODY, {})
    assert (asked, connected) == (["partner.example"], ["93.184.216.34"])


def test_embedded_mode_opens_loopback_only() -> None:
    with pytest.raises(WebhookRefused):
        post("https://10.0.0.1/", BODY, {}, allow_loopback=True)
    with pytest.raises(WebhookRefused):
        post("http://8.8.8.8:443/", BODY, {}, allow_loopback=True)


def test_a_certificate_that_nobody_vouches_for_fails() -> None:
    with webhook_server() as server:
        port = server.server_address[1]
        with pytest.raises(WebhookFailed):
            post(
                f"https://127.0.0.1:{port}/",
                BODY,
                {},
                timeout=2,
                allow_loopback=True,
                ssl_context=ssl.create_default_context(),
            )
        assert server.received == []
