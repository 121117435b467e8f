"""Who makes themself alone first is not alone: closing, renaming and locking out others counts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col
from typer.testing import CliRunner

from accounts.users import set_password
from adapters.mail_out import MailUncertain
from cli import accounts
from models import AccountChange, AuditEntry
from models.base import require_id
from models.database import transaction
from tests.web.parts import Visitor, make_user
from tests.web.test_account_changes import (
    OWN,
    PAGE,
    asks,
    link_in,
    mails_to,
    rows,
    settles,
    user,
    with_address,
)
from tests.workflows.playing import Play
from workflows.engine.world import World

Visit = Callable[..., Visitor]


def age(world: World, days: int) -> None:
    """Let what was done to accounts lie so many days back."""
    with transaction(world.engine) as session:
        ago = timedelta(days=days)
        session.execute(
            update(AccountChange).values(
                asked_at=col(AccountChange.asked_at) - ago,
                settled_at=col(AccountChange.settled_at) - ago,
            )
        )


def test_who_closes_all_others_waits_all_the_same(visit: Visit, play: Play) -> None:
    make_user(play.world, "clinician", "rao")
    admin, _, _ = visit("administrator"), visit("administrator"), visit("lead")
    lead = with_address(play.world, "lead-3")
    for name in ("lead-3", "administrator-2"):
        assert asks(admin, "close", name).headers["location"].endswith("close")
    assert asks(admin, "password", "rao").headers["location"].endswith("waits")
    assert asks(admin, "reopen", "lead-3").headers["location"].endswith("waits")
    assert user(play.world, "rao").password_hash
    told = " ".join(mails_to(play, lead))
    assert "lead-3" in told and "administrator-2" in told and "it was closed" in told
    assert "close the account" in admin.get(PAGE).text
    age(play.world, 8)
    assert asks(admin, "password", "rao").status_code == 200, "alone for a week, and shown so"


@pytest.mark.parametrize(
    ("act", "more"),
    [
        ("role", {"role": "analyst"}),
        ("email", {"email": "evil@evil.example"}),
        ("password", {}),
        ("second_factor", {}),
    ],
)
def test_an_act_on_the_only_second_person_makes_nobody_alone(
    visit: Visit, play: Play, act: str, more: dict[str, str]
) -> None:
    make_user(play.world, "clinician", "rao")
    admin, _ = visit("administrator"), visit("lead")
    asks(admin, act, "lead-2", **more)
    assert rows(play.world)[-1].alone, "its owner is the only one who could say yes"
    assert asks(admin, "password", "rao").headers["location"].endswith("waits")


@pytest.mark.parametrize(
    ("act", "more"), [("reopen", {}), ("role", {"role": "lead"}), ("email", {"email": ""})]
)
def test_what_is_so_already_is_no_change(
    visit: Visit, play: Play, act: str, more: dict[str, str]
) -> None:
    admin, _ = visit("administrator"), visit("lead")
    assert asks(admin, act, "lead-2", **more).status_code == 422
    assert rows(play.world) == []


def test_an_address_that_was_changed_first_goes_on_hearing(visit: Visit, play: Play) -> None:
    make_user(play.world, "clinician", "rao")
    own = with_address(play.world, "rao")
    admin = visit("administrator")
    evil = f"evil-{play.world.settings.mail_from}"
    asks(admin, "email", "rao", email=evil)
    asks(admin, "password", "rao")
    told = mails_to(play, own)
    assert len(told) == 2 and "its password was taken away" in " ".join(told)
    assert not any("/set-password/" in mail for mail in told)


def test_a_link_goes_to_the_address_of_its_moment_and_ends_with_it(
    visit: Visit, play: Play
) -> None:
    make_user(play.world, "clinician", "rao")
    own = with_address(play.world, "rao")
    admin = visit("administrator")
    evil = f"evil-{play.world.settings.mail_from}"
    asks(admin, "password", "rao")
    asks(admin, "email", "rao", email=evil)
    assert not any("/set-password/" in mail for mail in mails_to(play, evil))
    assert len(mails_to(play, own)) == 2


def test_who_agrees_sees_to_what_and_a_banner_says_that_it_waits(visit: Visit, play: Play) -> None:
    make_user(play.world, "clinician", "rao")
    admin, lead = visit("administrator"), visit("lead")
    asks(admin, "email", "rao", email="new@clinic.example")
    asks(admin, "add", "ghost", role="lead", email="ghost@clinic.example")
    page = lead.get(PAGE).text
    assert "new@clinic.example" in page and "ghost@clinic.example" in page
    assert "2 changes of accounts" in lead.get("/").text
    assert "changes of accounts" not in admin.get("/users").text, "they are their own"


def test_the_owner_is_written_to_until_the_letter_left(visit: Visit, play: Play) -> None:
    make_user(play.world, "clinician", "rao")
    own = with_address(play.world, "rao")
    admin, lead = visit("administrator"), visit("lead")
    with_address(play.world, "lead-2")
    asks(admin, "password", "rao")
    settles(lead, require_id(rows(play.world)[0].id))
    real, tries = play.world.mail_out.deliver, list[int]()

    def deliver(raw: bytes, sender: str, to: list[str]) -> Any:
        if to == [own] and not tries:
            tries.append(1)
            raise MailUncertain("NoAnswer")
        return real(raw, sender, to)

    play.world.mail_out.deliver = deliver  # type: ignore[method-assign,assignment]
    play.run()
    assert rows(play.world)[0].told_at is None
    play.clock.move(timedelta(minutes=2))
    (mail,) = mails_to(play, own)
    assert "/set-password/" in mail and rows(play.world)[0].told_at is not None


def test_where_nobody_has_an_address_the_page_says_so(visit: Visit, play: Play) -> None:
    make_user(play.world, "clinician", "rao")
    admin, lead = visit("administrator"), visit("lead")
    asks(admin, "second_factor", "rao")
    settles(lead, require_id(rows(play.world)[0].id))
    play.run()
    assert rows(play.world)[0].told_at is None
    assert "nobody could be told" in lead.get(PAGE).text


def test_the_address_of_today_hears_of_the_one_asked_for_before(visit: Visit, play: Play) -> None:
    make_user(play.world, "clinician", "rao")
    admin, lead = visit("administrator"), visit("lead")
    asks(admin, "email", "rao", email=f"other-{play.world.settings.mail_from}")
    meanwhile = with_address(play.world, "rao")
    settles(lead, require_id(rows(play.world)[0].id))
    assert mails_to(play, meanwhile)


def test_what_was_asked_long_ago_or_by_who_is_none_is_not_done(visit: Visit, play: Play) -> None:
    make_user(play.world, "clinician", "rao")
    admin, other, lead = visit("administrator"), visit("administrator"), visit("lead")
    asks(admin, "second_factor", "rao")
    asks(other, "role", "rao", role="administrator")
    number, second = (require_id(row.id) for row in rows(play.world))
    asks(admin, "close", "administrator-2")
    assert settles(lead, second).status_code == 422, "who asked is no administrator any more"
    with transaction(play.world.engine) as session:
        eight = col(AccountChange.asked_at) - timedelta(days=8)
        session.execute(update(AccountChange).values(asked_at=eight))
    assert "nobody said yes within a week" in lead.get(PAGE).text
    assert settles(lead, number).status_code == 422


def test_a_link_ends_when_the_password_was_set_otherwise(visit: Visit, play: Play) -> None:
    make_user(play.world, "clinician", "rao")
    admin, lead = visit("administrator"), visit("lead")
    asks(admin, "password", "rao", subject="nothing that a password needs")
    link = link_in(settles(lead, require_id(rows(play.world)[0].id)).text)
    with transaction(play.world.engine) as session:
        set_password(session, "rao", OWN)
    assert visit().get(link).status_code == 404


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        (["add", "new", "--role", "clinician"], f"{OWN}\n"),
        (["password", "rao"], f"{OWN}\n"),
        (["email", "rao", "rao@clinic.example"], ""),
        (["close", "rao"], ""),
        (["reset-second-factor", "rao"], ""),
    ],
)
def test_the_command_line_is_written_down_and_told(
    visit: Visit, play: Play, monkeypatch: pytest.MonkeyPatch, words: list[str], typed: str
) -> None:
    monkeypatch.setattr(accounts, "make_world", lambda: play.world)
    make_user(play.world, "clinician", "rao")
    visit("lead")
    lead = with_address(play.world, "lead-1")
    done = CliRunner().invoke(accounts.user_app, words, input=typed)
    assert done.exit_code == 0, done.output
    (row,) = rows(play.world)
    assert (row.asked_by, row.state, row.user_name) == ("command line", "done", words[1])
    (told,) = mails_to(play, lead)
    assert words[1] in told and "command line asked for it" in told
    with Session(play.world.engine) as session:
        acts = session.scalars(
            select(col(AuditEntry.action)).where(col(AuditEntry.actor_ref) == "command line")
        ).all()
    assert f"user.{row.act}" in acts
