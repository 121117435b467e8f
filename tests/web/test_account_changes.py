"""Nobody becomes somebody else unseen: what lets into an account takes two people, or is told."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from accounts.sessions import real_now
from models import AccountChange, User
from models.base import require_id
from models.database import transaction
from tests.web.parts import PASSWORD, Visitor, make_user
from tests.workflows.acts import to_clinician
from tests.workflows.playing import Play
from workflows.engine.world import World

Visit = Callable[..., Visitor]
OWN = "violet teapots argue quietly"
PAGE = "/users/changes"


def user(world: World, name: str) -> User:
    with Session(world.engine) as session:
        return session.scalars(select(User).where(col(User.user_name) == name)).one()


def rows(world: World) -> list[AccountChange]:
    with Session(world.engine) as session:
        return list(session.scalars(select(AccountChange).order_by(col(AccountChange.id))))


def with_address(world: World, name: str) -> str:
    """Give an account an address of its own; return it."""
    address = f"{name}-{world.settings.mail_from}"
    with transaction(world.engine) as session:
        session.execute(update(User).where(col(User.user_name) == name).values(email=address))
    return address


def asks(visitor: Visitor, act: str, name: str, **more: str) -> Any:
    return visitor.send("/users", {"act": act, "user_name": name, **more})


def settles(visitor: Visitor, number: int, answer: str = "yes") -> Any:
    return visitor.send(f"{PAGE}/{number}", {"answer": answer}, "/account")


def link_in(text: str) -> str:
    found = re.search(r"/set-password/\d+\.[0-9a-f]+", text)
    assert found, text
    return found[0]


def mails_to(play: Play, address: str) -> list[str]:
    from email import message_from_bytes
    from email.policy import default

    play.run()
    mails = [message_from_bytes(raw, policy=default) for raw in play.mail.left]
    return [mail.get_content() for mail in mails if mail["To"] == address]


def test_an_administrator_alone_cannot_get_into_a_clinicians_account(
    visit: Visit, play: Play
) -> None:
    world = play.world
    make_user(world, "clinician", "rao")
    admin, lead = visit("administrator"), visit("lead")
    address = with_address(world, "rao")
    for act, more in (
        ("password", {}),
        ("second_factor", {}),
        ("email", {"email": "me@evil.example"}),
        ("role", {"role": "analyst"}),
        ("add", {"role": "clinician"}),
        ("add", {"role": "administrator"}),
    ):
        name = "rao" if act != "add" else f"new-{more['role']}"
        answer = asks(admin, act, name, **more)
        assert answer.headers["location"] == "/users?done=waits", act
    before = user(world, "rao")
    assert before.password_hash and before.email == address and before.role == "clinician"
    assert visit().sign_in("rao").status_code == 303, "nothing was changed"
    for row in rows(world):
        assert settles(admin, require_id(row.id)).status_code == 422, "nobody says yes to their own"
    page = lead.get(PAGE).text
    assert page.count("Yes, do it") == 6 and "make the account" in page
    assert (
        settles(lead, require_id(rows(world)[2].id), "no").headers["location"].endswith("refused")
    )
    assert user(world, "rao").email == address
    assert settles(lead, require_id(rows(world)[2].id)).status_code == 422, "it is settled"


def test_the_owner_sets_the_password_by_a_link_that_only_she_gets(visit: Visit, play: Play) -> None:
    world = play.world
    make_user(world, "clinician", "rao")
    admin, lead = visit("administrator"), visit("lead")
    address, leads = with_address(world, "rao"), with_address(world, "lead-2")
    asks(admin, "password", "rao")
    (row,) = rows(world)
    answer = settles(lead, require_id(row.id))
    assert answer.status_code == 303, "no link on a page: it goes by letter"
    assert visit().sign_in("rao").status_code == 401, "the old password is no more"
    (own,) = mails_to(play, address)
    (told,) = mails_to(play, leads)
    assert "rao" in told and "/set-password/" not in told and "agreed to it" in told
    link = link_in(own)
    stranger = visit()
    assert stranger.get(link[:-1] + ("0" if link[-1] != "0" else "1")).status_code == 404
    weak = {"new": "password1234", "again": "password1234"}
    assert stranger.send(link, weak).status_code == 422
    assert stranger.send(link, {"new": OWN, "again": OWN + "x"}).status_code == 422
    assert stranger.send(link, {"new": OWN, "again": OWN}).status_code == 303
    assert stranger.get(link).status_code == 404, "once"
    assert visit().sign_in("rao", OWN).status_code == 303


def test_a_link_ends_with_its_day_and_with_the_next(visit: Visit, play: Play) -> None:
    world = play.world
    make_user(world, "analyst", "ana")
    admin, lead = visit("administrator"), visit("lead")
    links = []
    for _ in range(2):
        asks(admin, "password", "ana")
        shown = settles(lead, require_id(rows(world)[-1].id))
        assert shown.status_code == 200 and "not shown again" in shown.text
        links.append(link_in(shown.text))
        assert "/set-password/" not in lead.get(PAGE).text
    assert visit().get(links[0]).status_code == 404
    assert visit().get(links[1]).status_code == 200
    with transaction(world.engine) as session:
        past = real_now() - timedelta(minutes=1)
        session.execute(update(AccountChange).values(link_expires_at=past))
    assert visit().get(links[1]).status_code == 404


def test_the_only_administrator_is_seen(visit: Visit, play: Play) -> None:
    """Nobody else could say yes: it is done, told to the owner, and stands on the page."""
    world = play.world
    make_user(world, "clinician", "rao")
    admin = visit("administrator")
    address = with_address(world, "rao")
    assert asks(admin, "second_factor", "rao").status_code == 303
    (row,) = rows(world)
    assert row.alone and row.state == "done"
    (told,) = mails_to(play, address)
    assert "There was nobody else to agree" in told
    assert "done by one person alone" in admin.get(PAGE).text


def test_a_lead_of_ones_own_making_is_no_second_person(visit: Visit, play: Play) -> None:
    """The chain: the only administrator makes a lead, who would agree to a clinician's password."""
    world = play.world
    make_user(world, "clinician", "rao")
    admin = visit("administrator")
    address = with_address(world, "rao")
    puppet = link_in(asks(admin, "add", "puppet", role="lead").text)
    theirs = visit()
    assert theirs.send(puppet, {"new": OWN, "again": OWN}).status_code == 303
    assert theirs.sign_in("puppet", OWN).status_code == 303
    asks(admin, "password", "rao")
    row = rows(world)[-1]
    assert row.alone and row.settled_by is None, "done alone, and told"
    assert mails_to(play, address)
    assert settles(theirs, require_id(row.id)).status_code == 422


def test_the_old_address_hears_of_a_new_one(visit: Visit, play: Play) -> None:
    make_user(play.world, "clinician", "rao")
    admin = visit("administrator")
    old, new = with_address(play.world, "rao"), f"other-{play.world.settings.mail_from}"
    asks(admin, "email", "rao", email=new)
    assert mails_to(play, old) and mails_to(play, new)


def test_the_first_signature_after_a_reset_is_marked_and_no_other(visit: Visit, play: Play) -> None:
    to_clinician(play)
    admin = visit("administrator")
    rao = make_user(play.world, "clinician", "rao")
    asks(admin, "second_factor", "rao")
    visitor = visit()
    visitor.sign_in("rao")
    number = next(require_id(one.id) for one in play.tasks() if one.kind == "review_case")
    form = {
        "csrf": visitor.token("/account"),
        "answer": "suitable_for_outreach",
        "reason": "read, and discussed at the board",
        **{f"set:{name}": value for name, value in play.signing().items()},
    }
    assert visitor.client.post(f"/tasks/{number}", data=form).status_code == 303
    (signed,) = play.events("clinician.review_signed")
    assert signed.actor_ref == rao.ref and signed.payload["after_reset"] is True
    timeline = visit("lead").get(f"/cases/{play.case.ref}/timeline").text
    assert "the first signature since somebody else let its owner into the account" in timeline
    assert user(play.world, "rao").reset_at is None


def test_who_signed_in_hours_ago_says_first_who_they_are(visit: Visit, play: Play) -> None:
    from models import UserSession

    make_user(play.world, "clinician", "rao")
    admin, lead = visit("administrator"), visit("lead")
    with transaction(play.world.engine) as session:
        session.execute(update(UserSession).values(fresh_at=real_now() - timedelta(hours=1)))
    assert asks(admin, "password", "rao").status_code == 403
    with_it = {"act": "password", "user_name": "rao", "fresh:shown": PASSWORD}
    assert admin.send("/users", with_it).status_code == 303
    assert settles(lead, require_id(rows(play.world)[0].id)).status_code == 403


def test_nobody_else_opens_the_page(visit: Visit) -> None:
    for role in ("coordinator", "clinician", "analyst"):
        assert visit(role).get(PAGE).status_code == 403
