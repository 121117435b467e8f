"""The pre-screen with what stands behind it, the box to sign it in, what would settle it, paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Depends, HTTPException, Request
from starlette.responses import Response

from accounts.users import SignedIn
from suitability.side_by_side import SIDE_WORDS
from suitability.words import STATUS_WORDS
from views.case_file import CaseFile, open_case_file
from views.criteria import Banner, banner_of
from views.evidence import Behind, behind_stored
from views.family_items import family_items
from views.shown import ShownAssessment
from views.signing import Signing, signing_of
from views.suitability import Prescreen, Signed, prescreen, signatures_of
from views.what_if import screen_again
from web.access import only, world_of
from web.page_router import PageRouter
from web.pages.case import tabs
from web.pages.sign_in import pages_of
from web.pages.signature import Sent, SignBox, sign_boxes
from web.pools import LOOKS, in_pool
from workflows.engine.world import World
from workflows.screening.report_pdf import NoResult, taken_report

readers = only("coordinator", "clinician", "lead")
router = PageRouter(access=readers, compress=True)

DISPUTED = "disputed"
FIRST_SHOWN = ("not_met", "fired", "unknown", "met", "not_fired", "not_applicable")
STATUSES = {DISPUTED: "sources disagree"} | {code: STATUS_WORDS[code] for code in FIRST_SHOWN}
"""What the criteria can be filtered by, in the order in which it is offered."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One phase's newest result with its signatures and the boxes to sign it in."""

    title: str
    assessment: ShownAssessment
    result: Prescreen
    behind: Behind
    counts: Mapping[str, int]
    signed: Sequence[Signed]
    signing: Signing
    boxes: Sequence[SignBox]
    banner: Banner


@router.get("/cases/{ref}/suitability")
def case_suitability(
    request: Request, ref: str, status: str = "", who: SignedIn = Depends(readers)
) -> Response:
    """Show each result with its criteria, filtered by status, and the box to sign it in."""
    return show_suitability(request, ref, who, status=status)


def show_suitability(
    request: Request, ref: str, who: SignedIn, *, status: str = "", sent: Sent | None = None
) -> Response:
    """Show the tab; `sent` is a signature that was refused, which comes back as it was sent."""
    world = world_of(request)
    file = open_case_file(world, ref, "case.viewed:suitability", who.ref)
    signed = signatures_of(world, file.case.id)
    results = [
        _shown(world, file, who, title, found, signed, sent)
        for title, found in (("Before surgery", file.assessment), ("After surgery", file.recheck))
        if found is not None
    ]
    kept = any(box.sent is not None for one in results for box in one.boxes)
    values = {
        "file": file,
        "row": file.row,
        "case": file.case,
        "tabs": tabs(who),
        "tab": "suitability",
        "done": None,
        "results": results,
        "status": status,
        "status_words": STATUSES,
        "refusal": sent.refusal if sent else None,
        "left_over": sent.reason if sent and not kept else "",
    }
    return pages_of(request).show(request, "case_suitability.html", values, 422 if sent else 200)


def _shown(
    world: World,
    file: CaseFile,
    who: SignedIn,
    title: str,
    assessment: ShownAssessment,
    signed: Sequence[Signed],
    sent: Sent | None,
) -> Shown:
    now = world.playbooks.criteria
    stands_on = behind_stored(world, assessment)
    result = prescreen(assessment, now, stands_on)
    rows = [row for one in result.sets for row in one.rows]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.status] = counts.get(row.status, 0) + 1
    disputed = sum(row.disputed for row in rows)
    if disputed:
        counts[DISPUTED] = disputed
    boxes = sign_boxes(file.tasks, assessment, who, sent, family_items(world))
    signing = signing_of(world, assessment, result, stands_on, sex=file.patient.sex, reader=who.ref)
    mine = [one for one in signed if one.phase == assessment.phase]
    banner = banner_of(world, assessment)
    return Shown(title, assessment, result, stands_on, counts, mine, signing, boxes, banner)


@router.get("/cases/{ref}/suitability/what-if")
def case_what_if(request: Request, ref: str, who: SignedIn = Depends(readers)) -> Response:
    """Show the fewest missing facts that settle the category, and each source beside the others."""
    world = world_of(request)
    file = open_case_file(world, ref, "case.viewed:what-if", who.ref)
    try:
        weighing = screen_again(world, ref)
    except NoResult as error:
        raise HTTPException(404, str(error)) from None
    values = {
        "file": file,
        "row": file.row,
        "tabs": tabs(who),
        "tab": "suitability",
        "weighing": weighing,
        "side_words": SIDE_WORDS,
    }
    return pages_of(request).show(request, "case_what_if.html", values)


@router.get("/cases/{ref}/suitability/report.pdf")
async def case_report(request: Request, ref: str, who: SignedIn = Depends(readers)) -> Response:
    """Give the clinician's report of the newest result as a file to keep."""
    world = world_of(request)
    try:
        paper = await in_pool(LOOKS, who.ref, lambda: taken_report(world, ref, who.ref))
    except NoResult as error:
        raise HTTPException(404, str(error)) from None
    headers = {"content-disposition": f'attachment; filename="{paper.ref}-{paper.phase}.pdf"'}
    return Response(paper.content, media_type="application/pdf", headers=headers)
