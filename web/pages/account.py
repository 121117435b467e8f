"""My own account: password, time-based codes, signed-in browsers."""

import io
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any

import segno
from fastapi import Depends, Form, Request
from markupsafe import Markup
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from accounts import audit, second_factor, sessions, signing_in, throttle
from accounts import users as accounts
from accounts.second_factor import Enrolment, SecondFactorRefused
from accounts.sessions import SignedIn
from accounts.users import AccountRefused
from models import User
from models.database import transaction
from web.access import holder, signed_in, world_of
from web.page_router import PageRouter
from web.pages.sign_in import pages_of

router = PageRouter(access=signed_in)

PASSWORDS_WITHIN = timedelta(minutes=5)
PASSWORDS = 5
Password = Annotated[str, Form(max_length=1000)]
Code = Annotated[str, Form(max_length=40)]


@router.get("/account")
def my_account(request: Request, who: SignedIn = Depends(signed_in)) -> Response:
    """Show what an account's owner may see and change."""
    return _show(request, who)


@router.post("/account/password")
def change_password(
    request: Request,
    old: Password = "",
    new: Password = "",
    again: Password = "",
    who: SignedIn = Depends(signed_in),
) -> Response:
    """Change the password; every other browser is signed out."""
    _count_password(request, who)

    def change(session: Session) -> None:
        if new != again:
            raise AccountRefused("The new password was not typed the same way twice.")
        accounts.change_password(session, who, old, new)

    return _act(request, who, "account.password", change)


@router.get("/account/second-factor")
def second_factor_page(request: Request, who: SignedIn = Depends(holder)) -> Response:
    """Show how to set a second factor up; reached also by who owes one."""
    return _show_set_up(request, who)


@router.post("/account/second-factor")
def begin_second_factor(
    request: Request,
    password: Password = "",
    who: SignedIn = Depends(holder),
) -> Response:
    """Make a secret and show it, as text and as a QR code, until its first code is shown."""
    _count_password(request, who)
    world = world_of(request)
    try:
        with transaction(world.engine) as session:
            user = session.get_one(User, who.user_id)
            if user.password_hash and not accounts.password_fits(user, password):
                raise AccountRefused("The password is not right.")
            enrolment = second_factor.begin(session, world.secret, user)
            _note(session, who, "account.second_factor_begun")
    except (AccountRefused, SecondFactorRefused) as refused:
        return _show_set_up(request, who, str(refused))
    return _show_secret(request, enrolment)


@router.post("/account/second-factor/confirm")
def confirm_second_factor(
    request: Request, code: Code = "", who: SignedIn = Depends(holder)
) -> Response:
    """Take the first code: from now on one is asked at every sign-in. Other browsers end."""
    _count_code(request, who)
    world = world_of(request)
    try:
        with transaction(world.engine) as session:
            codes = second_factor.confirm(session, world.secret, who.user_id, code)
            sessions.end_sessions(session, who.user_id, but=who.session_id)
            sessions.make_strong(session, who.session_id)
            _note(session, who, "account.second_factor_on")
    except SecondFactorRefused as refused:
        with transaction(world.engine) as session:
            user = session.get_one(User, who.user_id)
            enrolment = second_factor.being_set_up(session, world.secret, user)
        if enrolment is None:
            return _show_set_up(request, who, str(refused))
        return _show_secret(request, enrolment, str(refused))
    return _show_codes(request, codes)


@router.post("/account/second-factor/remove")
def remove_second_factor(
    request: Request,
    code: Code = "",
    who: SignedIn = Depends(signed_in),
) -> Response:
    """Take the second factor away, against a code, where the role does not demand one."""
    _count_code(request, who)
    world = world_of(request)

    def change(session: Session) -> None:
        if who.role in world.settings.require_second_factor:
            raise AccountRefused("Your role must have a second factor.")
        if not second_factor.check(session, world.secret, who.user_id, code):
            raise AccountRefused("The code is not right, or it was used already.")
        second_factor.remove(session, who.user_id)
        sessions.end_sessions(session, who.user_id, but=who.session_id)

    return _act(request, who, "account.second_factor_off", change)


@router.post("/account/recovery-codes")
def new_recovery_codes(
    request: Request,
    code: Code = "",
    who: SignedIn = Depends(signed_in),
) -> Response:
    """Give ten new recovery codes against a code; the old ones end."""
    _count_code(request, who)
    world = world_of(request)
    with transaction(world.engine) as session:
        right = second_factor.check(session, world.secret, who.user_id, code)
        if right:
            codes = second_factor.new_recovery_codes(session, world.secret, who.user_id)
            _note(session, who, "account.recovery_codes")
    if not right:
        return _show(request, who, refusal="The code is not right, or it was used already.")
    return _show_codes(request, codes)


@router.post("/account/sessions/end")
def end_sessions(
    request: Request,
    session_id: Annotated[int | None, Form()] = None,
    who: SignedIn = Depends(signed_in),
) -> Response:
    """Sign one of my browsers out, or all but this one."""

    def change(session: Session) -> None:
        if session_id is None:
            sessions.end_sessions(session, who.user_id, but=who.session_id)
        elif not sessions.end_session(session, who.user_id, session_id):
            raise AccountRefused("That browser is signed out already.")

    return _act(request, who, "account.sessions_ended", change)


def _act(
    request: Request, who: SignedIn, action: str, change: Callable[[Session], None]
) -> Response:
    """Change something in one transaction with its audit entry, and come back to the page."""
    try:
        with transaction(world_of(request).engine) as session:
            change(session)
            _note(session, who, action)
    except AccountRefused as refused:
        return _show(request, who, refusal=str(refused))
    return RedirectResponse(f"/account?done={action.removeprefix('account.')}", 303)


def _note(session: Session, who: SignedIn, action: str) -> None:
    audit.note(
        session, actor_ref=who.ref, action=action, at=sessions.real_now(), object_ref=who.ref
    )


def _count_password(request: Request, who: SignedIn) -> None:
    """Slow guessing down for who sits at a browser that was left open."""
    engine = world_of(request).engine
    throttle.count(engine, f"password|{who.ref}", PASSWORDS, PASSWORDS_WITHIN)


def _count_code(request: Request, who: SignedIn) -> None:
    throttle.count(
        world_of(request).engine, signing_in.code_key(who.ref),
        signing_in.CODES_PER_ACCOUNT, signing_in.CODES_WITHIN,
    )  # fmt: skip


DONE = {
    "password": "The password is changed; your other browsers are signed out.",
    "second_factor_off": "The second factor is off.",
    "sessions_ended": "Signed out.",
}


def _show(request: Request, who: SignedIn, refusal: str | None = None) -> Response:
    world = world_of(request)
    with transaction(world.engine) as session:
        user = session.get_one(User, who.user_id)
        values: Mapping[str, Any] = {
            "user": user,
            "on": second_factor.has_second_factor(session, who.user_id),
            "codes_left": second_factor.recovery_codes_left(session, who.user_id),
            "sessions": sessions.open_sessions(session, who),
            "demanded": who.role in world.settings.require_second_factor,
            "shortest": accounts.SHORTEST_PASSWORD,
            "provider": world.settings.openid_name if user.openid_subject else "",
            "real_now": sessions.real_now(),
            "done": DONE.get(request.query_params.get("done", "")),
            "refusal": refusal,
        }
    return pages_of(request).show(request, "account.html", values, 422 if refusal else 200)


def _show_set_up(request: Request, who: SignedIn, refusal: str | None = None) -> Response:
    world = world_of(request)
    with transaction(world.engine) as session:
        user = session.get_one(User, who.user_id)
        on = second_factor.has_second_factor(session, who.user_id)
    if on and refusal is None:
        return RedirectResponse("/account", 303)
    values = {
        "has_password": bool(user.password_hash), "refusal": refusal,
        "owed": not who.strong and who.role in world.settings.require_second_factor,
    }  # fmt: skip
    template = "second_factor_begin.html"
    return pages_of(request).show(request, template, values, 422 if refusal else 200)


def _show_secret(request: Request, enrolment: Enrolment, refusal: str | None = None) -> Response:
    text = " ".join(enrolment.secret[at : at + 4] for at in range(0, len(enrolment.secret), 4))
    values = {"qr": _qr(enrolment.uri), "secret": text, "refusal": refusal}
    template = "second_factor_confirm.html"
    return pages_of(request).show(request, template, values, 422 if refusal else 200)


def _show_codes(request: Request, codes: list[str]) -> Response:
    return pages_of(request).show(request, "recovery_codes.html", {"codes": codes})


def _qr(text: str) -> Markup:
    """Return a QR code as an SVG element with presentation attributes only, for inside a page.

    It stands in the page because an address of its own would be a second way to the secret.
    """
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", scale=5, border=4, xmldecl=False, svgns=False, nl=False, svgclass="qr",
        lineclass=None, omitsize=True, dark="#000", light="#fff",
    )  # fmt: skip
    return Markup(out.getvalue().decode())  # noqa: S704 - drawn here from our own text
