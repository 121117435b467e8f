"""The patients' door: the intake form, kept as it is filled in and found again by a link.

Each step is a page with a form of its own and works without script. Nobody signs in: the link's
random token is what opens the draft, and nothing else does.
"""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Depends, File, Form, HTTPException, Request, UploadFile
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from accounts import throttle
from accounts.signed_links import LinkRefused
from web.access import DRAFT, LINK, PUBLIC, OurForm, world_of
from web.languages import choose, translate
from web.page_router import PageRouter
from web.pages.portal_files import FilesRefused, remove_file, take_files, upload_values
from web.pages.portal_own import ended, posted, show_home
from web.pages.portal_steps import (
    ASKED,
    BY_CODE,
    CODES,
    STEPS,
    Step,
    given,
    in_words,
    new_case,
    options_of,
    problems,
)
from web.pages.sign_in import pages_of
from web.pools import FILES, in_pool
from web.refusals import actor_of, address_of, note_refusal
from workflows.cases.intake import IntakeRefused
from workflows.portal import drafts, uploads
from workflows.portal.access import case_of_link
from workflows.portal.drafts import DraftMissing, DraftSent, Inquiry
from workflows.portal.uploads import Owner, UploadMissing

router = PageRouter(prefix="/portal", access=DRAFT, order=1, form=OurForm(max_fields=200))

_QUIETLY = "x-autosave"


@router.get("", access=PUBLIC)
@router.get("/", access=PUBLIC)
def welcome(request: Request) -> Response:
    """Say what the form asks for, and begin."""
    return pages_of(request).show(request, "portal_new.html", {"steps": STEPS, "busy": False})


@router.get("/new", access=PUBLIC)
def begin_again(request: Request) -> Response:
    """Send whoever came back here to the beginning."""
    return RedirectResponse("/portal/", 303)


@router.post("/new", access=PUBLIC)
def begin(request: Request, form: FormData = Depends(posted)) -> Response:
    """Begin a draft and go to its first step."""
    world = world_of(request)
    try:
        token = drafts.start(world, actor_of(request), choose(request).code)
    except throttle.TooMany as many:
        if many.first:
            note_refusal(request, "limit.reached")
        values = {"steps": STEPS, "busy": True}
        response = pages_of(request).show(request, "portal_new.html", values, 429)
        response.headers["retry-after"] = str(many.retry_after)
        return response
    return RedirectResponse(f"/portal/new/{token}/{CODES[0]}", 303)


@router.get("/new/{token}")
def resume(request: Request, token: str) -> Response:
    """Go on with the first step that is not done."""
    draft = _draft(request, token)
    if isinstance(draft, Response):
        return draft
    open_steps = [code for code in CODES if code not in draft.done]
    return RedirectResponse(f"/portal/new/{token}/{open_steps[0]}", 303)


@router.get("/new/{token}/{code}")
def show_step(
    request: Request, token: str, code: str, letter: str = "", look: str = ""
) -> Response:
    """Show a step with what was written so far; `look`: and with what is wrong in it."""
    draft = _draft(request, token)
    if isinstance(draft, Response):
        return draft
    return _page(request, token, draft, code, letter, mistakes=bool(look))


@router.post("/new/{token}/letter")
def ask_letter(request: Request, token: str, form: FormData = Depends(posted)) -> Response:
    """Send the link to the e-mail address that was given, if one was."""
    back = str(form.get("step") or CODES[0])
    try:
        drafts.ask_letter(world_of(request), token)
        said = "sent"
    except (DraftMissing, DraftSent):
        said = ""
    except ValueError:
        said = "address"
    except throttle.TooMany:
        said = "often"
    where = back if back in CODES else CODES[0]
    return RedirectResponse(f"/portal/new/{token}/{where}?letter={said}", 303)


@router.post("/new/{token}/files")
async def send_files(
    request: Request,
    token: str,
    go: Annotated[str, Form()] = "next",
    files: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """Take files that come with the form itself; scripts send theirs in pieces."""
    return await in_pool(FILES, address_of(request), lambda: _take_files(request, token, go, files))


def _take_files(
    request: Request, token: str, go: str, files: Sequence[UploadFile] | None
) -> Response:
    choose(request)
    draft = _draft(request, token)
    if isinstance(draft, Response):
        return draft
    try:
        taken = take_files(request, Owner("draft", draft.id), files)
    except FilesRefused as refused:
        return _page(request, token, draft, "files", upload_refusal=str(refused))
    if taken and go == "next":
        return RedirectResponse(f"/portal/new/{token}/files", 303)
    drafts.save(world_of(request), token, "files", {}, passed=True)
    return RedirectResponse(f"/portal/new/{token}/{_next('files', go)}", 303)


@router.post("/new/{token}/files/{public_id}/remove")
def take_back(
    request: Request, token: str, public_id: str, form: FormData = Depends(posted)
) -> Response:
    """Take a file back that was not sent yet."""
    draft = _draft(request, token)
    if isinstance(draft, Response):
        return draft
    try:
        remove_file(request, Owner("draft", draft.id), public_id)
    except FilesRefused as refused:
        return _page(request, token, draft, "files", upload_refusal=str(refused))
    return RedirectResponse(f"/portal/new/{token}/files", 303)


@router.post("/new/{token}/check")
def send(request: Request, token: str, form: FormData = Depends(posted)) -> Response:
    """Open the case and go to the patient's page; twice is the same as once."""
    draft = _draft(request, token)
    if isinstance(draft, Response):
        return draft
    if form.get("go") == "back":
        return RedirectResponse(f"/portal/new/{token}/{_next('check', 'back')}", 303)
    world = world_of(request)
    today = world.clock.now().date()
    if any(problems(step, draft.answers, today) for step in ASKED):
        return RedirectResponse(f"/portal/new/{token}/check?look=1", 303)
    try:
        case_id = drafts.submit(world, token, new_case(draft.answers, today))
    except (DraftMissing, IntakeRefused):
        return _gone(request)
    return RedirectResponse(f"{drafts.page_of(world, case_id)}?sent=0", 303)


@router.post("/new/{token}/{code}")
def take_step(
    request: Request, token: str, code: str, form: FormData = Depends(posted)
) -> Response:
    """Keep a step's answers; go on when they are good, back in any case."""
    step = BY_CODE.get(code)
    if step is None or step not in ASKED:
        raise HTTPException(404, "There is nothing under this address.")
    world = world_of(request)
    answers = given(step, form)
    found = problems(step, answers, world.clock.now().date())
    try:
        drafts.save(world, token, code, answers, passed=not found)
    except DraftMissing:
        return _gone(request)
    except DraftSent as sent:
        return RedirectResponse(drafts.page_of(world, sent.case_id), 303)
    if _QUIETLY in request.headers:
        return Response(status_code=204)
    go = str(form.get("go") or "next")
    if found and go != "back":
        return RedirectResponse(f"/portal/new/{token}/{code}?look=1", 303)
    return RedirectResponse(f"/portal/new/{token}/{_next(code, go)}", 303)


@router.post("/{token}", access=LINK)
async def send_more(
    request: Request, token: str, files: Annotated[list[UploadFile] | None, File()] = None
) -> Response:
    """Take files for the case of a patient's link, from a browser without script."""
    return await in_pool(FILES, address_of(request), lambda: _take_more(request, token, files))


def _take_more(request: Request, token: str, files: Sequence[UploadFile] | None) -> Response:
    try:
        case = case_of_link(world_of(request), token, actor_of(request))
        choose(request, case.language)
        taken = take_files(request, Owner("case", case.id), files)
    except (LinkRefused, UploadMissing):
        return ended(request, token)
    except FilesRefused as refused:
        return show_home(request, token, upload_refusal=str(refused))
    if not taken:
        return show_home(request, token, upload_refusal=translate("Choose at least one file."))
    return RedirectResponse(f"/portal/{token}?sent={taken}", 303)


def _next(code: str, go: str) -> str:
    place = CODES.index(code) + (-1 if go == "back" else 1)
    return CODES[min(max(place, 0), len(CODES) - 1)]


def _draft(request: Request, token: str) -> Inquiry | Response:
    """Return the draft, or the page for a link whose draft was sent or is no longer there."""
    world = world_of(request)
    try:
        return drafts.read(world, token)
    except DraftMissing:
        return _gone(request)
    except DraftSent as sent:
        return RedirectResponse(drafts.page_of(world, sent.case_id), 303)


def _gone(request: Request) -> Response:
    note_refusal(request, "portal.refused")
    return pages_of(request).show(request, "portal_new_gone.html", {}, 404)


def _page(
    request: Request,
    token: str,
    draft: Inquiry,
    code: str,
    letter: str = "",
    *,
    mistakes: bool = False,
    upload_refusal: str = "",
) -> Response:
    step = BY_CODE.get(code)
    if step is None:
        raise HTTPException(404, "There is nothing under this address.")
    world = world_of(request)
    choose(request)
    today = world.clock.now().date()
    found = problems(step, draft.answers, today) if mistakes else {}
    answers = {"language": choose(request).code, **draft.answers}
    values: dict[str, Any] = {
        "step": step, "number": CODES.index(code) + 1, "total": len(STEPS),
        "address": f"/portal/new/{token}/{code}", "draft_address": f"/portal/new/{token}",
        "link": drafts.link(world, token), "kept_days": drafts.KEPT.days, "letter": letter,
        "email": draft.answers.get("email", ""), "answers": answers, "found": found,
        "options_of": options_of, "mistakes": mistakes, "upload_refusal": upload_refusal,
    }  # fmt: skip
    if code == "files":
        owner = Owner("draft", draft.id)
        values |= upload_values(request, owner, f"/portal/new/{token}/files")
    if code == "check":
        values |= _summary(request, draft, answers)
    template = {"files": "portal_new_files.html", "check": "portal_new_check.html"}.get(
        code, "portal_new_step.html"
    )
    return pages_of(request).show(request, template, values, 422 if upload_refusal else 200)


def _summary(request: Request, draft: Inquiry, answers: dict[str, Any]) -> dict[str, Any]:
    world = world_of(request)
    today = world.clock.now().date()
    files = uploads.listed(world, Owner("draft", draft.id))
    return {
        "parts": [(step, _lines(step, answers), problems(step, answers, today)) for step in ASKED],
        "files": files,
    }


def _lines(step: Step, answers: dict[str, Any]) -> list[tuple[str, str]]:
    lines = [(translate(one.label), in_words(one, answers)) for one in step.fields]
    return [(label, words) for label, words in lines if words]
