"""Accounts: administrators make, close and reopen them, and help who lost a phone.

What lets somebody in waits for a second person's yes, where there is one (`accounts.changes`).
"""

from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from accounts.administration import (
    Change,
    Outcome,
    all_accounts,
    change_account,
    link_to_hand_over,
    settle_change,
)
from accounts.changes import recent
from accounts.sessions import SignedIn
from accounts.users import ROLES, AccountRefused
from web.access import only, world_of
from web.freshness import must_be_fresh
from web.page_router import Menu, PageRouter
from web.pages.sign_in import pages_of
from workflows.letters.account_news import tell_of_change

administrators = only("administrator")
second_people = only("administrator", "lead")
router = PageRouter(access=administrators)

DONE = {
    "waits": "Asked for. Another administrator or a lead says yes or no.",
    "refused": "It is not done.",
    "add": "The account is made.",
    "close": "Closed, and signed out everywhere. Its owner and the leads are told.",
    "reopen": "Open again.",
    "password": "The password is taken away; its owner sets another by the link.",
    "sessions": "Signed out everywhere.",
    "second_factor": "The second factor is off; the account is signed out everywhere.",
    "link": "The link is changed.",
    "email": "The address is changed.",
    "role": "The role is changed; the account is signed out everywhere.",
    "done": "Done.",
}
WORDS = {
    "close": "close the account",
    "add": "make the account",
    "password": "take the password away; its owner sets another",
    "second_factor": "take the second factor away",
    "reopen": "open the account again",
    "link": "change the person at the provider",
    "email": "change the e-mail address",
    "role": "change the role",
}


@router.get("/users", menu=Menu("Accounts", "g a", 70))
def users(request: Request, who: SignedIn = Depends(administrators)) -> Response:
    """List the accounts."""
    return _show(request)


@router.post("/users")
async def change_users(
    request: Request,
    act: Annotated[str, Form(max_length=20)],
    user_name: Annotated[str, Form(max_length=80)],
    role: Annotated[str, Form(max_length=20)] = "",
    subject: Annotated[str, Form(max_length=300)] = "",
    email: Annotated[str, Form(max_length=300)] = "",
    who: SignedIn = Depends(administrators),
) -> Response:
    """Do one act to one account, or ask a second person for it; each is written to the audit."""
    form = await request.form()

    def change() -> Response:
        must_be_fresh(request, who, form)
        world = world_of(request)
        asked = Change(act, user_name, role, subject, email)
        try:
            outcome = change_account(
                world.engine, world.keys, who, asked, world.settings.openid_issuer
            )
        except AccountRefused as refused:
            return _show(request, str(refused))
        return _told(request, outcome, act, "/users")

    return await run_in_threadpool(change)


@router.get("/users/changes")
def changes(request: Request, who: SignedIn = Depends(second_people)) -> Response:
    """List what waits for a second person, and what was done in the last three months."""
    return _changes(request)


@router.post("/users/changes/{change_id}")
async def settle(
    request: Request,
    change_id: int,
    answer: Annotated[str, Form(max_length=10)] = "",
    who: SignedIn = Depends(second_people),
) -> Response:
    """Say yes or no to what somebody else asked for."""
    form = await request.form()

    def act() -> Response:
        must_be_fresh(request, who, form)
        world, issuer = world_of(request), world_of(request).settings.openid_issuer
        yes = answer == "yes"
        try:
            outcome = settle_change(
                world.engine, world.keys, who, change_id, yes=yes, issuer=issuer
            )
        except AccountRefused as refused:
            return _changes(request, str(refused))
        return _told(request, outcome, outcome.state, "/users/changes")

    return await run_in_threadpool(act)


def _told(request: Request, outcome: Outcome, done: str, back: str) -> Response:
    """Have those concerned told; show a link that no letter can bring, this once."""
    world = world_of(request)
    if outcome.state == "done" and outcome.change_id is not None:
        tell_of_change(world, outcome.change_id)
        path = link_to_hand_over(world.engine, world.keys, outcome.change_id)
        if path:
            address = f"{world.settings.web_public_url.rstrip('/')}{path}"
            return _changes(request, link=address)
    said = "waits" if outcome.state == "waits" else done
    return RedirectResponse(f"{back}?done={said}", 303)


def _changes(request: Request, refusal: str | None = None, link: str = "") -> Response:
    world = world_of(request)
    values = {
        "changes": recent(world.engine),
        "link": link,
        "words_of": WORDS,
        "done": DONE.get(request.query_params.get("done", "")),
        "refusal": refusal,
    }
    return pages_of(request).show(request, "account_changes.html", values, 422 if refusal else 200)


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
        "done": DONE.get(request.query_params.get("done", "")),
        "refusal": refusal,
    }
    return pages_of(request).show(request, "users.html", values, 422 if refusal else 200)
