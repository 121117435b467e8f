"""Webhooks of partners: verified on the raw body, kept as they came, answered once and for all."""

from collections.abc import Mapping

import structlog
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from accounts.throttle import TooMany
from web.access import SIGNATURE, world_of
from web.limits import limit_hooks
from web.page_router import PageRouter
from web.refusals import address_of, note_refusal
from workflows.engine.file_store import StoreFailed
from workflows.hooks.inbox import Call, receive, sends_mail
from workflows.hooks.problems import HookRefused, document

router = PageRouter(access=SIGNATURE)
log = structlog.get_logger("hooks")
PROBLEM = "application/problem+json"


@router.post("/hooks/{source}")
async def take_delivery(request: Request, source: str) -> Response:
    """Answer 200 for what was taken, now or before; 401 alike for every doubt about the sender."""
    return await _take(request, source)


@router.post("/hooks/mail/{source}")
async def take_mail_delivery(request: Request, source: str) -> Response:
    """Take a raw message of a mail provider; only those sources may send bodies of that size."""
    return await _take(request, source, mail=True)


async def _take(request: Request, source: str, *, mail: bool = False) -> Response:
    try:
        # Before the body is read and before the signature: a flood costs no arithmetic.
        await run_in_threadpool(limit_hooks, request, source)
        if mail and not sends_mail(world_of(request), source):
            raise HookRefused("not_genuine")  # before the body is read
        body = await request.body()
        call = Call(dict(request.headers), body, address_of(request))
        answer = await run_in_threadpool(receive, world_of(request), source, call)
    except TooMany as many:
        if many.first:
            await run_in_threadpool(note_refusal, request, "hook.too_many")
        return _refused("too_many", {"retry-after": str(many.retry_after)})
    except HookRefused as refused:
        if refused.code == "not_genuine":
            await run_in_threadpool(note_refusal, request, "hook.refused")
        return _refused(refused.code)
    except StoreFailed as error:
        log.warning("a webhook was not taken: no storage", code=error.code)
        return _refused("not_now", {"retry-after": "30"})
    media = PROBLEM if answer.status >= 400 else "application/json"
    # Sorted: what the database kept comes back in another order, and is to be the same text.
    return JSONResponse(dict(sorted(answer.body.items())), answer.status, media_type=media)


def _refused(code: str, headers: Mapping[str, str] | None = None) -> Response:
    told = document(HookRefused(code))
    told = dict(sorted(told.items()))
    return JSONResponse(told, told["status"], dict(headers or {}), media_type=PROBLEM)
