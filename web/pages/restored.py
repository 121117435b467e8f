"""After a restore: what may have left, and the button that lets the system act again."""

from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from accounts.sessions import SignedIn
from views.repair import MAX_AT_ONCE, answers_of
from views.restored import restored_now
from web.access import only, world_of
from web.page_router import PageRouter
from web.pages.sign_in import pages_of
from workflows.decisions import DecisionRefused
from workflows.events import Actor
from workflows.restored.letting_go import MAY_RELEASE, let_go

readers = only("coordinator", "lead", "administrator")
router = PageRouter(access=readers, compress=True)


@router.get("/restored")
def restored(request: Request, who: SignedIn = Depends(readers)) -> Response:
    """Show what was waiting to leave at the time of the backup."""
    return _show(request, who)


@router.post("/restored/let-go", access=only(*MAY_RELEASE))
def released(request: Request, sure: Annotated[str, Form(max_length=5)] = "") -> Response:
    """Let the system act again."""
    who: SignedIn = request.state.who
    try:
        let_go(world_of(request), Actor(who.role, who.ref), sure=sure == "yes")
    except DecisionRefused as refused:
        return _show(request, who, str(refused))
    return RedirectResponse("/restored", 303)


def _show(request: Request, who: SignedIn, refusal: str | None = None) -> Response:
    values = {
        "found": restored_now(world_of(request)),
        "answers": answers_of("settle_message"),
        "at_once": MAX_AT_ONCE,
        "settles": who.role in ("coordinator", "lead"),
        "may_release": who.role in MAY_RELEASE,
        "refusal": refusal,
    }
    return pages_of(request).show(request, "restored.html", values, 422 if refusal else 200)
