"""A page is its module: found by itself, opened to whom it says, its forms checked unasked."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient

from accounts.sessions import SignedIn
from tests.web.parts import Visitor, make_user
from web import pages
from web.access import PUBLIC, only, signed_in
from web.app import create_app
from web.page_router import NotDeclared, PageRouter, page_routes
from web.pages import page_routers
from workflows.engine.world import World

PAGE = '''
"""A page that nobody else knows of."""
from fastapi import Request
from starlette.responses import PlainTextResponse, Response
from web.access import only
from web.page_router import PageRouter

router = PageRouter(access=only("lead"), compress=True)
taken: list[str] = []

@router.get("/hello/{name}")
def hello(name: str) -> Response:
    return PlainTextResponse(f"hello {name}. " * 100)

@router.post("/hello/{name}")
def greet(name: str) -> Response:
    taken.append(name)
    return PlainTextResponse("taken")
'''


@pytest.fixture
def new_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Lay one new module among the pages, and nothing else; return what its form has taken."""
    (tmp_path / "hello.py").write_text(PAGE)
    monkeypatch.setattr(pages, "__path__", [*pages.__path__, str(tmp_path)])
    from importlib import import_module

    yield import_module("web.pages.hello").taken
    del sys.modules["web.pages.hello"]
    del pages.hello  # type: ignore[attr-defined]


def test_a_new_module_is_a_page_without_being_named_anywhere(
    world: World, new_page: list[str]
) -> None:
    app = create_app(world)

    def visitor(role: str | None) -> Visitor:
        own = Visitor(TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False))
        if role is not None:
            make_user(world, role)
            own.sign_in(role)
        return own

    assert visitor(None).get("/hello/you").headers["location"] == "/login"
    assert visitor("coordinator").get("/hello/you").status_code == 403
    lead = visitor("lead")
    shown = lead.get("/hello/you")
    assert shown.text.startswith("hello you. hello you.")
    assert shown.headers["content-encoding"] == "gzip"
    for form in ({}, {"csrf": ""}, {"csrf": "0" * 64}):
        assert lead.client.post("/hello/you", data=form).status_code == 403
    assert new_page == []
    assert lead.send("/hello/you", {}, page="/account").text == "taken"
    assert new_page == ["you"]


def test_a_form_from_another_site_is_refused_although_it_brings_our_token(
    world: World, new_page: list[str]
) -> None:
    client = TestClient(create_app(world), base_url="http://127.0.0.1:8000")
    make_user(world, "lead")
    lead = Visitor(client)
    lead.sign_in("lead")
    form = {"csrf": lead.token("/account")}
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.example"}):
        assert client.post("/hello/you", data=form, headers=headers).status_code == 403
    assert new_page == []


def nothing() -> None:
    """Answer nothing."""


def test_a_route_that_does_not_say_who_may_open_it_is_refused() -> None:
    with pytest.raises(NotDeclared, match=r"nothing \(/somewhere\) does not say who may open it"):
        PageRouter().get("/somewhere")(nothing)
    with pytest.raises(NotDeclared, match="does not say"):
        PageRouter().add_api_route("/somewhere", nothing, methods=["DELETE"])


def test_a_route_says_once_who_may_open_it() -> None:
    def asks(who: SignedIn = Depends(signed_in)) -> None:
        """Ask who is there."""

    with pytest.raises(NotDeclared, match="says twice"):
        PageRouter().get("/somewhere", access=PUBLIC)(asks)


def test_the_nearest_word_counts() -> None:
    def asks(who: SignedIn = Depends(only("lead"))) -> None:
        """Ask for the lead."""

    router = PageRouter(access=signed_in)
    router.get("/a")(nothing)
    router.get("/b")(asks)
    router.get("/c", access=PUBLIC)(nothing)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(router)
    found = {route.path: route.access for route in page_routes(app)}
    assert found == {"/a": signed_in, "/b": only("lead"), "/c": PUBLIC}


def test_a_route_past_the_page_router_stops_the_start(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = APIRouter()
    plain.get("/behind")(nothing)
    monkeypatch.setattr("web.app.page_routers", lambda: [*page_routers(), plain])
    with pytest.raises(NotDeclared, match="/behind does not say who may open it"):
        create_app(world)


def test_a_module_with_a_router_of_another_kind_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "foreign.py").write_text("from fastapi import APIRouter\nrouter = APIRouter()\n")
    monkeypatch.setattr(pages, "__path__", [*pages.__path__, str(tmp_path)])
    with pytest.raises(TypeError, match=r"web\.pages\.foreign: its router must be a PageRouter"):
        page_routers()
    del sys.modules["web.pages.foreign"]


def test_no_route_hides_behind_another() -> None:
    """Routes are tried in order: one whose address an earlier one takes in is never reached."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for router in page_routers():
        app.include_router(router)
    there = list(page_routes(app))
    hidden = []
    for route in there:
        address = re.sub(r"\{\w+\}", "1", route.path)
        for method in route.methods or ():
            first = next(
                one
                for one in there
                if method in (one.methods or ()) and one.path_regex.match(address)
            )
            if first.endpoint is not route.endpoint:
                hidden.append(f"{method} {route.path} behind {first.path}")
    assert hidden == []
