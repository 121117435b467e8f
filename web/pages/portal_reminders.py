"""Where a family ends its reminders: by the button of a mail program, or by the one of this page.

Opening the page ends nothing: mail servers open every address of a letter.
"""

from fastapi import HTTPException, Request
from starlette.responses import Response

from web.access import SIGNATURE, world_of
from web.languages import choose
from web.page_router import PageRouter
from web.pages.sign_in import pages_of
from workflows.portal.reminders import NoSuchReminders, Reminders, end_reminders, reminders_of

router = PageRouter(prefix="/portal/reminders", access=SIGNATURE)


@router.get("/{token}")
def ask(request: Request, token: str) -> Response:
    """Ask whether the reminders are to end, or say that they have."""
    try:
        return _page(request, token, reminders_of(world_of(request), token))
    except NoSuchReminders:
        raise HTTPException(404, "This link does not open anything.") from None


@router.post("/{token}")
def end(request: Request, token: str) -> Response:
    """End the reminders; a mail program sends `List-Unsubscribe=One-Click` and nothing else."""
    try:
        return _page(request, token, end_reminders(world_of(request), token))
    except NoSuchReminders:
        raise HTTPException(404, "This link does not open anything.") from None


def _page(request: Request, token: str, found: Reminders) -> Response:
    choose(request, found.language)
    values = {
        "ended": found.ended,
        "others_come": found.others_come,
        "contact": world_of(request).settings,
        "here": f"/portal/reminders/{token}",
    }
    return pages_of(request).show(request, "portal_reminders.html", values)
