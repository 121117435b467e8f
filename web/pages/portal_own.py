"""What every part of a patient's own page needs: whose it is, what the browser may, how it answers.

A link shows how things stand. What it takes to read letters and to decide is a code that went to
the patient's address; who has it is known by a cookie of this browser.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from accounts.signed_links import LinkRefused
from views.portal_home import Home, home_of
from web import home_words as words
from web.access import is_https, world_of
from web.languages import choose
from web.pages.portal_files import upload_values
from web.pages.portal_hints import hint_text
from web.pages.sign_in import pages_of
from web.refusals import actor_of
from workflows.cases.consented import CONSENT_TEXT
from workflows.engine.world import World
from workflows.letters.own_codes import CODE_VALID
from workflows.portal import codes
from workflows.portal.access import (
    BY_CODE,
    DIED,
    ENDINGS,
    Farewell,
    OwnCase,
    case_of_link,
    farewell_of,
    genuine_case,
    note_act,
    note_opening,
)
from workflows.portal.acts import (
    SIGNER,
    ActRefused,
    CodeNeeded,
    NotTheirs,
    PaperMissing,
    Signer,
    SignerUnknown,
)
from workflows.portal.uploads import Owner

Act = Callable[[World, OwnCase], None]
NOT_KEPT = ("csrf", "code", "to")
"""Fields of a form that are not carried over a code: they are this page's own."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a refused permission was ticked with, and who was said to give it: it stays."""

    ticked: frozenset[str] = frozenset()
    signer: Signer = SIGNER


NOTHING_TYPED = Typed()


async def posted(request: Request) -> FormData:
    """Return the posted form; the router checked that it comes from our own page."""
    form = await request.form()
    choose(request)
    return form


def cookie(request: Request) -> str:
    """Return the name of the cookie that tells this browser from all others."""
    return "__Host-iort_own" if is_https(world_of(request)) else "iort_own"


def browser_of(request: Request) -> str:
    """Return this browser's cookie; "" for one that has none."""
    return request.cookies.get(cookie(request), "")[:200]


def keep_browser(request: Request, response: Response, browser: str) -> None:
    """Give the browser its cookie; it ends when the browser is closed."""
    secure = is_https(world_of(request))
    response.set_cookie(
        cookie(request), browser, httponly=True, samesite="lax", secure=secure, path="/"
    )


def open_case(request: Request, token: str) -> OwnCase:
    """Return the case of the link, with what the browser has shown; raise `LinkRefused`.

    It is read in its language from here on.
    """
    world = world_of(request)
    case = case_of_link(world, token, actor_of(request))
    choose(request, case.language)
    proof = codes.proof_of(world, case, browser_of(request))
    return replace(case, came_by=BY_CODE, address_ref=proof.address_ref) if proof else case


def opened_by(request: Request, token: str) -> OwnCase | Response:
    """Return the case of a link, or the page of a link that opens nothing (more)."""
    try:
        return open_case(request, token)
    except LinkRefused:
        return ended(request, token)


def show_home(
    request: Request,
    token: str,
    *,
    done: str = "",
    sent: int | None = None,
    refusal: str = "",
    upload_refusal: str = "",
    typed: Typed = NOTHING_TYPED,
) -> Response:
    """Return the patient's page, or the page of a link that opens nothing.

    `refusal` is a code of `home_words.REFUSALS` or a sentence of its own.
    """
    values = {
        "sent": sent,
        "done": words.DONE.get(done, ""),
        "done_code": done,
        "refusal": words.REFUSALS.get(refusal, refusal),
        "upload_refusal": upload_refusal,
        "ticked": typed.ticked,
        "signed_by": typed.signer.code,
        "authority": typed.signer.authority,
    }
    status = 422 if refusal or upload_refusal else 200
    return page_of(request, token, "portal.html", values, status)


def page_of(
    request: Request, token: str, template: str, values: Mapping[str, Any], code: int = 200
) -> Response:
    """Show a page of the link's case, which is written down."""
    world = world_of(request)
    case = opened_by(request, token)
    if isinstance(case, Response):
        return case
    if ENDINGS.get(case.state) == DIED:
        return _say_farewell(request, Farewell(DIED, case.language))
    note_opening(world, case)
    shown_a_code = case.came_by == BY_CODE
    own: Home = home_of(world, case.id, whole=shown_a_code)
    status = words.status_of(
        own.case.state,
        ended=own.ended,
        waits_for_patient=own.waits_for_patient,
        unsettled="settle_abroad" in own.open_tasks,
    )
    shown = {
        "home": own,
        "case": own.case,
        "token": token,
        "words": words,
        "status": status,
        "hint": hint_text,
        "consent_text": CONSENT_TEXT,
        "contact": world.settings,
        "whole": shown_a_code,
        **upload_values(request, Owner("case", case.id), f"/portal/{token}"),
        **values,
    }
    return pages_of(request).show(request, template, shown, code)


def act_on(
    request: Request,
    token: str,
    act: Act,
    done: str,
    refusal: str = "act",
    typed: Typed = NOTHING_TYPED,
    form: FormData | None = None,
) -> Response:
    """Do what a form asks for and go back to the page, which says that it was done.

    Where it takes a code, the code is asked with the form kept: `form` is what was sent.
    """
    case = opened_by(request, token)
    if isinstance(case, Response):
        return case
    try:
        act(world_of(request), case)
    except CodeNeeded:
        return ask_code(request, token, form)
    except SignerUnknown:
        return show_home(request, token, refusal="signer", typed=typed)
    except NotTheirs:
        return show_home(request, token, refusal="relative", typed=typed)
    except PaperMissing:
        return show_home(request, token, refusal="authority", typed=typed)
    except ActRefused:
        return show_home(request, token, refusal=refusal, typed=typed)
    note_act(world_of(request), case, done)
    return RedirectResponse(f"/portal/{token}?done={done}", 303)


def ask_code(
    request: Request,
    token: str,
    form: FormData | None = None,
    *,
    to: str = "",
    asked: bool = False,
    refusal: str = "",
) -> Response:
    """Return the page on which a code is asked for and entered; what was sent stays in it."""
    kept = [
        (name, value)
        for name, value in (form.multi_items() if form else ())
        if name not in NOT_KEPT and isinstance(value, str)
    ]
    came_to = request.url.path.removeprefix(f"/portal/{token}").strip("/")
    values = {
        "token": token,
        "kept": kept,
        "to": to or ("" if came_to.startswith("code") else came_to),
        "asked": asked,
        "minutes": int(CODE_VALID.total_seconds() // 60),
        "refusal": words.REFUSALS.get(refusal, ""),
        "contact": world_of(request).settings,
    }
    status = 422 if refusal else 200
    return pages_of(request).show(request, "portal_code.html", values, status)


def ended(request: Request, token: str) -> Response:
    """Return the page of a link that opens nothing (more): after a death or a withdrawal, why.

    Whose link was good once has a new one sent by pressing a button.
    """
    world = world_of(request)
    farewell = farewell_of(world, token)
    if farewell is not None:
        return _say_farewell(request, farewell)
    try:
        genuine_case(world, token)
    except LinkRefused:
        return lost(request, ended=True, status=404)
    return lost(request, ended=True, renews=token, status=404)


def lost(
    request: Request,
    *,
    email: str = "",
    asked: bool = False,
    ended: bool = False,
    renews: str = "",
    refusal: str = "",
    status: int = 200,
) -> Response:
    """Return the page on which a new link is asked for."""
    values = {
        "email": email,
        "asked": asked,
        "ended": ended,
        "renews": renews,
        "refusal": words.REFUSALS.get(refusal),
        "contact": world_of(request).settings,
    }
    return pages_of(request).show(request, "portal_ended.html", values, status)


def _say_farewell(request: Request, farewell: Farewell) -> Response:
    choose(request, farewell.language)
    values = {"died": farewell.how == DIED, "contact": world_of(request).settings}
    return pages_of(request).show(request, "portal_farewell.html", values, 404)
