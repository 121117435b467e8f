"""The page of one case, tab by tab. Every look at personal data is written to the audit."""

from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from models.base import require_id
from models.database import transaction
from web.access import signed_in, world_of
from web.pages.sign_in import pages_of
from web.pages.work import my_roles
from workflows import audit
from workflows.accounts import SignedIn
from workflows.lookup import case_by_ref
from workflows.signatures import signatures
from workflows.views.case_file import CaseFile, case_summary, load_case_file
from workflows.views.suitability import prescreen
from workflows.views.timeline import is_detail, timeline
from workflows.world import World

router = APIRouter()

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
)
WITHOUT_PERSONAL_DATA = ("timeline",)


@router.get("/cases/{ref}")
def case_home(request: Request, ref: str, who: SignedIn = Depends(signed_in)) -> Response:
    """Send everybody to the tab that their role may see."""
    tab = "overview" if who.sees_patients else "timeline"
    return RedirectResponse(f"/cases/{ref[:16]}/{tab}", 303)


@router.get("/cases/{ref}/timeline")
def case_timeline(
    request: Request, ref: str, details: bool = False, who: SignedIn = Depends(signed_in)
) -> Response:
    """Show the timeline: no personal data, so every role may read it."""
    world = world_of(request)
    now = world.clock.now()
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
        entries = timeline(session, case, world.settings.playbooks_dir)
        row = case_summary(session, case, now)
    shown = [entry for entry in entries if details or not is_detail(entry.type)]
    values = {"row": row, "entries": shown, "folded": len(entries) - len(shown),
              "details": details, "tabs": tabs(who), "tab": "timeline"}  # fmt: skip
    return pages_of(request).show(request, "case_timeline.html", values)


@router.get("/cases/{ref}/{tab}")
def case_tab(
    request: Request,
    ref: str,
    tab: str,
    done: int | None = None,
    who: SignedIn = Depends(signed_in),
) -> Response:
    """Show one tab of the case."""
    if tab not in dict(TABS):
        raise HTTPException(404, "There is no such page.")
    if not who.sees_patients:
        raise HTTPException(403, "Your role does not open this page.")
    world = world_of(request)
    file = open_file(world, who, ref, f"case.viewed:{tab}")
    values = {"file": file, "row": file.row, "case": file.case, "tabs": tabs(who), "tab": tab,
              "done": done, "mine": my_roles(who), **_more(world, file, tab)}  # fmt: skip
    return pages_of(request).show(request, f"case_{tab}.html", values)


@router.get("/api/cases/{ref}/timeline")
def api_timeline(request: Request, ref: str, who: SignedIn = Depends(signed_in)) -> dict[str, Any]:
    """Return the timeline of a case."""
    world = world_of(request)
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
        entries = timeline(session, case, world.settings.playbooks_dir)
    return {"ref": case.ref, "events": [entry.to_json() for entry in entries]}


def tabs(who: SignedIn) -> list[tuple[str, str]]:
    """Return the tabs a role may see."""
    return [tab for tab in TABS if who.sees_patients or tab[0] in WITHOUT_PERSONAL_DATA]


def open_file(world: World, who: SignedIn, ref: str, action: str) -> CaseFile:
    """Read a case and write down who looked at it, in one transaction."""
    now = world.clock.now()
    with transaction(world.engine) as session:
        file = load_case_file(session, case_by_ref(session, ref), now)
        audit.note(session, actor_ref=who.ref, action=action, at=now, object_ref=file.case.ref,
                   case_id=file.case.id)  # fmt: skip
    return file


def _more(world: World, file: CaseFile, tab: str) -> dict[str, Any]:
    if tab != "suitability":
        return {}
    results = [("Before surgery", file.assessment), ("After surgery", file.recheck)]
    with transaction(world.engine) as session:
        signed = signatures(session, require_id(file.case.id))
    return {
        "signed": signed,
        "results": [
            (title, found, prescreen(found, world.playbooks.criteria))
            for title, found in results
            if found is not None
        ],
    }
