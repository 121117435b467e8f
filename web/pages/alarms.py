"""Red flags for the head of every page: who is on the console hears of them within seconds."""

from hashlib import sha256
from typing import Any

from fastapi import Depends, Request

from accounts.sessions import SignedIn
from views.alarms import TEAM, open_alarms
from web.access import signed_in, world_of
from web.page_router import PageRouter
from web.pages.sign_in import pages_of

router = PageRouter(access=signed_in)


@router.get("/api/alarms")
def alarms(request: Request, who: SignedIn = Depends(signed_in)) -> dict[str, Any]:
    """Return how many red flags are open, and the banner as a page shows it."""
    found = open_alarms(world_of(request)) if who.role in TEAM else []
    html = bytes(pages_of(request).show(request, "alarms.html", {"alarms": found}).body).decode()
    state = sha256(html.encode()).hexdigest()[:16]
    return {"count": len(found), "state": state, "html": html}
