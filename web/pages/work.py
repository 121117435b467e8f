"""The home page: my tasks and my cases; the list of all cases; the same lists for programs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Form, Query, Request
from markupsafe import Markup
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from accounts.sessions import SignedIn
from models.database import snapshot, transaction
from views.filters import (
    CaseFilter,
    Facets,
    Mine,
    case_facets,
    codes_of,
    count_each,
    filter_of,
    hospital_names,
    lists_state,
    task_facets,
)
from views.lists import count_cases, find_cases, list_cases, open_tasks
from views.saved_views import default_view, saved_views
from web.access import only, signed_in, world_of
from web.filtering import Address, groups, label_of
from web.page_router import PageRouter
from web.pages.sign_in import pages_of
from workflows.cases.assignments import AssignmentRefused, assign_case, staff_names
from workflows.events import Actor

router = PageRouter(access=signed_in)

PAGE = 100
MY_TASKS = {
    "coordinator": ("coordinator",),
    "clinician": ("clinician",),
    "lead": ("lead", "coordinator"),
}
STATE = "list-state"
FRESH_FOR = 300
"""Seconds after which a list is drawn anew although nothing happened: "in 3 h" grows old."""
_FORM_TOKEN = re.compile(r'name="csrf" value="[^"]*"')
"""Another one on every page."""
IGNORED_BY_DEFAULT = frozenset({"done"})


def my_roles(who: SignedIn) -> Sequence[str]:
    """Return whose tasks somebody sees as theirs: a lead stands in for coordinators."""
    return MY_TASKS.get(who.role, ())


def mine_of(who: SignedIn) -> Mine:
    """Return whose work list it is; cases are given to coordinators, so clinicians share theirs."""
    return Mine(who.ref, tuple(my_roles(who)), everybody=who.role == "clinician")


@router.get("/", compress=True)
def work_list(request: Request, who: SignedIn = Depends(signed_in)) -> Response:
    """Show what waits for me, the most urgent first; who decides nothing goes to the cases."""
    if not my_roles(who):
        return RedirectResponse("/cases", 303)
    world, address = world_of(request), _address(request, "/")
    now, mine = world.clock.now(), mine_of(who)
    wanted = filter_of(address.chosen, mine=mine)
    with snapshot(world.engine) as session:
        if to := _default(request, session, who, "work"):
            return to
        state = lists_state(session, now)
        known = _known(request, address, state)
        if request.headers.get(STATE, "").startswith(f"{known}."):
            return Response(status_code=204)
        keep = partial(world.cache.get, state)
        tasks = keep(("tasks", wanted), lambda: open_tasks(session, now, wanted=wanted, limit=PAGE))
        cases = keep(("cases", wanted, 1), lambda: list_cases(session, now, wanted, limit=PAGE))
        facets = (
            keep(("task facets", wanted), lambda: task_facets(session, now, wanted)),
            keep(("case facets", wanted), lambda: case_facets(session, now, wanted)),
        )
        every = filter_of({**address.chosen, "whose": "all"}, mine=mine)
        both = (every, replace(every, late=True))
        everybody, everybody_late = keep(
            ("tasks", both), lambda: count_each(session, now, both, tasks=True)
        )
        values = {
            "tasks": tasks, "total": facets[0].total,
            "cases": cases, "cases_total": facets[1].total,
            "late": facets[0].of("late", "true"),
            "everybody": everybody, "everybody_late": everybody_late,
            "shared": who.role == "clinician", "done": _done(request),
            **_list_values(session, request, who, address, facets, state),
        }  # fmt: skip
    return _list(request, "work", known, values)


@router.get("/cases", compress=True)
def cases(
    request: Request,
    who: SignedIn = Depends(signed_in),
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """Show the cases, filtered; the list holds no personal data."""
    world, address = world_of(request), _address(request, "/cases")
    now = world.clock.now()
    wanted = filter_of(address.chosen, ref=who.ref)
    with snapshot(world.engine) as session:
        if to := _default(request, session, who, "cases"):
            return to
        state = lists_state(session, now)
        known = _known(request, address, state)
        if request.headers.get(STATE, "").startswith(f"{known}."):
            return Response(status_code=204)
        keep = partial(world.cache.get, state)
        offset = (page - 1) * PAGE
        rows = keep(
            ("cases", wanted, page),
            lambda: list_cases(session, now, wanted, limit=PAGE, offset=offset),
        )
        facets = (keep(("case facets", wanted), lambda: case_facets(session, now, wanted)),)
        values = {
            "cases": rows, "total": facets[0].total, "page": page,
            "last_page": max(1, -(-facets[0].total // PAGE)),
            **_list_values(session, request, who, address, facets, state),
        }  # fmt: skip
    return _list(request, "cases", known, values)


@router.get("/find")
def find(
    request: Request,
    who: SignedIn = Depends(signed_in),
    ref: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Go to the case with this reference, or to the ones that are meant by a part of it."""
    world = world_of(request)
    with transaction(world.engine) as session:
        found = find_cases(session, ref)
    if len(found) == 1:
        return RedirectResponse(f"/cases/{found[0]}", 303)
    values = {"found": found, "typed": ref if len(ref) <= 16 else f"{ref[:16]}…"}
    return pages_of(request).show(request, "found.html", values)


@router.post("/cases/{ref}/assign")
def assign(
    request: Request,
    ref: str,
    to: Annotated[str, Form(max_length=40)] = "",
    who: SignedIn = Depends(only("coordinator", "lead")),
) -> Response:
    """Give a case to a coordinator, take it (`me`), or give it back to all (empty)."""
    given = who.ref if to == "me" else to or None
    try:
        assign_case(world_of(request), ref, to=given, actor=Actor(who.role, who.ref))
    except AssignmentRefused as refused:
        values = {"title": "Not given", "text": str(refused)}
        return pages_of(request).show(request, "message.html", values, 422)
    return RedirectResponse(f"/cases/{ref[:16]}", 303)


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
    now = world.clock.now()
    with transaction(world.engine) as session:
        rows = list_cases(session, now, wanted, limit=limit, offset=offset)
        total = count_cases(session, now, wanted)
    return {"total": total, "cases": [row.to_json() for row in rows]}


def _address(request: Request, path: str) -> Address:
    return Address(path, codes_of(request.query_params))


def _default(
    request: Request, session: Session, who: SignedIn, place: str
) -> RedirectResponse | None:
    """Return the way to the list's default view if it was opened without saying what to show."""
    if request.query_params.keys() - IGNORED_BY_DEFAULT:
        return None
    view = default_view(session, who.user_id, place)
    if view is None or not view.chosen:
        return None
    address = Address("/" if place == "work" else "/cases", view.chosen)
    return RedirectResponse(address.having(done=_done(request)), 303)


def _done(request: Request) -> int | None:
    """Return the number of the task that was just answered."""
    done = request.query_params.get("done", "")
    return int(done) if done.isascii() and done.isdigit() and len(done) < 19 else None


def _known(request: Request, address: Address, state: str) -> str:
    """Return a code for what this page shows now; another one if it may show something else."""
    now = world_of(request).clock.now()
    parts = (
        str(address), request.query_params.get("page", ""), state,
        str(int(now.timestamp()) // FRESH_FOR),
    )  # fmt: skip
    return sha256("|".join(parts).encode()).hexdigest()[:20]


def _list_values(
    session: Session,
    request: Request,
    who: SignedIn,
    address: Address,
    facets: Sequence[Facets],
    state: str,
) -> dict[str, Any]:
    """Return what both lists show beside their rows: choices, chosen ones, views."""
    codes = {code for one in facets for code in one.counts.get("hospital", {})}
    label = label_of(hospital_names(session, sorted(codes | {address.chosen.get("hospital", "")})))
    return {
        "address": address,
        "groups": groups(address, facets, label),
        "chosen": [
            (label(name, code), address.having(**{name: None}))
            for name, code in address.chosen.items()
            if name not in ("closed", "mine", "whose")
        ],
        "views": _views(session, request, who, address, state),
        "names": staff_names(session),
    }


def _views(
    session: Session, request: Request, who: SignedIn, address: Address, state: str
) -> list[Mapping[str, Any]]:
    """Return the saved views with how many rows each has now."""
    world = world_of(request)
    now = world.clock.now()
    views = [
        view for view in saved_views(session, who.user_id) if my_roles(who) or view.place == "cases"
    ]
    counts: dict[int, int] = {}
    for place in ("work", "cases"):
        here = [view for view in views if view.place == place]
        mine = mine_of(who) if place == "work" else None
        wanted = tuple(filter_of(view.chosen, mine=mine, ref=who.ref) for view in here)
        count = partial(count_each, session, now, wanted, tasks=place == "work")
        rows = world.cache.get(state, (place, wanted), count)
        counts |= {view.id or 0: count for view, count in zip(here, rows, strict=True)}
    return [
        {
            "id": view.id, "name": view.name, "place": view.place, "default": view.is_default,
            "count": counts[view.id or 0],
            "url": str(Address("/" if view.place == "work" else "/cases", view.chosen)),
            "here": address.path == ("/" if view.place == "work" else "/cases")
            and dict(address.chosen) == view.chosen,
        }
        for view in views
    ]  # fmt: skip


def _list(request: Request, name: str, known: str, values: Mapping[str, Any]) -> Response:
    """Show the whole page; to a page that is open already its rows, or nothing if they are alike.

    The state that goes out is "what may have changed" and "what is shown", parted by a point.
    """
    pages = pages_of(request)
    rows = pages.show(request, f"{name}_rows.html", values)
    content = bytes(rows.body).decode()
    shown = sha256(_FORM_TOKEN.sub("", content).encode()).hexdigest()[:16]
    before = request.headers.get(STATE, "")
    response: Response
    if not before:
        parts = {"rows": Markup(content), "state": f"{known}.{shown}"}  # noqa: S704
        response = pages.show(request, f"{name}.html", {**values, **parts})
    else:
        response = Response(status_code=204) if before.endswith(f".{shown}") else rows
    response.headers[STATE] = f"{known}.{shown}"
    return response
