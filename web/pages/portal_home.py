"""The patient's own page behind the link: status, what is missing, messages, answers, consent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form, Query, Request
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from accounts import throttle
from accounts.signed_links import LinkRefused
from views.portal_home import Home, home_of
from web import home_words as words
from web.access import LINK, PUBLIC, world_of
from web.languages import choose
from web.page_router import PageRouter
from web.pages.portal_files import upload_values
from web.pages.portal_hints import hint_text
from web.pages.sign_in import pages_of
from web.refusals import actor_of
from workflows.cases.consented import CONSENT_TEXT
from workflows.engine.world import World
from workflows.portal import acts
from workflows.portal import codes as portal_codes
from workflows.portal.access import (
    DIED,
    ENDINGS,
    Farewell,
    OwnCase,
    case_of_link,
    farewell_of,
    link_of,
    note_opening,
)
from workflows.portal.acts import SIGNER, ActRefused, NotTheirs, PaperMissing, Signer, SignerUnknown
from workflows.portal.codes import CodeRefused
from workflows.portal.uploads import Owner

router = PageRouter(prefix="/portal", access=LINK, order=2)

Act = Callable[[World, OwnCase], None]
MAX_MESSAGES_AN_HOUR = 20
FAMILY_CHOICES = ("accepted", "declined", "wants_more", "declined_all")
"""What the family itself decides about the offers; the team's other answers are not theirs."""
NONE_SEEN = "0"
"""The number of no offer: there was none on the page."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a refused permission was ticked with, and who was said to give it: it stays."""

    ticked: frozenset[str] = frozenset()
    signer: Signer = SIGNER


NOTHING_TYPED = Typed()


@router.get("/sign-in/link", access=PUBLIC)
def lost_link(request: Request) -> Response:
    """Show the form for somebody whose link is lost or has ended."""
    return _door(request)


@router.post("/sign-in/link", access=PUBLIC)
def send_link(request: Request, email: Annotated[str, Form(max_length=254)] = "") -> Response:
    """Send a fresh link and a code to the address, if it is a patient's; never say whether."""
    if "@" not in email:
        return _door(request, refusal="email", status=422)
    world = world_of(request)
    portal_codes.ask(world, email, actor_of(request))
    response = _door(request, email=email.strip(), asked=True)
    # After the answer, so that the time it takes does not tell whether we know the address.
    response.background = BackgroundTask(portal_codes.send_links, world, email)
    return response


@router.post("/sign-in/code", access=PUBLIC)
def enter_code(
    request: Request,
    email: Annotated[str, Form(max_length=254)] = "",
    code: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    """Open the page with a code that came by letter."""
    world = world_of(request)
    try:
        case = portal_codes.use(world, email, code, actor_of(request))
    except CodeRefused:
        return _door(request, email=email.strip(), asked=True, refusal="code", status=422)
    return RedirectResponse(link_of(world, case), 303)


@router.get("/{token}")
def home(
    request: Request,
    token: str,
    done: Annotated[str, Query(max_length=20)] = "",
    sent: Annotated[int | None, Query(ge=0, le=1000)] = None,
) -> Response:
    """Show the patient's page."""
    return show_home(request, token, done=done, sent=sent)


@router.post("/{token}/message")
def message(
    request: Request, token: str, text: Annotated[str, Form(max_length=acts.LONGEST_MESSAGE)] = ""
) -> Response:
    """Take a message to us; one that speaks of danger leads to what to do now."""

    danger = False

    def act(world: World, case: OwnCase) -> None:
        nonlocal danger
        key = f"portal.message:{case.id}"
        throttle.count(world.engine, key, MAX_MESSAGES_AN_HOUR, portal_codes.WITHIN * 6)
        danger = acts.write_message(world, case, text)

    refusal = "act" if text.strip() else "empty"
    response = act_on(request, token, act, "message", refusal=refusal)
    return _to_signs(token) if danger else response


@router.post("/{token}/papers")
def papers(
    request: Request, token: str, item: Annotated[str, Form(max_length=60)] = ""
) -> Response:
    """Take it that something we asked for cannot be had."""
    return act_on(
        request, token, lambda world, case: acts.answer_items(world, case, [item]), "answer"
    )


@router.post("/{token}/answer")
def answer(
    request: Request,
    token: str,
    question: Annotated[int, Form()] = 0,
    answer: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Take a one-tap answer; a problem is written down first, then its signs are asked for."""
    follows = {"problem": "signs", "call_me": "call", "stop": "stopped"}.get(answer, "answer")
    response = act_on(
        request, token, lambda world, case: acts.answer(world, case, question, answer), follows
    )
    if answer == "problem" and response.status_code == 303:
        return _to_signs(token)
    return response


def _to_signs(token: str) -> Response:
    return RedirectResponse(f"/portal/{token}/signs?told=1", 303)


@router.get("/{token}/signs")
def signs(request: Request, token: str, told: Annotated[int, Query(ge=0, le=1)] = 0) -> Response:
    """Show the signs that a person hears of at once."""
    return page_of(request, token, "portal_signs.html", {"signs": words.SIGNS, "told": told})


@router.post("/{token}/signs")
def report_signs(
    request: Request, token: str, sign: Annotated[list[str] | None, Form()] = None
) -> Response:
    """Take the signs: a person calls."""
    if not sign:
        values = {"signs": words.SIGNS, "told": 0, "refusal": words.REFUSALS["choose"]}
        return page_of(request, token, "portal_signs.html", values, 422)
    return act_on(request, token, lambda world, case: acts.report_signs(world, case, sign), "signs")


@router.post("/{token}/consent")
def consent(
    request: Request,
    token: str,
    give: Annotated[str, Form(max_length=20)] = "",
    back: Annotated[str, Form(max_length=20)] = "",
    scope: Annotated[list[str] | None, Form()] = None,
    hospital: Annotated[list[str] | None, Form()] = None,
    version: Annotated[str, Form(max_length=20)] = "",
    signer: Annotated[str, Form(max_length=20)] = "",
    authority: Annotated[str, Form(max_length=18)] = "",
) -> Response:
    """Give a permission, whose words the patient has just read, or take one back."""
    codes = hospital or []
    who = Signer(signer, authority)
    typed = Typed(frozenset([*codes, *(scope or [])]), who)

    def act(world: World, case: OwnCase) -> None:
        if back:
            acts.take_back(world, case, back, codes[0] if codes else "")
        elif version != CONSENT_TEXT:
            raise ActRefused("other words were shown")
        elif give == "process":
            acts.give_process(world, case, scope or [], who)
        elif give == "hospitals":
            acts.give_hospitals(world, case, codes, who)
        else:
            acts.give_own(world, case, give, who)

    if give == "hospitals" and not codes:
        return show_home(request, token, refusal="choose", typed=typed)
    if give == "process" and "process" not in (scope or []):
        return show_home(request, token, refusal="confirm", typed=typed)
    return act_on(request, token, act, "consent", typed=typed)


@router.get("/{token}/withdraw")
def before_withdrawing(request: Request, token: str) -> Response:
    """Say what leaving the programme means, and ask again."""
    return page_of(request, token, "portal_withdraw.html", {})


@router.post("/{token}/withdraw")
def withdraw(
    request: Request, token: str, sure: Annotated[str, Form(max_length=5)] = ""
) -> Response:
    """Leave the programme: the second step. The link ends with it."""
    if sure != "yes":
        values = {"refusal": words.REFUSALS["confirm"]}
        return page_of(request, token, "portal_withdraw.html", values, 422)
    try:
        case = _open(request, token)
    except LinkRefused:
        return ended(request, token)
    try:
        acts.withdraw(world_of(request), case)
    except ActRefused:
        return show_home(request, token, refusal="act")
    return pages_of(request).show(request, "portal_withdrawn.html", {"case": case})


@router.post("/{token}/decide")
def decide(
    request: Request,
    token: str,
    choice: Annotated[str, Form(max_length=20)] = "",
    offer: Annotated[str, Form(max_length=20)] = "",
    offers_seen: Annotated[str, Form(max_length=400)] = "",
    reason: Annotated[str, Form(max_length=20)] = "",
    sure: Annotated[str, Form(max_length=5)] = "",
) -> Response:
    """Take what the family decided about the offers."""
    values = {
        "accepted": {"offer": offer},
        "declined": {"offer": offer},
        "declined_all": {
            "offers_seen": offers_seen.strip() or NONE_SEEN,
            **({"reason_code": reason} if reason in dict(words.REASONS) else {}),
        },
    }.get(choice, {})
    if sure != "yes":
        return show_home(request, token, refusal="confirm")
    if choice not in FAMILY_CHOICES or ("offer" in values and not offer.strip()):
        return show_home(request, token, refusal="choose")
    return act_on(
        request,
        token,
        lambda world, case: acts.decide_offer(world, case, choice, values),
        "decision",
    )


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


def ended(request: Request, token: str) -> Response:
    """Return the page of a link that opens nothing (more): after a death or a withdrawal, why."""
    farewell = farewell_of(world_of(request), token)
    if farewell is None:
        return _door(request, ended=True, status=404)
    return _say_farewell(request, farewell)


def _say_farewell(request: Request, farewell: Farewell) -> Response:
    choose(request, farewell.language)
    values = {"died": farewell.how == DIED, "contact": world_of(request).settings}
    return pages_of(request).show(request, "portal_farewell.html", values, 404)


def page_of(
    request: Request, token: str, template: str, values: Mapping[str, Any], code: int = 200
) -> Response:
    """Show a page of the link's case, which is written down."""
    world = world_of(request)
    try:
        case = _open(request, token)
    except LinkRefused:
        return ended(request, token)
    if ENDINGS.get(case.state) == DIED:
        return _say_farewell(request, Farewell(DIED, case.language))
    note_opening(world, case)
    own: Home = home_of(world, case.id)
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
        **upload_values(request, Owner("case", case.id), f"/portal/{token}"),
        **values,
    }
    return pages_of(request).show(request, template, shown, code)


def opened_by(request: Request, token: str) -> OwnCase | Response:
    """Return the case of a link, or the page of a link that opens nothing (more)."""
    try:
        return _open(request, token)
    except LinkRefused:
        return ended(request, token)


def _open(request: Request, token: str) -> OwnCase:
    """Return the case of the link, and read in its language; raise `LinkRefused`."""
    case = case_of_link(world_of(request), token, actor_of(request))
    choose(request, case.language)
    return case


def act_on(
    request: Request,
    token: str,
    act: Act,
    done: str,
    refusal: str = "act",
    typed: Typed = NOTHING_TYPED,
) -> Response:
    """Do what a form asks for and go back to the page, which says that it was done."""
    try:
        case = _open(request, token)
    except LinkRefused:
        return ended(request, token)
    try:
        act(world_of(request), case)
    except SignerUnknown:
        return show_home(request, token, refusal="signer", typed=typed)
    except NotTheirs:
        return show_home(request, token, refusal="relative", typed=typed)
    except PaperMissing:
        return show_home(request, token, refusal="authority", typed=typed)
    except ActRefused:
        return show_home(request, token, refusal=refusal, typed=typed)
    return RedirectResponse(f"/portal/{token}?done={done}", 303)


def _door(
    request: Request,
    *,
    email: str = "",
    asked: bool = False,
    ended: bool = False,
    refusal: str = "",
    status: int = 200,
) -> Response:
    values = {
        "email": email,
        "asked": asked,
        "ended": ended,
        "minutes": int(portal_codes.VALID.total_seconds() // 60),
        "refusal": words.REFUSALS.get(refusal),
        "contact": world_of(request).settings,
    }
    return pages_of(request).show(request, "portal_ended.html", values, status)
