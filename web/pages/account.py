"""My own account: password, time-based codes, signed-in browsers."""

import io
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any

import segno
from fastapi import Depends, Form, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from accounts import own_account, signers, signing_in, throttle
from accounts.second_factor import Enrolment, SecondFactorRefused
from accounts.sessions import SignedIn, real_now
from accounts.signers import Signer
from accounts.users import SHORTEST_PASSWORD, AccountRefused
from web.access import holder, only, signed_in, world_of
from web.page_router import PageRouter
from web.pages.sign_in import pages_of

router = PageRouter(access=signed_in)

PASSWORDS_WITHIN = timedelta(minutes=5)
PASSWORDS = 5
Password = Annotated[str, Form(max_length=1000)]
Stated = Annotated[str, Form(max_length=1000)]
clinicians = only("clinician")
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

    engine = world_of(request).engine
    return _act(
        request, who, "password", lambda: own_account.change_password(engine, who, old, new, again)
    )


@router.post("/account/email")
def change_email(
    request: Request, email: Stated = "", who: SignedIn = Depends(signed_in)
) -> Response:
    """Keep where red flags reach the owner when no page of the console is open."""
    engine = world_of(request).engine
    return _act(request, who, "email", lambda: own_account.change_email(engine, who, email))


@router.post("/account/signer")
def state_signer(
    request: Request,
    name: Stated = "",
    qualification: Stated = "",
    registration: Stated = "",
    who: SignedIn = Depends(clinicians),
) -> Response:
    """Keep the name, qualification and registration that stand under the owner's signatures."""
    stated = Signer(name, qualification, registration)
    engine = world_of(request).engine
    try:
        signers.state_signer(engine, who, stated)
    except AccountRefused as refused:
        return _show(request, who, refusal=str(refused), signer=stated)
    return RedirectResponse("/account?done=signer", 303)


@router.get("/account/second-factor")
def second_factor_page(request: Request, who: SignedIn = Depends(holder)) -> Response:
    """Show how to set a second factor up; reached also by who owes one."""
    return _show_set_up(request, who)


@router.post("/account/second-factor")
def begin_second_factor(
    request: Request, password: Password = "", who: SignedIn = Depends(holder)
) -> Response:
    """Make a secret and show it, as text and as a QR code, until its first code is shown."""
    _count_password(request, who)
    world = world_of(request)
    try:
        enrolment = own_account.begin_second_factor(world.engine, world.keys, who, password)
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
        codes = own_account.confirm_second_factor(world.engine, world.keys, who, code)
    except SecondFactorRefused as refused:
        enrolment = own_account.being_set_up(world.engine, world.keys, who)
        if enrolment is None:
            return _show_set_up(request, who, str(refused))
        return _show_secret(request, enrolment, str(refused))
    return _show_codes(request, codes)


@router.post("/account/second-factor/remove")
def remove_second_factor(
    request: Request, code: Code = "", who: SignedIn = Depends(signed_in)
) -> Response:
    """Take the second factor away, against a code, where the role does not demand one."""
    _count_code(request, who)
    world = world_of(request)

    demanded = who.role in world.settings.require_second_factor
    return _act(
        request,
        who,
        "second_factor_off",
        lambda: own_account.remove_second_factor(
            world.engine, world.keys, who, code, demanded=demanded
        ),
    )


@router.post("/account/recovery-codes")
def new_recovery_codes(
    request: Request, code: Code = "", who: SignedIn = Depends(signed_in)
) -> Response:
    """Give ten new recovery codes against a code; the old ones end."""
    _count_code(request, who)
    world = world_of(request)
    try:
        codes = own_account.new_recovery_codes(world.engine, world.keys, who, code)
    except AccountRefused as refused:
        return _show(request, who, refusal=str(refused))
    return _show_codes(request, codes)


@router.post("/account/sessions/end")
def end_sessions(
    request: Request,
    session_id: Annotated[int | None, Form()] = None,
    who: SignedIn = Depends(signed_in),
) -> Response:
    """Sign one of my browsers out, or all but this one."""

    engine = world_of(request).engine
    return _act(
        request, who, "sessions_ended", lambda: own_account.end_sessions(engine, who, session_id)
    )


def _act(request: Request, who: SignedIn, done: str, change: Callable[[], None]) -> Response:
    """Change something and come back to the page, which says that it was done."""
    try:
        change()
    except AccountRefused as refused:
        return _show(request, who, refusal=str(refused))
    return RedirectResponse(f"/account?done={done}", 303)


def _count_password(request: Request, who: SignedIn) -> None:
    """Slow guessing down for who sits at a browser that was left open."""
    engine = world_of(request).engine
    throttle.count(engine, f"password|{who.ref}", PASSWORDS, PASSWORDS_WITHIN)


def _count_code(request: Request, who: SignedIn) -> None:
    throttle.count(
        world_of(request).engine,
        signing_in.code_key(who.ref),
        signing_in.CODES_PER_ACCOUNT,
        signing_in.CODES_WITHIN,
    )


DONE = {
    "email": "Kept. Red flags are sent there when it is your turn.",
    "signer": "Kept. It stands under what you sign from now on; what is signed stays as it was.",
    "password": "The password is changed; your other browsers are signed out.",
    "second_factor_off": "The second factor is off.",
    "sessions_ended": "Signed out.",
}


def _show(
    request: Request, who: SignedIn, refusal: str | None = None, signer: Signer | None = None
) -> Response:
    world = world_of(request)
    own = own_account.own_account(world.engine, who)
    values: Mapping[str, Any] = {
        "user": own.account,
        "on": own.on,
        "codes_left": own.codes_left,
        "sessions": own.sessions,
        "demanded": who.role in world.settings.require_second_factor,
        "shortest": SHORTEST_PASSWORD,
        "provider": world.settings.openid_name if own.account.openid_subject else "",
        "signs": who.role == "clinician",
        "signer": signer or signers.own_signer(world.engine, who.ref),
        "real_now": real_now(),
        "done": DONE.get(request.query_params.get("done", "")),
        "refusal": refusal,
    }
    return pages_of(request).show(request, "account.html", values, 422 if refusal else 200)


def _show_set_up(request: Request, who: SignedIn, refusal: str | None = None) -> Response:
    world = world_of(request)
    own = own_account.own_account(world.engine, who)
    if own.on and refusal is None:
        return RedirectResponse("/account", 303)
    values = {
        "has_password": own.account.has_password,
        "refusal": refusal,
        "owed": not who.strong and who.role in world.settings.require_second_factor,
    }
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
