"""What must not be forgotten when an older backup is put back: a list that stands beside the
backups.

An older backup knows nothing of what was decided since: that a patient's data were erased, that a
permission was taken back, that somebody has died, that links were ended. Each of these is a line,
appended and never changed. Lines hold numbers of cases, codes and times. Each line's proof is made
with the ring of secret keys over the line and the proof before it; when the ring has turned, all of
them are made anew.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from backups.errors import BackupError, disk_error
from keys import Ring
from keys.ring import key_id_of_stamp
from workflows.policy import Policy

FACTS = ("consent.withdrawn", "patient.deceased", "patient.stopped", "data.erasure_asked")
"""Facts that stop something; a restore records again those that it does not find."""
_KIND = "backup ledger 1"

_ERASED = text(
    """
    SELECT c.id AS case, c.ref, c.erased_at, c.state, c.stage, c.outcome, c.closed_at,
           e.why, e.policy_version, e.decided_by, e.decided_at, e.wait_until, e.documents,
           e.letters, e.objects, e.patient_told, e.done_at
      FROM "case" c JOIN erasure e ON e.case_id = c.id
     WHERE c.erased_at IS NOT NULL ORDER BY c.id
    """
)
_FACTS = text(
    """
    SELECT case_id AS case, event_id, type, payload, actor_type, actor_ref, recorded_at AS at
      FROM case_event WHERE type = ANY(:types) ORDER BY event_id
    """
)
_LINKS = text(
    'SELECT id AS case, link_generation AS generation FROM "case" WHERE link_generation > 0'
)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a list says. `as_of` is the newest moment at which the database was looked at for it."""

    erased: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    facts: tuple[Mapping[str, Any], ...] = ()
    links: Mapping[int, int] = field(default_factory=dict)
    as_of: datetime | None = None


def note(session: Session, policy: Policy, ring: Ring, path: Path) -> int:
    """Append what the list does not have yet; return how many lines were new.

    Of a fact only what an erasure leaves of it is written down.
    Raises `BackupError`: it cannot be written, or was changed.
    """
    there = list(_lines(path, ring))
    known = {_what(line) for line, _ in there}
    proof = there[-1][1] if there else ""
    if any(key_id_of_stamp(one) != ring.signing.id for _, one in there):
        proof = _stamp_anew(path, ring, [line for line, _ in there])
    new = [line for line in _found(session, policy) if _what(line) not in known]
    now = session.scalars(text("SELECT clock_timestamp()")).one()
    new.append({"kind": "looked", "at": now.astimezone(UTC).isoformat()})
    content, _ = _stamped(ring, proof, new)
    _append(path, content)
    return len(new) - 1


def _stamped(ring: Ring, proof: str, lines: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Return lines as they are written behind the one with this proof, and the last proof."""
    parts = []
    for line in lines:
        proof = ring.stamp(_KIND, f"{proof}|{json.dumps(line, sort_keys=True)}")
        parts.append(json.dumps({**line, "proof": proof}, sort_keys=True) + "\n")
    return "".join(parts), proof


def _stamp_anew(path: Path, ring: Ring, lines: Sequence[Mapping[str, Any]]) -> str:
    """Prove all lines with the key that signs now, so that the one before may be retired."""
    content, proof = _stamped(ring, "", lines)
    draft = path.with_name(f"{path.name}.new")
    try:
        draft.unlink(missing_ok=True)
        _append(draft, content)
        draft.replace(path)
    except OSError as error:
        raise disk_error(error) from None
    return proof


def read(path: Path, ring: Ring) -> Ledger:
    """Return what a list says; an empty one where there is no file. Raises `BackupError`."""
    erased: dict[int, Mapping[str, Any]] = {}
    facts: list[Mapping[str, Any]] = []
    links: dict[int, int] = {}
    as_of = None
    for line, _ in _lines(path, ring):
        match line["kind"]:
            case "erased":
                erased[int(line["case"])] = line
            case "fact":
                facts.append(line)
            case "links":
                links[int(line["case"])] = int(line["generation"])
            case "looked":
                as_of = datetime.fromisoformat(str(line["at"]))
    return Ledger(erased, tuple(facts), links, as_of)


def _found(session: Session, policy: Policy) -> Iterator[dict[str, Any]]:
    for row in session.execute(_ERASED).mappings():
        yield {"kind": "erased", **_plain(row)}
    for row in session.execute(_FACTS, {"types": list(FACTS)}).mappings():
        payload = dict(policy.kept(row["type"], row["payload"]))
        yield {"kind": "fact", **_plain(row), "payload": payload}
    for row in session.execute(_LINKS).mappings():
        yield {"kind": "links", **row}


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row.items()
    }


def _what(line: Mapping[str, Any]) -> str:
    """Return what tells one line from another; an erasure has two: begun, and done."""
    return json.dumps(
        [line.get(name) for name in ("kind", "case", "event_id", "generation", "done_at", "at")]
        if line["kind"] != "looked"
        else line["at"]
    )


def _lines(path: Path, ring: Ring) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each line with its proof; a last one without an end was cut off by a crash."""
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError):
        raise BackupError(f"{path.name} cannot be read") from None
    before = ""
    for number, written in enumerate(content.split("\n")[:-1], 1):
        try:
            line = json.loads(written)
            proof = str(line.pop("proof"))
        except (ValueError, KeyError, AttributeError):
            raise BackupError(
                f"{path.name}, line {number}: was changed or is no such list"
            ) from None
        body = json.dumps(line, sort_keys=True)
        if not ring.stamped(_KIND, f"{before}|{body}", proof):
            raise BackupError(
                f"{path.name}, line {number}: does not bear a proof of our secret keys: it was "
                "changed, or written with another secret key"
            )
        yield line, proof
        before = proof


def _append(path: Path, content: str) -> None:
    """Write lines behind the last whole one, and have them on the disk."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        with path.open("r+b") as file:
            there = file.read()
            file.seek(there.rfind(b"\n") + 1)
            file.truncate()
            file.write(content.encode())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise disk_error(error) from None
