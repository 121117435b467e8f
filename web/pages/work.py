"""The home page: my tasks and my cases; the list of all cases; the same lists for programs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Form, Query, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from accounts.sessions import SignedIn
from views.facets import Facets
from views.filters import CaseFilter, Mine, codes_of, filter_of
from views.lists import cases_meant, some_cases, tasks_of_roles
from views.open_lists import Lists, lists_now
from web.access import only, signed_in, world_of
from web.filtering import Address, groups, label_of
from web.page_router import Menu, PageRouter
from web.pages.sign_in import pages_of
from workflows.cases.assignments import AssignmentRefused, assign_case
from workflows.events import Actor

router = PageRouter(access=signed_in)

PAGE = 100
MY_TASKS = {
    "coordinator": ("coordinator", "team"),
    "clinician": ("clinician", "team"),
    "lead": ("lead", "coordinator", "team"),
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


@router.get("/", compress=True, menu=Menu("My work", "g w", 10, frozenset(MY_TASKS)))
def work_list(request: Request, who: SignedIn = Depends(signed_in)) -> Response:
    """Show what waits for me, the most urgent first; who decides nothing goes to the cases."""
    if not my_roles(who):
        return RedirectResponse("/cases", 303)
    world, address = world_of(request), _address(request, "/")
    mine = mine_of(who)
    wanted = filter_of(address.chosen, mine=mine)
    with lists_now(world) as lists:
        if to := _default(request, lists, who, "work"):
            return to
        known = _known(request, address, lists.state)
        if request.headers.get(STATE, "").startswith(f"{known}."):
            return Response(status_code=204)
        tasks, cases = lists.tasks(wanted, PAGE), lists.cases(wanted, PAGE)
        facets = (lists.task_facets(wanted), lists.case_facets(wanted))
        every = filter_of({**address.chosen, "whose": "all"}, mine=mine)
        both = (every, replace(every, late=True))
        everybody, everybody_late = lists.counts(both, tasks=True)
        values = {
            "tasks": tasks,
            "total": facets[0].total,
            "cases": cases,
            "cases_total": facets[1].total,
            "late": facets[0].of("late", "true"),
            "everybody": everybody,
            "everybody_late": everybody_late,
            "shared": who.role == "clinician",
            "done": _done(request),
            **_list_values(lists, who, address, facets),
        }
    return _list(request, "work", known, values)


@router.get("/cases", compress=True, menu=Menu("Cases", "g c", 20))
def cases(
    request: Request,
    who: SignedIn = Depends(signed_in),
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """Show the cases, filtered; the list holds no personal data."""
    world, address = world_of(request), _address(request, "/cases")
    wanted = filter_of(address.chosen, ref=who.ref)
    with lists_now(world) as lists:
        if to := _default(request, lists, who, "cases"):
            return to
        known = _known(request, address, lists.state)
        if request.headers.get(STATE, "").startswith(f"{known}."):
            return Response(status_code=204)
        rows = lists.cases(wanted, PAGE, page)
        facets = (lists.case_facets(wanted),)
        values = {
            "cases": rows,
            "total": facets[0].total,
            "page": page,
            "last_page": max(1, -(-facets[0].total // PAGE)),
            **_list_values(lists, who, address, facets),
        }
    return _list(request, "cases", known, values)


@router.get("/find")
def find(
    request: Request,
    who: SignedIn = Depends(signed_in),
    ref: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """Go to the case with this reference, or to the ones that are meant by a part of it."""
    found = cases_meant(world_of(request), ref)
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
    rows = tasks_of_roles(world_of(request), my_roles(who))
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
    rows, total = some_cases(world_of(request), wanted, limit=limit, offset=offset)
    return {"total": total, "cases": [row.to_json() for row in rows]}


def _address(request: Request, path: str) -> Address:
    return Address(path, codes_of(request.query_params))


def _default(request: Request, lists: Lists, who: SignedIn, place: str) -> RedirectResponse | None:
    """Return the way to the list's default view if it was opened without saying what to show."""
    if request.query_params.keys() - IGNORED_BY_DEFAULT:
        return None
    view = lists.default_view(who.user_id, place)
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
        str(address),
        request.query_params.get("page", ""),
        state,
        str(int(now.timestamp()) // FRESH_FOR),
    )
    return sha256("|".join(parts).encode()).hexdigest()[:20]


def _list_values(
    lists: Lists, who: SignedIn, address: Address, facets: Sequence[Facets]
) -> dict[str, Any]:
    """Return what both lists show beside their rows: choices, chosen ones, views."""
    codes = {code for one in facets for code in one.counts.get("hospital", {})}
    codes.add(address.chosen.get("hospital", ""))
    label = label_of(lists.hospital_names(sorted(codes)))
    return {
        "address": address,
        "groups": groups(address, facets, label),
        "chosen": [
            (label(name, code), address.having(**{name: None}))
            for name, code in address.chosen.items()
            if name not in ("closed", "mine", "whose")
        ],
        "views": _views(lists, who, address),
        "names": lists.staff_names(),
    }


def _views(lists: Lists, who: SignedIn, address: Address) -> list[Mapping[str, Any]]:
    """Return the saved views with how many rows each has now."""
    views = [
        view for view in lists.saved_views(who.user_id) if my_roles(who) or view.place == "cases"
    ]
    counts: dict[int, int] = {}
    for place in ("work", "cases"):
        here = [view for view in views if view.place == place]
        mine = mine_of(who) if place == "work" else None
        wanted = tuple(filter_of(view.chosen, mine=mine, ref=who.ref) for view in here)
        rows = lists.counts(wanted, tasks=place == "work")
        counts |= {view.id: count for view, count in zip(here, rows, strict=True)}
    return [
        {
            "id": view.id,
            "name": view.name,
            "place": view.place,
            "default": view.is_default,
            "count": counts[view.id],
            "url": str(Address("/" if view.place == "work" else "/cases", view.chosen)),
            "here": address.path == ("/" if view.place == "work" else "/cases")
            and dict(address.chosen) == view.chosen,
        }
        for view in views
    ]


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
