"""What a rehearsal leaves in a folder: letters, findings, results, plans and timelines."""

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from analytics.exports import export_events, formats_here
from models import (
    Assessment,
    Case,
    Document,
    FindingRecord,
    FollowUpEntry,
    HumanTask,
    JourneyEntry,
    Message,
    Offer,
)
from models.base import require_id
from models.database import transaction
from views.case_json import plain
from views.timeline import Entry, timeline
from workflows.csv_out import Table
from workflows.engine.world import World

JOURNEY = ("code", "title", "owner", "blocking", "due", "latest", "state", "done_at")
FOLLOW_UP = ("code", "due", "ask", "recipients", "critical", "state", "sent_at", "origin")
OFFER = (
    "technique",
    "currency",
    "amount_low",
    "amount_high",
    "earliest_admission",
    "valid_until",
    "stay_days",
    "state",
)
FINDING = ("field", "value", "proposed_value", "unit", "source", "report_date", "page", "box",
           "quote", "confidence", "extractor_version", "state", "decided_by")  # fmt: skip
TASK = ("kind", "role", "opened_at", "due_at", "state", "answer", "reason", "done_by", "done_at")


def keep(world: World, refs: Sequence[str], folder: Path) -> list[Path]:
    """Write a folder for each case and the exports of all timelines; return the files.

    What an earlier rehearsal left in `folder` is replaced.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for ref in refs:
        with transaction(world.engine) as session:
            case = session.scalars(select(Case).where(col(Case.ref) == ref)).one()
            _keep_case(world, session, case, folder / ref)
    for each in formats_here():
        export_events(world.engine, folder / f"all-timelines.{each}", each)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _keep_case(world: World, session: Session, case: Case, folder: Path) -> None:
    folder.mkdir()
    entries = timeline(session, case, world.settings.playbooks_dir)
    _write_json(folder / "timeline.json", [entry.to_json() for entry in entries])
    _write_timeline(folder / "timeline.csv", entries)
    findings = _rows(session, FindingRecord, case, FINDING)
    documents = _rows(
        session, Document, case, ("id", "file_name", "media_type", "label", "state", "sha256")
    )
    _write_json(folder / "findings.json", {"documents": documents, "findings": findings})
    results = _rows(
        session,
        Assessment,
        case,
        ("phase", "category", "result", "set_versions", "engine_version", "input_hash"),
    )
    _write_json(folder / "screening.json", results)
    _write_json(folder / "tasks.json", _rows(session, HumanTask, case, TASK))
    for name, table, columns in (
        ("offers.json", Offer, OFFER),
        ("travel-checklist.json", JourneyEntry, JOURNEY),
        ("follow-up-plan.json", FollowUpEntry, FOLLOW_UP),
    ):
        if rows := _rows(session, table, case, columns):
            _write_json(folder / name, rows)
    _keep_letters(world, session, case, folder / "letters")


def _keep_letters(world: World, session: Session, case: Case, folder: Path) -> None:
    folder.mkdir()
    letters = session.scalars(
        select(Message).where(col(Message.case_id) == case.id).order_by(col(Message.id))
    )
    for letter in letters:
        if letter.raw_object_key is None:
            continue
        kind = letter.template or letter.reply_class or "letter"
        name = f"{require_id(letter.id):04d}-{letter.direction}-{kind}-{letter.state}.eml"
        (folder / name).write_bytes(world.storage.get(letter.raw_object_key))


def _rows(
    session: Session, table: type[SQLModel], case: Case, columns: Sequence[str]
) -> list[Mapping[str, Any]]:
    owner, key = table.__table__.c.case_id, table.__table__.c.id  # type: ignore[attr-defined]
    rows = session.scalars(select(table).where(owner == case.id).order_by(key))
    return [{name: plain(getattr(row, name)) for name in columns} for row in rows]


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_timeline(path: Path, entries: Sequence[Entry]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = Table(file)
        table.row(("number", "when", "type", "words", "who", "cause", "rehearsal"))
        for entry in entries:
            table.row(
                (
                    entry.seq,
                    _when(entry.occurred_at),
                    entry.type,
                    entry.words,
                    entry.actor_type,
                    entry.cause_seq or "",
                    "yes" if entry.rehearsal else "no",
                )
            )


def _when(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
