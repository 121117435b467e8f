"""Partners' systems: what they sent us, what became of it, and how it goes with what we tell."""

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from accounts.users import SignedIn
from views.limits import partner_loads
from views.partners import STATES, body_of, inbox, one_delivery, one_partner, partners, tries
from web.access import only, world_of
from web.page_router import Menu, PageRouter
from web.pages.sign_in import pages_of
from workflows.events import Actor
from workflows.hooks.endpoints import EndpointRefused
from workflows.hooks.managing import MAY, Act, act
from workflows.hooks.replaying import ReplayRefused, replay

readers = only("coordinator", "lead", "administrator")
carers = only("coordinator", "lead")
sees_patients = only("coordinator", "clinician", "lead")
router = PageRouter(access=readers, compress=True)

Text = Annotated[str, Form(max_length=600)]
DONE = {
    "add": "The partner is told from now on.",
    "pause": "Paused. What happens meanwhile waits for the partner.",
    "resume": "The partner is sent to again, beginning with what waited.",
    "remove": "Removed. Nothing is sent there any more.",
    "types": "Kept. It counts for what happens from now on.",
    "ordered": "Kept.",
    "test": "A test is on its way. Look at the tries in a moment.",
    "failed": "What had failed is on its way again.",
    "again": "It is on its way again, under the same number.",
    "since": "All of that is on its way again, under the same numbers.",
}


@router.get("/partners", menu=Menu("Partners", "g p", 45))
def overview(request: Request, who: SignedIn = Depends(readers)) -> Response:
    """Show both ways: what came in, and where our events go."""
    return _overview(request, who)


@router.post("/partners")
def add_partner(
    request: Request,
    name: Text,
    url: Text,
    types: Annotated[str, Form(max_length=4000)] = "",
    ordered: Annotated[bool, Form()] = False,
    who: SignedIn = Depends(readers),
) -> Response:
    """Register where a partner wants our events; its secret is shown once."""
    asked = Act("add", name=name, url=url, types=types.split(), ordered=ordered)
    try:
        done = act(world_of(request), asked, Actor(who.role, who.ref))
    except EndpointRefused as refused:
        return _overview(request, who, str(refused))
    return _overview(request, who, secret=(name.strip(), done.secret or ""))


@router.get("/partners/out/{endpoint_id}")
def partner(request: Request, endpoint_id: int, who: SignedIn = Depends(readers)) -> Response:
    """Show one partner: what it hears, how it goes there, every try."""
    return _partner(request, who, endpoint_id)


@router.post("/partners/out/{endpoint_id}")
def change_partner(
    request: Request,
    endpoint_id: int,
    what: Annotated[str, Form(max_length=20, alias="act")],
    types: Annotated[str, Form(max_length=4000)] = "",
    ordered: Annotated[bool, Form()] = False,
    since: Annotated[str, Form(max_length=30)] = "",
    delivery: Annotated[int, Form()] = 0,
    sure: Annotated[bool, Form()] = False,
    who: SignedIn = Depends(readers),
) -> Response:
    """Do one act to one partner; each is written to the audit."""
    world = world_of(request)
    try:
        name = one_partner(world, endpoint_id).name
        if what == "remove" and not sure:
            raise EndpointRefused("Tick that you are sure: what waits for the partner is dropped.")
        asked = Act(
            what, name=name, types=types.split(), ordered=ordered, delivery_id=delivery,
            since=_moment(since, world.settings.coordinator_time_zone) if since else None,
        )  # fmt: skip
        done = act(world, asked, Actor(who.role, who.ref))
    except EndpointRefused as refused:
        return _partner(request, who, endpoint_id, str(refused))
    if done.secret:
        return _partner(request, who, endpoint_id, secret=done.secret)
    if what == "remove":
        return RedirectResponse("/partners?done=remove", 303)
    return RedirectResponse(f"/partners/out/{endpoint_id}?done={what}", 303)


@router.get("/partners/in/{hook_id}")
def delivery(request: Request, hook_id: int, who: SignedIn = Depends(sees_patients)) -> Response:
    """Show one delivery as it came. Personal data: the look is written down."""
    return _delivery(request, who, hook_id)


@router.post("/partners/in/{hook_id}")
def take_again(request: Request, hook_id: int, who: SignedIn = Depends(carers)) -> Response:
    """Work a delivery that was not taken once more."""
    try:
        replay(world_of(request), hook_id, Actor(who.role, who.ref))
    except ReplayRefused as refused:
        return _delivery(request, who, hook_id, str(refused))
    return RedirectResponse(f"/partners/in/{hook_id}?done=replay", 303)


def _moment(given: str, zone: str) -> datetime:
    """Return a moment as a browser's field gives it, in the coordinators' time zone."""
    try:
        return datetime.fromisoformat(given).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except ValueError:
        raise EndpointRefused("Write the moment as 2026-11-23 09:00.") from None


def _overview(
    request: Request,
    who: SignedIn,
    refusal: str | None = None,
    secret: tuple[str, str] | None = None,
) -> Response:
    world = world_of(request)
    state = request.query_params.get("state", "")
    values = {
        "deliveries": inbox(world, state if state in STATES else ""),
        "states": STATES,
        "state": state,
        "partners": partners(world),
        "loads": partner_loads(world),
        "may_add": who.role in MAY["add"],
        "may_read": who.role in carers.roles,
        "secret": secret,
        "done": DONE.get(request.query_params.get("done", "")),
        "refusal": refusal,
        "hook_url": f"{world.settings.web_public_url.rstrip('/')}/hooks/",
    }
    return pages_of(request).show(request, "partners.html", values, 422 if refusal else 200)


def _partner(
    request: Request,
    who: SignedIn,
    endpoint_id: int,
    refusal: str | None = None,
    secret: str | None = None,
) -> Response:
    world = world_of(request)
    values = {
        "partner": one_partner(world, endpoint_id),
        "tries": tries(world, endpoint_id),
        "may": lambda what: who.role in MAY[what],
        "secret": secret,
        "done": DONE.get(request.query_params.get("done", "")),
        "refusal": refusal,
    }
    return pages_of(request).show(request, "partner.html", values, 422 if refusal else 200)


def _delivery(
    request: Request, who: SignedIn, hook_id: int, refusal: str | None = None
) -> Response:
    world = world_of(request)
    one = one_delivery(world, hook_id)
    done = "It is worked again." if request.query_params.get("done") else None
    values = {
        "one": one,
        "may_take": who.role in carers.roles,
        "body": body_of(world, hook_id, Actor(who.role, who.ref)),
        "done": done,
        "refusal": refusal,
    }
    return pages_of(request).show(request, "partner_delivery.html", values, 422 if refusal else 200)
