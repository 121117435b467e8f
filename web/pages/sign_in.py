"""Signing in and out: a password, then a code where the account has a second factor."""

from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from accounts import sessions, signing_in
from accounts.known_browsers import LASTS, remember
from accounts.sessions import SignedIn, browser_name
from accounts.signing_in import Door, SignInRefused
from web.access import PUBLIC, holder, is_https, session_cookie, world_of
from web.page_router import PageRouter
from web.refusals import address_of
from web.render import Pages

router = PageRouter(access=PUBLIC)


def pages_of(request: Request) -> Pages:
    """Return the application's page renderer."""
    pages: Pages = request.app.state.pages
    return pages


@router.get("/login")
def login_form(request: Request) -> Response:
    """Show the form."""
    return show_login(request)


@router.post("/login")
def login(
    request: Request,
    user_name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Open a session under a fresh token, whatever cookie came with the request."""
    world = world_of(request)
    try:
        door = signing_in.sign_in(
            world.engine,
            world.keys,
            user_name=user_name,
            password=password,
            address=address_of(request),
            browser=browser_of(request),
            known=request.cookies.get(known_cookie(request), ""),
        )
    except SignInRefused as refused:
        return show_login(request, refused, user_name)
    return enter(request, door)


@router.get("/login/code")
def code_form(request: Request) -> Response:
    """Ask for the code; only a browser that has just shown a password gets here."""
    world = world_of(request)
    token = request.cookies.get(step_cookie(request), "")
    if not sessions.owes_code(world.engine, token):
        return RedirectResponse("/login", 303)
    return pages_of(request).show(request, "login_code.html")


@router.post("/login/code")
def show_code(request: Request, code: Annotated[str, Form(max_length=40)] = "") -> Response:
    """Take the code and open the session under another token than the first step's."""
    world = world_of(request)
    try:
        door = signing_in.show_code(
            world.engine,
            world.keys,
            token=request.cookies.get(step_cookie(request), ""),
            code=code,
            address=address_of(request),
            browser=browser_of(request),
            known=request.cookies.get(known_cookie(request), ""),
        )
    except SignInRefused as refused:
        if refused.over:
            return show_login(request, refused)
        values = {"refusal": str(refused)}
        return refused_page(request, "login_code.html", values, refused)
    return enter(request, door)


@router.post("/logout")
def logout(request: Request, who: SignedIn = Depends(holder)) -> Response:
    """End the session for good."""
    world = world_of(request)
    sessions.sign_out(world.engine, who)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(
        session_cookie(world), path="/", secure=is_https(world), httponly=True, samesite="lax"
    )
    return response


def step_cookie(request: Request) -> str:
    """Return the name of the cookie that holds a sign-in between password and code."""
    return f"{session_cookie(world_of(request))}_step"


def known_cookie(request: Request) -> str:
    """Return the name of the cookie of a browser in which somebody signed in before."""
    return f"{session_cookie(world_of(request))}_known"


def browser_of(request: Request) -> str:
    """Return the coarse name of the browser that asks."""
    return browser_name(request.headers.get("user-agent", "")[:400])


def enter(request: Request, door: Door) -> Response:
    """Give the browser its cookie and send it on: to the work, or to the second step.

    The target is never taken from the request, so a link to the sign-in leads nowhere else.
    """
    world = world_of(request)
    response = RedirectResponse("/login/code" if door.needs_code else "/", 303)
    name = step_cookie(request) if door.needs_code else session_cookie(world)
    response.set_cookie(
        name, door.token, httponly=True, samesite="lax", secure=is_https(world), path="/"
    )
    if door.user_id:
        response.set_cookie(
            known_cookie(request),
            remember(world.keys.ring, door.user_id),
            max_age=int(LASTS.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=is_https(world),
            path="/",
        )
    if not door.needs_code:
        response.delete_cookie(
            step_cookie(request), path="/", secure=is_https(world), httponly=True, samesite="lax"
        )
    return response


def show_login(
    request: Request, refused: SignInRefused | None = None, user_name: str = ""
) -> Response:
    """Show the sign-in page, with the refusal if there was one."""
    settings = world_of(request).settings
    provider = settings.openid_name if settings.openid_issuer else ""
    values = {"user_name": user_name, "provider": provider}
    if refused is None:
        return pages_of(request).show(request, "login.html", values)
    return refused_page(request, "login.html", values | {"refusal": str(refused)}, refused)


def refused_page(
    request: Request, template: str, values: dict[str, str], refused: SignInRefused
) -> Response:
    """Return a refused step: 429 with how long to wait when there were too many, else 401."""
    response = pages_of(request).show(request, template, values, 429 if refused.throttled else 401)
    if refused.throttled:
        response.headers["retry-after"] = str(refused.retry_after)
    return response
