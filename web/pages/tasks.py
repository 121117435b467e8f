"""One human task: what it is about, the answers it allows, and the answer given."""

from dataclasses import replace

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from accounts.users import SignedIn
from views.asking import Background, asked_about, task_page
from views.careful import asks_anew
from views.family_items import items_of_task
from views.item_ledger import in_file_of
from views.letter_in import letter_in
from views.letter_places import moved_by, places_for
from views.lists import TaskRow
from views.shown import ShownHospital
from web.access import OurForm, only, world_of
from web.forms import Known, Typed, answer_forms, posted_values
from web.freshness import must_be_fresh
from web.letters import edited_body, shown_letter, text_to_show
from web.page_router import PageRouter
from web.pages.differing import answer_differing, show_differing
from web.pages.review import REVIEW, answer_review, show_review
from web.pages.sign_in import pages_of
from web.pages.signature import KINDS, as_sent
from web.pages.suitability import show_suitability
from workflows.decisions import QUESTIONS, DecisionRefused, decide
from workflows.documents.differing import KIND as DIFFERING
from workflows.engine.deciding import ToConfirm
from workflows.engine.record import CaseNotFound
from workflows.engine.world import World
from workflows.events import Actor, EventRefused
from workflows.letters.gate import SET_ASIDE
from workflows.letters.placing import KIND as PLACING
from workflows.table import ALARM

deciders = only("coordinator", "clinician", "lead")
router = PageRouter(access=deciders, compress=True, form=OurForm(looks=False))


@router.get("/tasks/{task_id}")
def show_task(request: Request, task_id: int, who: SignedIn = Depends(deciders)) -> Response:
    """Show a task with a form for each answer; what is signed is signed on the case's page."""
    return _show(request, task_id, who)


@router.post("/tasks/{task_id}")
async def answer_task(
    request: Request, task_id: int, who: SignedIn = Depends(deciders)
) -> Response:
    """Take an answer; a refusal is shown with the form, and nothing was written."""
    form = await request.form()

    def answer() -> Response:
        world = world_of(request)
        about = asked_about(world, task_id)
        if asks_anew(world, about, str(form.get("answer", ""))):
            must_be_fresh(request, who, form)
        if about.task.kind == REVIEW:
            return answer_review(request, about, who, form)
        if about.task.kind == DIFFERING:
            return answer_differing(request, task_id, who, form)
        if about.task.kind in KINDS and about.case is not None:
            return _sign(request, about, who, form)
        to_show = text_to_show(about, form)
        if to_show is not None:
            return _show(request, task_id, who, edited=to_show)
        values = posted_values(form, known(about))
        reason = str(form.get("reason", "")).strip() or None
        chosen = str(form.get("answer", ""))
        try:
            decided = decide(
                world,
                task_id,
                answer=chosen,
                actor=Actor(who.role, who.ref),
                reason=reason,
                values=values,
            )
        except (DecisionRefused, EventRefused, CaseNotFound) as refused:
            if isinstance(refused, ToConfirm):  # said once more by sending the form again
                values[refused.name] = refused.value
            typed = Typed(chosen, values, reason or "")
            return _show(request, task_id, who, str(refused), edited_body(form), typed)
        if about.task.kind in ALARM and decided.stays_open:
            return RedirectResponse(f"/tasks/{task_id}", 303)  # the number stays before their eyes
        to = f"/cases/{decided.case_ref}/overview" if decided.case_ref else "/"
        return RedirectResponse(f"{to}?done={task_id}", 303)

    return await run_in_threadpool(answer)


def _sign(request: Request, about: Background, who: SignedIn, form: FormData) -> Response:
    """Take a signature; a refused one comes back on the page where it is given."""
    task, case = about.task, about.case
    assert case is not None
    sent = as_sent(form, task.id, task.kind)
    try:
        decide(
            world_of(request),
            task.id,
            answer=sent.answer,
            actor=Actor(who.role, who.ref),
            reason=sent.reason or None,
            values=sent.values,
        )
    except (DecisionRefused, EventRefused, CaseNotFound) as refused:
        sent = replace(sent, refusal=str(refused))
        return show_suitability(request, case.ref, who, sent=sent)
    return RedirectResponse(f"/cases/{case.ref}/overview?done={task.id}", 303)


def _show(
    request: Request,
    task_id: int,
    who: SignedIn,
    refusal: str | None = None,
    edited: str | None = None,
    typed: Typed | None = None,
) -> Response:
    world = world_of(request)
    asked = asked_about(world, task_id)
    if asked.task.kind == REVIEW:
        return show_review(request, task_id, who)
    if asked.task.kind == DIFFERING:
        return show_differing(request, task_id, who)
    if asked.task.kind in KINDS and asked.case is not None and asked.task.state == "open":
        return RedirectResponse(f"/cases/{asked.case.ref}/suitability#sign-{task_id}", 303)
    page = task_page(world, task_id, who.ref, edited)
    about, task = page.about, page.task
    letter = shown_letter(request, page, edited)
    message = about.message
    reply = letter_in(world, message) if message and message.direction == "in" else None
    items = items_of_task(world, task.kind, about.task.case_id)
    forms = answer_forms(task, replace(known(about), typed=typed, items=items))
    values = {
        "task": task,
        "row": page.row,
        "about": about,
        "forms": forms,
        "reply": reply,
        "classes": forms if reply and task.kind == "confirm_reply" else [],
        "refusal": refusal,
        "sent": typed or Typed("", {}),
        "may_answer": _may(task, who),
        "letter": letter,
        "flag": page.flag,
        "why": why_asked(task.kind, task.detail),
        "in_file": in_file_of(world, about.task.case_id, about.wanted),
        "places": places_for(world, message.id) if message and task.kind == PLACING else None,
        "moved": _moved(world, about) if task.kind == "mend_moved" else (),
    }
    return pages_of(request).show(request, "task.html", values, 422 if refusal else 200)


def why_asked(kind: str, detail: str | None) -> str | None:
    """Return why a letter is asked about, in words; None where the code itself says it."""
    trouble = QUESTIONS[kind].trouble if kind in (PLACING, SET_ASIDE) else None
    if trouble is None or detail is None:
        return None
    if code := trouble.codes.get(detail):
        return code.stopped
    if any_code := trouble.codes.get("*"):
        return f"{any_code.stopped.format(code=detail)}. {trouble.do}"
    return None


def _moved(world: World, about: Background) -> list[tuple[int, str]]:
    if about.case is None or about.message is None:
        return []
    return moved_by(world, about.case.id, about.message.id)


def _may(task: TaskRow, who: SignedIn) -> bool:
    question = QUESTIONS.get(task.kind)
    return question is not None and who.role in question.roles


def _named(hospital: ShownHospital, about: Background) -> str:
    why = about.why_proposed.get(hospital.code)
    named = f"{hospital.code} {hospital.name}, {hospital.city}"
    return f"{named}: {why}" if why else named


def known(about: Background) -> Known:
    """Return what the forms are filled with."""
    return Known(
        letter=about.message.body if about.message else "",
        hospitals=[(h.code, _named(h, about)) for h in about.hospitals],
        allowed=about.allowed,
        offers=about.offers,
        stated=about.stated,
        papers=[(str(number), words) for number, words in about.papers],
    )
