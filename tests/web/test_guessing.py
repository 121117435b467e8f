"""Guessing passwords: what is guessed first is none, and strangers' tries stop no owner."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from accounts import signing_in
from accounts.users import AccountRefused, add_user
from accounts.weak_passwords import is_weak
from models import AuditEntry
from models.database import transaction
from tests.web.parts import PASSWORD, Visitor, make_user
from workflows.engine.world import World

Visit = Callable[..., Visitor]

WEAK = (
    "password1234", "Passw0rd!2026", "P@ssw0rdP@ssw0rd", "qwertyuiop123", "QWERTZUIOP!!",
    "iort-iort-iort", "Coordinator2026!", "radiotherapy1!", "aaaaaaaaaaaa", "abababababab",
    "123456789012", "Summer2026!!!", "letmein-letmein", "welcome-admin-1", "1qaz2wsx3edc",
    "Amina.Coordinator", "passwort12345", "йцукенгшщзхъ",
)  # fmt: skip
STRONG = (
    PASSWORD, "violet teapots argue quietly", "zR4!kq-Lw9#mTb", "Haus am See bei Nacht im Nebel",
    "колодец синий вечер рядом", "正確な馬のバッテリーと青い空の石",
)  # fmt: skip


@pytest.mark.parametrize("password", WEAK)
def test_what_is_guessed_first_is_no_password(password: str) -> None:
    assert is_weak(password, ("amina.exempla",))


@pytest.mark.parametrize("password", STRONG)
def test_what_nobody_guesses_is_one(password: str) -> None:
    assert not is_weak(password, ("amina.exempla",))


def test_nobody_gets_or_takes_a_weak_one(visit: Visit, world: World) -> None:
    with pytest.raises(AccountRefused, match="guessed first"), transaction(world.engine) as session:
        add_user(session, user_name="ben", role="lead", password="password1234")
    amina = visit("coordinator")
    form = {"old": PASSWORD, "new": "password1234", "again": "password1234"}
    answer = amina.send("/account/password", form, "/account")
    assert answer.status_code == 422 and "guessed first" in answer.text


def wrong(visitor: Visitor, name: str, times: int) -> list[int]:
    return [visitor.sign_in(name, "not the password").status_code for _ in range(times)]


def test_a_strangers_wrong_passwords_do_not_stop_a_browser_that_is_known(
    visit: Visit, world: World
) -> None:
    make_user(world, "lead")
    hers, stranger = visit(), visit()
    assert hers.sign_in("lead").status_code == 303
    hers.send("/logout", {}, "/account")
    refused = wrong(stranger, "lead", signing_in.ATTEMPTS_PER_ACCOUNT + 2)
    assert refused[0] == 401 and refused[-1] == 429
    assert stranger.sign_in("lead").status_code == 429
    assert hers.sign_in("lead").status_code == 303, "at the very same address"


def test_a_known_browser_is_slowed_down_for_itself_and_for_its_account_alone(
    visit: Visit, world: World
) -> None:
    make_user(world, "lead")
    make_user(world, "clinician")
    hers = visit()
    hers.sign_in("lead")
    hers.send("/logout", {}, "/account")
    assert wrong(hers, "lead", 7)[-1] == 429
    kept = dict(hers.client.cookies)
    other = visit()
    for name, value in kept.items():
        other.client.cookies.set(name, value)
    assert wrong(other, "clinician", 7)[-1] == 429, "another's account does not know it"


def test_a_forged_cookie_is_none(visit: Visit, world: World) -> None:
    make_user(world, "lead")
    hers = visit()
    hers.sign_in("lead")
    name = next(one for one in hers.client.cookies if one.endswith("_known"))
    forger = visit()
    forger.client.cookies.set(name, hers.client.cookies[name][:-3] + "AAA")
    assert wrong(forger, "lead", 7)[-1] == 429
    assert visit().sign_in("lead").status_code == 429


def test_tries_from_many_places_reach_a_cap_that_is_written_down(
    visit: Visit, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing_in, "ATTEMPTS_FROM_ANYWHERE", 3)
    make_user(world, "lead")
    hers = visit()
    hers.sign_in("lead")
    hers.send("/logout", {}, "/account")
    tries = [refused_from(world, f"10.0.0.{number}") for number in range(5)]
    assert tries == [False, False, True, True, True]
    with Session(world.engine) as session:
        many = session.scalars(
            select(AuditEntry).where(col(AuditEntry.action) == "login.many_tries")
        ).all()
    assert len(many) == 1 and "lead" not in many[0].object_ref
    assert hers.sign_in("lead").status_code == 303


def refused_from(world: World, address: str) -> bool:
    """Try a wrong password from an address; return whether there were too many."""
    try:
        signing_in.sign_in(
            world.engine, world.keys, user_name="lead", password="wrong", address=address
        )
    except signing_in.SignInRefused as refused:
        return refused.throttled
    raise AssertionError("it was the right one")
