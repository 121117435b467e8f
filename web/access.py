"""Who is asking: sessions, roles, and proof that a form came from our own page."""

import hmac
import secrets
from collections.abc import Callable
from hashlib import sha256
from urllib.parse import urlsplit

from fastapi import Depends, HTTPException, Request
from starlette.responses import Response

from accounts import sessions
from accounts.sessions import SignedIn
from workflows.engine.world import World

_TOKEN_BYTES = 16


class NotSignedIn(Exception):
    """No session, or it has ended: the reader is sent to the login page."""


class OwesSecondFactor(Exception):
    """Signed in, but the role demands a second factor that is not set up yet."""


class NotOurForm(Exception):
    """A form without our token, or sent from another site's page."""


def world_of(request: Request) -> World:
    """Return the application's world."""
    world: World = request.app.state.world
    return world


def is_https(world: World) -> bool:
    """Return whether the console is reached over https."""
    return world.settings.web_public_url.startswith("https://")


def session_cookie(world: World) -> str:
    """Return the session cookie's name; over https the browser holds it to this host."""
    return "__Host-iort" if is_https(world) else "iort_session"


def is_background(request: Request) -> bool:
    """Return whether an open page asks by itself: nobody has touched it."""
    return "background" in request.headers


def holder(request: Request) -> SignedIn:
    """Return who is signed in, also while a second factor is owed; raise `NotSignedIn`."""
    world = world_of(request)
    token = request.cookies.get(session_cookie(world))
    keep = not is_background(request)
    who = sessions.signed_in(world.engine, token, keep=keep) if token else None
    if who is None:
        raise NotSignedIn
    request.state.who = who
    return who


def signed_in(request: Request) -> SignedIn:
    """Return who is signed in; raise `NotSignedIn`, and `OwesSecondFactor` where one is demanded.

    An account that must have a second factor and has none reaches the page that sets it up, and no
    other, whatever the address.
    """
    who = holder(request)
    if not who.strong and who.role in world_of(request).settings.require_second_factor:
        raise OwesSecondFactor
    return who


def only(*roles: str) -> Callable[[SignedIn], SignedIn]:
    """Return a dependency that lets these roles pass; everybody else is refused, and audited."""

    def check(who: SignedIn = Depends(signed_in)) -> SignedIn:
        if who.role not in roles:
            raise HTTPException(403, "Your role does not open this page.")
        return who

    return check


def form_token(request: Request) -> str:
    """Return the token that a form on this page must bring back.

    It is another text in every answer, so that the size of a compressed page tells nothing of it.
    """
    mask = secrets.token_bytes(_TOKEN_BYTES)
    return (mask + _masked(_form_proof(request), mask)).hex()


def _form_proof(request: Request) -> bytes:
    world = world_of(request)
    seed = request.cookies.get(session_cookie(world)) or _form_seed(request)
    proof = hmac.new(world.secret.encode(), f"form|{seed}".encode(), sha256).digest()
    return proof[:_TOKEN_BYTES]


def _masked(value: bytes, mask: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(value, mask, strict=True))


def _is_form_token(request: Request, token: str) -> bool:
    try:
        given = bytes.fromhex(token)
    except ValueError:
        return False
    if len(given) != 2 * _TOKEN_BYTES:
        return False
    proof = _masked(given[_TOKEN_BYTES:], given[:_TOKEN_BYTES])
    return hmac.compare_digest(proof, _form_proof(request))


def _form_cookie(request: Request) -> str:
    return "__Host-iort_form" if is_https(world_of(request)) else "iort_form"


def _form_seed(request: Request) -> str:
    """Return the seed of a visitor without session; a new one is set as cookie with the page."""
    seed = request.cookies.get(_form_cookie(request)) or getattr(request.state, "form_seed", None)
    if seed is None:
        seed = secrets.token_urlsafe(16)
        request.state.form_seed = seed
    return str(seed)


def keep_form_seed(request: Request, response: Response) -> None:
    """Set the visitor's cookie when the page just shown needs one."""
    seed = getattr(request.state, "form_seed", None)
    if seed is not None:
        secure = is_https(world_of(request))
        response.set_cookie(
            _form_cookie(request), seed, httponly=True, samesite="lax", secure=secure, path="/"
        )


def check_form(request: Request, token: str) -> None:
    """Raise `NotOurForm` unless the form came from our own page.

    With `Referrer-Policy: no-referrer` a browser sends `Origin: null` with our own forms; it then
    says where a form comes from in `Sec-Fetch-Site`, and the token decides in any case.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin", "null")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise NotOurForm
    elif origin != "null" and urlsplit(origin).netloc != request.headers.get("host"):
        raise NotOurForm
    if not _is_form_token(request, token):
        raise NotOurForm
