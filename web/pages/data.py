"""What a coordinator does about a case's data: note what was asked, and take out the copy."""

from collections.abc import Callable, Iterator
from typing import IO, Annotated

from fastapi import Depends, Form, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from accounts.sessions import SignedIn
from views.data_copy import copy_of
from views.files import FileMissing
from web.access import only, world_of
from web.page_router import PageRouter
from web.pages.sign_in import pages_of
from workflows.cases.reported_facts import DATA_ASKED, FactRefused, report_fact
from workflows.decisions import DecisionRefused
from workflows.events import Actor, EventRefused
from workflows.retention import holding
from workflows.retention.holding import MAY_RELEASE, release_hold

deciders = only("coordinator", "lead")
router = PageRouter(access=deciders)
CHUNK = 1024 * 1024


@router.post("/cases/{ref}/data/asked")
def note_asked(
    request: Request,
    ref: str,
    what: Annotated[str, Form(max_length=20)] = "",
    by: Annotated[str, Form(max_length=20)] = "",
    channel: Annotated[str, Form(max_length=20)] = "",
    who: SignedIn = Depends(deciders),
) -> Response:
    """Note that somebody asked for a copy or the erasure; what nobody chose stays not stated."""
    payload = {"by": by or None, "channel": channel or None}
    actor = Actor(who.role, who.ref)
    try:
        report_fact(world_of(request), ref, DATA_ASKED.get(what, ""), actor, payload)
    except (FactRefused, EventRefused) as refused:
        values = {"title": "Not taken", "text": str(refused)}
        return pages_of(request).show(request, "message.html", values, 422)
    return RedirectResponse(f"/cases/{ref[:16]}/overview", 303)


@router.post("/cases/{ref}/erasure/hold")
def hold_erasure(
    request: Request,
    ref: str,
    reason: Annotated[str, Form(max_length=20)] = "",
    until: Annotated[str, Form(max_length=20)] = "",
    who: SignedIn = Depends(deciders),
) -> Response:
    """Hold an erasure that was decided, also one that has begun."""
    actor = Actor(who.role, who.ref)
    return _held(request, ref, lambda: holding.hold(world_of(request), ref, reason, until, actor))


@router.post("/cases/{ref}/erasure/go-on")
def release_erasure(
    request: Request,
    ref: str,
    sure: Annotated[bool, Form()] = False,
    hold: Annotated[str, Form(max_length=40)] = "",
    who: SignedIn = Depends(only(*MAY_RELEASE)),
) -> Response:
    """Let an erasure go on that was held, by the hold that stood on the page."""
    actor = Actor(who.role, who.ref)
    world = world_of(request)
    return _held(request, ref, lambda: release_hold(world, ref, actor, sure=sure, seen=hold))


def _held(request: Request, ref: str, act: Callable[[], None]) -> Response:
    try:
        act()
    except (DecisionRefused, EventRefused) as refused:
        values = {"title": "Not taken", "text": str(refused)}
        return pages_of(request).show(request, "message.html", values, 422)
    return RedirectResponse(f"/cases/{ref[:16]}/consent", 303)


@router.post("/cases/{ref}/copy")
def copy(request: Request, ref: str, who: SignedIn = Depends(deciders)) -> Response:
    """Return the patient's copy as a ZIP file; taking it out is written to the audit."""
    try:
        name, file = copy_of(world_of(request), ref, who.ref)
    except FileMissing as missing:
        values = {"title": "Not complete", "text": str(missing)}
        return pages_of(request).show(request, "message.html", values, 503)
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return StreamingResponse(_chunks(file), media_type="application/zip", headers=headers)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
