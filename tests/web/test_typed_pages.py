"""Pages draw typed values: no row of a table reaches a template."""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from sqlmodel import SQLModel

from models import SavedView
from tests.web.every_page import full_house, samples
from tests.web.parts import Visitor
from tests.workflows.playing import Play
from views.shown import ShownView, shown
from web.render import Pages


def rows_in(value: Any, place: str) -> Iterator[str]:
    """Tell where rows stand within a value: in mappings, sequences and dataclasses."""
    if isinstance(value, SQLModel):
        yield f"{place}: {type(value).__name__}"
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from rows_in(item, f"{place}.{key}")
    elif isinstance(value, list | tuple | Set):
        for item in value:
            yield from rows_in(item, f"{place}[]")
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from rows_in(getattr(value, field.name), f"{place}.{field.name}")


def test_no_page_is_given_a_row(
    visit: Callable[..., Visitor], play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: set[str] = set()
    drawn: set[str] = set()
    show = Pages.show

    def watched(
        self: Pages, request: Any, template: str, values: Any = None, status: int = 200
    ) -> Any:
        drawn.add(template)
        given.update(rows_in(values or {}, template))
        return show(self, request, template, values, status)

    monkeypatch.setattr(Pages, "show", watched)
    wanted = samples(full_house(play))
    people = {role: visit(role) for role in {sample.role for sample in wanted} - {"second-step"}}
    for sample in wanted:
        if sample.role in people:
            people[sample.role].get(sample.path)
    assert {"work.html", "case_overview.html", "document.html", "portal.html"} <= drawn
    assert {"account.html", "users.html", "task.html", "task_review.html"} <= drawn
    assert given == set()


def test_rows_are_found_wherever_they_stand() -> None:
    view = SavedView(user_id=1, place="work", name="late", chosen={"late": "true"})
    assert list(rows_in({"a": [(1, {"b": view})]}, "page")) == ["page.a[][].b: SavedView"]
    view.id = 7
    typed = shown(ShownView, view)
    assert list(rows_in([typed], "page")) == []
    assert (typed.id, typed.name, typed.chosen) == (7, "late", {"late": "true"})
