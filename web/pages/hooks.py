"""Webhooks of partners: verified on the raw body, taken once."""

import structlog
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from accounts.throttle import TooMany
from web.access import SIGNATURE, world_of
from web.limits import limit_hooks
from web.page_router import PageRouter
from web.refusals import note_refusal
from workflows.cases.intake import IntakeRefused
from workflows.cases.partner_hooks import LARGEST_BODY, HookRefused, NotGenuine, accept
from workflows.engine.file_store import StoreFailed
from workflows.engine.record import CaseNotFound
from workflows.events import EventRefused

router = PageRouter(access=SIGNATURE)
log = structlog.get_logger("hooks")


@router.post("/hooks/{source}")
async def receive(request: Request, source: str) -> Response:
    """Answer 200 for what was taken, now or before; 401 alike for every doubt about the sender."""
    body = await request.body()
    if len(body) > LARGEST_BODY:
        return JSONResponse({"error": "too large"}, 413)
    world = world_of(request)
    headers = dict(request.headers)
    try:
        # Before the signature: an address that floods us costs no arithmetic.
        await run_in_threadpool(limit_hooks, request, source)
        taken = await run_in_threadpool(accept, world, source, headers, body)
    except TooMany as many:
        if many.first:
            await run_in_threadpool(note_refusal, request, "hook.too_many")
        return JSONResponse(
            {"error": "too many calls"}, 429, {"retry-after": str(many.retry_after)}
        )
    except NotGenuine:
        await run_in_threadpool(note_refusal, request, "hook.refused")
        return JSONResponse({"error": "signature not accepted"}, 401)
    except (HookRefused, IntakeRefused, EventRefused, CaseNotFound) as refused:
        return JSONResponse({"error": str(refused)}, 422)
    except StoreFailed as error:
        log.warning("a webhook was not taken: no storage", code=error.code)
        return JSONResponse({"error": "try again"}, 503, {"retry-after": "30"})
    if taken.duplicate:
        return JSONResponse({"status": "duplicate"})
    return JSONResponse({"status": "accepted", "case_ref": taken.case_ref})
