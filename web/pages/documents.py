"""A document: its page as a picture with the findings framed, its text, the original."""

import json
from collections.abc import Sequence

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from adapters.page_image import NoPicture, page_image
from adapters.storage import StorageError
from models import Case, Document, DocumentPage
from models import FindingRecord as Finding
from models.database import transaction
from web.access import only, world_of
from web.pages.sign_in import pages_of
from workflows import audit
from workflows.accounts import SignedIn
from workflows.lookup import get
from workflows.views.case_file import case_summary, document_findings, document_pages
from workflows.views.lists import open_tasks
from workflows.world import World

router = APIRouter()

PICTURE_WIDTH = 1100
MOST_SHEETS = 12
patients = only("coordinator", "clinician", "lead")


@router.get("/documents/{document_id}")
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
    shown = next((each for each in pages if each.number == page), None)
    values = {
        "document": document, "row": row, "pages": pages, "page": shown, "number": page,
        "findings": findings, "tasks": tasks, "here": [f for f in findings if f.page == page],
        "has_picture": shown is not None and has_picture(world, document, shown),
        "text": _text(world, document, page), "width": PICTURE_WIDTH,
    }  # fmt: skip
    return pages_of(request).show(request, "document.html", values)


@router.get("/documents/{document_id}/pages/{number}.png")
def picture(
    request: Request, document_id: int, number: int, who: SignedIn = Depends(patients)
) -> Response:
    """Return a page's picture."""
    world = world_of(request)
    with transaction(world.engine) as session:
        document = get(session, Document, document_id)
        _audit(world, who, document, f"page.viewed:{number}")
    try:
        content = _picture(world, document, number)
    except (NoPicture, StorageError):
        raise HTTPException(404, "This page cannot be drawn.") from None
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
) -> list[tuple[DocumentPage, list[Finding]]]:
    """Return the pages that hold findings and can be drawn, with what is framed on each."""
    on_page: dict[int | None, list[Finding]] = {}
    for finding in findings:
        on_page.setdefault(finding.page, []).append(finding)
    wanted = [page for page in pages if page.number in on_page][:MOST_SHEETS]
    return [(page, on_page[page.number]) for page in wanted if has_picture(world, document, page)]


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
        _picture(world, document, page.number)
    except (NoPicture, StorageError):
        return False
    return True


def _picture(world: World, document: Document, number: int) -> bytes:
    """Return a page's picture, drawn once and kept beside the original."""
    key = f"pages/{document.sha256}-{number}-{PICTURE_WIDTH}.png"
    if world.storage.exists(key):
        return world.storage.get(key)
    content = page_image(world.storage.get(document.object_key), number, PICTURE_WIDTH)
    world.storage.put(key, content, "image/png")
    return content


def _text(world: World, document: Document, number: int) -> str:
    if document.text_object_key is None:
        return ""
    try:
        pages = json.loads(world.storage.get(document.text_object_key))["pages"]
    except StorageError:
        return ""
    return next((str(p["text"]) for p in pages if p["number"] == number), "")
