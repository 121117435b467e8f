"""Signed-in browsers: listed, revoked one or all, ended by a new password."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import time_machine
from sqlalchemy import select
from sqlmodel import Session, col

from accounts.sessions import browser_name
from models import AuditEntry, UserSession
from tests.web.parts import PASSWORD, Visitor
from workflows.engine.world import World

Visit = Callable[..., Visitor]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36"
NEW = "another long enough password"


def audited(world: World) -> list[str]:
    with Session(world.engine) as session:
        return list(session.scalars(select(col(AuditEntry.action)).order_by(col(AuditEntry.id))))


def again(visit: Visit, name: str, user_agent: str) -> Visitor:
    """Sign the same person in with another browser."""
    visitor = visit()
    visitor.client.headers["user-agent"] = user_agent
    assert visitor.sign_in(name).status_code == 303
    return visitor


def test_my_account_lists_my_browsers_and_no_other_persons(visit: Visit) -> None:
    visitor = visit("coordinator")
    visit("lead")
    again(visit, "coordinator-1", FIREFOX)
    again(visit, "coordinator-1", PHONE)
    text = visitor.get("/account").text
    assert "Firefox on Linux" in text and "Chrome on Android" in text
    assert text.count('name="session_id"') == 2 and text.count("this one") == 1


def test_one_browser_is_signed_out_and_the_others_stay(visit: Visit, world: World) -> None:
    visitor = visit("coordinator")
    lost, kept = again(visit, "coordinator-1", PHONE), again(visit, "coordinator-1", FIREFOX)
    text = visitor.get("/account").text
    phone = re.search(r'Chrome on Android.*?name="session_id" value="(\d+)"', text, re.DOTALL)
    assert phone
    form = {"session_id": phone.group(1)}
    assert visitor.send("/account/sessions/end", form, page="/account").status_code == 303
    assert lost.get("/").headers["location"] == "/login"
    assert visitor.get("/").status_code == kept.get("/").status_code == 200
    assert audited(world)[-1] == "account.sessions_ended"
    assert visitor.send("/account/sessions/end", form, page="/account").status_code == 422


def test_every_other_browser_is_signed_out_at_once(visit: Visit) -> None:
    visitor = visit("coordinator")
    others = [again(visit, "coordinator-1", agent) for agent in (PHONE, FIREFOX)]
    assert visitor.send("/account/sessions/end", {}, page="/account").status_code == 303
    assert [each.get("/").headers.get("location") for each in others] == ["/login"] * 2
    assert visitor.get("/").status_code == 200


def test_nobody_ends_another_persons_session(visit: Visit, world: World) -> None:
    victim, visitor = visit("lead"), visit("coordinator")
    with Session(world.engine) as session:
        first = session.scalars(select(col(UserSession.id)).order_by(col(UserSession.id))).first()
    form = {"session_id": str(first)}
    assert visitor.send("/account/sessions/end", form, page="/account").status_code == 422
    assert victim.get("/").status_code == 200


def test_a_new_password_needs_the_old_one_and_ends_the_others(visit: Visit) -> None:
    visitor = visit("coordinator")
    other = again(visit, "coordinator-1", PHONE)
    path = "/account/password"

    def change(old: str, new: str, repeated: str) -> int:
        form = {"old": old, "new": new, "again": repeated}
        return visitor.send(path, form, page="/account").status_code

    assert change("not the password", NEW, NEW) == 422
    assert change(PASSWORD, NEW, "typed otherwise") == 422
    assert change(PASSWORD, "short", "short") == 422
    assert other.get("/").status_code == 200 and visit().sign_in("coordinator-1").status_code == 303
    assert change(PASSWORD, NEW, NEW) == 303
    assert other.get("/").headers["location"] == "/login"
    assert visitor.get("/").status_code == 200
    assert visit().sign_in("coordinator-1").status_code == 401
    assert visit().sign_in("coordinator-1", NEW).status_code == 303


@time_machine.travel(datetime(2026, 11, 23, 12, tzinfo=UTC), tick=False)
def test_the_old_password_cannot_be_guessed_at_an_open_browser(visit: Visit, world: World) -> None:
    visitor = visit("coordinator")
    form = {"old": "wrong wrong wrong", "new": NEW, "again": NEW}
    tries = [visitor.send("/account/password", form, page="/account") for _ in range(7)]
    assert [answer.status_code for answer in tries] == [422] * 5 + [429] * 2
    assert int(tries[-1].headers["retry-after"]) > 0
    right = visitor.send("/account/password", {**form, "old": PASSWORD}, page="/account")
    assert right.status_code == 429
    assert audited(world).count("limit.reached") == 1


def test_an_administrator_sees_and_ends_a_colleagues_sessions(visit: Visit, world: World) -> None:
    admin, visitor = visit("administrator"), visit("coordinator")
    again(visit, "coordinator-2", PHONE)
    row = re.search(r"coordinator-2.*?</tr>", admin.get("/users").text, re.DOTALL)
    assert row and re.search(r'data-label="Open sessions">2<', row.group())
    last = re.search(r'data-label="Last sign-in">([^<]+)<', row.group())
    assert last and re.search(r"[0-9]{4}", last.group(1)), "the last sign-in is a date"
    form = {"act": "sessions", "user_name": "coordinator-2"}
    assert admin.send("/users", form).status_code == 303
    assert visitor.get("/").headers["location"] == "/login"
    with Session(world.engine) as session:
        entry = session.scalars(
            select(AuditEntry).where(col(AuditEntry.action) == "user.sessions")
        ).one()
    assert entry.actor_ref != entry.object_ref and entry.object_ref.startswith("U-")
    for act in ("close", "second_factor"):
        form = {"act": act, "user_name": "administrator-1"}
        assert admin.send("/users", form).status_code == 422, "not with one's own account"


def test_the_name_of_a_browser_tells_nobody_apart() -> None:
    names = {browser_name(agent) for agent in (FIREFOX, FIREFOX.replace("130", "131"))}
    assert names == {"Firefox on Linux"}
    assert browser_name("") == browser_name("x" * 1000) == "a browser"
    assert browser_name("<script>alert(1)</script>") == "a browser"
