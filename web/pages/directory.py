"""The hospital directory: the list, a hospital's page, confirming, editing."""

from typing import Annotated

from fastapi import Depends, Form, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from accounts.users import SignedIn
from correspondence.directory import CONFIRM_EVERY_DAYS, ENOUGH_THREADS
from views.directory import DirectoryFilter, HospitalPage, directory_list, one_hospital
from web.access import only, signed_in, world_of
from web.page_router import Menu, PageRouter
from web.pages.sign_in import pages_of
from workflows.directory.cells import (
    CONTRACTS,
    HOSPITAL_COLUMNS,
    LINK_POLICIES,
    SITES,
    TECHNIQUES,
    UNIT_COLUMNS,
)
from workflows.directory.changes import (
    EDITORS,
    ChangeRefused,
    confirm_units_today,
    save_hospital,
    version_of,
)
from workflows.directory.measured import MEASURED_DAYS
from workflows.directory.rows import hospital_cells, unit_cells
from workflows.events import Actor

router = PageRouter(access=signed_in, compress=True, order=1)
editors = only(*sorted(EDITORS))

CHOICES = {
    "technique": TECHNIQUES,
    "link_policy": LINK_POLICIES,
    "contract": CONTRACTS,
    "foreigners_accepted": ("yes", "no"),
    "in_service": ("yes", "no"),
}
HINTED = frozenset(
    {"local_name", "country", "liaison", "languages", "calendar", "time_zone", "weekend",
     "pathology_days", "answer_working_days", "answer_yield", "cases_per_year", "department",
     "conflict_of_interest", "opens", "closes"}
)  # fmt: skip
FIXED = ("fictitious",)
LONG = ("letter_form", "deposit_rule", "conflict_of_interest", "evidence")
MAX_UNITS = 30
Code = Annotated[str, Query(max_length=12)]


@router.get("/directory", menu=Menu("Directory", "g d", 50))
def hospitals(
    request: Request,
    technique: Annotated[str, Query(max_length=20)] = "",
    country: Annotated[str, Query(max_length=2)] = "",
    site: Annotated[str, Query(max_length=30)] = "",
    stale: bool = False,
    who: SignedIn = Depends(signed_in),
) -> Response:
    """List the hospitals with their units and measured answer times."""
    world = world_of(request)
    wanted = DirectoryFilter(technique, country.upper(), site, stale)
    lines, places = directory_list(world, wanted)
    values = {
        "lines": lines,
        "wanted": wanted,
        "techniques": TECHNIQUES,
        "sites": SITES,
        "countries": places,
        "edits": who.role in EDITORS,
        "every": CONFIRM_EVERY_DAYS,
        "measured": MEASURED_DAYS,
    }
    return pages_of(request).show(request, "directory.html", values)


@router.get("/directory/{code}", example={"code": "H01"})
def hospital(
    request: Request,
    code: str,
    saved: Annotated[str, Query(max_length=20)] = "",
    who: SignedIn = Depends(signed_in),
) -> Response:
    """Show one hospital."""
    return _show(request, who, code, saved=saved)


@router.post("/directory/{code}/confirm")
def confirm(
    request: Request,
    code: str,
    unit: Annotated[list[int] | None, Form()] = None,
    evidence: Annotated[str, Form(max_length=2000)] = "",
    who: SignedIn = Depends(editors),
) -> Response:
    """Write down that units are still as listed."""
    try:
        confirm_units_today(
            world_of(request), code.upper(), unit or [], evidence, Actor(who.role, who.ref)
        )
    except ChangeRefused as refused:
        return _show(request, who, code, refusal=str(refused), evidence=evidence)
    return RedirectResponse(f"/directory/{code.upper()[:8]}?saved=confirmed", 303)


@router.get("/directory/{code}/edit", example={"code": "H01"})
def edit_form(request: Request, code: str, who: SignedIn = Depends(editors)) -> Response:
    """Show the form of one hospital."""
    page = _page(request, code)
    record = page.line.record
    units = [unit_cells(record, number) for number in range(1, len(record.units) + 1)]
    return _form(request, page, hospital_cells(record), units)


@router.post("/directory/{code}/edit")
async def edit(request: Request, code: str, who: SignedIn = Depends(editors)) -> Response:
    """Save an edited hospital; a refusal is shown with the form, and nothing was written."""
    form = await request.form()

    def save() -> Response:
        page = _page(request, code)
        own, units = _posted(form, len(page.line.record.units))
        rows = [{**own, "unit": str(n), **unit} for n, unit in enumerate(units, 1)] or [own]
        try:
            save_hospital(
                world_of(request),
                page.line.record.hospital_id,
                rows,
                str(form.get("version", "")),
                Actor(who.role, who.ref),
            )
        except ChangeRefused as refused:
            return _form(request, page, own, units, refused)
        return RedirectResponse(f"/directory/{page.line.record.hospital_id}?saved=edited", 303)

    return await run_in_threadpool(save)


def _posted(form: FormData, known: int) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the cells of a posted form: the hospital's, and one mapping per unit.

    Checkboxes with one name are one cell. The last unit is new; left empty it is none.
    """

    def cell(name: str) -> str:
        return " ".join(str(value) for value in form.getlist(name)).strip()

    own = {
        column.name: cell(column.name)
        for column in HOSPITAL_COLUMNS
        if column.name not in FIXED and column.name in form
    }
    units = []
    for number in range(1, min(known + 1, MAX_UNITS) + 1):
        names = [column.name for column in UNIT_COLUMNS if column.name != "last_confirmed_on"]
        unit = {name: cell(f"{number}:{name}") for name in names if name != "evidence"}
        if number <= known or unit["technique"] or unit["device"] or unit["sites"]:
            units.append(unit)
    return own, units


def _page(request: Request, code: str) -> HospitalPage:
    return one_hospital(world_of(request), code.upper())


def _show(
    request: Request,
    who: SignedIn,
    code: str,
    *,
    refusal: str | None = None,
    evidence: str = "",
    saved: str = "",
) -> Response:
    page = _page(request, code)
    values = {
        "page": page,
        "line": page.line,
        "record": page.line.record,
        "refusal": refusal,
        "evidence": evidence,
        "saved": saved,
        "edits": who.role in EDITORS,
        "every": CONFIRM_EVERY_DAYS,
        "measured": MEASURED_DAYS,
        "enough": ENOUGH_THREADS,
    }
    status = 422 if refusal else 200
    return pages_of(request).show(request, "directory_hospital.html", values, status)


def _form(
    request: Request,
    page: HospitalPage,
    own: dict[str, str],
    units: list[dict[str, str]],
    refused: ChangeRefused | None = None,
) -> Response:
    record = page.line.record
    told: dict[str, str] = {}
    for problem in refused.problems if refused else ():
        of_unit = problem.column in {column.name for column in UNIT_COLUMNS}
        name = f"{problem.line}:{problem.column}" if of_unit else str(problem.column)
        told.setdefault(name, problem.text)
    blank = {column.name: "" for column in UNIT_COLUMNS}
    values = {
        "record": record,
        "own": {**hospital_cells(record), **own},
        "units": [{**blank, **unit} for unit in units],
        "known": len(record.units),
        "blank": blank,
        "columns": [column for column in HOSPITAL_COLUMNS if column.name not in FIXED],
        "unit_columns": [
            c for c in UNIT_COLUMNS if c.name not in ("last_confirmed_on", "evidence", "sites")
        ],
        "choices": CHOICES,
        "long": LONG,
        "hinted": HINTED,
        "sites": SITES,
        "version": version_of(record),
        "problems": told,
        "refusal": str(refused) if refused else None,
    }
    return pages_of(request).show(request, "directory_edit.html", values, 422 if refused else 200)
