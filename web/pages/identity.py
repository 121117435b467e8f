"""Signing in with the organisation's own accounts: OpenID Connect."""

from typing import Annotated

import structlog
from fastapi import HTTPException, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from accounts.organisation import (
    Asking,
    IdentityProvider,
    IdentityRefused,
    ProviderSilent,
    begin,
    come_back,
)
from accounts.sessions import signed_in
from accounts.signing_in import Person, SignInRefused, sign_in_with
from accounts.stepping_up import StepUpRefused, came_back
from keys import TokenExpired, TokenForged
from keys.timed import read_timed, timed_token
from web.access import PUBLIC, is_https, session_cookie, world_of
from web.page_router import PageRouter
from web.pages.sign_in import browser_of, enter, pages_of, show_login
from web.refusals import address_of, note_refusal

router = PageRouter(access=PUBLIC)

BACK = "/login/openid/back"
ASKED_WITHIN_SECONDS = 600
_PURPOSE = "openid"
log = structlog.get_logger("web")


@router.get("/login/openid")
def ask(request: Request, again: Annotated[int, Query(ge=0, le=1)] = 0) -> Response:
    """Send the browser to the provider; what must come back with it stays in a signed cookie.

    `again`: somebody who is signed in shows anew who they are.
    """
    try:
        asking = begin(_provider(request), _redirect_uri(request), again=bool(again))
    except ProviderSilent as silent:
        return _silent(request, silent)
    response = RedirectResponse(asking.url, 303)
    kept = [asking.state, asking.nonce, asking.verifier, "again" if asking.again else ""]
    response.set_cookie(
        _cookie(request),
        timed_token(world_of(request).keys.ring, _PURPOSE, kept),
        max_age=ASKED_WITHIN_SECONDS,
        httponly=True,
        samesite="lax",
        secure=is_https(world_of(request)),
        path="/",
    )
    return response


@router.get(BACK)
async def back(request: Request) -> Response:
    """Take what the provider sent back; only the browser that asked gets in, and once."""
    response = await run_in_threadpool(_come_back, request)
    response.delete_cookie(
        _cookie(request),
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_https(world_of(request)),
    )
    return response


def _come_back(request: Request) -> Response:
    world, query = world_of(request), request.query_params
    try:
        asking = _asked(request, query.get("state", ""))
        if "error" in query or "code" not in query:
            raise IdentityRefused("provider_said_no")
        person = come_back(
            _provider(request),
            world.settings,
            asking,
            query["code"],
            _redirect_uri(request),
            query.get("iss"),
        )
    except ProviderSilent as silent:
        return _silent(request, silent)
    except IdentityRefused as refused:
        log.warning("a sign-in from the provider was refused", code=refused.code)
        note_refusal(request, f"openid.refused:{refused.code}")
        return show_login(request, SignInRefused("That sign-in did not work. Please begin again."))
    if asking.again:
        return _shown_anew(request, person)
    try:
        door = sign_in_with(
            world.engine,
            world.keys,
            person,
            address=address_of(request),
            browser=browser_of(request),
        )
    except SignInRefused:
        values = {"subject": person.subject, "provider": world.settings.openid_name}
        return pages_of(request).show(request, "openid_unknown.html", values, 403)
    return enter(request, door)


def _shown_anew(request: Request, person: Person) -> Response:
    """Note that the owner of this session was asked by the provider just now."""
    world = world_of(request)
    who = signed_in(world.engine, request.cookies.get(session_cookie(world), ""))
    title, text = "You have shown who you are", "Close this tab, and go on in the other."
    if who is None:
        return show_login(request)
    try:
        came_back(world.engine, who, person)
    except StepUpRefused as refused:
        title, text = "That was not you", str(refused)
    return pages_of(request).show(request, "message.html", {"title": title, "text": text})


def _asked(request: Request, state: str) -> Asking:
    """Return the sign-in that this browser began; raise `IdentityRefused`."""
    try:
        cookie = request.cookies.get(_cookie(request), "")
        kept = read_timed(world_of(request).keys.ring, _PURPOSE, cookie, ASKED_WITHIN_SECONDS)
        mine, nonce, verifier, again = (str(part) for part in kept)
    except (TokenForged, TokenExpired, ValueError, TypeError):
        raise IdentityRefused("not_begun_here") from None
    if not state or state != mine:
        raise IdentityRefused("state")
    return Asking("", mine, nonce, verifier, bool(again))


def _provider(request: Request) -> IdentityProvider:
    provider: IdentityProvider | None = request.app.state.identity_provider
    if provider is None:
        raise HTTPException(404, "There is nothing under this address.")
    return provider


def _silent(request: Request, silent: ProviderSilent) -> Response:
    log.warning("the OpenID Connect provider does not answer as it should", code=silent.code)
    text = "The organisation's sign-in does not answer. Try again soon, or use your password."
    values = {"title": "Not possible just now", "text": text}
    return pages_of(request).show(request, "message.html", values, 503)


def _redirect_uri(request: Request) -> str:
    """Return our one address for the provider: from the settings, never from the request."""
    return world_of(request).settings.web_public_url.rstrip("/") + BACK


def _cookie(request: Request) -> str:
    return "__Host-iort_openid" if is_https(world_of(request)) else "iort_openid"
