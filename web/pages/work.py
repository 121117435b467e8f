"""The home page: my tasks and the cases, and the same lists for programs."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from models.case import SITES
from models.database import transaction
from web.access import signed_in, world_of
from web.pages.sign_in import pages_of
from workflows.accounts import SignedIn
from workflows.stages import STAGES
from workflows.views.lists import (
    CaseFilter,
    count_cases,
    count_open_tasks,
    list_cases,
    open_tasks,
    stage_counts,
)

router = APIRouter()

PAGE = 100
WAITING = (
    "patient", "hospital", "coordinator", "clinician", "translator", "consulate", "carrier",
    "system", "none",
)  # fmt: skip
MY_TASKS = {
    "coordinator": ("coordinator",),
    "clinician": ("clinician",),
    "lead": ("lead", "coordinator"),
}


def my_roles(who: SignedIn) -> Sequence[str]:
    """Return whose tasks somebody sees as theirs: a lead stands in for coordinators."""
    return MY_TASKS.get(who.role, ())


@router.get("/")
def work_list(
    request: Request,
    who: SignedIn = Depends(signed_in),
    done: Annotated[int | None, Query()] = None,
) -> Response:
    """Show what waits for me, the most urgent first; who decides nothing goes to the cases."""
    roles = my_roles(who)
    if not roles:
        return RedirectResponse("/cases", 303)
    world = world_of(request)
    with transaction(world.engine) as session:
        tasks = open_tasks(session, world.clock.now(), roles=roles, limit=PAGE * 2)
        total = count_open_tasks(session, roles)
        everybody = count_open_tasks(session)
        stages = stage_counts(session)
    late = sum(task.late for task in tasks)
    values = {"tasks": tasks, "total": total, "everybody": everybody, "late": late, "done": done,
              "stages": [(stage, stages.get(stage, 0)) for stage in STAGES]}  # fmt: skip
    return pages_of(request).show(request, "work.html", values)


@router.get("/cases")
def cases(
    request: Request,
    who: SignedIn = Depends(signed_in),
    stage: str = "",
    waiting_on: str = "",
    site: str = "",
    country: Annotated[str, Query(max_length=2)] = "",
    hospital: Annotated[str, Query(max_length=12)] = "",
    closed: bool = False,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """Show the cases, filtered; the list holds no personal data."""
    wanted = CaseFilter(stage, waiting_on, site, country, hospital, open_only=not closed)
    world = world_of(request)
    with transaction(world.engine) as session:
        rows = list_cases(session, world.clock.now(), wanted, limit=PAGE, offset=(page - 1) * PAGE)
        total = count_cases(session, wanted)
    values = {
        "rows": rows, "total": total, "wanted": wanted, "closed": closed, "page": page,
        "last_page": max(1, -(-total // PAGE)), "stages": list(STAGES), "sites": SITES,
        "waiting": WAITING,
    }  # fmt: skip
    return pages_of(request).show(request, "cases.html", values)


@router.get("/api/tasks")
def api_tasks(request: Request, who: SignedIn = Depends(signed_in)) -> list[dict[str, Any]]:
    """Return my open tasks with the answers each allows."""
    world = world_of(request)
    with transaction(world.engine) as session:
        rows = open_tasks(session, world.clock.now(), roles=my_roles(who))
    return [row.to_json() for row in rows]


@router.get("/api/cases")
def api_cases(
    request: Request,
    who: SignedIn = Depends(signed_in),
    stage: str = "",
    waiting_on: str = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> dict[str, Any]:
    """Return cases without personal data, and how many there are."""
    wanted = CaseFilter(stage=stage, waiting_on=waiting_on)
    world = world_of(request)
    with transaction(world.engine) as session:
        rows = list_cases(session, world.clock.now(), wanted, limit=limit, offset=offset)
        total = count_cases(session, wanted)
    return {"total": total, "cases": [row.to_json() for row in rows]}
