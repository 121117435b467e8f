"""Filters of the lists that somebody keeps under a name."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from accounts.sessions import SignedIn
from views.saved_views import ViewRefused, change_view, keep_view, views_with_hospitals
from views.shown import ShownView
from web.access import signed_in, world_of
from web.filtering import Address, label_of
from web.page_router import PageRouter
from web.pages.sign_in import pages_of

router = PageRouter(access=signed_in)

PATHS: Mapping[str, str] = {"work": "/", "cases": "/cases"}
CHOSEN = "chosen-"


def address_of(view: ShownView) -> Address:
    """Return where a view is shown."""
    return Address(PATHS[view.place], view.chosen)


@router.get("/views")
def views(request: Request, who: SignedIn = Depends(signed_in)) -> Response:
    """List my views with what each chooses."""
    return _show(request, who)


@router.post("/views")
async def save(request: Request, who: SignedIn = Depends(signed_in)) -> Response:
    """Keep what a list shows under a name."""
    form = await request.form()
    chosen = {
        name.removeprefix(CHOSEN): str(value)
        for name, value in form.multi_items()
        if name.startswith(CHOSEN)
    }
    place, name = str(form.get("place", "")), str(form.get("name", ""))
    try:
        view = keep_view(world_of(request), who.user_id, place, name, chosen)
    except ViewRefused as refused:
        return _show(request, who, str(refused))
    return RedirectResponse(str(address_of(view)), 303)


@router.post("/views/{view_id}")
def change(
    request: Request,
    view_id: int,
    act: Annotated[str, Form()],
    name: Annotated[str, Form(max_length=200)] = "",
    who: SignedIn = Depends(signed_in),
) -> Response:
    """Rename or delete a view, or let its list open with it."""
    try:
        change_view(world_of(request), who.user_id, view_id, act, name)
    except ViewRefused as refused:
        return _show(request, who, str(refused))
    return RedirectResponse("/views", 303)


def _show(request: Request, who: SignedIn, refusal: str | None = None) -> Response:
    mine, hospitals = views_with_hospitals(world_of(request), who.user_id)
    label = label_of(hospitals)
    rows = [
        {
            "id": view.id,
            "name": view.name,
            "place": view.place,
            "default": view.is_default,
            "url": str(address_of(view)),
            "labels": [label(name, code) for name, code in view.chosen.items()],
        }
        for view in mine
    ]
    values = {"views": rows, "refusal": refusal}
    return pages_of(request).show(request, "saved_views.html", values, 422 if refusal else 200)
