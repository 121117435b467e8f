"""What a family wishes of its offers: written down on the case's page of hospitals."""

from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from accounts.sessions import SignedIn
from web.access import only, world_of
from web.page_router import PageRouter
from web.pages.case import show_tab
from workflows.engine.deciding import DecisionRefused
from workflows.events import Actor
from workflows.outreach.wishes import state_wishes

deciders = only("coordinator", "lead")
router = PageRouter(access=deciders, compress=True)


@router.post("/cases/{ref}/wishes")
def write_wishes(
    request: Request,
    ref: str,
    currency: Annotated[str, Form(max_length=60)] = "",
    countries: Annotated[str, Form(max_length=200)] = "",
    who: SignedIn = Depends(deciders),
) -> Response:
    """Write down in which currency offers are told too, and where the family would go first."""
    try:
        state_wishes(world_of(request), ref, currency, countries, Actor(who.role, who.ref))
    except DecisionRefused as refused:
        typed = {"wished": (currency, countries)}
        return show_tab(request, who, ref, "hospitals", refusal=str(refused), more=typed)
    return RedirectResponse(f"/cases/{ref[:16]}/hospitals#offers", 303)
