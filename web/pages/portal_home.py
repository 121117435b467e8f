"""The patient's own page behind the link: status, what is missing, messages, answers, consent."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Form, Query, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from accounts import throttle
from web import home_words as words
from web.access import LINK, world_of
from web.page_router import PageRouter
from web.pages.portal_own import Typed, act_on, ask_code, opened_by, page_of, posted, show_home
from web.pages.sign_in import pages_of
from workflows.cases.consented import CONSENT_TEXT
from workflows.engine.world import World
from workflows.portal import acts
from workflows.portal.access import OwnCase, note_act
from workflows.portal.acts import ActRefused, CodeNeeded, Signer

router = PageRouter(prefix="/portal", access=LINK, order=2)

MAX_MESSAGES = 20
"""With one link, in an hour."""
FAMILY_CHOICES = ("accepted", "declined", "wants_more", "declined_all")
"""What the family itself decides about the offers; the team's other answers are not theirs."""
NONE_SEEN = "0"
"""The number of no offer: there was none on the page."""


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
        # Of one link: who has another letter's link is not kept from writing.
        key = f"portal.message:{world.keys.marks.of('link', token)[:32]}"
        throttle.count(world.engine, key, MAX_MESSAGES, timedelta(hours=1))
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
    form: FormData = Depends(posted),
) -> Response:
    """Take a one-tap answer; a problem is written down first, then its signs are asked for."""
    follows = {"problem": "signs", "call_me": "call", "stop": "stopped"}.get(answer, "answer")
    response = act_on(
        request,
        token,
        lambda world, case: acts.answer(world, case, question, answer),
        follows,
        form=form,
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
    form: FormData = Depends(posted),
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
    return act_on(request, token, act, "consent", typed=typed, form=form)


@router.get("/{token}/withdraw")
def before_withdrawing(request: Request, token: str) -> Response:
    """Say what leaving the programme means, and ask again."""
    return page_of(request, token, "portal_withdraw.html", {})


@router.post("/{token}/withdraw")
def withdraw(
    request: Request,
    token: str,
    sure: Annotated[str, Form(max_length=5)] = "",
    form: FormData = Depends(posted),
) -> Response:
    """Leave the programme: the second step. The link ends with it."""
    if sure != "yes":
        values = {"refusal": words.REFUSALS["confirm"]}
        return page_of(request, token, "portal_withdraw.html", values, 422)
    case = opened_by(request, token)
    if isinstance(case, Response):
        return case
    try:
        acts.withdraw(world_of(request), case)
    except CodeNeeded:
        return ask_code(request, token, form)
    except ActRefused:
        return show_home(request, token, refusal="act")
    note_act(world_of(request), case, "withdrawal")
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
    form: FormData = Depends(posted),
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
        form=form,
    )
