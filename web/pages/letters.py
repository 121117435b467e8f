"""Letters that came in: the original of each, those in no case, and a letter in a wrong place."""

from typing import Annotated

from fastapi import Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from accounts.users import SignedIn
from views.files import FileMissing
from views.letter_in import original_letter
from views.letters_waiting import letters_waiting
from web.access import only, world_of
from web.page_router import Menu, PageRouter
from web.pages.sign_in import pages_of
from workflows.cases.contacts import end_contact
from workflows.decisions import DecisionRefused
from workflows.engine.not_there import CaseNotFound
from workflows.events import Actor
from workflows.letters.placing import ask_again
from workflows.letters.placing_many import place_sender

patients = only("coordinator", "clinician", "lead")
placers = only("coordinator", "lead")
router = PageRouter(access=patients)


@router.get("/letters", menu=Menu("Letters", "g l", 38), compress=True)
def waiting(
    request: Request,
    which: str = "",
    page: int = 1,
    of: int | None = None,
    who: SignedIn = Depends(placers),
) -> Response:
    """Show old letters that wait for their place, and those that people set aside."""
    return _show(request, who, which, page, of)


@router.post("/letters/{message_id}/sender")
def place_all(
    request: Request,
    message_id: int,
    place: Annotated[str, Form(max_length=20)] = "",
    reason: Annotated[str, Form(max_length=2000)] = "",
    who: SignedIn = Depends(placers),
) -> Response:
    """Give all the old letters of one letter's sender to a case or thread, or set them aside."""
    world = world_of(request)
    try:
        placed, left = place_sender(world, message_id, place, reason, Actor(who.role, who.ref))
    except (DecisionRefused, CaseNotFound) as refused:
        return _show(request, who, "", 1, None, refusal=str(refused))
    return RedirectResponse(f"/letters?placed={placed}&left={left}", 303)


def _show(
    request: Request,
    who: SignedIn,
    which: str,
    page: int,
    of: int | None,
    refusal: str | None = None,
) -> Response:
    found = letters_waiting(world_of(request), which, page, who.ref, of)
    said = request.query_params
    values = {"list": found, "of": of, "refusal": refusal, "placed": said.get("placed", ""),
              "left": said.get("left", "0")}  # fmt: skip
    return pages_of(request).show(request, "letters.html", values, 422 if refusal else 200)


@router.post("/letters/{message_id}/place")
def place(request: Request, message_id: int, who: SignedIn = Depends(placers)) -> Response:
    """Ask anew where a letter belongs, and lead to the question."""
    try:
        task_id = ask_again(world_of(request), message_id)
    except CaseNotFound as gone:
        raise HTTPException(410, str(gone)) from None
    return RedirectResponse(f"/tasks/{task_id}", 303)


@router.post("/cases/{ref}/contacts/{contact_id}/end")
def end_address(
    request: Request, ref: str, contact_id: int, who: SignedIn = Depends(placers)
) -> Response:
    """End an address of somebody near: its letters are nobody's again."""
    end_contact(world_of(request), ref, contact_id, Actor(who.role, who.ref))
    return RedirectResponse(f"/cases/{ref[:16]}/messages", 303)


@router.get("/letters/{message_id}/original")
def original(request: Request, message_id: int, who: SignedIn = Depends(patients)) -> Response:
    """Return a letter's original bytes as a download: a browser never opens them on our site."""
    try:
        content = original_letter(world_of(request), message_id, who.ref)
    except FileMissing as missing:
        raise HTTPException(404, str(missing)) from None
    headers = {
        "content-disposition": f'attachment; filename="letter-{message_id}.eml"',
        "content-security-policy": "sandbox; default-src 'none'",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)
