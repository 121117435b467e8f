"""Chains followed link by link; pure. What the database wrote is hashed again here, not there.

`hash = sha256(hash before + sha256(head) + content)`, and an event's content is
`sha256(salt + payload)`, which an erasure leaves in place of both.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from workflows.history.findings import Finding

MOST_MOVED = 40
"""Of so many events that do not follow it is still asked whether they changed places."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event as it is hashed: its head and payload as the database writes them."""

    seq: int
    head: str
    payload: str
    salt: bytes | None
    payload_hash: bytes | None
    hash: bytes


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link as it is hashed."""

    n: int
    head: str
    content: bytes
    hash: bytes


def sha256(data: bytes) -> bytes:
    """Return the 32 bytes of SHA-256."""
    return hashlib.sha256(data).digest()


def link(before: bytes, head: str, content: bytes) -> bytes:
    """Return the hash of what follows `before`."""
    return sha256(before + sha256(head.encode()) + content)


def content_of(row: EventRow) -> bytes:
    """Return the salted hash of an event's payload: made anew, or what the erasure left."""
    if row.salt is None:
        return row.payload_hash or b""
    return sha256(row.salt + row.payload.encode())


def follow_events(
    case_id: int, rows: Sequence[EventRow], last_seq: int, signed: Mapping[int, bytes]
) -> list[Finding]:
    """Return what is wrong with the events of one case, in their order.

    `last_seq` is what the case says its last event is, `signed` the hashes that signed heads have
    of some of them.
    """
    found = [
        *_gaps(case_id, rows),
        *_links(case_id, rows),
        *_ends(case_id, rows, max([last_seq, *signed])),
    ]
    there = {row.seq: row.hash for row in rows}
    found += [
        Finding("anew", "case_event", case_id, seq)
        for seq, known in signed.items()
        if seq in there and there[seq] != known
    ]
    return found


def _gaps(case_id: int, rows: Sequence[EventRow]) -> Iterator[Finding]:
    there = {row.seq for row in rows}
    for seq in range(1, max(there, default=0)):
        if seq not in there:
            yield Finding("missing", "case_event", case_id, seq)


def _ends(case_id: int, rows: Sequence[EventRow], last: int) -> Iterator[Finding]:
    end = rows[-1].seq if rows else 0
    if end < last:
        kind = "cut" if rows else "gone"
        yield Finding(kind, "case_event", case_id, end, last)


def _links(case_id: int, rows: Sequence[EventRow]) -> Iterator[Finding]:
    """Yield each event that does not follow from the one before it; behind a gap it may."""
    bad = [
        at
        for at, row in enumerate(rows)
        if row.seq == (rows[at - 1].seq + 1 if at else 1)
        and link(_before(rows, at), row.head, content_of(row)) != row.hash
    ]
    moved, innocent = _moved(case_id, rows, bad) if len(bad) <= MOST_MOVED else ({}, set())
    for at in bad:
        seq = rows[at].seq
        if seq in moved:
            yield Finding("moved", "case_event", case_id, seq, moved[seq])
        elif seq in innocent:
            continue
        elif _shifted(case_id, rows, at, 1):
            yield Finding("taken_out", "case_event", case_id, seq)
            return
        elif _shifted(case_id, rows, at, -1):
            came_in = seq - 1 if _fits(_before(rows, at - 1), case_id, rows[at], seq - 1) else seq
            yield Finding("put_in", "case_event", case_id, came_in)
            return
        else:
            yield Finding("changed", "case_event", case_id, seq)


def _before(rows: Sequence[EventRow], at: int) -> bytes:
    return rows[at - 1].hash if at > 0 else b""


def _fits(before: bytes, case_id: int, row: EventRow, seq: int) -> bool:
    """Say whether an event would follow `before` if its number were `seq`."""
    head = row.head.removeprefix(f"[{case_id}, {row.seq}, ")
    return link(before, f"[{case_id}, {seq}, {head}", content_of(row)) == row.hash


def _shifted(case_id: int, rows: Sequence[EventRow], at: int, by: int) -> bool:
    """Say whether what stands behind follows one another with other numbers."""
    return any(
        _fits(rows[one].hash, case_id, rows[one + 1], rows[one + 1].seq + by)
        for one in (at, at + 1)
        if one + 1 < len(rows)
    )


def _moved(
    case_id: int, rows: Sequence[EventRow], bad: Sequence[int]
) -> tuple[dict[int, int], set[int]]:
    """Return {number: the number before} of events that changed places, and those beside them.

    Both are there, each with the hash that it was written with.
    """
    near = sorted({at + by for at in bad for by in (-1, 0, 1)} & set(range(len(rows))))
    hashes = [b"", *(rows[at].hash for at in near)]
    numbers = [rows[at].seq for at in near]
    moved, innocent = {}, set()
    for at in bad:
        row = rows[at]
        fitting = [seq for seq in numbers if any(_fits(one, case_id, row, seq) for one in hashes)]
        if row.seq in fitting:
            innocent.add(row.seq)
        elif fitting:
            moved[row.seq] = fitting[0]
    return (
        (moved, innocent) if len(moved) > 1 and set(moved) == set(moved.values()) else ({}, set())
    )


def follow_links(
    strand: str, rows: Sequence[LinkRow], start: int, before: bytes, signed: Mapping[int, bytes]
) -> list[Finding]:
    """Return what is wrong with some links of a strand, which begin after link `start`."""
    found = []
    for row in rows:
        if row.n != start + 1:
            found += [Finding("missing", strand, place=n) for n in range(start + 1, row.n)][:2]
        elif link(before, row.head, row.content) != row.hash:
            found.append(Finding("changed", strand, place=row.n))
        if row.n in signed and signed[row.n] != row.hash:
            found.append(Finding("anew", strand, place=row.n))
        start, before = row.n, row.hash
    return found
