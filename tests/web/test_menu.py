"""The menu shows each reader what they may open, and nothing else."""

import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI

from tests.web.parts import Visitor
from web.access import Access, only, signed_in
from web.menu import collect_menu
from web.page_router import Menu, PageRouter

LINE = re.compile(r'<a href="([^"]+)" data-key="g \w" (?:aria-current="(\w+)")?>([^<]+)</a>')
SEEN = {
    "coordinator": ["My work", "Cases", "Repair", "Directory"],
    "clinician": ["My work", "Cases", "Directory"],
    "lead": ["My work", "Cases", "Questions", "Repair", "Directory", "Charts"],
    "analyst": ["Cases", "Questions", "Directory", "Charts"],
    "administrator": ["Cases", "Questions", "Repair", "Directory", "Charts", "Accounts"],
}


@pytest.mark.parametrize("role", SEEN)
def test_each_role_sees_what_it_may_open(role: str, visit: Callable[..., Visitor]) -> None:
    visitor = visit(role)
    lines = LINE.findall(visitor.get("/directory").text)
    known = {title for seen in SEEN.values() for title in seen}
    assert [title for _, _, title in lines if title in known] == SEEN[role]
    for path, _, title in lines:
        answer = visitor.get(path)
        assert answer.status_code == 200
        assert [(t, c) for _, c, t in LINE.findall(answer.text) if c] == [(title, "page")]


def test_a_page_below_a_line_marks_it_as_where_one_is(visit: Callable[..., Visitor]) -> None:
    lines = LINE.findall(visit("lead").get("/directory/import").text)
    assert [(title, current) for _, current, title in lines if current] == [("Directory", "true")]


def test_nobody_who_is_not_signed_in_sees_a_menu(visit: Callable[..., Visitor]) -> None:
    assert not LINE.findall(visit().get("/login").text)


def test_two_lines_cannot_have_one_key() -> None:
    router = PageRouter(access=signed_in)
    router.get("/one", menu=Menu("One", "g x", 1))(lambda: None)
    router.get("/two", menu=Menu("Two", "g x", 2))(lambda: None)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(router)
    with pytest.raises(ValueError, match="/one: another line of the menu has the key “g x”"):
        collect_menu(app)


@pytest.mark.parametrize(
    ("access", "roles", "words"),
    [
        (signed_in, {"astronaut"}, "/one: there is no role astronaut"),
        (only("lead"), {"lead", "analyst"}, "/one: analyst may not open the page"),
    ],
)
def test_a_line_is_for_roles_that_exist_and_may_open_its_page(
    access: Access, roles: set[str], words: str
) -> None:
    router = PageRouter(access=access)
    router.get("/one", menu=Menu("One", "g x", 1, frozenset(roles)))(lambda: None)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(router)
    with pytest.raises(ValueError, match=words):
        collect_menu(app)


def test_a_page_is_opened_to_roles_that_exist() -> None:
    with pytest.raises(ValueError, match="there is no role astronaut: use one of"):
        only("lead", "astronaut")
