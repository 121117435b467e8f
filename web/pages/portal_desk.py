"""The hospital's desk: a page without account, opened by a link and a code of its own.

It stands under the portal's addresses, so what protects links there protects these: they are
written nowhere, sent on to nobody and answered in the reader's language.
"""

import secrets
from typing import Annotated, Any

from fastapi import Depends, Form, HTTPException, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from accounts.desk_links import browser_has_shown
from views.desk import Desk, desk_of
from views.desk_pictures import desk_picture, pictures_of
from web.access import LINK, is_https, world_of
from web.desk_words import DONE, LEVELS, REFUSALS
from web.languages import choose
from web.limits import limit_looks
from web.page_router import PageRouter
from web.pages.desk_forms import FORMS, typed_of, values_of
from web.pages.sign_in import pages_of
from web.pools import FILES, LOOKS, in_pool
from web.proxies import BY_PROXY
from web.ranges import ranged
from web.refusals import actor_of, note_refusal
from workflows.decisions import DecisionRefused
from workflows.engine.file_store import StoreFailed
from workflows.records import codes
from workflows.records.codes import CodeRefused, NoCodeSent
from workflows.records.desk import (
    DeskShut,
    OpenDesk,
    file_of,
    note_opened,
    note_shut,
    open_desk,
    sheet_of_desk,
)
from workflows.records.desk_answers import AmountsToConfirm, Answer, has_declined, take

router = PageRouter(prefix="/portal/desk", access=LINK, order=-1)
PDF = "application/pdf"
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/dicom": "dcm"}


async def posted(request: Request) -> FormData:
    """Return the posted form; the router checked that it comes from our own page."""
    return await request.form()


@router.get("/{token}")
def desk(request: Request, token: str, done: str = "") -> Response:
    """Show the desk, or ask for the code first."""
    opened = _opened(request, token)
    if isinstance(opened, Response):
        return opened
    if not _has_shown(request, opened.link_id, opened.generation):
        return _ask_code(request, token, opened)
    note_opened(world_of(request), opened, _place(request), country_of(request))
    return _show(request, token, opened, done=done)


@router.post("/{token}/code/send")
def send_code(request: Request, token: str) -> Response:
    """Send a code to the recipient's address."""
    opened = _opened(request, token)
    if isinstance(opened, Response):
        return opened
    refusal = ""
    try:
        codes.ask_by_mail(world_of(request), opened, _place(request))
    except NoCodeSent as refused:
        refusal = f"code_{refused.why}"
    return _ask_code(request, token, opened, asked=not refusal, refusal=refusal)


@router.post("/{token}/code")
def enter_code(
    request: Request, token: str, code: Annotated[str, Form(max_length=80)] = ""
) -> Response:
    """Take the code: this browser may look and answer for some hours."""
    opened = _opened(request, token)
    if isinstance(opened, Response):
        return opened
    world = world_of(request)
    try:
        kept = codes.enter(world, opened, code, _place(request), country_of(request))
    except CodeRefused:
        return _ask_code(request, token, opened, asked=True, refusal="code")
    response = RedirectResponse(f"/portal/desk/{token}", 303)
    response.set_cookie(
        _cookie(request, opened.link_id), kept, httponly=True, samesite="lax",
        secure=is_https(world), path="/",
    )  # fmt: skip
    return response


@router.post("/{token}/leave")
def leave(request: Request, token: str) -> Response:
    """End what this browser may do: its reader is done."""
    opened = _opened(request, token)
    if isinstance(opened, Response):
        return opened
    response = RedirectResponse(f"/portal/desk/{token}", 303)
    response.delete_cookie(_cookie(request, opened.link_id), path="/")
    return response


@router.post("/{token}/answer/{kind}")
def answer(request: Request, token: str, kind: str, form: FormData = Depends(posted)) -> Response:
    """Take one answer; what is refused stays typed, with what to do about it."""
    opened = _opened(request, token)
    if isinstance(opened, Response):
        return opened
    if not _has_shown(request, opened.link_id, opened.generation):
        return _ask_code(request, token, opened)
    if kind not in FORMS:
        raise HTTPException(404, "There is no such form.")
    given = Answer(
        kind, str(form.get("form", ""))[:40] or secrets.token_urlsafe(9), values_of(form)
    )
    try:
        take(world_of(request), opened, given, _place(request), country_of(request))
    except AmountsToConfirm as asked:
        return _show(request, token, opened, kind=kind, form=form, confirm=asked.amounts)
    except DecisionRefused as refused:
        return _show(request, token, opened, kind=kind, form=form, refusal=str(refused))
    except DeskShut as shut:
        return _shut(request, shut)
    return RedirectResponse(f"/portal/desk/{token}?done={kind}#given", 303)


@router.get("/{token}/sheet.pdf")
async def sheet(request: Request, token: str) -> Response:
    """Return the data sheet as a PDF."""
    opened = _opened(request, token)
    if isinstance(opened, Response):
        return opened
    if not _has_shown(request, opened.link_id, opened.generation):
        return RedirectResponse(f"/portal/desk/{token}", 303)
    world, place, country = world_of(request), _place(request), country_of(request)
    content = await in_pool(
        FILES, f"desk:{opened.link_id}", lambda: sheet_of_desk(world, opened, place, country)
    )
    return ranged(content, request.headers.get("range"), PDF, f"{opened.case_ref}-sheet.pdf")


@router.get("/{token}/records/{part_id}")
def records(request: Request, token: str, part_id: int) -> Response:
    """Show the pages of one document, without a download."""
    opened = _opened(request, token)
    if isinstance(opened, Response):
        return opened
    if not _has_shown(request, opened.link_id, opened.generation):
        return _ask_code(request, token, opened)
    pages = pictures_of(world_of(request), opened, part_id)
    if pages is None:
        raise HTTPException(404, "This is not open (any more).")
    values = {"token": token, "part": pages, "case_ref": opened.case_ref, "levels": LEVELS}
    return pages_of(request).show(request, "portal_desk_records.html", values)


@router.get("/{token}/records/{part_id}/{number}.webp")
async def picture(request: Request, token: str, part_id: int, number: int) -> Response:
    """Return one page of a document as a picture."""
    opened = _opened(request, token)
    if isinstance(opened, Response) or not _has_shown(request, opened.link_id, opened.generation):
        raise HTTPException(404, "This is not open (any more).")
    world, place, country = world_of(request), _place(request), country_of(request)
    visitor = f"desk:{opened.link_id}"

    def draw() -> Response:
        limit_looks(request, visitor)
        content = desk_picture(world, opened, part_id, number, place, country)
        if content is None:
            raise HTTPException(404, "This page cannot be shown.")
        return Response(content, media_type="image/webp")

    return await in_pool(LOOKS, visitor, draw)


@router.get("/{token}/records/{part_id}/file")
async def download(request: Request, token: str, part_id: int) -> Response:
    """Return one file, whole or in the part that is asked for."""
    opened = _opened(request, token)
    if isinstance(opened, Response) or not _has_shown(request, opened.link_id, opened.generation):
        raise HTTPException(404, "This is not open (any more).")
    world, place, country = world_of(request), _place(request), country_of(request)

    def read() -> Response:
        try:
            part, content = file_of(world, opened, part_id, place, country)
        except LookupError:
            raise HTTPException(404, "This is not open (any more).") from None
        except StoreFailed:
            raise HTTPException(503, "The file cannot be read just now. Try again.") from None
        ending = ENDINGS.get(part.media_type or "", "pdf")
        name = f"{opened.case_ref}-{part.id}.{ending}"
        return ranged(content, request.headers.get("range"), part.media_type or PDF, name)

    return await in_pool(FILES, f"desk:{opened.link_id}", read)


def _opened(request: Request, token: str) -> OpenDesk | Response:
    """Return the desk of a link, to be read in its language, or the page of one that ended."""
    try:
        opened = open_desk(world_of(request), token)
    except DeskShut as shut:
        return _shut(request, shut)
    choose(request, opened.language)
    return opened


def _shut(request: Request, shut: DeskShut) -> Response:
    world = world_of(request)
    note_refusal(request, "portal.refused")
    note_shut(world, shut, _place(request), country_of(request))
    choose(request, shut.language)
    declined = (
        shut.link_id is not None
        and _has_shown(request, shut.link_id, shut.generation)
        and has_declined(world, shut.link_id)
    )
    values = {"contact": world.settings, "thanks": DONE["decline"] if declined else ""}
    return pages_of(request).show(request, "portal_desk_shut.html", values, 404)


def _cookie(request: Request, link_id: int) -> str:
    start = "__Host-iort_desk" if is_https(world_of(request)) else "iort_desk"
    return f"{start}_{link_id}"


def _has_shown(request: Request, link_id: int, generation: int) -> bool:
    kept = request.cookies.get(_cookie(request, link_id), "")[:400]
    ring = world_of(request).keys.ring
    return bool(kept) and browser_has_shown(kept, ring, link_id, generation)


def _place(request: Request) -> str:
    return actor_of(request)[:32]


def country_of(request: Request) -> str | None:
    """Return the country from which a trusted proxy says a visitor comes; None: none says so."""
    header = world_of(request).settings.desk_country_header
    if not header or not request.scope.get(BY_PROXY):
        return None
    said = request.headers.get(header, "").strip().upper()
    return said if len(said) == 2 and said.isascii() and said.isalpha() else None


def _ask_code(
    request: Request, token: str, opened: OpenDesk, *, asked: bool = False, refusal: str = ""
) -> Response:
    world = world_of(request)
    values: dict[str, Any] = {
        "token": token,
        "asked": asked or opened.code_is_out,
        "by_telephone": opened.code_by == "telephone",
        "refusal": REFUSALS.get(refusal, ""),
        "contact": world.settings,
        "minutes": int(codes.CODE_VALID.total_seconds() // 60),
    }
    status = 422 if refusal else 200
    return pages_of(request).show(request, "portal_desk_code.html", values, status)


def _show(
    request: Request,
    token: str,
    opened: OpenDesk,
    *,
    done: str = "",
    kind: str = "",
    form: FormData | None = None,
    refusal: str = "",
    confirm: str = "",
) -> Response:
    shown: Desk = desk_of(world_of(request), opened)
    values: dict[str, Any] = {
        "token": token,
        "desk": shown,
        "done": DONE.get(done, ""),
        "kind": kind,
        "typed": typed_of(form) if form is not None else {},
        "ticked": {
            name: form.getlist(name) if form is not None else []
            for name in ("items", "inclusions", "exclusions")
        },
        "refusal": refusal,
        "confirm": confirm,
        "new_form": lambda: secrets.token_urlsafe(9),
        "levels": LEVELS,
        "contact": world_of(request).settings,
        "words": FORMS,
        "zone": world_of(request).settings.coordinator_time_zone,
    }
    status = 422 if refusal or confirm else 200
    return pages_of(request).show(request, "portal_desk.html", values, status)
