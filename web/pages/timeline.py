"""The timeline of a case: filtered, page by page, cause and effect linked. No personal data."""

from collections.abc import Sequence
from itertools import groupby
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from accounts.users import SignedIn
from views.timeline import KINDS, Entry, TimelineFilter, page_of_timeline, where_on_timeline
from web.access import signed_in, world_of
from web.page_router import PageRouter
from web.pages.case import tabs
from web.pages.sign_in import pages_of

router = PageRouter(access=signed_in, compress=True)


@router.get("/cases/{ref}/timeline")
def case_timeline(
    request: Request,
    ref: str,
    kind: str = "",
    actor: str = "",
    text: str = "",
    details: bool = False,
    page: int = 1,
    who: SignedIn = Depends(signed_in),
) -> Response:
    """Show one page of the timeline: no personal data, so every role may read it."""
    world = world_of(request)
    wanted = TimelineFilter(kind, actor, text.strip()[:80], details)
    row, found = page_of_timeline(world, ref, wanted, page)

    def query(**changed: object) -> str:
        asked = {
            "kind": kind,
            "actor": actor,
            "text": wanted.text,
            "details": "true" if details else "",
            **changed,
        }
        return "?" + urlencode({name: value for name, value in asked.items() if value})

    zone = ZoneInfo(world.settings.coordinator_time_zone)
    values = {
        "row": row,
        "found": found,
        "days": _days(found.entries, zone),
        "wanted": wanted,
        "kinds": KINDS,
        "query": query,
        "tabs": tabs(who),
        "tab": "timeline",
    }
    return pages_of(request).show(request, "case_timeline.html", values)


@router.get("/cases/{ref}/timeline/{seq}")
def case_event(
    request: Request, ref: str, seq: int, who: SignedIn = Depends(signed_in)
) -> Response:
    """Lead to the page of the timeline on which an event stands."""
    ref, details, page = where_on_timeline(world_of(request), ref, seq)
    asked = {"details": "true"} if details else {}
    asked |= {"page": str(page)} if page > 1 else {}
    return RedirectResponse(f"/cases/{ref}/timeline?{urlencode(asked)}#e{seq}", 303)


def _days(entries: Sequence[Entry], zone: ZoneInfo) -> list[tuple[str, list[Entry]]]:
    """Put the entries of one day, as people there count it, under its date."""
    by_day = groupby(entries, key=lambda entry: entry.occurred_at.astimezone(zone).date())
    return [(f"{day:%A, %d %B %Y}", list(group)) for day, group in by_day]
