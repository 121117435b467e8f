"""What coordinators do with the links to a patient's page: end those that were sent."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from accounts.sessions import SignedIn
from models.base import require_id
from models.database import transaction
from web.access import check_form, only, world_of
from workflows.engine.lookup import case_by_ref
from workflows.portal.access import revoke_links

router = APIRouter()


@router.post("/cases/{ref}/links/revoke")
def revoke(
    request: Request,
    ref: str,
    csrf: Annotated[str, Form()] = "",
    who: SignedIn = Depends(only("coordinator", "lead")),
) -> Response:
    """End every link to the patient's page that was sent so far; the next letter has a new one."""
    check_form(request, csrf)
    world = world_of(request)
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
    revoke_links(world, require_id(case.id), who.ref)
    return RedirectResponse(f"/cases/{case.ref}/consent?said=revoked", 303)
