"""The page of one case, tab by tab. Every look at personal data is written to the audit."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from fastapi import Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from accounts.sessions import SignedIn
from planning.travel import gates
from views.case_file import CaseFile, hospitals_to_name, open_case_file
from views.case_head import alike
from views.contacts import contacts_shown
from views.erasure import erased_case, erasure_shown
from views.item_ledger import item_ledger
from views.journey import Checklist, ChecklistRow, checklist, stay_shown
from views.offer_columns import offers_compared
from views.outreach import outreach
from views.staff import staff_of
from views.suitability import prescreen, signatures_of
from views.talk import beside_threads
from views.timeline import whole_timeline
from web.access import only, signed_in, world_of
from web.gantt import Chart, Item, gantt
from web.page_router import PageRouter
from web.pages.sign_in import pages_of
from web.pages.work import my_roles
from workflows.cases.red_flags import HEARD_BY, REPORTERS
from workflows.decisions import DecisionRefused
from workflows.engine.not_there import CaseErased
from workflows.engine.values import GROUNDS, METHODS, SIGNERS
from workflows.engine.world import World
from workflows.events import Actor, EventRefused
from workflows.journey.checklist import answer_item
from workflows.outreach.reclassify import ask_class_again
from workflows.portal.consents import ConsentRefused, Given, grant, withdraw
from workflows.retention.holding import MAY_RELEASE

router = PageRouter(access=signed_in, compress=True, order=1)
deciders = only("coordinator", "lead")
patients = only("coordinator", "clinician", "lead")

TABS = (
    ("overview", "Overview"),
    ("timeline", "Timeline"),
    ("documents", "Documents"),
    ("suitability", "Suitability"),
    ("hospitals", "Hospitals"),
    ("journey", "Journey"),
    ("followup", "Follow-up"),
    ("messages", "Messages"),
    ("consent", "Consent"),
    ("audit", "Audit"),
)
"""A new tab is a line here, a template `case_<code>.html`, and what `_more` gives it."""
WITHOUT_PERSONAL_DATA = ("timeline", "audit")
LATER_THAN = timedelta(days=400)
"""Follow-up questions further away are folded."""
READS_AUDIT = ("lead", "administrator")


@router.get("/cases/{ref}")
def case_home(request: Request, ref: str, who: SignedIn = Depends(signed_in)) -> Response:
    """Send everybody to the tab that their role may see."""
    tab = "overview" if who.sees_patients else "timeline"
    return RedirectResponse(f"/cases/{ref[:16]}/{tab}", 303)


@router.get("/cases/{ref}/{tab}")
def case_tab(
    request: Request,
    ref: str,
    tab: str,
    done: int | None = None,
    said: str = "",
    who: SignedIn = Depends(patients),
) -> Response:
    """Show one tab of the case."""
    if tab not in dict(TABS):
        raise HTTPException(404, "There is no such page.")
    return show_tab(request, who, ref, tab, done=done, said=said)


@router.post("/cases/{ref}/journey/{item_id}")
def settle_checklist_item(
    request: Request,
    ref: str,
    item_id: int,
    answer: str = Form(""),
    reason: str = Form("", max_length=2000),
    who: SignedIn = Depends(deciders),
) -> Response:
    """Take a checklist item as done or not needed, whenever somebody says so."""
    try:
        answer_item(world_of(request), ref, item_id, answer, _actor(who), reason.strip() or None)
    except (DecisionRefused, EventRefused) as refused:
        return show_tab(request, who, ref, "journey", refusal=str(refused))
    return RedirectResponse(f"/cases/{ref[:16]}/journey?said={answer}#item-{item_id}", 303)


@router.post("/cases/{ref}/replies/{message_id}")
def class_reply_again(
    request: Request, ref: str, message_id: int, who: SignedIn = Depends(deciders)
) -> Response:
    """Ask again what kind of answer a hospital's letter is, and lead to the question."""
    try:
        task_id = ask_class_again(world_of(request), ref, message_id, _actor(who))
    except DecisionRefused as refused:
        return show_tab(request, who, ref, "hospitals", refusal=str(refused))
    return RedirectResponse(f"/tasks/{task_id}", 303)


@router.post("/cases/{ref}/consent")
def give_consent(
    request: Request,
    ref: str,
    scope: str = Form(""),
    hospital: str = Form(""),
    signed_by: str = Form(""),
    method: str = Form(""),
    ground: str = Form(""),
    paper: str = Form(""),
    authority: str = Form(""),
    who: SignedIn = Depends(deciders),
) -> Response:
    """Write down a consent that the family gave."""
    given = Given(scope, hospital or None, signed_by, method, ground, paper, authority)
    try:
        grant(world_of(request), ref, given, _actor(who))
    except ConsentRefused as refused:
        return show_tab(request, who, ref, "consent", refusal=str(refused), typed=given)
    return RedirectResponse(f"/cases/{ref[:16]}/consent?said=given", 303)


@router.post("/cases/{ref}/consent/withdraw")
def withdraw_consent(
    request: Request,
    ref: str,
    scope: str = Form(""),
    hospital: str = Form(""),
    sure: bool = Form(False),
    who: SignedIn = Depends(deciders),
) -> Response:
    """Record that a consent was withdrawn: what it allowed stops in the same moment."""
    if not sure:
        refusal = "Say that the withdrawal was confirmed: tick the box."
        return show_tab(request, who, ref, "consent", refusal=refusal)
    try:
        withdraw(world_of(request), ref, scope, hospital or None, _actor(who))
    except ConsentRefused as refused:
        return show_tab(request, who, ref, "consent", refusal=str(refused))
    return RedirectResponse(f"/cases/{ref[:16]}/consent?said=withdrawn", 303)


@router.get("/api/cases/{ref}/timeline", compress=False)
def api_timeline(request: Request, ref: str, who: SignedIn = Depends(signed_in)) -> dict[str, Any]:
    """Return the timeline of a case."""
    world = world_of(request)
    ref, entries = whole_timeline(world, ref)
    return {"ref": ref, "events": [entry.to_json() for entry in entries]}


def tabs(who: SignedIn) -> list[tuple[str, str]]:
    """Return the tabs a role may see."""
    shown = [tab for tab in TABS if who.sees_patients or tab[0] in WITHOUT_PERSONAL_DATA]
    return [tab for tab in shown if tab[0] != "audit" or who.role in READS_AUDIT]


def _actor(who: SignedIn) -> Actor:
    return Actor(who.role, who.ref)


def show_tab(
    request: Request,
    who: SignedIn,
    ref: str,
    tab: str,
    *,
    done: int | None = None,
    said: str = "",
    refusal: str | None = None,
    typed: Given | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """Show a tab of a case; `more` is what a page of its own knows besides, after a refusal."""
    world = world_of(request)
    try:
        file = open_case_file(world, ref, f"case.viewed:{tab}", who.ref)
    except CaseErased:
        return _show_erased(request, who, ref, tab, 410 if refusal else 200)
    erasure = erasure_shown(world, file.case.id)
    values = {"file": file, "row": file.row, "case": file.case, "tabs": tabs(who), "tab": tab,
              "done": done, "said": said, "refusal": refusal, "typed": typed, "erasure": erasure,
              "mine": my_roles(who), **_of_erasures(world, who), "span": span,
              **_more(request, world, file, tab), **(more or {})}  # fmt: skip
    status = 422 if refusal else 200
    return pages_of(request).show(request, f"case_{tab}.html", values, status)


def _show_erased(request: Request, who: SignedIn, ref: str, tab: str, status: int) -> Response:
    """Show when, why and by whose decision the data of a case were erased."""
    found = erased_case(world_of(request), ref, f"case.viewed:{tab}", who.ref)
    left = [one for one in tabs(who) if one[0] in ("overview", *WITHOUT_PERSONAL_DATA)]
    values = {"row": found.row, "case": found.case, "erasure": found.erasure, "tabs": left,
              "tab": tab, **_of_erasures(world_of(request), who)}  # fmt: skip
    return pages_of(request).show(request, "case_erased.html", values, status)


def _of_erasures(world: World, who: SignedIn) -> dict[str, Any]:
    """Return who may decide and release here, and why data are kept, in words."""
    return {
        "may_decide": who.role in ("coordinator", "lead"),
        "may_release": who.role in MAY_RELEASE,
        "why_kept": world.process.policy.reasons_to_keep,
    }


def _more(request: Request, world: World, file: CaseFile, tab: str) -> dict[str, Any]:
    """Return what a tab shows beyond the case file."""
    now = world.clock.now()
    if tab == "overview":
        staff = staff_of(world)
        return {
            "waits": alike(file.waits),
            "journey": checklist(file.journey, now.date()),
            "names": staff.names,
            "coordinators": staff.coordinators,
            "flag_form": {
                "signs": world.playbooks.danger.signs,
                "by": REPORTERS,
                "channels": HEARD_BY,
            },
        }
    if tab == "suitability":
        return _results(world, file)
    if tab == "hospitals":
        return {
            "outreach": outreach(file, now),
            "beside": beside_threads(world, file.case.id),
            "compared": offers_compared(world, file),
            "ledger": item_ledger(world, file.case.id),
            "wished": None,
        }
    if tab == "journey":
        found = checklist(file.journey, now.date(), gates(world.playbooks.travel))
        return {
            "checklist": found,
            "chart": journey_picture(file, found, now.date()),
            "stay": stay_shown(world, file.case.id),
        }
    if tab == "consent":
        return {
            "hospitals": hospitals_to_name(world),
            "signers": SIGNERS,
            "methods": METHODS,
            "grounds": GROUNDS,
            "by": REPORTERS,
            "channels": HEARD_BY,
        }
    if tab == "followup":
        return {"soon": (now + LATER_THAN).date()}
    if tab == "messages":
        return {
            "whom": request.query_params.get("with", ""),
            "contacts": contacts_shown(world, file.case.id),
        }
    return {}


def _results(world: World, file: CaseFile) -> dict[str, Any]:
    results = [("Before surgery", file.assessment), ("After surgery", file.recheck)]
    return {
        "signed": signatures_of(world, file.case.id),
        "results": [
            (title, found, prescreen(found, world.playbooks.criteria))
            for title, found in results
            if found is not None
        ],
    }


def journey_picture(file: CaseFile, found: Checklist, today: date) -> Chart | None:
    """Return the journey's bars with the days it turns on."""
    case = file.case
    marks = {
        "admission": case.admission_date,
        "operation": case.surgery_date,
        "discharge": case.discharge_date,
        "return": case.return_date,
    }
    return gantt([_drawn(row) for row in found.rows], today, marks)


def _drawn(row: ChecklistRow) -> Item:
    entry = row.entry
    kind = entry.state if entry.state != "pending" else "late" if row.days_late else "open"
    done_on = entry.done_at.date() if entry.done_at else None
    return Item(
        entry.code,
        entry.title,
        kind,
        entry.due,
        entry.latest,
        done_on,
        entry.depends_on,
        entry.blocking,
    )


def span(length: timedelta) -> str:
    """Return a length of time in words: "5 h", "3 d"."""
    hours = length.total_seconds() / 3600
    if hours < 1:
        return "less than 1 h"
    return f"{round(hours)} h" if hours < 48 else f"{round(hours / 24)} d"
