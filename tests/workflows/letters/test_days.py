"""A moment in a letter is told by the day it has where the letter is read, never by UTC's."""

import ast
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import workflows
from workflows.letters.days import day_in

FOLDER = Path(workflows.__path__[0])
TELLING = [
    *sorted((FOLDER / "letters").glob("*.py")),
    *(FOLDER / "outreach" / f"{name}.py" for name in
      ("enquiries", "item_answers", "offer_letters", "corrections", "writing")),
]  # fmt: skip
"""What says what letters are told."""
NOT_TOLD = {
    ("days.py", "day_in"), ("quiet.py", "next_morning"),
    ("nudges.py", "_list_letter"), ("patient_points.py", "points"),
    ("withdrawn_offers.py", "_others_again"), ("enquiries.py", "_planned_day"),
    ("enquiries.py", "enquiry_fields"), ("importing.py", "_count"), ("archived.py", "_day"),
    ("decisions.py", "_may_leave"),
}  # fmt: skip
"""Days that are compared, not told, by file and function."""


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Pacific/Auckland", 2), ("Asia/Shanghai", 2), ("Africa/Nairobi", 1), ("America/Lima", 1)],
)
def test_a_moment_has_the_readers_day(zone: str, day: int) -> None:
    assert day_in(zone, datetime(2027, 3, 1, 19, 30, tzinfo=UTC)) == date(2027, 3, day)


@pytest.mark.parametrize("path", TELLING, ids=lambda path: path.name)
def test_no_day_of_utc_is_told(path: Path) -> None:
    tree = ast.parse(path.read_text())
    found = set()
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.Lambda):
            for node in ast.walk(function):
                called = node.func if isinstance(node, ast.Call) else None
                if isinstance(called, ast.Attribute) and called.attr == "date":
                    found.add((path.name, getattr(function, "name", "lambda")))
    assert found <= NOT_TOLD, "a moment's day in UTC: use Source.day, or day_in with a zone"
