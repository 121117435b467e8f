"""What a browser is told on every kind of page, and requests that are not a browser's."""

import http.client
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import time_machine
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlmodel import Session, col

from accounts.signed_links import portal_link
from models import AuditEntry
from tests.web.parts import PASSWORD, Visitor, make_user
from tests.workflows.playing import Play
from web.app import create_app
from workflows.engine.world import World

Visit = Callable[..., Visitor]


@pytest.fixture
def over_https(world: World) -> Iterator[Visitor]:
    """A visitor of a console behind https."""
    settings = world.settings.model_copy(update={"web_public_url": "https://console.example"})
    own = World(settings, engine=world.engine, clock=world.clock)
    with TestClient(
        create_app(own), base_url="https://console.example", follow_redirects=False
    ) as client:
        yield Visitor(client)


def test_every_kind_of_answer_carries_the_headers(visit: Visit, play: Play, world: World) -> None:
    play.open(b"a text file of no interest")
    play.run()
    visitor, ref = visit("lead"), play.case.ref
    kinds = {
        "/login": 200, "/": 200, "/cases": 200, f"/cases/{ref}/overview": 200, "/api/cases": 200,
        "/documents/1/original": 200, "/documents/99": 404, "/users": 403, "/nothing-here": 404,
        "/cases?page=x": 422, "/healthz": 200, "/logout": 405, "/portal/": 200,
        portal_link("", world.keys.ring, play.case_id): 200, "/portal/forged": 404,
        "/account": 200, "/static/console.css": 200, "/static/nothing": 404,
        "/documents/1/pages/1.png": 404,
    }  # fmt: skip
    for path, status in kinds.items():
        answer = visitor.get(path)
        assert answer.status_code == status, path
        headers = answer.headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, path
        assert "sandbox" in policy or "frame-ancestors 'none'" in policy, path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY", path
        assert headers["referrer-policy"] == "no-referrer", path
        assert headers["cross-origin-opener-policy"] == "same-origin", path
        assert headers["cross-origin-resource-policy"] == "same-origin", path
        assert "camera=()" in headers["permissions-policy"], path
        assert path.startswith("/static/") or "no-store" in headers["cache-control"], path
        assert "access-control-allow-origin" not in headers, path
        assert "strict-transport-security" not in headers, "not over plain http"


def test_over_https_every_cookie_is_secure_and_bound_to_the_host(
    over_https: Visitor, world: World
) -> None:
    make_user(world, "lead")
    first = over_https.get("/login")
    signed = over_https.sign_in("lead")
    out = over_https.send("/logout", {}, page="/account")
    for answer in (first, signed, out):
        for cookie in answer.headers.get_list("set-cookie"):
            assert cookie.startswith("__Host-"), cookie
            parts = {part.strip().lower() for part in cookie.split(";")[1:]}
            assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts, cookie
            assert not any(part.startswith("domain") for part in parts)
        assert "max-age=31536000" in answer.headers["strict-transport-security"]
    assert signed.headers["set-cookie"] and first.headers["set-cookie"]


def test_a_cookie_planted_before_the_sign_in_does_not_become_the_session(
    visit: Visit, world: World
) -> None:
    make_user(world, "lead")
    victim = visit()
    planted = "p" * 43
    victim.client.cookies.set("iort_session", planted)
    answer = victim.sign_in("lead")
    given = answer.headers["set-cookie"].split("=", 1)[1].split(";")[0]
    assert answer.status_code == 303 and given != planted
    attacker = visit()
    attacker.client.cookies.set("iort_session", planted)
    assert attacker.get("/").headers["location"] == "/login"


def test_a_sign_in_leads_nowhere_else(visit: Visit, world: World) -> None:
    make_user(world, "lead")
    visitor = visit()
    for target in ("https://evil.example", "//evil.example", "/\\evil.example"):
        token = visitor.token("/login")
        form = {"user_name": "lead", "password": PASSWORD, "csrf": token, "next": target}
        answer = visitor.client.post("/login", params={"next": target}, data=form)
        assert answer.headers["location"] == "/"


def test_a_claimed_host_appears_nowhere(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit("coordinator")
    for path in ("/", "/login", "/portal", "/cases/", "/static", f"/cases/{play.case.ref}"):
        for headers in ({"host": "evil.example"}, {"x-forwarded-host": "evil.example"}):
            answer = visitor.client.get(path, headers=headers)
            assert "evil.example" not in answer.text + str(answer.headers), path


def test_a_method_cannot_be_dressed_up(visit: Visit, world: World, play: Play) -> None:
    play.open()
    (task,) = play.tasks()
    visitor = visit("coordinator")
    for name in ("x-http-method-override", "x-method-override", "x-http-method"):
        answer = visitor.client.get(
            f"/tasks/{task.id}", headers={name: "POST"}, params={"_method": "POST"}
        )
        assert answer.status_code == 200
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT"):
        assert visitor.client.request(method, f"/tasks/{task.id}").status_code == 405, method
    for method in ("OPTIONS", "TRACE"):
        answer = visitor.client.request(method, "/login", headers={"cookie": "a=canary"})
        assert answer.status_code == 405 and "canary" not in answer.text
    assert visitor.client.head("/login").status_code in (200, 405)
    assert play.case.state == "INQUIRY"


def test_a_body_of_another_type_changes_nothing(visit: Visit, play: Play) -> None:
    play.open()
    (task,) = play.tasks()
    visitor = visit("coordinator")
    form = {"answer": "in_scope", "set:site": "breast", "csrf": visitor.token(f"/tasks/{task.id}")}
    for kind in ("application/json", "text/plain", "application/xml"):
        answer = visitor.client.post(
            f"/tasks/{task.id}", content=str(form), headers={"content-type": kind}
        )
        assert answer.status_code in (403, 415, 422), kind
    json = visitor.client.post(f"/tasks/{task.id}", json=form)
    assert json.status_code in (403, 415, 422) and play.case.state == "INQUIRY"


def test_no_path_leads_out_of_the_static_files(visit: Visit) -> None:
    visitor = visit()
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py",
                 "/static/....//app.py", "/static//etc/passwd", "/static/%2fetc%2fpasswd",
                 "/static/..%5capp.py", "/static/vendor/../../app.py", "/static/", "/static/vendor",
                 "/static/%00"):  # fmt: skip
        answer = visitor.get(path)
        assert answer.status_code in (400, 404, 405), path
        assert "create_app" not in answer.text and "root:" not in answer.text


def test_too_many_fields_and_too_long_ones_are_refused(visit: Visit, world: World) -> None:
    make_user(world, "lead")
    visitor = visit()
    token = visitor.token("/login")
    long = {"user_name": "x" * 5000, "password": "y" * 100_000, "csrf": token}
    assert visitor.client.post("/login", data=long).status_code == 422
    many = {"csrf": token} | {f"f{n}": "x" for n in range(3000)}
    assert visitor.client.post("/login", data=many).status_code in (400, 413, 422)


def ask(address: str, request: bytes) -> tuple[int, bytes]:
    """Send raw bytes; return status and body, or 400 where the server hangs up on the rest."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    connection.connect()
    try:
        connection.sock.sendall(request)
        response = http.client.HTTPResponse(connection.sock)
        response.begin()
        return response.status, response.read()
    except (ConnectionResetError, BrokenPipeError):
        return 400, b""
    finally:
        connection.close()


@pytest.mark.parametrize(
    "request_lines",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 200_000 + b"\r\n\r\n",
        b"GET /login HTTP/1.1\r\nHost: x\r\nCookie: " + b"a=b; " * 50_000 + b"\r\n\r\n",
        b"GET /login HTTP/1.1\r\nHost: x\r\nno colon here\r\n\r\n",
        b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /cases HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["header", "cookie", "broken", "path", "length", "smuggled"],
)
def test_what_no_browser_sends_is_refused_and_the_server_lives(
    address: str, request_lines: bytes
) -> None:
    status, _ = ask(address, request_lines)
    assert 400 <= status < 500
    assert ask(address, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")[0] == 200


class TestHooks:
    """Bad signatures are refused, written down, and counted."""

    def test_a_bad_signature_is_written_down_without_the_source(
        self, visit: Visit, world: World
    ) -> None:
        answer = visit().client.post("/hooks/rehearsal", content=b"{}")
        assert answer.status_code == 401
        with Session(world.engine) as session:
            (entry,) = session.scalars(select(AuditEntry))
        assert (entry.action, entry.object_ref) == ("hook.refused", "POST /hooks/{source}")

    def test_a_flood_is_answered_429_and_written_down_once(self, world: World) -> None:
        settings = world.settings.model_copy(update={"hook_calls_per_minute": 3})
        own = World(settings, engine=world.engine, clock=world.clock)
        with (
            time_machine.travel(datetime(2026, 11, 23, 12, tzinfo=UTC), tick=False),
            TestClient(create_app(own)) as client,
        ):
            answers = [client.post(f"/hooks/x{n % 2}", content=b"{}") for n in range(8)]
        assert [a.status_code for a in answers] == [401] * 3 + [429] * 5
        assert 0 < int(answers[-1].headers["retry-after"]) <= 61
        with Session(world.engine) as session:
            actions = list(session.scalars(select(col(AuditEntry.action))))
        assert actions.count("hook.too_many") == 1
