"""Dedupe keys: the stored spellings, what a stop finds by them, and that they have one home."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import Case, Message
from models.base import require_id
from workflows.engine import dedupe_keys as keys

ROOT = Path(__file__).resolve().parents[3]
HOME = ROOT / "workflows" / "engine" / "dedupe_keys.py"
ROOMS = ("accounts", "adapters", "analytics", "cli", "correspondence", "local", "models", "tasks",
         "views", "web", "workflows")  # fmt: skip

STORED = {
    keys.of_notice(7, "M04", 31): "case:7:M04:run:31",
    keys.of_notice_on_document(7, "M05", 12): "case:7:M05:document:12",
    keys.of_hospital_letter(5, "M09", 2): "thread:5:M09:2",
    keys.of_question(44): "reminder:44",
    keys.of_recurring("ingestion.fetch_mail"): "every:ingestion.fetch_mail",
}
"""Rows of the first day carry these: another spelling would write every letter again."""
BEGINNINGS = ("case:", "thread:", "reminder:", "every:", ":run:")


@pytest.mark.parametrize(("made", "stored"), STORED.items())
def test_a_key_is_spelled_as_it_is_stored(made: str, stored: str) -> None:
    assert made == stored and len(made) <= 120


def test_a_stop_finds_the_letters_of_its_runs_and_questions_and_no_other(session: Session) -> None:
    case = Case(
        ref="CFX-26-00007",
        state="INQUIRY",
        stage="inquiry",
        opened_at=datetime(2026, 7, 29, tzinfo=UTC),
    )
    session.add(case)
    session.flush()
    letters = {
        "of the run": keys.of_notice(7, "M04", 31),
        "of another run": keys.of_notice(7, "M04", 3),
        "of a run that ends alike": keys.of_notice(7, "M04", 131),
        "the question": keys.of_question(44),
        "another question": keys.of_question(4),
        "about a document of the run's number": keys.of_notice_on_document(7, "M05", 31),
        "to a hospital": keys.of_hospital_letter(31, "M09", 31),
    }
    names = {str(key): name for name, key in letters.items()}
    for key in letters.values():
        session.add(
            Message(
                case_id=require_id(case.id),
                direction="out",
                state="draft",
                to_role="patient",
                dedupe_key=key,
            )
        )
    session.flush()

    def found(runs: list[int], questions: list[int]) -> set[str]:
        rows = session.scalars(
            select(col(Message.dedupe_key)).where(keys.written_by(runs, questions))
        )
        return {names[key] for key in rows if key}

    assert found([31], []) == {"of the run"}
    assert found([], [44]) == {"the question"}
    assert found([31, 131], [4]) == {"of the run", "of a run that ends alike", "another question"}
    assert found([], []) == set()


def spelled(source: str) -> Iterator[str]:
    """Return the texts of a module that look like a dedupe key or a part of one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            parts = [str(one.value) for one in node.values if isinstance(one, ast.Constant)]
            if isinstance(node.values[0], ast.Constant) and parts[0].startswith(BEGINNINGS):
                yield parts[0]
            yield from (part for part in parts if ":run:" in part)
        elif isinstance(node, ast.Constant) and node.value in BEGINNINGS:
            yield str(node.value)


def test_no_other_module_spells_a_key() -> None:
    assert list(spelled(HOME.read_text()))
    elsewhere = {
        str(path.relative_to(ROOT)): found
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if path != HOME and (found := list(spelled(path.read_text())))
    }
    assert elsewhere == {}
