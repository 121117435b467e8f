"""Who is asking: sessions, roles, and proof that a form came from our own page."""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from starlette.responses import Response

from accounts import sessions
from accounts.sessions import SignedIn
from accounts.users import ROLES
from keys import KeyMissing
from workflows.engine.lookup import RowNotFound
from workflows.engine.world import World

_TOKEN_BYTES = 16
LARGEST_ID = 2**63 - 1


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


@dataclass(frozen=True, slots=True)
class Access:
    """Who may open a route. As a dependency it returns who is signed in, or refuses.

    `kind` is `public` (anybody), `account` (signed in, also who owes a second factor), `signed-in`,
    `roles`, `link` (the signed link of one patient), `draft` (the key of an inquiry being written),
    `ticket` (of an upload) or `signature` (of a partner over the body, in an address that
    does one thing, or the token of the program that watches us). The last four are no
    session's: the page itself looks at the key, because what it answers depends on it.
    """

    kind: str
    roles: frozenset[str] = frozenset()
    by_form: bool = True
    """Whether what is sent must bring our form's token; else its own key proves the sender."""

    @property
    def by_session(self) -> bool:
        """Whether somebody must be signed in."""
        return self.kind in ("account", "signed-in", "roles")

    def __call__(self, request: Request) -> SignedIn | None:
        """Return who is signed in where somebody must be.

        Raises `NotSignedIn`, `OwesSecondFactor` (such an account reaches the page that sets a
        second factor up, and no other), and HTTPException 403 for another role.
        """
        if not self.by_session:
            return None
        who = _holder(request)
        owes = not who.strong and who.role in world_of(request).settings.require_second_factor
        if owes and self.kind != "account":
            raise OwesSecondFactor
        if self.kind == "roles" and who.role not in self.roles:
            raise HTTPException(403, "Your role does not open this page.")
        return who


PUBLIC = Access("public")
LINK = Access("link")
DRAFT = Access("draft")
UPLOAD_TICKET = Access("ticket", by_form=False)
SIGNATURE = Access("signature", by_form=False)
holder = Access("account")
signed_in = Access("signed-in")


def check_roles(roles: Iterable[str]) -> None:
    """Raise ValueError for a role that does not exist."""
    for role in roles:
        if role not in ROLES:
            raise ValueError(f"there is no role {role}: use one of {', '.join(ROLES)}")


def only(*roles: str) -> Access:
    """Return the access of these roles; everybody else is refused, and audited.

    Raises ValueError for a role that does not exist.
    """
    check_roles(roles)
    return Access("roles", frozenset(roles))


def _holder(request: Request) -> SignedIn:
    world = world_of(request)
    token = request.cookies.get(session_cookie(world))
    keep = not is_background(request)
    who = sessions.signed_in(world.engine, token, keep=keep) if token else None
    if who is None:
        raise NotSignedIn
    request.state.who = who
    return who


def form_token(request: Request) -> str:
    """Return the token that a form on this page must bring back.

    It is another text in every answer, so that the size of a compressed page tells nothing of it.
    """
    mask = secrets.token_bytes(_TOKEN_BYTES)
    key_id = world_of(request).keys.ring.signing.id
    return (mask + _masked(_form_proof(request, key_id), mask) + key_id.encode()).hex()


def _form_proof(request: Request, key_id: str | None) -> bytes:
    """Return what this browser's forms prove; raise `KeyMissing`. None: before there was a ring."""
    world = world_of(request)
    seed = request.cookies.get(session_cookie(world)) or _form_seed(request)
    ring = world.keys.ring
    proof = ring.proof("form", seed, key_id) if key_id else ring.legacy_proof(f"form|{seed}")
    return proof[:_TOKEN_BYTES]


def _masked(value: bytes, mask: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(value, mask, strict=True))


def _is_form_token(request: Request, token: str) -> bool:
    try:
        given = bytes.fromhex(token)
    except ValueError:
        return False
    mask, masked = given[:_TOKEN_BYTES], given[_TOKEN_BYTES : 2 * _TOKEN_BYTES]
    if len(masked) != _TOKEN_BYTES:
        return False
    try:
        right = _form_proof(request, given[2 * _TOKEN_BYTES :].decode("ascii") or None)
    except (KeyMissing, UnicodeDecodeError):
        return False
    return hmac.compare_digest(_masked(masked, mask), right)


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


def possible_address(request: Request) -> None:
    """A dependency: raise `RowNotFound` for an address under which nothing can ever be.

    That is one with a NUL, or with a number that no row has (above `LARGEST_ID`).
    """
    query = request.query_params.multi_items()
    given = [str(one) for one in request.path_params.values()]
    if any("\0" in one for one in (*given, *(part for pair in query for part in pair))):
        raise RowNotFound("no address has a NUL")
    if any(one.isdecimal() and int(one[:30]) > LARGEST_ID for one in given):
        raise RowNotFound("no row has a number of that size")


@dataclass(frozen=True, slots=True)
class OurForm:
    """A dependency that refuses a form which did not come from our own page.

    The router puts it before every route that changes something. A page that reads the form
    itself gets the one that was parsed here; the limits hold for forms that FastAPI does not parse.
    A NUL, which no column takes, is refused here; `looks` is False where the page says so itself,
    beside what was typed.
    """

    max_files: int = 1000
    max_fields: int = 1000
    looks: bool = True

    async def __call__(self, request: Request) -> None:
        """Raise `NotOurForm` unless the posted form brings our token."""
        form = await request.form(max_files=self.max_files, max_fields=self.max_fields)
        _check_form(request, str(form.get("csrf") or ""))
        if self.looks and any("\0" in f"{name}{value}" for name, value in form.multi_items()):
            raise HTTPException(
                422,
                "It holds a character that is no text. Go back, type it anew and send it again.",
            )


def _check_form(request: Request, token: str) -> None:
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
