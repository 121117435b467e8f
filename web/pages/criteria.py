"""The criteria sets: how each version stands, what it would change, and its approval."""

from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from accounts.signers import own_signer
from accounts.users import SignedIn
from suitability.words import criterion_in_words
from views.criteria import criteria_list, criteria_set
from web.access import only, signed_in, world_of
from web.freshness import must_be_fresh
from web.page_router import Menu, PageRouter
from web.pages.sign_in import pages_of
from workflows.decisions import DecisionRefused
from workflows.events import Actor
from workflows.screening.approvals import approve, withdraw
from workflows.screening.who_signs import SIGNER

router = PageRouter(access=signed_in, compress=True)
clinicians = only("clinician")
EXAMPLE = {"set_id": "breast_targit_a"}


@router.get("/criteria", menu=Menu("Criteria", "g k", 55))
def sets(request: Request, who: SignedIn = Depends(signed_in)) -> Response:
    """List the criteria sets; no personal data."""
    values = {"lines": criteria_list(world_of(request))}
    return pages_of(request).show(request, "criteria.html", values)


@router.get("/criteria/{set_id}", example=EXAMPLE)
def one_set(
    request: Request,
    set_id: str,
    look: Annotated[str, Query(max_length=10)] = "",
    done: Annotated[str, Query(max_length=10)] = "",
    who: SignedIn = Depends(signed_in),
) -> Response:
    """Show a set and what it would change; `look=again` is the second look, with the form."""
    return _show(request, set_id, who, again=look == "again", done=done)


@router.post("/criteria/{set_id}/approve")
async def approved(request: Request, set_id: str, who: SignedIn = Depends(clinicians)) -> Response:
    """Approve the version that was looked at; a refusal comes back with what was typed."""
    form = await request.form()

    def act() -> Response:
        must_be_fresh(request, who, form)
        values = {name: _typed(form, name) for name in ("look", *SIGNER) if _typed(form, name)}
        values["seen"] = ",".join(str(name) for name in form.getlist("seen"))
        try:
            approve(
                world_of(request),
                set_id,
                _typed(form, "version"),
                actor=Actor(who.role, who.ref),
                values=values,
            )
        except DecisionRefused as refused:
            return _show(request, set_id, who, again=True, refusal=str(refused), typed=values)
        return RedirectResponse(f"/criteria/{set_id[:60]}?done=approved", 303)

    return await run_in_threadpool(act)


@router.post("/criteria/{set_id}/withdraw")
async def withdrawn(request: Request, set_id: str, who: SignedIn = Depends(clinicians)) -> Response:
    """Withdraw a version; each open case whose result rests on it is told."""
    form = await request.form()

    def act() -> Response:
        must_be_fresh(request, who, form)
        values = {name: _typed(form, name) for name in SIGNER if _typed(form, name)}
        try:
            withdraw(
                world_of(request),
                set_id,
                _typed(form, "version"),
                actor=Actor(who.role, who.ref),
                reason=_typed(form, "reason"),
                values=values,
            )
        except DecisionRefused as refused:
            kept = {**values, "reason": _typed(form, "reason")}
            return _show(request, set_id, who, refusal=str(refused), typed=kept)
        return RedirectResponse(f"/criteria/{set_id[:60]}?done=withdrawn", 303)

    return await run_in_threadpool(act)


def _typed(form: FormData, name: str) -> str:
    return str(form.get(name, "")).strip()


def _show(
    request: Request,
    set_id: str,
    who: SignedIn,
    *,
    again: bool = False,
    done: str = "",
    refusal: str | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    world = world_of(request)
    page = criteria_set(world, set_id)
    fields = world.playbooks.criteria.vocabulary
    values = {
        "page": page,
        "line": page.line,
        "standing": page.line.standing,
        "rules": {one.id: criterion_in_words(one, fields) for one in page.one.criteria},
        "mine": who.role == "clinician",
        "again": again,
        "done": done,
        "refusal": refusal,
        "typed": typed or {},
        "ticked": (typed or {}).get("seen", "").split(","),
        "signer": own_signer(world.engine, who.ref),
    }
    return pages_of(request).show(request, "criteria_set.html", values, 422 if refusal else 200)
