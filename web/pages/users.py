"""Accounts: administrators make, close and reopen them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from models.database import transaction
from models.user import ROLES
from web.access import check_form, only, world_of
from web.pages.sign_in import pages_of
from workflows import accounts, audit
from workflows.accounts import AccountRefused, SignedIn

router = APIRouter()
administrators = only("administrator")


@router.get("/users")
def users(request: Request, who: SignedIn = Depends(administrators)) -> Response:
    """List the accounts."""
    return _show(request)


@router.post("/users")
def change_users(
    request: Request,
    act: Annotated[str, Form()],
    user_name: Annotated[str, Form(max_length=80)],
    role: Annotated[str, Form()] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    csrf: Annotated[str, Form()] = "",
    who: SignedIn = Depends(administrators),
) -> Response:
    """Add, close or reopen an account, or give it another password."""
    check_form(request, csrf)
    world = world_of(request)
    try:
        with transaction(world.engine) as session:
            if act == "add":
                accounts.add_user(session, user_name=user_name, role=role, password=password)
            elif act == "password":
                accounts.set_password(session, user_name, password)
            elif act in ("close", "reopen"):
                if user_name == who.user_name:
                    raise AccountRefused("You cannot close your own account.")
                accounts.set_active(session, user_name, act == "reopen")
            else:
                raise AccountRefused("Unknown action.")
            audit.note(session, actor_ref=who.ref, action=f"user.{act}", at=accounts.real_now())
    except AccountRefused as refused:
        return _show(request, str(refused))
    return RedirectResponse("/users", 303)


def _show(request: Request, refusal: str | None = None) -> Response:
    with transaction(world_of(request).engine) as session:
        rows = accounts.list_users(session)
    values = {"users": rows, "roles": ROLES, "refusal": refusal}
    return pages_of(request).show(request, "users.html", values, 422 if refusal else 200)
