"""Chains as the database holds them, read in one snapshot with nothing but its own functions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Engine, Row, text
from sqlmodel import Session

from models.evidence import FORMS, Form
from workflows.history.chains import EventRow, LinkRow

AT_ONCE = 5000
_BY_PARTS = {"stream_results": True}

_CASES = text('SELECT id, ref, last_seq FROM "case" ORDER BY id')
_EVENTS = """
SELECT e.case_id, e.seq, jsonb_build_array(e.case_id, e.seq, e.event_id, e.type, e.schema_version,
       (extract(epoch FROM e.occurred_at) * 1000000)::bigint,
       (extract(epoch FROM e.recorded_at) * 1000000)::bigint, e.actor_type, e.actor_ref, e.objects,
       e.root_id, e.step_run_id, e.causation_id, e.rehearsal)::text AS head,
       e.payload::text AS payload, e.salt, e.payload_hash, e.hash
  FROM case_event e ORDER BY e.case_id, e.seq
"""
_LINKS = text(
    """
SELECT l.n, jsonb_build_array(l.strand, l.n, l.what, l.form, l.row_id, l.act, l.note,
       (extract(epoch FROM l.at) * 1000000)::bigint)::text AS head, l.content, l.hash
  FROM evidence_link l WHERE l.strand = :strand ORDER BY l.n
"""
)
_SALT = text(
    "SELECT coalesce(sealed_salt, salt::text) FROM evidence_link"
    " WHERE what = :table AND row_id = :row AND act = 'add'"
)
_ACTS = text(
    "SELECT what, row_id, act, note, n, at, content FROM evidence_link"
    " WHERE strand = 'evidence' AND act IN ('erase', 'prune', 'rewrite') ORDER BY n"
)


@dataclass(frozen=True, slots=True)
class CaseHead:
    """A case's reference, and the number of its last event."""

    ref: str
    last_seq: int


@dataclass(frozen=True, slots=True)
class LinkedRow:
    """A row of a table beside its links; None is what is not there."""

    row_id: int
    kept: str | None
    hidden: str | None
    closing: str | None
    salt: bytes | None
    hidden_hash: bytes | None
    content: bytes | None
    sealed_salt: str | None
    case_id: int | None
    closed: bytes | None


def cases(session: Session) -> dict[int, CaseHead]:
    """Return every case by its number."""
    return {row.id: CaseHead(row.ref, row.last_seq) for row in session.execute(_CASES)}


def events(session: Session) -> Iterator[tuple[int, list[EventRow]]]:
    """Yield each case's number with its events, in order."""
    rows = _streamed(session, _EVENTS)
    for case_id, group in groupby(rows, key=itemgetter(0)):
        yield case_id, [EventRow(*tuple(row)[1:]) for row in group]


def links(session: Session, strand: str) -> Iterator[list[LinkRow]]:
    """Yield the links of a strand, some at a time."""
    found = session.execute(_LINKS, {"strand": strand}, execution_options=_BY_PARTS)
    for part in found.partitions(AT_ONCE):
        yield [LinkRow(*tuple(row)) for row in part]


def acts(session: Session) -> Sequence[Row[Any]]:
    """Return the links that say that something was erased, pruned or rewritten."""
    return session.execute(_ACTS).all()


def linked_rows(session: Session, table: str, number: int) -> Iterator[LinkedRow]:
    """Yield the rows of a table that were linked by one of its forms, with what was written then.

    With the newest form also the rows that no link knows.
    """
    form, newest = FORMS[table][number], max(FORMS[table])
    unlinked = "" if number < newest else "OR a.row_id IS NULL"
    statement = f"""
        SELECT coalesce(t.id, a.row_id), {_picked(form.kept)}, {_picked(form.hidden)},
               {_picked(form.closing)}, a.salt, a.hidden_hash, a.content, a.sealed_salt,
               {"t.case_id" if _with_its_case(table, form) else "NULL"}, {_closed(table, form)}
          FROM {table} t
          FULL JOIN (SELECT row_id, form, salt, hidden_hash, content, sealed_salt
                       FROM evidence_link
                      WHERE what = '{table}' AND act = 'add') a ON a.row_id = t.id
         WHERE a.form = {number} {unlinked}
    """  # names come from FORMS alone
    for row in _streamed(session, statement):
        yield LinkedRow(*tuple(row))


def was_erased_since(engine: Engine, table: str, row: LinkedRow) -> bool:
    """Say whether an erasure took a row's salt, and its key, since the snapshot was taken."""
    with engine.connect() as now:
        salts = now.execute(_SALT, {"table": table, "row": row.row_id}).scalars().all()
    return set(salts) == {None}


def _with_its_case(table: str, form: Form) -> bool:
    """Say whether an erasure takes of a table what is of its own case; the audit's are others'."""
    return bool(form.hidden) and table != "audit_entry"


def _picked(columns: Sequence[str]) -> str:
    """Return the SQL of some columns' values as one text, as the trigger wrote it."""
    if not columns:
        return "'[]'"
    listed = ", ".join(f"to_jsonb(t.{column})" for column in columns)
    return f"CASE WHEN t.id IS NOT NULL THEN jsonb_build_array({listed})::text END"


def _closed(table: str, form: Form) -> str:
    if not form.closing:
        return "NULL"
    return (
        "(SELECT c.content FROM evidence_link c WHERE c.act = 'close' AND c.row_id = t.id"
        f" AND c.what = '{table}' ORDER BY c.n DESC LIMIT 1)"
    )


def _streamed(session: Session, statement: str) -> Iterator[Row[Any]]:
    found = session.execute(text(statement), execution_options=_BY_PARTS)
    for part in found.partitions(AT_ONCE):
        yield from part
