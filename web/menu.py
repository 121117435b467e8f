"""The main menu: each page says beside its address what it is called there and who sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fastapi import FastAPI, Request

from accounts.sessions import SignedIn
from web.access import check_roles
from web.page_router import Menu, PageRoute, page_routes


@dataclass(frozen=True, slots=True)
class MenuLine:
    """A line of the menu as one reader sees it. `key`: what they press to go there.

    `current`: "page" for the page itself, "true" for one below it, else empty (`aria-current`).
    """

    path: str
    title: str
    key: str
    current: str


def collect_menu(app: FastAPI) -> Sequence[tuple[str, Menu]]:
    """Return what the menu may show, in its order.

    Raises ValueError for a key given twice, and for roles that are none or cannot open it.
    """
    for route in page_routes(app):
        if route.menu is not None:
            _check(route, route.menu.roles)
    found = [
        (route.path, replace(route.menu, roles=route.menu.roles or route.access.roles))
        for route in page_routes(app)
        if route.menu is not None
    ]
    keys = [menu.key for _, menu in found]
    for path, menu in found:
        if keys.count(menu.key) > 1:
            raise ValueError(f"{path}: another line of the menu has the key “{menu.key}”")
    return sorted(found, key=lambda one: one[1].place)


def _check(route: PageRoute, roles: frozenset[str]) -> None:
    try:
        check_roles(roles)
    except ValueError as error:
        raise ValueError(f"{route.path}: {error}") from None
    shut_out = sorted(roles - route.access.roles) if route.access.kind == "roles" else []
    if shut_out:
        raise ValueError(f"{route.path}: {', '.join(shut_out)} may not open the page of this line")


def menu_lines(request: Request, who: SignedIn | None) -> Sequence[MenuLine]:
    """Return the lines that `who` sees; none for who is not signed in."""
    here = request.url.path
    return [
        MenuLine(path, menu.title, menu.key, _current(here, path))
        for path, menu in request.app.state.menu
        if who is not None and (not menu.roles or who.role in menu.roles)
    ]


def _current(here: str, path: str) -> str:
    if here == path:
        return "page"
    return "true" if here.startswith(f"{path}/") else ""
