"""The copy of their data that a patient may have: a ZIP file of tables, letters and papers."""

import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePath
from typing import IO, Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from accounts import audit
from adapters.storage import StorageError
from models import (
    Case,
    CaseEvent,
    Consent,
    Document,
    FindingRecord,
    FollowUpEntry,
    Hospital,
    HumanTask,
    JourneyEntry,
    Message,
    Offer,
    Patient,
    RedFlagCall,
)
from models.base import require_id
from models.database import transaction
from views.files import FileMissing, left_out
from views.shown import ShownDocument, shown
from workflows.csv_out import Table
from workflows.engine.lookup import case_by_ref
from workflows.engine.not_there import check_not_erased
from workflows.engine.world import World

README = """This is a copy of what we hold about the case {ref}, made on {day}.

you.json          what the inquiry says of you, and how the case stands
permissions.csv   what was allowed, by whom, and what was taken back
papers/           the files that came, as they came; papers.csv lists them, and says which are left
                  out: what may be another person's (wrong_patient), or harm a computer (malware),
                  or was not looked at yet (not_scanned)
values.csv        what was read from the papers: each value with its words, file and page
letters/          every letter to you, to hospitals, and from either; letters.csv lists them
offers.csv        what hospitals offered
journey.csv       the items of the journey
questions.csv     the questions of the follow-up and your answers
notes.csv         what our team was asked about you, what it answered, and when
calls.csv         calls because of a red flag: when, and who was reached
timeline.csv      what happened when

What our team wrote down in its own words (the columns "in_words" say where) may name other people,
and is not in this copy. Ask us for it: a person reads it, takes out who else is named, and gives it
to you.
Times are in UTC. Passwords of files and our own technical numbers are left out.
"""
Row = Mapping[str, Any]
IN_WORDS = "in_words"
"""The column that says whether staff wrote something in their own words, which may name others."""
WORDS = ("reason", "said")
"""Columns of such words: never in a copy that no person has read through."""
TABLES: Sequence[tuple[str, type[SQLModel], tuple[str, ...]]] = (
    (
        "permissions.csv", Consent,
        ("scope", "hospital_id", "recipient", "recipient_country", "law", "signed_by", "method",
         "ground", "text_version", "granted_at", "withdrawn_at"),
    ),
    (
        "values.csv", FindingRecord,
        ("field", "value", "unit", "quote", "document_id", "page", "section", "specimen",
         "report_date", "state", "decided_at", IN_WORDS),
    ),
    (
        "offers.csv", Offer,
        ("hospital_id", "state", "technique", "currency", "amount_low", "amount_high",
         "inclusions", "exclusions", "deposit_amount", "deposit_pct", "deposit_terms", "conditions",
         "stay_days", "earliest_admission", "valid_until"),
    ),
    ("journey.csv", JourneyEntry, ("code", "title", "due", "state", IN_WORDS, "done_at")),
    (
        "questions.csv", FollowUpEntry,
        ("due", "ask", "state", "sent_at", "answer", "answered_at"),
    ),
    ("notes.csv", HumanTask, ("kind", "opened_at", "role", "answer", IN_WORDS, "done_at")),
    ("calls.csv", RedFlagCall, ("called_at", "reached", IN_WORDS)),
    ("timeline.csv", CaseEvent, ("seq", "occurred_at", "type", "actor_type", "payload")),
)  # fmt: skip
_PATIENT = ("name", "other_names", "birth_date", "sex", "record_number", "email", "phone",
            "time_zone", "nationality", "intake")  # fmt: skip
_CASE = ("ref", "state", "site", "language", "residence_country", "opened_at", "closed_at",
         "erase_on", "keep_reason", "admission_date", "surgery_date", "discharge_date",
         "return_date")  # fmt: skip


def copy_of(world: World, ref: str, actor_ref: str) -> tuple[str, IO[bytes]]:
    """Return the file's name and the ZIP, to be read and closed; who took it out is written down.

    The file has no name on the disk and is gone when it is closed. Raises `CaseNotFound`, and
    `FileMissing` when the store does not give a paper: no copy is handed out that is not whole.
    """
    now = world.clock.now()
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
        check_not_erased(case)
        audit.note(
            session, actor_ref=actor_ref, action="data.copied", at=now, object_ref=case.ref,
            case_id=case.id,
        )  # fmt: skip
        name = case.ref
        file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
                for path, content in _parts(world, session, case, now):
                    target.writestr(path, content)
        except StorageError:
            file.close()
            raise FileMissing("The store does not give every paper now. Try again.") from None
        except BaseException:
            file.close()
            raise
    file.seek(0)
    return f"{name}.zip", file


def _parts(
    world: World, session: Session, case: Case, now: datetime
) -> Iterator[tuple[str, bytes]]:
    """Yield each file of the copy: its path and its content."""
    case_id = require_id(case.id)
    yield "README.txt", README.format(ref=case.ref, day=now.date().isoformat()).encode()
    patient = session.scalars(select(Patient).where(col(Patient.case_id) == case_id)).one()
    you = {"case": _fields(case, _CASE), "you": _fields(patient, _PATIENT)}
    you["you"]["intake"] = {k: v for k, v in patient.intake.items() if k != "asker_name"}
    yield "you.json", json.dumps(you, indent=1, ensure_ascii=False, default=_plain).encode()
    names = {require_id(row.id): row.name for row in session.scalars(select(Hospital))}
    for path, table, columns in TABLES:
        rows = [_named(_fields(row, columns), names) for row in _rows(session, table, case_id)]
        yield path, _csv(columns, rows)
    papers: list[Row] = []
    documents = {one.id: shown(ShownDocument, one) for one in _rows(session, Document, case_id)}
    for document in documents.values():
        locked = left_out(world, document, documents.get(document.duplicate_of))
        path = "" if locked else f"papers/{document.id}-{_safe(document.file_name)}"
        row = {"number": document.id, "file": path, "received_at": document.received_at}
        papers.append({**row, "left_out": locked})
        if path:
            yield path, world.storage.get(document.object_key)
    yield "papers.csv", _csv(("number", "file", "received_at", "left_out"), papers)
    letters: list[Row] = []
    for message in _rows(session, Message, case_id):
        path = f"letters/{message.id}.txt"
        head = _fields(message, ("direction", "state", "address", "subject", "sent_at"))
        letters.append({"number": message.id, **head})
        yield path, f"{message.subject}\n\n{message.body}\n".encode()
    columns = ("number", "direction", "state", "address", "subject", "sent_at")
    yield "letters.csv", _csv(columns, letters)


def _rows(session: Session, table: type[SQLModel], case_id: int) -> Sequence[Any]:
    columns: Any = table.__table__.c  # type: ignore[attr-defined]
    order = columns["seq"] if "seq" in columns else columns["id"]
    return session.scalars(select(table).where(columns["case_id"] == case_id).order_by(order)).all()


def _fields(row: SQLModel, names: Sequence[str]) -> dict[str, Any]:
    return {name: _field(row, name) for name in names}


def _field(row: SQLModel, name: str) -> Any:
    """Return what a copy says of a column: of staff's own words, that there are some."""
    if name == IN_WORDS:
        return "yes" if any(getattr(row, words, None) for words in WORDS) else ""
    value = getattr(row, name)
    if name == "payload" and isinstance(row, CaseEvent):  # who of our staff it was is theirs
        return {key: one for key, one in value.items() if not key.endswith("_ref")}
    return value


def _named(row: dict[str, Any], hospitals: Mapping[int, str]) -> dict[str, Any]:
    """Say the name of a hospital in place of its number."""
    if row.get("hospital_id") is not None:
        row["hospital_id"] = hospitals.get(row["hospital_id"], "")
    return row


def _csv(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    out = io.StringIO()
    table = Table(out)
    table.row(columns)
    table.rows([_cell(row[name]) for name in columns] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    """Return what a row has as one cell."""
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False, default=_plain)
    return "" if value is None else value


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else str(value)


def _safe(name: str) -> str:
    """Return a file's name as a ZIP may hold it: no path, no sign that a system forbids."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(char if char.isalnum() or char in " ._-()" else "_" for char in last)[:120]
