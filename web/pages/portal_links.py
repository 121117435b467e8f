"""What coordinators do with the links to a patient's page: end those that were sent."""

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from accounts.sessions import SignedIn
from models.base import require_id
from models.database import transaction
from web.access import only, world_of
from web.page_router import PageRouter
from workflows.engine.lookup import case_by_ref
from workflows.portal.access import revoke_links

router = PageRouter(access=only("coordinator", "lead"))


@router.post("/cases/{ref}/links/revoke")
def revoke(
    request: Request,
    ref: str,
    who: SignedIn = Depends(only("coordinator", "lead")),
) -> Response:
    """End every link to the patient's page that was sent so far; the next letter has a new one."""
    world = world_of(request)
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
    revoke_links(world, require_id(case.id), who.ref)
    return RedirectResponse(f"/cases/{case.ref}/consent?said=revoked", 303)
