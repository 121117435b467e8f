"""Documents: pages as pictures with the findings framed, their text, what differs, the original."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from accounts.users import SignedIn
from suitability.deciding import decisive_fields
from views.being_read import being_read
from views.case_file import open_case_file
from views.document_page import document_page, imaging_here, joinable, place_of_finding, ref_of
from views.files import (
    PICTURES,
    FileLocked,
    FileMissing,
    has_picture,
    line_of,
    original_of,
    page_of,
    texts_of,
)
from views.findings import differences_of
from views.shown import ShownDocument, ShownFinding, ShownPage
from web.access import only, world_of
from web.forms import as_finding
from web.limits import limit_looks
from web.marking import Piece, marked
from web.page_router import PageRouter
from web.pages.case import tabs
from web.pages.sign_in import pages_of
from web.pools import FILES, LOOKS, in_pool
from web.verdicts import Verdict
from workflows.decisions import DecisionRefused
from workflows.documents import by_hand
from workflows.documents.whose import ask_whose
from workflows.engine.file_store import StoreFailed
from workflows.engine.not_there import CaseNotFound
from workflows.engine.world import World
from workflows.events import Actor, EventRefused
from workflows.findings.decisions import REJECTION_REASONS
from workflows.findings.reopened import settle_again
from workflows.letters.archived import read_kept

MAX_SHEETS = 60
patients = only("coordinator", "clinician", "lead")
router = PageRouter(access=patients)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: what is framed on it, and its text cut at the quotes (empty when not loaded)."""

    page: ShownPage
    findings: list[ShownFinding]
    pieces: list[Piece]
    drawn: bool

    @property
    def framed(self) -> list[ShownFinding]:
        """The findings that have a box, the largest first: the small ones lie on top."""
        return sorted((f for f in self.findings if f.box), key=_area, reverse=True)


@router.get("/cases/{ref}/documents", compress=True)
def case_documents(
    request: Request, ref: str, done: int | None = None, who: SignedIn = Depends(patients)
) -> Response:
    """Show the case's documents and findings, first where they state different values."""
    return _case_documents(request, ref, who, done=done)


@router.post("/documents/{document_id}/read")
def read_now(request: Request, document_id: int, who: SignedIn = Depends(patients)) -> Response:
    """Have a file of an old letter read like one that comes now."""
    try:
        ref = read_kept(world_of(request), document_id, who.ref)
    except CaseNotFound as gone:
        raise HTTPException(410, str(gone)) from None
    except DecisionRefused as refused:
        raise HTTPException(422, str(refused)) from None
    return RedirectResponse(f"/cases/{ref}/documents", 303)


@router.post("/documents/{document_id}/whose")
def ask_whose_it_is(
    request: Request, document_id: int, who: SignedIn = Depends(patients)
) -> Response:
    """Ask once more whose a document is that is kept locked."""
    try:
        ref = ask_whose(world_of(request), document_id, Actor(who.role, who.ref))
    except CaseNotFound as gone:
        raise HTTPException(410, str(gone)) from None
    except DecisionRefused as refused:
        raise HTTPException(422, str(refused)) from None
    return RedirectResponse(f"/cases/{ref}/documents", 303)


@router.post("/findings/{finding_id}")
async def settle_finding(
    request: Request, finding_id: int, who: SignedIn = Depends(patients)
) -> Response:
    """Take a person's second look at one finding; a refusal says why, and nothing was written."""
    form = await request.form()
    what, value = str(form.get("what", "")), str(form.get("value", "")).strip()
    words = " ".join(str(form.get("why", "")).split())[:500]
    given = Verdict(what, value, str(form.get("code", "")), words)

    def settle() -> Response:
        world = world_of(request)
        ref, field = place_of_finding(world, finding_id)
        try:
            settle_again(
                world,
                finding_id,
                what=what,
                actor=Actor(who.role, who.ref),
                reason=given.reason,
                value=as_finding(value),
            )
        except (DecisionRefused, EventRefused) as refused:
            return _case_documents(request, ref, who, refusal=str(refused), about=finding_id)
        return RedirectResponse(f"/cases/{ref}/documents#differ-{field}", 303)

    return await run_in_threadpool(settle)


@router.post("/cases/{ref}/photos")
async def join_photos(request: Request, ref: str, who: SignedIn = Depends(patients)) -> Response:
    """Put the photos that a person ticked together as one document; a refusal says why."""
    form = await request.form()
    ticked = [str(number) for number in form.getlist("photo")]
    numbers = [int(number) for number in ticked if number.isdecimal() and len(number) < 16]

    def join() -> Response:
        try:
            by_hand.join_chosen(world_of(request), ref, numbers, Actor(who.role, who.ref))
        except DecisionRefused as refused:
            return _case_documents(request, ref, who, refusal=str(refused))
        return RedirectResponse(f"/cases/{ref}/documents", 303)

    return await run_in_threadpool(join)


@router.post("/documents/{document_id}/photos")
def part_photos(request: Request, document_id: int, who: SignedIn = Depends(patients)) -> Response:
    """Take a document that was made of photos apart; a refusal says why."""
    world = world_of(request)
    ref = ref_of(world, document_id)
    try:
        by_hand.take_apart(world, document_id, Actor(who.role, who.ref))
    except DecisionRefused as refused:
        return _case_documents(request, ref, who, refusal=str(refused))
    except StoreFailed:
        return _case_documents(request, ref, who, refusal="The store does not answer. Try again.")
    return RedirectResponse(f"/cases/{ref}/documents", 303)


def _case_documents(
    request: Request,
    ref: str,
    who: SignedIn,
    *,
    done: int | None = None,
    refusal: str | None = None,
    about: int | None = None,
) -> Response:
    world = world_of(request)
    file = open_case_file(world, ref, "case.viewed:documents", who.ref)
    library = world.playbooks.criteria
    values = {
        "file": file,
        "row": file.row,
        "case": file.case,
        "tabs": tabs(who),
        "tab": "documents",
        "done": done,
        "differences": differences_of(world, ref),
        "imaging": imaging_here(world, file.case.id),
        "refusal": refusal,
        "being_read": being_read(file.documents),
        "may_join": who.role in by_hand.ROLES,
        "joinable": joinable(file.documents) if who.role in by_hand.ROLES else (),
        "about": about,
        "decisive": decisive_fields(library, file.case.site),
        "reasons": REJECTION_REASONS,
    }
    return pages_of(request).show(request, "case_documents.html", values, 422 if refusal else 200)


@router.get("/documents/{document_id}", compress=True)
def one_document(
    request: Request, document_id: int, page: int = 1, who: SignedIn = Depends(patients)
) -> Response:
    """Show one page of a document beside what was read from it."""
    world = world_of(request)
    found = document_page(world, document_id, who.ref)
    shown = [each for each in found.pages if each.number == page]
    here = [finding for finding in found.findings if finding.page == page]
    values = {
        "document": found.document,
        "row": found.row,
        "pages": found.pages,
        "number": page,
        "page": shown[0] if shown else None,
        "findings": found.findings,
        "tasks": found.tasks,
        "may_join": who.role in by_hand.ROLES,
        "here": here,
        "sheets": sheets(world, found.document, shown, here),
        "decisive": decisive_fields(world.playbooks.criteria, found.row.site),
    }
    return pages_of(request).show(request, "document.html", values)


@router.get("/documents/{document_id}/pages/{number}.{kind}")
async def picture(
    request: Request, document_id: int, number: int, kind: str, who: SignedIn = Depends(patients)
) -> Response:
    """Return a page's picture: png as drawn, webp for the console."""
    if kind not in PICTURES:
        raise HTTPException(404, "There is no such picture.")

    def draw() -> Response:
        limit_looks(request, who.ref)
        try:
            content = page_of(world_of(request), document_id, number, kind, who.ref)
        except FileMissing as missing:
            raise HTTPException(404, str(missing)) from None
        return Response(content, media_type=f"image/{kind}")

    return await in_pool(LOOKS, who.ref, draw)


@router.get("/findings/{finding_id}/line.png")
async def line(request: Request, finding_id: int, who: SignedIn = Depends(patients)) -> Response:
    """Return the strip of the page with a finding's line, framed."""

    def draw() -> Response:
        limit_looks(request, who.ref)
        try:
            content = line_of(world_of(request), finding_id, who.ref)
        except FileMissing as missing:
            raise HTTPException(404, str(missing)) from None
        return Response(content, media_type="image/png")

    return await in_pool(LOOKS, who.ref, draw)


@router.get("/documents/{document_id}/original")
async def original(
    request: Request, document_id: int, who: SignedIn = Depends(patients)
) -> Response:
    """Return the original bytes as a download: a browser never opens them on our site."""
    world = world_of(request)
    try:
        content = await in_pool(FILES, who.ref, lambda: original_of(world, document_id, who.ref))
    except FileLocked as locked:
        raise HTTPException(404, str(locked)) from None
    except FileMissing as missing:
        raise HTTPException(503, str(missing)) from None
    headers = {
        "content-disposition": f'attachment; filename="document-{document_id}"',
        "content-security-policy": "sandbox; default-src 'none'",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


def sheets(
    world: World,
    document: ShownDocument,
    pages: Sequence[ShownPage],
    findings: Sequence[ShownFinding],
) -> list[Sheet]:
    """Return pages with what is framed on each; the browser asks for their pictures when needed.

    Only the first page with a finding is drawn ahead, to know whether the document can be.
    """
    on_page: dict[int | None, list[ShownFinding]] = {}
    for finding in findings:
        on_page.setdefault(finding.page, []).append(finding)
    shown = pages[:MAX_SHEETS]
    first = next((page for page in shown if page.number in on_page), shown[0] if shown else None)
    drawn = first is not None and has_picture(world, document, first)
    texts = texts_of(world, document)
    few = len(shown) <= 3  # of many pages the text is sent of those that were read from only
    return [
        Sheet(
            page,
            on_page.get(page.number, []),
            marked(texts.get(page.number, ""), on_page.get(page.number, []))
            if few or page.number in on_page
            else [],
            drawn,
        )
        for page in shown
    ]


def _area(finding: ShownFinding) -> float:
    x0, top, x1, bottom = finding.box or (0, 0, 0, 0)
    return (x1 - x0) * (bottom - top)
