"""Who gets in, who does not, and what a browser is told."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select, update
from sqlmodel import Session, col
from structlog.testing import capture_logs

from accounts import sessions, signing_in
from accounts import users as accounts
from models import AuditEntry, UserSession
from models.database import transaction
from tests.web.parts import PASSWORD, Visitor, make_user
from tests.workflows.playing import Play
from web.app import create_app
from workflows.engine.world import World

Visit = Callable[..., Visitor]
PAGES = ("/", "/cases", "/questions", "/users", "/cases/CFX-26-00001/timeline", "/tasks/1",
         "/documents/1", "/documents/1/original", "/documents/1/pages/1.png")  # fmt: skip


def audited(world: World) -> list[str]:
    with Session(world.engine) as session:
        return list(session.scalars(select(col(AuditEntry.action)).order_by(col(AuditEntry.id))))


def test_a_stranger_is_sent_to_the_login_page(visit: Visit) -> None:
    visitor = visit()
    for path in PAGES:
        answer = visitor.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/login"), path


def test_the_api_tells_a_stranger_to_sign_in(visit: Visit) -> None:
    assert visit().get("/api/cases").status_code == 401


def test_the_process_says_that_it_is_alive_and_ready(visit: Visit) -> None:
    visitor = visit()
    assert [visitor.get(f"/{name}").status_code for name in ("health", "healthz", "readyz")] == [
        200
    ] * 3


def test_signing_in_and_out(visit: Visit, world: World) -> None:
    visitor = visit("coordinator")
    assert visitor.get("/").status_code == 200
    cookie = visitor.client.cookies["iort_session"]
    assert visitor.send("/logout", {}, page="/").status_code == 303
    visitor.client.cookies.set("iort_session", cookie)
    assert visitor.get("/").headers["location"] == "/login", "the old cookie must be dead"
    assert audited(world)[-1] == "logout"


def test_the_session_cookie_is_hidden_from_scripts_and_other_sites(
    visit: Visit, world: World
) -> None:
    make_user(world, "lead")
    header = visit().sign_in("lead").headers["set-cookie"]
    assert "HttpOnly" in header and "SameSite=lax" in header and "Path=/" in header


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(world: World) -> None:
    from fastapi.testclient import TestClient

    make_user(world, "lead")
    own = World(
        world.settings.model_copy(update={"web_public_url": "https://console.example"}),
        engine=world.engine,
        clock=world.clock,
    )
    with TestClient(create_app(own), base_url="https://console.example",
                    follow_redirects=False) as client:  # fmt: skip
        answer = Visitor(client).sign_in("lead")
    header = answer.headers["set-cookie"]
    assert header.startswith("__Host-iort=") and "Secure" in header
    assert "max-age=" in answer.headers["strict-transport-security"]


def test_a_forged_cookie_opens_nothing(visit: Visit) -> None:
    for cookie in ("", "forged", "a" * 43):
        visitor = visit()
        visitor.client.cookies.set("iort_session", cookie)
        assert visitor.get("/").headers["location"] == "/login"


def test_a_session_that_ended_opens_nothing(visit: Visit, world: World) -> None:
    visitor = visit("coordinator")
    with transaction(world.engine) as session:
        session.execute(update(UserSession).values(expires_at=accounts.real_now()))
    assert visitor.get("/").headers["location"] == "/login"


def test_no_session_lives_longer_than_its_longest(visit: Visit, world: World) -> None:
    visitor = visit("coordinator")
    now = accounts.real_now()
    with transaction(world.engine) as session:
        session.execute(
            update(UserSession).values(
                created_at=now - sessions.LONGEST + timedelta(minutes=2),
                expires_at=now + timedelta(minutes=1),
            )
        )
    assert visitor.get("/").status_code == 200
    with Session(world.engine) as session:
        (ends,) = session.scalars(select(col(UserSession.expires_at)))
    assert ends - now < timedelta(minutes=3)


def test_closing_an_account_ends_its_sessions(visit: Visit, world: World) -> None:
    visitor = visit("coordinator")
    with transaction(world.engine) as session:
        accounts.set_active(session, "coordinator-1", False)
    assert visitor.get("/").headers["location"] == "/login"
    assert visitor.sign_in("coordinator-1").status_code == 401


def test_the_hash_of_nobody_costs_what_a_real_one_costs_and_fits_no_password() -> None:
    real = PasswordHasher()
    assert not real.check_needs_rehash(accounts._NOBODY)
    assert extract_parameters(accounts._NOBODY) == extract_parameters(real.hash(PASSWORD))
    with pytest.raises(VerifyMismatchError):
        real.verify(accounts._NOBODY, PASSWORD)


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(
    visit: Visit, world: World
) -> None:
    make_user(world, "lead")
    answers = [visit().sign_in("lead", "not the password"), visit().sign_in("nobody", PASSWORD)]
    texts = {re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}
    assert [answer.status_code for answer in answers] == [401, 401] and len(texts) == 1


def test_guessing_is_throttled_also_with_the_right_password(visit: Visit, world: World) -> None:
    make_user(world, "lead")
    make_user(world, "clinician")
    guesser = visit()
    for _ in range(signing_in.ATTEMPTS_PER_ACCOUNT):
        assert guesser.sign_in("lead", "wrong wrong wrong").status_code == 401
    assert visit().sign_in("lead").status_code == 429
    assert visit().sign_in("clinician").status_code == 303, "another account is not touched"
    assert "login.throttled" in audited(world)


def test_no_account_name_or_address_stands_in_the_audit(visit: Visit, world: World) -> None:
    visit().sign_in("anna.example", "wrong wrong wrong")
    with Session(world.engine) as session:
        rows = session.scalars(select(AuditEntry)).all()
    assert rows and not any("anna" in f"{row.actor_ref}{row.object_ref}" for row in rows)


def test_a_form_from_elsewhere_is_not_taken(visit: Visit, play: Play) -> None:
    play.open()
    (task,) = play.tasks()
    visitor = visit("coordinator")
    good = visitor.token(f"/tasks/{task.id}")
    for headers, token in (
        ({}, "0" * 64),
        ({}, ""),
        ({"origin": "https://evil.example"}, good),
        ({"sec-fetch-site": "cross-site"}, good),
        ({"sec-fetch-site": "same-site"}, good),
    ):
        form = {"csrf": token, "answer": "in_scope", "set:site": "breast"}
        answer = visitor.client.post(f"/tasks/{task.id}", data=form, headers=headers)
        assert answer.status_code == 403, headers
    assert play.case.state == "INQUIRY"


def test_a_form_token_of_another_session_is_not_taken(visit: Visit, play: Play) -> None:
    play.open()
    (task,) = play.tasks()
    thief, victim = visit("coordinator"), visit("coordinator")
    token = thief.token(f"/tasks/{task.id}")
    answer = victim.client.post(
        f"/tasks/{task.id}", data={"csrf": token, "answer": "in_scope", "set:site": "breast"}
    )
    assert answer.status_code == 403


def test_the_login_form_needs_its_token(visit: Visit, world: World) -> None:
    make_user(world, "lead")
    answer = visit().client.post("/login", data={"user_name": "lead", "password": PASSWORD})
    assert answer.status_code == 403


ALLOWED = {
    "coordinator": {"/", "/cases", "/timeline", "/overview", "/documents", "/tasks"},
    "clinician": {"/", "/cases", "/timeline", "/overview", "/documents", "/tasks"},
    "lead": {"/", "/cases", "/timeline", "/overview", "/documents", "/tasks", "/questions"},
    "analyst": {"/cases", "/timeline", "/questions"},
    "administrator": {"/cases", "/timeline", "/questions", "/users"},
}


@pytest.mark.parametrize("role", ALLOWED)
def test_every_role_opens_its_pages_and_no_others(
    visit: Visit, world: World, play: Play, role: str
) -> None:
    play.open(b"a text file of no interest")
    play.run()
    ref = play.case.ref
    with Session(world.engine) as session:
        from models import Document

        document = session.scalars(select(col(Document.id))).one()
    task = play.tasks()[0].id
    paths = {
        "/": "/",
        "/cases": "/cases",
        "/timeline": f"/cases/{ref}/timeline",
        "/overview": f"/cases/{ref}/overview",
        "/documents": f"/documents/{document}",
        "/tasks": f"/tasks/{task}",
        "/questions": "/questions",
        "/users": "/users",
    }
    visitor = visit(role)
    opened = {name for name, path in paths.items() if visitor.get(path).status_code == 200}
    assert opened == ALLOWED[role]


def test_what_a_role_may_not_open_is_audited(visit: Visit, world: World) -> None:
    assert visit("analyst").get("/users").status_code == 403
    assert audited(world)[-1] == "access.refused"


def test_every_answer_carries_the_headers(visit: Visit) -> None:
    visitor = visit("coordinator")
    for path in ("/login", "/cases", "/nothing-here", "/static/console.css"):
        headers = visitor.get(path).headers
        policy = headers["content-security-policy"]
        assert "unsafe-inline" not in policy and "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert path.startswith("/static/") or headers["cache-control"] == "no-store"


def test_every_page_says_that_it_is_no_medical_advice(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit("lead")
    pages = [
        "/login",
        "/",
        "/cases",
        "/questions",
        f"/cases/{play.case.ref}/timeline",
        f"/cases/{play.case.ref}/overview",
        "/portal/",
        "/nothing-here",
    ]
    for path in pages:
        assert "not medical advice" in visitor.get(path).text.lower(), path


def test_pages_load_nothing_from_elsewhere_and_hold_no_inline_script_or_style(
    visit: Visit, play: Play
) -> None:
    play.open()
    visitor = visit("coordinator")
    for path in ("/login", "/", "/cases", f"/cases/{play.case.ref}/overview", "/portal/"):
        text = visitor.get(path).text
        assert not re.search(r'(src|href)="(https?:)?//', text)
        assert not re.search(r"<script(?! src=)", text) and "<style" not in text
        assert " style=" not in text
        assert not re.search(r"\son\w+=", text)


def test_without_a_secret_key_nothing_starts(world: World) -> None:
    from pydantic import SecretStr

    none = {"secret_key": SecretStr(""), "secret_keys_file": ""}
    settings = world.settings.model_copy(update=none)
    with pytest.raises(ValueError, match="SECRET_KEY"):
        create_app(World(settings, engine=world.engine))


def test_a_body_that_is_too_large_is_refused(visit: Visit) -> None:
    visitor = visit()
    assert visitor.client.post("/login", content=b"x" * 1_200_000).status_code == 413
    assert visitor.client.post("/hooks/partner", content=b"x" * 1_200_000).status_code == 413


def test_administrators_make_accounts_and_nobody_else(visit: Visit, world: World) -> None:
    admin = visit("administrator")
    form = {"act": "add", "user_name": "new", "role": "clinician"}
    made = admin.send("/users", form)
    assert made.status_code == 200 and "/set-password/" in made.text
    assert visit().sign_in("new", "").status_code == 401
    assert admin.send("/users", form).status_code == 422, "there is one already"
    other = visit("lead")
    token = other.token("/")
    assert other.client.post("/users", data={"csrf": token, **form}).status_code == 403


def test_a_body_without_stated_length_is_counted(visit: Visit) -> None:
    def parts() -> Iterator[bytes]:
        yield from (b"x" * 100_000 for _ in range(14))

    visitor = visit()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    for path in ("/login", "/hooks/partner"):
        answer = visitor.client.post(path, content=parts(), headers=headers)
        assert answer.status_code in (400, 413), path


def test_a_failure_tells_neither_reader_nor_log_what_it_was_about(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("Rosa Exempla has no row")

    visitor = visit("coordinator")
    monkeypatch.setattr("views.open_lists.Lists.cases", broken)
    with capture_logs() as logged:
        answer = visitor.get("/cases")
    assert answer.status_code == 500 and "Rosa" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    shown = capsys.readouterr()
    assert "RuntimeError" in str(logged)
    assert "Rosa" not in str(logged) + shown.out + shown.err
