"""The analysts' questions by name, and their answers as columns and rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

_FILE = Path(__file__).with_name("questions.sql")


class NoSuchQuestion(LookupError):
    """No question has that name; the message lists those there are."""


@dataclass(frozen=True, slots=True)
class Question:
    """One named statement. `alarm`: its answer must be empty, a row is an incident."""

    name: str
    number: int
    asks: str
    sql: str
    alarm: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the database says: column names and rows."""

    question: Question
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    @property
    def alarming(self) -> bool:
        """Return whether a question that must be empty is not."""
        return self.question.alarm and bool(self.rows)


@cache
def questions() -> Mapping[str, Question]:
    """Return all questions by name, in the order of the file."""
    parts = _FILE.read_text(encoding="utf-8").split("-- name: ")[1:]
    found = [_parse(part) for part in parts]
    return {question.name: question for question in found}


def _parse(part: str) -> Question:
    lines = part.strip().splitlines()
    head = {
        key: value.strip()
        for key, _, value in (
            line.removeprefix("-- ").partition(":") for line in lines[1:] if line.startswith("-- ")
        )
    }
    sql = "\n".join(line for line in lines[1:] if not line.startswith("-- ")).strip().rstrip(";")
    return Question(lines[0].strip(), int(head["number"]), head["asks"], sql, "alarm" in head)


def answer(connection: Connection, name: str) -> Answer:
    """Run the question `name`; raise `NoSuchQuestion`."""
    question = questions().get(name)
    if question is None:
        raise NoSuchQuestion(f"no question {name[:40]}; there are: {', '.join(questions())}")
    result = connection.exec_driver_sql(question.sql)
    return Answer(question, list(result.keys()), [tuple(row) for row in result])
