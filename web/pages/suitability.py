"""What would settle a result, the sources side by side, and the clinician's report on paper."""

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from models.database import transaction
from web.access import signed_in, world_of
from web.pages.case import open_file, tabs
from web.pages.sign_in import pages_of
from workflows import audit
from workflows.accounts import SignedIn
from workflows.papers import NoResult, case_paper
from workflows.views.weighing import weigh_again

router = APIRouter()


@router.get("/cases/{ref}/suitability/what-if")
def case_what_if(request: Request, ref: str, who: SignedIn = Depends(signed_in)) -> Response:
    """Show the fewest missing facts that settle the category, and each source beside the others."""
    if not who.sees_patients:
        raise HTTPException(403, "Your role does not open this page.")
    world = world_of(request)
    file = open_file(world, who, ref, "case.viewed:what-if")
    try:
        weighing = weigh_again(world, ref)
    except NoResult as error:
        raise HTTPException(404, str(error)) from None
    values = {"file": file, "row": file.row, "tabs": tabs(who), "tab": "suitability",
              "weighing": weighing}  # fmt: skip
    return pages_of(request).show(request, "case_what_if.html", values)


@router.get("/cases/{ref}/suitability/report.pdf")
def case_report(request: Request, ref: str, who: SignedIn = Depends(signed_in)) -> Response:
    """Give the clinician's report of the newest result as a file to keep."""
    if not who.sees_patients:
        raise HTTPException(403, "Your role does not open this page.")
    world = world_of(request)
    try:
        paper = case_paper(world, ref)
    except NoResult as error:
        raise HTTPException(404, str(error)) from None
    with transaction(world.engine) as session:
        audit.note(session, actor_ref=who.ref, action="case.paper", at=world.clock.now(),
                   object_ref=paper.ref, case_id=paper.case_id)  # fmt: skip
    headers = {"content-disposition": f'attachment; filename="{paper.ref}-{paper.phase}.pdf"'}
    return Response(paper.content, media_type="application/pdf", headers=headers)
