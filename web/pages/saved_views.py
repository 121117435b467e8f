"""Filters of the lists that somebody keeps under a name."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from accounts.sessions import SignedIn
from models import SavedView
from models.database import transaction
from views.filters import hospital_names
from views.saved_views import (
    ViewRefused,
    delete_view,
    rename_view,
    save_view,
    saved_views,
    set_default_view,
)
from web.access import signed_in, world_of
from web.filtering import Address, label_of
from web.page_router import PageRouter
from web.pages.sign_in import pages_of

router = PageRouter(access=signed_in)

PATHS: Mapping[str, str] = {"work": "/", "cases": "/cases"}
CHOSEN = "chosen-"


def address_of(view: SavedView) -> Address:
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
        with transaction(world_of(request).engine) as session:
            view = save_view(session, who.user_id, place, name, chosen)
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
        with transaction(world_of(request).engine) as session:
            if act == "rename":
                rename_view(session, who.user_id, view_id, name)
            elif act == "delete":
                delete_view(session, who.user_id, view_id)
            elif act in ("default", "plain"):
                set_default_view(session, who.user_id, view_id, act == "default")
            else:
                raise ViewRefused("Unknown action.")
    except ViewRefused as refused:
        return _show(request, who, str(refused))
    return RedirectResponse("/views", 303)


def _show(request: Request, who: SignedIn, refusal: str | None = None) -> Response:
    with transaction(world_of(request).engine) as session:
        mine = saved_views(session, who.user_id)
        codes = sorted({view.chosen["hospital"] for view in mine if "hospital" in view.chosen})
        label = label_of(hospital_names(session, codes))
    rows = [
        {
            "id": view.id, "name": view.name, "place": view.place, "default": view.is_default,
            "url": str(address_of(view)),
            "labels": [label(name, code) for name, code in view.chosen.items()],
        }
        for view in mine
    ]  # fmt: skip
    values = {"views": rows, "refusal": refusal}
    return pages_of(request).show(request, "saved_views.html", values, 422 if refusal else 200)
