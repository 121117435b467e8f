"""What does not get on: what is late and who was told of it, and queues that somebody holds."""

from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from accounts.sessions import SignedIn
from views.late import standing
from views.limits import limits_now
from web.access import only, world_of
from web.page_router import PageRouter
from web.pages.sign_in import pages_of
from workflows.engine.pausing import MAY, PauseRefused, resume
from workflows.events import Actor

readers = only("coordinator", "clinician", "lead", "administrator")
router = PageRouter(access=readers, compress=True)


@router.get("/queues")
def held(request: Request, who: SignedIn = Depends(readers)) -> Response:
    """Show what is late, who was told, what waits for a limit, and which queues are held."""
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
    values = {
        "may_resume": who.role in MAY,
        "refusal": refusal,
        "late": standing(world_of(request)),
        "limits": limits_now(world_of(request)),
    }
    return pages_of(request).show(request, "queues.html", values, 422 if refusal else 200)
