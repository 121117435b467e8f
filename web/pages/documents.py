"""Documents: pages as pictures with the findings framed, their text, what differs, the original."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from accounts import audit
from accounts.users import SignedIn
from adapters.page_image import NoPicture
from adapters.storage import StorageError
from models import Case, Document, DocumentPage
from models import FindingRecord as Finding
from models.database import transaction
from views.case_file import case_summary, document_findings, document_pages
from views.findings import decisive_fields, differences
from views.lists import open_tasks
from web.access import only, world_of
from web.forms import as_finding
from web.marking import Piece, marked
from web.page_router import PageRouter
from web.pages.case import open_file, tabs
from web.pages.sign_in import pages_of
from web.verdicts import Verdict
from workflows.decisions import DecisionRefused
from workflows.documents.page_pictures import line_picture, page_picture, small_picture
from workflows.engine.lookup import get
from workflows.engine.world import World
from workflows.events import Actor, EventRefused
from workflows.findings.decisions import REJECTION_REASONS
from workflows.findings.reopened import settle_again

MAX_SHEETS = 60
patients = only("coordinator", "clinician", "lead")
router = PageRouter(access=patients)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page: what is framed on it, and its text cut at the quotes (empty when not loaded)."""

    page: DocumentPage
    findings: list[Finding]
    pieces: list[Piece]
    drawn: bool

    @property
    def framed(self) -> list[Finding]:
        """The findings that have a box, the largest first: the small ones lie on top."""
        return sorted((f for f in self.findings if f.box), key=_area, reverse=True)


@router.get("/cases/{ref}/documents", compress=True)
def case_documents(
    request: Request, ref: str, done: int | None = None, who: SignedIn = Depends(patients)
) -> Response:
    """Show the case's documents and findings, first where they state different values."""
    return _case_documents(request, ref, who, done=done)


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
        with transaction(world.engine) as session:
            finding = get(session, Finding, finding_id)
            ref = get(session, Case, finding.case_id).ref
        try:
            settle_again(
                world, finding_id, what=what, actor=Actor(who.role, who.ref),
                reason=given.reason, value=as_finding(value),
            )  # fmt: skip
        except (DecisionRefused, EventRefused) as refused:
            return _case_documents(request, ref, who, refusal=str(refused), about=finding_id)
        return RedirectResponse(f"/cases/{ref}/documents#differ-{finding.field}", 303)

    return await run_in_threadpool(settle)


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
    file = open_file(world, who, ref, "case.viewed:documents")
    library = world.playbooks.criteria
    with transaction(world.engine) as session:
        differ = differences(session, file.case, library, world.clock.now().date())
    values = {
        "file": file, "row": file.row, "case": file.case, "tabs": tabs(who), "tab": "documents",
        "done": done, "differences": differ, "refusal": refusal, "about": about,
        "decisive": decisive_fields(library, file.case.site), "reasons": REJECTION_REASONS,
    }  # fmt: skip
    return pages_of(request).show(request, "case_documents.html", values, 422 if refusal else 200)


@router.get("/documents/{document_id}", compress=True)
def document_page(
    request: Request, document_id: int, page: int = 1, who: SignedIn = Depends(patients)
) -> Response:
    """Show one page of a document beside what was read from it."""
    world = world_of(request)
    now = world.clock.now()
    with transaction(world.engine) as session:
        document = get(session, Document, document_id)
        case = get(session, Case, document.case_id)
        pages = document_pages(session, document_id)
        findings = document_findings(session, document_id)
        row = case_summary(session, case, now)
        tasks = [
            task
            for task in open_tasks(session, now, case_ref=case.ref)
            if task.objects.get("document_id") == document_id
        ]
        _audit(world, who, document, "document.viewed")
    shown = [each for each in pages if each.number == page]
    here = [finding for finding in findings if finding.page == page]
    values = {
        "document": document, "row": row, "pages": pages, "number": page,
        "page": shown[0] if shown else None, "findings": findings, "tasks": tasks, "here": here,
        "sheets": sheets(world, document, shown, here),
        "decisive": decisive_fields(world.playbooks.criteria, case.site),
    }  # fmt: skip
    return pages_of(request).show(request, "document.html", values)


@router.get("/documents/{document_id}/pages/{number}.{kind}")
def picture(
    request: Request,
    document_id: int,
    number: int,
    kind: str,
    who: SignedIn = Depends(patients),
) -> Response:
    """Return a page's picture: png as drawn, webp for the console."""
    world = world_of(request)
    draw = {"png": page_picture, "webp": small_picture}.get(kind)
    if draw is None:
        raise HTTPException(404, "There is no such picture.")
    with transaction(world.engine) as session:
        document = get(session, Document, document_id)
        _audit(world, who, document, f"page.viewed:{number}")
    try:
        content = draw(world, document, number)
    except (NoPicture, StorageError):
        raise HTTPException(404, "This page cannot be drawn.") from None
    return Response(content, media_type=f"image/{kind}")


@router.get("/findings/{finding_id}/line.png")
def line(request: Request, finding_id: int, who: SignedIn = Depends(patients)) -> Response:
    """Return the strip of the page with a finding's line, framed."""
    world = world_of(request)
    with transaction(world.engine) as session:
        finding = get(session, Finding, finding_id)
        if finding.document_id is None or not finding.page or not finding.box:
            raise HTTPException(404, "This value has no place on a page.")
        document = get(session, Document, finding.document_id)
        pages = document_pages(session, finding.document_id)
        _audit(world, who, document, f"page.viewed:{finding.page}")
    width = next((page.width for page in pages if page.number == finding.page), 0.0)
    try:
        content = line_picture(page_picture(world, document, finding.page), width, finding.box)
    except (NoPicture, StorageError, ValueError):
        raise HTTPException(404, "This line cannot be drawn.") from None
    return Response(content, media_type="image/png")


@router.get("/documents/{document_id}/original")
def original(request: Request, document_id: int, who: SignedIn = Depends(patients)) -> Response:
    """Return the original bytes as a download: a browser never opens them on our site."""
    world = world_of(request)
    with transaction(world.engine) as session:
        document = get(session, Document, document_id)
    _audit(world, who, document, "document.downloaded")
    try:
        content = world.storage.get(document.object_key)
    except StorageError:
        raise HTTPException(503, "The store does not answer. Try again.") from None
    headers = {
        "content-disposition": f'attachment; filename="document-{document_id}"',
        "content-security-policy": "sandbox; default-src 'none'",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)


def sheets(
    world: World, document: Document, pages: Sequence[DocumentPage], findings: Sequence[Finding]
) -> list[Sheet]:
    """Return pages with what is framed on each; the browser asks for their pictures when needed.

    Only the first page with a finding is drawn ahead, to know whether the document can be.
    """
    on_page: dict[int | None, list[Finding]] = {}
    for finding in findings:
        on_page.setdefault(finding.page, []).append(finding)
    shown = pages[:MAX_SHEETS]
    first = next((page for page in shown if page.number in on_page), shown[0] if shown else None)
    drawn = first is not None and has_picture(world, document, first)
    texts = _texts(world, document)
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


def _area(finding: Finding) -> float:
    x0, top, x1, bottom = finding.box or (0, 0, 0, 0)
    return (x1 - x0) * (bottom - top)


def _audit(world: World, who: SignedIn, document: Document, action: str) -> None:
    with transaction(world.engine) as session:
        audit.note(
            session, actor_ref=who.ref, action=action, at=world.clock.now(),
            object_ref=f"document:{document.id}", case_id=document.case_id,
        )  # fmt: skip


def has_picture(world: World, document: Document, page: DocumentPage) -> bool:
    """Return whether a page can be drawn; drawing it is kept."""
    media_type = document.media_type or ""
    if not (media_type == "application/pdf" or media_type.startswith("image/")):
        return False
    try:
        page_picture(world, document, page.number)
    except (NoPicture, StorageError):
        return False
    return page.width > 0 and page.height > 0


def _texts(world: World, document: Document) -> Mapping[int, str]:
    """Return the text of each page by its number; empty when it cannot be had."""
    if document.text_object_key is None:
        return {}
    try:
        pages = json.loads(world.storage.get(document.text_object_key))["pages"]
    except StorageError:
        return {}
    return {int(page["number"]): str(page["text"]) for page in pages}
