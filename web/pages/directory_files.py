"""The directory as a file: export, and import with a preview before anything changes."""

from typing import Annotated

from fastapi import Depends, File, Form, Request, UploadFile
from starlette.responses import Response

from accounts.users import SignedIn
from web.access import only, signed_in, world_of
from web.page_router import PageRouter
from web.pages.sign_in import pages_of
from workflows.directory.cells import HOSPITAL_COLUMNS, UNIT_COLUMNS
from workflows.directory.changes import EDITORS, ChangeRefused
from workflows.directory.csv_file import FileRefused
from workflows.directory.importing import Plan, apply_import, preview, taken_directory
from workflows.engine.file_store import StoreFailed
from workflows.events import Actor

editors = only(*sorted(EDITORS))
router = PageRouter(access=editors, compress=True)

ROWS_SHOWN = 500


@router.get("/directory/export.csv")
def export(request: Request, who: SignedIn = Depends(signed_in)) -> Response:
    """Return the directory as CSV."""
    world = world_of(request)
    now = world.clock.now()
    content = taken_directory(world, who.ref)
    name = f"iort-directory-{now.date().isoformat()}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/directory/import")
def import_form(request: Request, who: SignedIn = Depends(editors)) -> Response:
    """Show where a file is chosen, and which columns are known."""
    return _show(request)


@router.post("/directory/import")
def look(
    request: Request,
    file: Annotated[UploadFile | None, File()] = None,
    who: SignedIn = Depends(editors),
) -> Response:
    """Keep the file and show what it would do."""
    raw = file.file.read() if file else b""
    if not raw:
        return _show(request, refusal="Choose a file first; this one is empty.")
    try:
        return _show(request, plan=preview(world_of(request), raw))
    except FileRefused as refused:
        return _show(request, refusal=f"{refused} Nothing was changed.")
    except StoreFailed:
        text = "The file store does not answer, so the file was not taken. Try again soon."
        return _show(request, refusal=text)


@router.post("/directory/import/apply")
def apply(
    request: Request,
    sha256: Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")],
    standing: Annotated[str, Form(pattern=r"^[0-9a-f]{32}$")],
    who: SignedIn = Depends(editors),
) -> Response:
    """Apply the file that was looked at, whole or not at all."""
    try:
        plan = apply_import(world_of(request), sha256, Actor(who.role, who.ref), standing)
    except (FileRefused, ChangeRefused) as refused:
        return _show(request, refusal=str(refused))
    except StoreFailed:
        text = "The file store does not give the file back; nothing was changed. Choose it again."
        return _show(request, refusal=text)
    return _show(request, plan=plan, applied=True)


def _show(
    request: Request, *, plan: Plan | None = None, applied: bool = False, refusal: str | None = None
) -> Response:
    order = {"refused": 0, "changed": 1, "added": 2, "unchanged": 3}
    rows = sorted(plan.rows, key=lambda row: (order[row.outcome], row.line)) if plan else []
    values = {
        "plan": plan,
        "rows": rows[:ROWS_SHOWN],
        "hidden": max(0, len(rows) - ROWS_SHOWN),
        "applied": applied,
        "refusal": refusal,
        "hospital_columns": HOSPITAL_COLUMNS,
        "unit_columns": UNIT_COLUMNS,
    }
    return pages_of(request).show(request, "directory_import.html", values, 422 if refusal else 200)
