"""A lost or ended link: a new one by letter, to the address that we know."""

from typing import Annotated

from fastapi import Form, Request
from starlette.background import BackgroundTask
from starlette.responses import Response

from web.access import LINK, PUBLIC, world_of
from web.page_router import PageRouter
from web.pages.portal_own import lost
from web.refusals import actor_of
from workflows.portal import links

router = PageRouter(prefix="/portal", access=LINK, order=2)


@router.get("/sign-in/link", access=PUBLIC)
def lost_link(request: Request) -> Response:
    """Show the form for somebody whose link is lost or has ended."""
    return lost(request)


@router.post("/sign-in/link", access=PUBLIC)
def send_link(request: Request, email: Annotated[str, Form(max_length=254)] = "") -> Response:
    """Send a fresh link to the address, if it is a patient's; never say whether."""
    if "@" not in email:
        return lost(request, refusal="email", status=422)
    world = world_of(request)
    links.ask(world, email, actor_of(request))
    response = lost(request, email=email.strip(), asked=True)
    # After the answer, so that the time it takes does not tell whether we know the address.
    response.background = BackgroundTask(links.send_links, world, email)
    return response


@router.post("/{token}/renew")
def renew(request: Request, token: str) -> Response:
    """Send a fresh link to the patient whose link has ended."""
    world = world_of(request)
    links.ask(world, token, actor_of(request))
    response = lost(request, asked=True)
    response.background = BackgroundTask(links.renew, world, token)
    return response
