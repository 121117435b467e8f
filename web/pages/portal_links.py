"""What coordinators do with the links to a patient's page: end those that were sent."""

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from accounts.sessions import SignedIn
from web.access import only, world_of
from web.page_router import PageRouter
from workflows.portal.access import revoke_links_of

router = PageRouter(access=only("coordinator", "lead"))


@router.post("/cases/{ref}/links/revoke")
def revoke(
    request: Request, ref: str, who: SignedIn = Depends(only("coordinator", "lead"))
) -> Response:
    """End every link to the patient's page that was sent so far; the next letter has a new one."""
    ref = revoke_links_of(world_of(request), ref, who.ref)
    return RedirectResponse(f"/cases/{ref}/consent?said=revoked", 303)
