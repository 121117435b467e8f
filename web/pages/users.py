"""Accounts: administrators make, close and reopen them, and help who lost a phone."""

from typing import Annotated

from fastapi import Depends, Form, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from accounts import audit, second_factor, sessions
from accounts import users as accounts
from accounts.sessions import SignedIn
from accounts.users import AccountRefused
from models import User
from models.base import require_id
from models.database import transaction
from models.user import ROLES
from web.access import only, world_of
from web.page_router import PageRouter
from web.pages.sign_in import pages_of
from workflows.engine.world import World

administrators = only("administrator")
router = PageRouter(access=administrators)

DONE = {
    "add": "The account is made.",
    "close": "Closed, and signed out everywhere.",
    "reopen": "Open again.",
    "password": "The password is changed; the account is signed out everywhere.",
    "sessions": "Signed out everywhere.",
    "second_factor": "The second factor is off; the account is signed out everywhere.",
    "link": "The link is changed.",
}


@router.get("/users")
def users(request: Request, who: SignedIn = Depends(administrators)) -> Response:
    """List the accounts."""
    return _show(request)


@router.post("/users")
def change_users(
    request: Request,
    act: Annotated[str, Form(max_length=20)],
    user_name: Annotated[str, Form(max_length=80)],
    role: Annotated[str, Form(max_length=20)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    subject: Annotated[str, Form(max_length=300)] = "",
    who: SignedIn = Depends(administrators),
) -> Response:
    """Do one act to one account; each is written to the audit with both pseudonyms."""
    world = world_of(request)
    try:
        with transaction(world.engine) as session:
            if user_name.strip().lower() == who.user_name and act in ("close", "second_factor"):
                raise AccountRefused("Not with your own account: ask another administrator.")
            if act == "add":
                user = _add(session, world, user_name, role, password, subject)
            else:
                user = _change(session, world, act, user_name, password, subject)
            audit.note(session, actor_ref=who.ref, action=f"user.{act}", at=sessions.real_now(),
                       object_ref=user.ref)  # fmt: skip
    except AccountRefused as refused:
        return _show(request, str(refused))
    return RedirectResponse(f"/users?done={act}", 303)


def _add(
    session: Session, world: World, user_name: str, role: str, password: str, subject: str
) -> User:
    """Make an account with a password, with a subject at the provider, or with both."""
    issuer = world.settings.openid_issuer
    if not password and subject.strip():
        return accounts.add_linked_user(
            session, user_name=user_name, role=role, issuer=issuer, subject=subject
        )
    user = accounts.add_user(session, user_name=user_name, role=role, password=password)
    if subject.strip():
        accounts.link(session, user_name, issuer, subject)
    return user


def _change(
    session: Session, world: World, act: str, user_name: str, password: str, subject: str
) -> User:
    if act == "password":
        return accounts.set_password(session, user_name, password)
    if act in ("close", "reopen"):
        return accounts.set_active(session, user_name, act == "reopen")
    if act == "second_factor":
        return accounts.reset_second_factor(session, user_name)
    if act == "link":
        return accounts.link(session, user_name, world.settings.openid_issuer, subject)
    if act == "sessions":
        user = accounts.by_name(session, user_name)
        sessions.end_sessions(session, require_id(user.id))
        return user
    raise AccountRefused("Unknown action.")


def _show(request: Request, refusal: str | None = None) -> Response:
    world = world_of(request)
    with transaction(world.engine) as session:
        values = {
            "users": accounts.list_users(session),
            "factors": second_factor.owners(session),
            "open": sessions.count_sessions(session),
            "roles": ROLES,
            "demanding": world.settings.require_second_factor,
            "provider": world.settings.openid_name if world.settings.openid_issuer else "",
            "shortest": accounts.SHORTEST_PASSWORD,
            "done": DONE.get(request.query_params.get("done", "")),
            "refusal": refusal,
        }
    return pages_of(request).show(request, "users.html", values, 422 if refusal else 200)
