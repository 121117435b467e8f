"""Records for a hospital: chosen, looked at page by page, released, closed; its links and codes."""

from math import isfinite
from typing import Annotated

from fastapi import Depends, Form, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from accounts.users import SignedIn
from views.records import package_of_page, package_page, page_after, thread_records
from web.access import only, world_of
from web.limits import limit_looks
from web.page_router import PageRouter
from web.pages.sign_in import pages_of
from web.pools import LOOKS, in_pool
from workflows.decisions import DecisionRefused, decide
from workflows.engine.file_store import StoreFailed
from workflows.events import Actor, EventRefused
from workflows.records.approving import approve_page, cover, uncover
from workflows.records.archive import ask_for_archive, password_to_tell
from workflows.records.choosing import Chosen, Wish, choose, drop, end_one_link
from workflows.records.codes import code_to_tell

deciders = only("coordinator", "lead")
patients = only("coordinator", "clinician", "lead")
router = PageRouter(access=deciders, compress=True)
SHOWN_ACROSS = 640
"""CSS pixels of a page's picture as it is shown: where it was pressed is counted in these."""
LEVELS = {
    "D1_summary": "Data sheet only",
    "D2_deid_records": "Records without names, looked at page by page",
    "D3_identified": "Originals with the name",
}
PROBLEMS = {
    "unsupported": "only PDFs and pictures can be sent without names",
    "locked": "it is locked with a password",
    "damaged": "it cannot be opened",
    "too_many_pages": "it has too many pages: choose pages",
    "no_ocr": "a page cannot be read, so nobody can say what stands on it",
    "not_drawn": "a page cannot be drawn",
    "file_missing": "its bytes are not in the store",
    "name_left": "a name is still on it",
}


@router.get("/cases/{ref}/records/{thread_id}")
def records(
    request: Request, ref: str, thread_id: int, who: SignedIn = Depends(patients)
) -> Response:
    """Show what a hospital was given, and the form to choose more."""
    return _show_thread(request, ref, thread_id, who)


@router.post("/cases/{ref}/records/{thread_id}")
async def choose_records(
    request: Request, ref: str, thread_id: int, who: SignedIn = Depends(deciders)
) -> Response:
    """Take a choice; what is refused stays as it was chosen."""
    form = await request.form()
    wish = _wish(form, thread_id)

    def act() -> Response:
        try:
            number = choose(world_of(request), ref, wish, _actor(who))
        except DecisionRefused as refused:
            return _show_thread(request, ref, thread_id, who, str(refused), wish)
        return RedirectResponse(f"/records/{number}", 303)

    return await run_in_threadpool(act)


def _wish(form: FormData, thread_id: int) -> Wish:
    numbers = [str(one) for one in form.getlist("document")]
    return Wish(
        thread_id=thread_id,
        level=str(form.get("level", ""))[:20],
        documents=[
            Chosen(int(one), str(form.get(f"pages:{one}", ""))[:200])
            for one in numbers
            if one.isdecimal() and len(one) < 16
        ],
        recipients=[str(one)[:254] for one in form.getlist("recipient")],
        code_by=str(form.get("code_by", ""))[:10],
        agreed=bool(form.get("agreed")),
    )


@router.get("/records/{package_id}")
def one_package(request: Request, package_id: int, who: SignedIn = Depends(patients)) -> Response:
    """Show a package page by page: as it came, and as it will leave."""
    return _show_package(request, package_id, who)


@router.post("/records/{package_id}/answer")
def answer_package(
    request: Request,
    package_id: int,
    answer: Annotated[str, Form(max_length=20)] = "",
    who: SignedIn = Depends(deciders),
) -> Response:
    """Release what was looked at, or drop it."""
    world = world_of(request)
    page = package_page(world, package_id, who.ref)
    if page.task_id is None:
        return _show_package(
            request, package_id, who, "These records are not asked about any more."
        )
    try:
        decide(world, page.task_id, answer=answer, actor=_actor(who))
    except (DecisionRefused, EventRefused) as refused:
        return _show_package(request, package_id, who, str(refused))
    return RedirectResponse(f"/cases/{page.case_ref}/records/{page.thread_id}", 303)


@router.post("/records/{package_id}/end")
def end_package(
    request: Request,
    package_id: int,
    sure: Annotated[bool, Form()] = False,
    who: SignedIn = Depends(deciders),
) -> Response:
    """Close records that are open, at once."""
    if not sure:
        return _show_package(request, package_id, who, "Tick that they are to be closed.")
    drop(world_of(request), package_id, _actor(who))
    page = package_page(world_of(request), package_id, who.ref)
    return RedirectResponse(f"/cases/{page.case_ref}/records/{page.thread_id}", 303)


@router.post("/records/{package_id}/archive")
def archive(request: Request, package_id: int, who: SignedIn = Depends(deciders)) -> Response:
    """Have open records put into an encrypted archive, for whom the link does not open."""
    try:
        ask_for_archive(world_of(request), package_id, _actor(who))
    except DecisionRefused as refused:
        return _show_package(request, package_id, who, str(refused))
    return RedirectResponse(f"/records/{package_id}#archive", 303)


@router.post("/records/{package_id}/password")
def password(request: Request, package_id: int, who: SignedIn = Depends(deciders)) -> Response:
    """Show the password of the archive, to be read out."""
    try:
        told = password_to_tell(world_of(request), package_id, _actor(who))
    except DecisionRefused as refused:
        return _show_package(request, package_id, who, str(refused))
    return _show_package(request, package_id, who, password=told)


@router.get("/records/pages/{page_id}.webp")
async def after(request: Request, page_id: int, who: SignedIn = Depends(patients)) -> Response:
    """Return a page as it will leave."""

    def read() -> Response:
        limit_looks(request, who.ref)
        try:
            content = page_after(world_of(request), page_id, who.ref)
        except StoreFailed:
            raise HTTPException(404, "This page cannot be shown.") from None
        return Response(content, media_type="image/webp")

    return await in_pool(LOOKS, who.ref, read)


@router.post("/records/pages/{page_id}/cover")
async def cover_place(
    request: Request, page_id: int, who: SignedIn = Depends(deciders)
) -> Response:
    """Cover a place: two corners that were pressed on the picture, or four numbers."""
    form = await request.form()

    def act() -> Response:
        world = world_of(request)
        number = package_of_page(world, page_id)
        page = next(
            one
            for part in package_page(world, number, who.ref).parts
            for one in part.pages
            if one.id == page_id
        )
        scale = page.width / SHOWN_ACROSS
        corner = _corner(form, "at.x", "at.y")
        first = _corner(form, "x0", "top")
        last = _corner(form, "x1", "bottom")
        if corner is not None and first is None:
            at = f"from={page_id}&x={corner[0]:.0f}&y={corner[1]:.0f}"
            return RedirectResponse(f"/records/{number}?{at}#page-{page_id}", 303)
        last = corner or last
        if first is None or last is None:
            return _show_package(request, number, who, "Press two corners of the place to cover.")
        try:
            box = [one * scale for one in (*first, *last)]
            cover(world, page_id, box, _actor(who))
        except DecisionRefused as refused:
            return _show_package(request, number, who, str(refused))
        return RedirectResponse(f"/records/{number}#page-{page_id}", 303)

    return await run_in_threadpool(act)


def _corner(form: FormData, x: str, y: str) -> tuple[float, float] | None:
    try:
        across, down = float(str(form[x])), float(str(form[y]))
    except (KeyError, ValueError):
        return None
    return (across, down) if isfinite(across) and isfinite(down) else None


@router.post("/records/pages/{page_id}/uncover")
def uncover_place(
    request: Request,
    page_id: int,
    box: Annotated[int, Form()] = -1,
    who: SignedIn = Depends(deciders),
) -> Response:
    """Take a box away that covers no name."""
    world = world_of(request)
    number = package_of_page(world, page_id)
    try:
        uncover(world, page_id, box, _actor(who))
    except DecisionRefused as refused:
        return _show_package(request, number, who, str(refused))
    return RedirectResponse(f"/records/{number}#page-{page_id}", 303)


@router.post("/records/pages/{page_id}/approve")
def approve(
    request: Request,
    page_id: int,
    seen: Annotated[str, Form(max_length=200)] = "",
    otherwise: Annotated[bool, Form()] = False,
    places: Annotated[bool, Form()] = False,
    who: SignedIn = Depends(deciders),
) -> Response:
    """Note that this page was looked at, as it will leave."""
    world = world_of(request)
    number = package_of_page(world, page_id)
    try:
        approve_page(
            world, page_id, seen, _actor(who), mean_otherwise=otherwise, places_seen=places
        )
    except DecisionRefused as refused:
        return _show_package(request, number, who, str(refused))
    return RedirectResponse(f"/records/{number}#after-{page_id}", 303)


@router.post("/desk-links/{link_id}/code")
def code(
    request: Request,
    link_id: int,
    ref: Annotated[str, Form(max_length=16)] = "",
    thread: Annotated[int, Form()] = 0,
    who: SignedIn = Depends(deciders),
) -> Response:
    """Show a new code once, to be read out by telephone."""
    try:
        told = code_to_tell(world_of(request), link_id, _actor(who))
    except DecisionRefused as refused:
        return _show_thread(request, ref, thread, who, str(refused))
    return _show_thread(request, ref, thread, who, code=(link_id, told))


@router.post("/desk-links/{link_id}/end")
def end_link(
    request: Request,
    link_id: int,
    thread: Annotated[int, Form()] = 0,
    sure: Annotated[bool, Form()] = False,
    ref: Annotated[str, Form(max_length=16)] = "",
    who: SignedIn = Depends(deciders),
) -> Response:
    """End a recipient's link at once."""
    if not sure:
        return _show_thread(request, ref, thread, who, "Tick that the link is to end.")
    ref = end_one_link(world_of(request), link_id, _actor(who))
    return RedirectResponse(f"/cases/{ref}/records/{thread}", 303)


def _actor(who: SignedIn) -> Actor:
    return Actor(who.role, who.ref)


def _show_thread(
    request: Request,
    ref: str,
    thread_id: int,
    who: SignedIn,
    refusal: str | None = None,
    wish: Wish | None = None,
    code: tuple[int, str] | None = None,
) -> Response:
    found = thread_records(world_of(request), ref, thread_id, who.ref)
    values = {
        "found": found,
        "row": found.row,
        "may_decide": who.role in ("coordinator", "lead"),
        "levels": LEVELS,
        "refusal": refusal,
        "wish": wish,
        "by_telephone": found.by_telephone if wish is None else wish.code_by == "telephone",
        "picked": {one.document_id: one.pages for one in wish.documents} if wish else {},
        "code": code,
    }
    status = 422 if refusal else 200
    return pages_of(request).show(request, "records.html", values, status)


def _show_package(
    request: Request, package_id: int, who: SignedIn, refusal: str | None = None, password: str = ""
) -> Response:
    page = package_page(world_of(request), package_id, who.ref)
    query = request.query_params
    values = {
        "page": page,
        "row": page.row,
        "may_decide": who.role in ("coordinator", "lead"),
        "levels": LEVELS,
        "problems": PROBLEMS,
        "refusal": refusal,
        "password": password,
        "across": SHOWN_ACROSS,
        "from_page": query.get("from", ""),
        "from_x": query.get("x", "")[:6],
        "from_y": query.get("y", "")[:6],
    }
    status = 422 if refusal else 200
    return pages_of(request).show(request, "records_package.html", values, status)
