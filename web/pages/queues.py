"""Queues that somebody holds: since when, by whom, why, and the button that lets one go on."""

from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from accounts.sessions import SignedIn
from web.access import only, world_of
from web.page_router import PageRouter
from web.pages.sign_in import pages_of
from workflows.engine.pausing import MAY, PauseRefused, resume
from workflows.events import Actor

readers = only("coordinator", "clinician", "lead", "administrator")
router = PageRouter(access=readers, compress=True)


@router.get("/queues")
def held(request: Request, who: SignedIn = Depends(readers)) -> Response:
    """Show which queues are held, and what waits for them."""
    return _show(request, who)


@router.post("/queues/resume", access=only(*MAY))
def goes_on(request: Request, queue: Annotated[str, Form(max_length=20)] = "") -> Response:
    """Let a queue go on."""
    who: SignedIn = request.state.who
    try:
        resume(world_of(request), queue, Actor(who.role, who.ref))
    except PauseRefused as refused:
        return _show(request, who, str(refused))
    return RedirectResponse("/queues", 303)


def _show(request: Request, who: SignedIn, refusal: str | None = None) -> Response:
    values = {"may_resume": who.role in MAY, "refusal": refusal}
    return pages_of(request).show(request, "queues.html", values, 422 if refusal else 200)
