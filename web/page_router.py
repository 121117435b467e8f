"""The router of a page: each route says who may open it, and forms are checked without asking.

A page is a module of `web/pages/` with a `router`; nothing else names it. Beside its routes stands
who may open them, whether they go compressed, their line of the menu, and an address to look at
them by.
"""

import inspect
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from fastapi import APIRouter, Depends, FastAPI, Request, Response, params
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount

from web.access import Access, OurForm, possible_address
from web.form_bodies import FormRequest

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_Endpoint = TypeVar("_Endpoint", bound=Callable[..., Any])


class NotDeclared(TypeError):
    """A route that does not say who may open it, or says it twice: the application does not start.

    The message names the route and what to write.
    """


@dataclass(frozen=True, slots=True)
class Menu:
    """A line of the main menu: its words, the keys that lead there, its place among the others.

    It is shown to whoever may open the page, or to `roles` alone.
    """

    title: str
    key: str
    place: int
    roles: frozenset[str] = frozenset()


class PageRoute(APIRoute):
    """A route with what its page declares about it; its forms are counted while they come."""

    access: Access
    compress: bool
    example: Mapping[str, str]
    """Values of the address's parameters that lead to a page, where a test cannot know them."""
    menu: Menu | None

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()

        async def counting(request: Request) -> Response:
            return await answer(FormRequest(request.scope, request.receive))

        return counting


class PageRouter(APIRouter):
    """Routes of one page module.

    A route's access is, in this order, the `access` of its decorator, the dependency of its
    function (`who: SignedIn = Depends(signed_in)`), the `access` of the router. It is asked first;
    then whatever changes something must bring our form's token, unless its access has a proof of
    its own. Both happen before the function is called.

    Routers are tried by `order`, then by the name of their module: a page whose addresses take in
    another's (`/cases/{ref}/{tab}`) comes later than that one.
    """

    def __init__(
        self,
        *,
        access: Access | None = None,
        compress: bool = False,
        form: OurForm | None = None,
        order: int = 0,
        **options: Any,
    ) -> None:
        super().__init__(route_class=PageRoute, **options)
        self.access = access
        self.compress = compress
        self.form = form or OurForm()
        self.order = order

    def get(self, path: str, **options: Any) -> Callable[[_Endpoint], _Endpoint]:
        """Take a function as the GET of an address; options as of `add_api_route`."""
        return self._adding(path, "GET", options)

    def post(self, path: str, **options: Any) -> Callable[[_Endpoint], _Endpoint]:
        """Take a function as the POST of an address; options as of `add_api_route`."""
        return self._adding(path, "POST", options)

    def options(self, path: str, **options: Any) -> Callable[[_Endpoint], _Endpoint]:
        """Take a function as the OPTIONS of an address; options as of `add_api_route`."""
        return self._adding(path, "OPTIONS", options)

    def _adding(
        self, path: str, method: str, options: Mapping[str, Any]
    ) -> Callable[[_Endpoint], _Endpoint]:
        def add(endpoint: _Endpoint) -> _Endpoint:
            self.add_api_route(path, endpoint, methods=[method], **options)
            return endpoint

        return add

    def add_api_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        access: Access | None = None,
        compress: bool | None = None,
        example: Mapping[str, str] | None = None,
        menu: Menu | None = None,
        **options: Any,
    ) -> None:
        """Add a route with who may open it; raise `NotDeclared` when nothing says that."""
        where = f"{endpoint.__module__}.{endpoint.__name__} ({self.prefix}{path})"
        asked = _access_asked_by(endpoint, where)
        if access is not None and asked is not None:
            raise NotDeclared(f"{where} says twice who may open it: leave one of them out.")
        declared = access or asked or self.access
        if declared is None:
            raise NotDeclared(
                f"{where} does not say who may open it: write PageRouter(access=...), an access= "
                "beside its address, or a parameter `who: SignedIn = Depends(only(...))`."
            )
        before = [Depends(declared)] if declared.by_session else []
        before.append(Depends(possible_address))
        if declared.by_form and not SAFE.issuperset(options.get("methods") or ["GET"]):
            before.append(Depends(self.form))
        options["dependencies"] = [*before, *(options.get("dependencies") or ())]
        super().add_api_route(path, endpoint, **options)
        route = self.routes[-1]
        assert isinstance(route, PageRoute)
        route.access = declared
        route.compress = self.compress if compress is None else compress
        route.example = example or {}
        route.menu = menu


def _access_asked_by(endpoint: Callable[..., Any], where: str) -> Access | None:
    """Return the access that a function's parameters ask for; None where they ask for none."""
    asked = [
        given.dependency
        for parameter in inspect.signature(endpoint).parameters.values()
        for given in (parameter.default, *get_args(parameter.annotation))
        if isinstance(given, params.Depends) and isinstance(given.dependency, Access)
    ]
    if len(asked) > 1:
        raise NotDeclared(f"{where} asks twice who is there: leave one of them out.")
    return asked[0] if asked else None


def page_routes(app: FastAPI) -> Iterator[PageRoute]:
    """Return every route in the order in which they are tried; files of a mount have none.

    Raises `NotDeclared` for a route that no `PageRouter` made: nobody knows who may open it.
    """
    yield from _page_routes(app.routes)


def _page_routes(routes: list[BaseRoute]) -> Iterator[PageRoute]:
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from _page_routes(included.routes)
        elif isinstance(route, PageRoute):
            yield route
        elif not isinstance(route, Mount):
            path = getattr(route, "path", route)
            raise NotDeclared(f"{path} does not say who may open it: add it by a PageRouter.")
