"""The repair desk: what stopped, what it means, and one or many answers after one confirmation."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Form, Request
from starlette.responses import Response

from accounts.users import SignedIn
from views.repair import (
    MAX_AT_ONCE,
    Cause,
    answers_of,
    everything_of,
    known_kind,
    rows_chosen,
    whole_desk,
)
from views.repair_in_bulk import settle_many
from web.access import only, world_of
from web.page_router import Menu, PageRouter
from web.pages.sign_in import pages_of
from workflows.decisions import DecisionRefused
from workflows.engine.world import World
from workflows.events import Actor

readers = only("coordinator", "lead", "administrator")
router = PageRouter(access=readers, compress=True)

Text = Annotated[str, Form(max_length=80)]
Chosen = Annotated[list[int] | None, Form()]


@router.get("/repair", menu=Menu("Repair", "g r", 40))
def desk(request: Request, who: SignedIn = Depends(readers)) -> Response:
    """Show everything that waits for a repair, and the queues."""
    return _show(request, who)


@router.post("/repair/confirm")
def confirm(
    request: Request,
    kind: Text,
    answer: Text,
    step: Text = "",
    code: Text = "",
    everything: Annotated[bool, Form(alias="all")] = False,
    task: Chosen = None,
    who: SignedIn = Depends(readers),
) -> Response:
    """Say what an answer will do to the chosen rows; nothing is changed yet."""
    world = world_of(request)
    offered = {a.code: a for a in answers_of(kind)} if known_kind(kind) else {}
    if answer not in offered:
        return _show(request, who, "This answer is not offered any more. Look again.")
    chosen = list(dict.fromkeys(task or []))
    if everything:
        chosen = everything_of(world, Cause(kind, step, code))
    if not chosen or len(chosen) > MAX_AT_ONCE:
        return _show(
            request, who, f"Tick at least one row, and {MAX_AT_ONCE} at most; then choose again."
        )
    rows = rows_chosen(world, kind, chosen)
    values = {"kind": kind, "answer": offered[answer], "chosen": chosen, "rows": rows}
    return pages_of(request).show(request, "repair_confirm.html", values)


@router.post("/repair/settle")
def settle(
    request: Request,
    kind: Text,
    answer: Text,
    reason: Annotated[str, Form(max_length=2000)] = "",
    task: Chosen = None,
    who: SignedIn = Depends(readers),
) -> Response:
    """Give the answer to each row and show what became of each."""
    world = world_of(request)
    try:
        outcomes = settle_many(
            world,
            kind,
            task or [],
            answer=answer,
            actor=Actor(who.role, who.ref),
            reason=reason.strip() or None,
        )
    except DecisionRefused as refused:
        return _show(request, who, str(refused))
    offered = {a.code: a for a in answers_of(kind)}
    done = [outcome for outcome in outcomes if outcome.refusal is None]
    values = {
        "answer": offered.get(answer),
        "kind": kind,
        "done": done,
        "refused": [outcome for outcome in outcomes if outcome.refusal is not None],
    }
    return pages_of(request).show(request, "repair_done.html", values)


def flower_address(world: World) -> str:
    """Return where Flower is opened, without a slash at the end."""
    settings = world.settings
    return settings.flower_public_url.rstrip("/") or f"http://127.0.0.1:{settings.flower_port}"


def _show(request: Request, who: SignedIn, refusal: str | None = None) -> Response:
    world = world_of(request)
    found = whole_desk(world)
    flower = flower_address(world)
    values = {
        "desk": found,
        "flower": flower,
        "refusal": refusal,
        "flower_step": lambda step: f"{flower}/tasks?name={quote(step)}",
        "may": lambda roles: who.role in roles,
        "opens": who.role in ("coordinator", "lead"),
    }
    return pages_of(request).show(request, "repair.html", values, 422 if refusal else 200)
