"""A one-time link to set one's own password: nobody else ever knows it."""

from datetime import timedelta
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from accounts import throttle
from accounts.password_links import owner_of_link, set_by_link
from accounts.users import SHORTEST_PASSWORD, AccountRefused
from web.access import PUBLIC, world_of
from web.page_router import PageRouter
from web.pages.sign_in import pages_of
from web.refusals import actor_of, note_refusal

router = PageRouter(prefix="/set-password", access=PUBLIC)
TRIES, WITHIN = 20, timedelta(minutes=10)


@router.get("/{token}")
def form(request: Request, token: str) -> Response:
    """Show the form of a link that still works."""
    return _show(request, token)


@router.post("/{token}")
def take(
    request: Request,
    token: str,
    new: Annotated[str, Form(max_length=1000)] = "",
    again: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Set the password; then the owner signs in with it."""
    world = world_of(request)
    throttle.count(world.engine, f"set_password|{actor_of(request)}", TRIES, WITHIN)
    try:
        set_by_link(world.engine, world.keys, token, new, again)
    except AccountRefused as refused:
        return _show(request, token, str(refused))
    return RedirectResponse("/login", 303)


def _show(request: Request, token: str, refusal: str | None = None) -> Response:
    world = world_of(request)
    name = owner_of_link(world.engine, world.keys, token)
    if name is None:
        note_refusal(request, "account.link_refused")
    values = {"name": name, "shortest": SHORTEST_PASSWORD, "refusal": refusal, "here": token}
    status = 404 if name is None else 422 if refusal else 200
    return pages_of(request).show(request, "set_password.html", values, status)
