"""The whole look: every event, every link, every row of evidence, and what was signed of them."""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlmodel import Session, col

from adapters.storage import StorageError
from keys import OpeningFailed
from models import Case, SignedHead
from models.database import snapshot
from models.evidence import FORMS, Form
from models.key_store import KeyDestroyed, store_of
from workflows.engine.world import World
from workflows.history import heads, reading
from workflows.history.chains import EventRow, follow_events, follow_links, sha256
from workflows.history.findings import SHOWN_OF_ONE, STRANDS, Finding, Report
from workflows.history.opening import as_it_was
from workflows.history.reading import LinkedRow

_NOW = text("SELECT clock_timestamp()")


def check_history(world: World) -> Report:
    """Look at everything as it was at one moment; nothing is changed."""
    began = time.monotonic()
    with snapshot(world.engine) as session:
        report = Report(session.execute(_NOW).scalar_one())
        signed, claims = _heads(world, session, report)
        acts = reading.acts(session)
        report.notes += [
            f"{act.at:%Y-%m-%d %H:%M} UTC the owner changed {act.what} ({act.note})"
            for act in acts
            if act.act == "rewrite"
        ]
        _events(session, report, claims, acts)
        _strands(session, report, claims, acts)
        for table in FORMS:
            report.add(_table(world, session, table, acts))
    _store(world, report, signed)
    report.took_ms = round((time.monotonic() - began) * 1000)
    return report


def _heads(
    world: World, session: Session, report: Report
) -> tuple[Sequence[SignedHead], heads.Claims]:
    signed = heads.since_full(session)
    claims, found = heads.read_claims(signed, signers(world))
    report.heads, report.head_no, report.head_at = claims.count, claims.no, claims.at
    report.add(found)
    return signed, claims


def signers(world: World) -> list[heads.Signer]:
    """Return what heads may be signed with, one of each key of the ring; the first signs now."""
    ring = world.keys.ring
    signing = (key for key in ring if not key.waits and not key.wraps)
    return [heads.Signer(ring.derived("signed heads", key.id)) for key in signing]


def _store(world: World, report: Report, signed: Sequence[SignedHead]) -> None:
    """Compare what the object store has; what it does not say is told, and is no finding."""
    try:
        report.add(list(heads.compare_with_store(world.storage, signed)))
    except StorageError as error:
        report.notes.append(
            f"the object store does not answer ({error.code}): signed heads were compared with"
            " the database's own copies alone"
        )


def _events(
    session: Session, report: Report, claims: heads.Claims, acts: Sequence[Row[Any]]
) -> None:
    known = reading.cases(session)
    erased = {act.row_id: act for act in acts if act.act == "erase" and act.what == "case_event"}
    seen = set()
    for case_id, rows in reading.events(session):
        seen.add(case_id)
        report.events += len(rows)
        last = known[case_id].last_seq if case_id in known else 0
        found = follow_events(case_id, rows, last, claims.cases.get(case_id, {}))
        report.add(found + list(_erased(case_id, rows, erased.get(case_id))))
    for case_id in sorted(({*known} | {*claims.cases}) - seen):
        last = known[case_id].last_seq if case_id in known else 0
        report.add(follow_events(case_id, [], last, claims.cases.get(case_id, {})))
    report.cases = len(known)


def _erased(case_id: int, rows: Sequence[EventRow], act: Row[Any] | None) -> Iterator[Finding]:
    """Yield what an erasure did not leave so; `act` is the last one's link."""
    blanked = [row for row in rows if row.payload_hash is not None]
    if not blanked:
        return
    if act is None:
        yield Finding("not_erased", "case_event", case_id, blanked[0].seq)
        return
    lines = (f"{row.seq} {(row.payload_hash or b'').hex()} {row.payload}" for row in blanked)
    if sha256("\n".join(lines).encode()) != act.content:
        yield Finding("left_over", "case_event", case_id)


def _strands(
    session: Session, report: Report, claims: heads.Claims, acts: Sequence[Row[Any]]
) -> None:
    pruned = [act for act in acts if act.act == "prune"]
    for strand in STRANDS:
        start, before = 0, b""
        if strand == "visitors" and pruned:
            start, before = pruned[-1].row_id, bytes.fromhex(pruned[-1].note)
        signed = claims.strands.get(strand, {})
        found: list[Finding] = []
        for part in reading.links(session, strand):
            found += follow_links(strand, part, start, before, signed)
            start, before = part[-1].n, part[-1].hash
            report.links += len(part)
        last = max(signed, default=0)
        if start < last:
            found.append(Finding("cut", strand, place=start, other=last))
        report.add(found)


def _table(world: World, session: Session, table: str, acts: Sequence[Row[Any]]) -> list[Finding]:
    """Return what of a table is not as its links say, the first few."""
    find = store_of(world.engine.dialect).key
    erased = {act.row_id for act in acts if act.act == "erase" and act.what == table}
    found: list[Finding] = []
    for number, form in FORMS[table].items():
        for row in reading.linked_rows(session, table, number):
            try:
                was = as_it_was(find, table, form, row) if form.in_clear else row
            except (KeyDestroyed, OpeningFailed):
                kind = "" if reading.was_erased_since(world.engine, table, row) else "unopened"
            else:
                gone = bool(erased) if row.case_id is None else row.case_id in erased
                kind = _wrong(was, form, was_erased=gone)
            if kind:
                found.append(Finding(kind, table, place=row.row_id))
                if len(found) == SHOWN_OF_ONE:
                    return found
    return found


def _wrong(row: LinkedRow, form: Form, *, was_erased: bool) -> str:
    """Return what is wrong with a row, or nothing."""
    if row.kept is None:
        return "missing"
    if row.content is None:
        return "unlinked"
    hidden = row.hidden or "[]"
    if row.salt is not None:
        salted = sha256(row.salt + hidden.encode())
    elif not was_erased or hidden != form.blank:
        return "not_erased"
    else:
        salted = row.hidden_hash or b""
    if sha256(sha256(row.kept.encode()) + salted) != row.content:
        return "changed"
    closing = row.closing or "[]"
    is_open = closing == f"[{', '.join(['null'] * len(form.closing))}]"
    closed = None if is_open else sha256(closing.encode())
    return "" if closed == row.closed else "changed"


def refs_of(session: Session, findings: Sequence[Finding]) -> Mapping[int, str]:
    """Return the references of the cases that findings are about."""
    ids = {one.case_id for one in findings if one.case_id is not None}
    rows = session.execute(select(col(Case.id), col(Case.ref)).where(col(Case.id).in_(ids)))
    return {case_id: ref for case_id, ref in rows if case_id is not None}


def age(report_at: datetime, head_at: datetime | None) -> float | None:
    """Return how many hours ago the newest head was signed."""
    return None if head_at is None else (report_at - head_at).total_seconds() / 3600
