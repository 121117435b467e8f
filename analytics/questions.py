"""The analysts' questions by name, and their answers as columns and rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from analytics.copies import Copy, copy_read
from analytics.named_sql import Statement, statements

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
    """What the database says: column names and rows. `copy`: the copy that was asked, if it was."""

    question: Question
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    copy: Copy | None = None

    @property
    def alarming(self) -> bool:
        """Return whether a question that must be empty is not."""
        return self.question.alarm and bool(self.rows)


@cache
def questions() -> Mapping[str, Question]:
    """Return all questions by name, in the order of the file."""
    return {found.name: _question(found) for found in statements(_FILE)}


def _question(found: Statement) -> Question:
    head = found.head
    return Question(found.name, int(head["number"]), head["asks"], found.sql, "alarm" in head)


def answer(connection: Connection, name: str) -> Answer:
    """Run the question `name`; raise `NoSuchQuestion`."""
    question = questions().get(name)
    if question is None:
        raise NoSuchQuestion(f"no question {name[:40]}; there are: {', '.join(questions())}")
    result = connection.exec_driver_sql(question.sql)
    columns, rows = list(result.keys()), [tuple(row) for row in result]
    return Answer(question, columns, rows, copy_read(connection))
