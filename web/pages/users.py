"""Accounts: administrators make, close and reopen them, and help who lost a phone."""

from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from accounts.administration import Change, all_accounts, change_account
from accounts.sessions import SignedIn
from accounts.users import ROLES, SHORTEST_PASSWORD, AccountRefused
from web.access import only, world_of
from web.page_router import Menu, PageRouter
from web.pages.sign_in import pages_of

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
    "email": "The address is kept.",
}


@router.get("/users", menu=Menu("Accounts", "g a", 70))
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
    email: Annotated[str, Form(max_length=300)] = "",
    who: SignedIn = Depends(administrators),
) -> Response:
    """Do one act to one account; each is written to the audit with both pseudonyms."""
    world = world_of(request)
    asked = Change(act, user_name, role, password, subject, email)
    try:
        change_account(world.engine, who, asked, world.settings.openid_issuer)
    except AccountRefused as refused:
        return _show(request, str(refused))
    return RedirectResponse(f"/users?done={act}", 303)


def _show(request: Request, refusal: str | None = None) -> Response:
    world = world_of(request)
    found = all_accounts(world.engine)
    values = {
        "users": found.accounts,
        "factors": found.factors,
        "open": found.open,
        "roles": ROLES,
        "demanding": world.settings.require_second_factor,
        "provider": world.settings.openid_name if world.settings.openid_issuer else "",
        "shortest": SHORTEST_PASSWORD,
        "done": DONE.get(request.query_params.get("done", "")),
        "refusal": refusal,
    }
    return pages_of(request).show(request, "users.html", values, 422 if refusal else 200)
