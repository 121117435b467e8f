"""Letters that came in: the original of each, those in no case, and a letter in a wrong place."""

from fastapi import Depends, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from accounts.users import SignedIn
from views.files import FileMissing
from views.letter_in import original_letter
from views.letters_waiting import ASIDE, letters_waiting
from web.access import only, world_of
from web.page_router import Menu, PageRouter
from web.pages.sign_in import pages_of
from workflows.cases.contacts import end_contact
from workflows.engine.not_there import CaseNotFound
from workflows.events import Actor
from workflows.letters.placing import ask_again

patients = only("coordinator", "clinician", "lead")
placers = only("coordinator", "lead")
router = PageRouter(access=patients)


@router.get("/letters", menu=Menu("Letters", "g l", 38), compress=True)
def waiting(request: Request, page: int = 1, who: SignedIn = Depends(placers)) -> Response:
    """Show the letters that people set aside, with the reasons."""
    found = letters_waiting(world_of(request), ASIDE, page, who.ref)
    return pages_of(request).show(request, "letters.html", {"list": found})


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
