"""Asking once more who is there, with what was typed kept: the same form is sent on from there."""

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import Response

from accounts.sessions import SignedIn
from accounts.stepping_up import StepUpRefused, is_fresh, step_up, way_of
from web.access import world_of
from web.render import Pages

SHOWN = "fresh:shown"
"""The field with the code or the password."""
NOT_KEPT = ("csrf", SHOWN)


class NotFresh(Exception):
    """Somebody signed in too long ago for this act: a code or the password is asked first."""

    def __init__(self, form: FormData, refusal: str = "") -> None:
        super().__init__(refusal)
        self.form = form
        self.refusal = refusal


def must_be_fresh(request: Request, who: SignedIn, form: FormData) -> None:
    """Raise `NotFresh` unless a factor was shown just now, before or with this form."""
    world = world_of(request)
    if is_fresh(who, world.settings.step_up_minutes):
        return
    shown = str(form.get(SHOWN, ""))
    if not shown:
        raise NotFresh(form)
    try:
        step_up(world.engine, world.keys, who, shown)
    except StepUpRefused as refused:
        raise NotFresh(form, str(refused)) from None


def ask_anew(request: Request, pages: Pages, error: NotFresh) -> Response:
    """Return the page that asks, with the form in it."""
    who: SignedIn = request.state.who
    settings = world_of(request).settings
    values = {
        "kept": [
            (name, value)
            for name, value in error.form.multi_items()
            if name not in NOT_KEPT and isinstance(value, str)
        ],
        "action": str(request.url.path),
        "way": way_of(world_of(request).engine, who),
        "shown_name": SHOWN,
        "minutes": settings.step_up_minutes,
        "provider": settings.openid_name,
        "refusal": error.refusal or None,
    }
    return pages.show(request, "fresh.html", values, 403)
