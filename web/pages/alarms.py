"""Red flags for the head of every page, and the form by which the team reports one by hand."""

from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from accounts.sessions import SignedIn
from views.alarms import TEAM, open_alarms
from web.access import only, signed_in, world_of
from web.page_router import PageRouter
from web.pages.sign_in import pages_of
from workflows.cases.red_flags import RED_FLAG
from workflows.cases.reported_facts import report_fact
from workflows.events import Actor, EventRefused

router = PageRouter(access=signed_in)
team = only(*TEAM)


@router.get("/api/alarms")
def alarms(request: Request, who: SignedIn = Depends(signed_in)) -> dict[str, Any]:
    """Return how many red flags are open, and the banner as a page shows it."""
    found = open_alarms(world_of(request)) if who.role in TEAM else []
    html = bytes(pages_of(request).show(request, "alarms.html", {"alarms": found}).body).decode()
    state = sha256(html.encode()).hexdigest()[:16]
    return {"count": len(found), "state": state, "html": html}


@router.post("/cases/{ref}/red-flag")
def report_red_flag(
    request: Request,
    ref: str,
    sign: Annotated[list[str] | None, Form()] = None,
    by: Annotated[str, Form(max_length=20)] = "",
    channel: Annotated[str, Form(max_length=20)] = "",
    who: SignedIn = Depends(team),
) -> Response:
    """Take a red flag that somebody heard of; what nobody chose stays not stated."""
    payload = {"symptom_codes": sign or [], "reported_by": by or None, "channel": channel or None}
    actor = Actor(who.role, who.ref)
    try:
        report_fact(world_of(request), ref, RED_FLAG, actor, payload)
    except EventRefused:
        values = {"title": "Not taken", "text": "Choose signs, who told and how from the lists."}
        return pages_of(request).show(request, "message.html", values, 422)
    return RedirectResponse(f"/cases/{ref[:16]}/overview", 303)
