"""Filters of the lists that somebody keeps under a name; each account sees its own only."""

from collections.abc import Mapping

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from models import SavedView
from models.database import transaction
from models.saved_view import PLACES
from views.filters import codes_of, hospital_names
from views.shown import ShownView, shown
from workflows.engine.lookup import RowNotFound
from workflows.engine.world import World

LONGEST_NAME = 40
MAX_VIEWS = 24


class ViewRefused(ValueError):
    """The view cannot be kept like this; the message says why."""


def saved_views(session: Session, user_id: int) -> list[ShownView]:
    """Return the account's views: of the work list first, each list's by name."""
    rows = session.scalars(
        select(SavedView)
        .where(col(SavedView.user_id) == user_id)
        .order_by(col(SavedView.place).desc(), func.lower(col(SavedView.name)))
    )
    return [shown(ShownView, row) for row in rows]


def views_with_hospitals(world: World, user_id: int) -> tuple[list[ShownView], dict[str, str]]:
    """Return the account's views, and the names by code of the hospitals that they choose."""
    with transaction(world.engine) as session:
        mine = saved_views(session, user_id)
        codes = sorted({view.chosen["hospital"] for view in mine if "hospital" in view.chosen})
        return mine, hospital_names(session, codes)


def keep_view(
    world: World, user_id: int, place: str, name: str, chosen: Mapping[str, str]
) -> ShownView:
    """Keep what is chosen under a name, as `save_view` does; raise `ViewRefused`."""
    with transaction(world.engine) as session:
        return shown(ShownView, save_view(session, user_id, place, name, chosen))


def change_view(world: World, user_id: int, view_id: int, act: str, name: str = "") -> None:
    """Do one act to a view: rename, delete, default or plain (no longer the default).

    Raises `ViewRefused`, `RowNotFound` if it is not theirs.
    """
    with transaction(world.engine) as session:
        if act == "rename":
            rename_view(session, user_id, view_id, name)
        elif act == "delete":
            delete_view(session, user_id, view_id)
        elif act in ("default", "plain"):
            set_default_view(session, user_id, view_id, act == "default")
        else:
            raise ViewRefused("Unknown action.")


def save_view(
    session: Session, user_id: int, place: str, name: str, chosen: Mapping[str, str]
) -> SavedView:
    """Keep what is chosen under a name; the same name again replaces it. Raises `ViewRefused`."""
    if place not in PLACES:
        raise ViewRefused("There is no such list.")
    name = _checked_name(name)
    view = _by_name(session, user_id, place, name)
    if view is None:
        kept = session.scalar(select(func.count()).where(col(SavedView.user_id) == user_id))
        if (kept or 0) >= MAX_VIEWS:
            raise ViewRefused(f"There are {MAX_VIEWS} views already. Delete one first.")
        view = SavedView(user_id=user_id, place=place, name=name)
        session.add(view)
    view.chosen = codes_of(chosen)
    session.flush()
    return view


def rename_view(session: Session, user_id: int, view_id: int, name: str) -> None:
    """Give a view another name; raise `ViewRefused`, or `RowNotFound` if it is not theirs."""
    view, name = _own(session, user_id, view_id), _checked_name(name)
    other = _by_name(session, user_id, view.place, name)
    if other is not None and other.id != view.id:
        raise ViewRefused("Another view has that name.")
    view.name = name


def delete_view(session: Session, user_id: int, view_id: int) -> None:
    """Delete a view; raise `RowNotFound` if it is not theirs."""
    session.delete(_own(session, user_id, view_id))


def set_default_view(session: Session, user_id: int, view_id: int, default: bool) -> None:
    """Show a view when its list is opened without a filter, or no longer; raise `RowNotFound`."""
    view = _own(session, user_id, view_id)
    session.execute(
        update(SavedView)
        .where(col(SavedView.user_id) == user_id, col(SavedView.place) == view.place)
        .values(is_default=False)
    )
    session.refresh(view)
    view.is_default = default


def default_view(session: Session, user_id: int, place: str) -> ShownView | None:
    """Return the view that a list of this account opens with."""
    row = session.scalars(
        select(SavedView).where(
            col(SavedView.user_id) == user_id,
            col(SavedView.place) == place,
            col(SavedView.is_default),
        )
    ).first()
    return shown(ShownView, row) if row is not None else None


def _checked_name(name: str) -> str:
    text = " ".join(name.split())
    if not text or len(text) > LONGEST_NAME or not text.isprintable():
        raise ViewRefused(f"A view's name has 1 to {LONGEST_NAME} characters.")
    return text


def _by_name(session: Session, user_id: int, place: str, name: str) -> SavedView | None:
    return session.scalars(
        select(SavedView).where(
            col(SavedView.user_id) == user_id,
            col(SavedView.place) == place,
            col(SavedView.name) == name,
        )
    ).first()


def _own(session: Session, user_id: int, view_id: int) -> SavedView:
    view = session.get(SavedView, view_id)
    if view is None or view.user_id != user_id:
        raise RowNotFound(f"view {view_id} does not exist")
    return view
