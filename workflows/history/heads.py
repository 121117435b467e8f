"""Signed heads: where every chain stood at a moment, signed with a key the database does not have.

Whoever owns the database can write a chain anew from its first link. Not so that it leads to what
was signed. A head names the cases that went on since the head before, a full one (the first, one a
week, and after a change of the key) every case; each holds the hash of the head before.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import func, select, text
from sqlmodel import Session, col

from adapters.storage import ObjectMissing, ObjectStorage
from models import SignedHead
from workflows.history.findings import STRANDS, Finding

FULL_EVERY = 168
"""With a head an hour, a full one a week."""
BEGINNING = "heads/"

_TAILS = text(
    "SELECT e.case_id, e.seq, e.hash FROM case_event e"
    " JOIN unnest(CAST(:cases AS bigint[]), CAST(:seqs AS int[])) AS w(case_id, seq)"
    " ON w.case_id = e.case_id AND w.seq = e.seq"
)
_COUNTS = text('SELECT id, last_seq FROM "case" WHERE last_seq > 0')
_LAST = text(
    "SELECT DISTINCT ON (strand) strand, n, hash FROM evidence_link ORDER BY strand, n DESC"
)
_LINK = text("SELECT hash FROM evidence_link WHERE strand = :strand AND n = :n")


class Signer:
    """A key pair that heads are signed with: made of a key of the ring, kept nowhere."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        raw = self.public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key_id = hashlib.sha256(raw).hexdigest()[:16]

    @property
    def public(self) -> Ed25519PublicKey:
        """What its signatures are checked with."""
        return self._key.public_key()

    def sign(self, body: bytes) -> bytes:
        """Return the signature of a head."""
        return self._key.sign(body)

    def is_mine(self, body: bytes, signature: bytes) -> bool:
        """Say whether this key signed it."""
        try:
            self.public.verify(signature, body)
        except InvalidSignature:
            return False
        return True


@dataclass
class Claims:
    """What signed heads say of the chains: hashes by case and number, by strand and number."""

    cases: dict[int, dict[int, bytes]] = field(default_factory=dict)
    strands: dict[str, dict[int, bytes]] = field(default_factory=dict)
    no: int | None = None
    at: datetime | None = None
    count: int = 0

    def add(self, body: Mapping[str, Any]) -> None:
        """Take up what a head says."""
        for case_id, seq, known in body["cases"]:
            self.cases.setdefault(case_id, {})[seq] = bytes.fromhex(known)
        for strand, n, known in body["strands"]:
            self.strands.setdefault(strand, {})[n] = bytes.fromhex(known)


def key_of(no: int, body: bytes) -> str:
    """Return under which name the object store has a head."""
    return f"{BEGINNING}{no:010}-{hashlib.sha256(body).hexdigest()[:16]}"


def since_full(session: Session) -> Sequence[SignedHead]:
    """Return the newest full head and those after it."""
    newest = select(func.max(col(SignedHead.no))).where(col(SignedHead.is_full))
    query = select(SignedHead).where(col(SignedHead.no) >= newest.scalar_subquery())
    return session.scalars(query.order_by(col(SignedHead.no))).all()


def read_claims(
    heads: Sequence[SignedHead], signers: Sequence[Signer]
) -> tuple[Claims, list[Finding]]:
    """Return what heads say that a key of ours signed, and what is wrong with the others."""
    claims, found = Claims(), []
    known = {signer.key_id: signer for signer in signers}
    before: SignedHead | None = None
    for head in heads:
        signer = known.get(head.key_id)
        if before is not None:
            gap = range(before.no + 1, head.no)
            found += [Finding("head_missing", "signed_head", other=no) for no in gap]
        if signer is None or not signer.is_mine(head.body, head.signature):
            found.append(Finding("head_forged", "signed_head", other=head.no))
        else:
            body = json.loads(zlib.decompress(head.body))
            if body["no"] != head.no or (before is not None and not _follows(body, before, head)):
                found.append(Finding("head_forged", "signed_head", other=head.no))
            claims.add(body)
        before = head
    if before is not None:
        claims.no, claims.at, claims.count = before.no, before.at, len(heads)
    return claims, found


def _follows(body: Mapping[str, Any], before: SignedHead, head: SignedHead) -> bool:
    return head.no != before.no + 1 or body["before"] == hashlib.sha256(before.body).hexdigest()


def compare_with_store(storage: ObjectStorage, heads: Sequence[SignedHead]) -> Iterator[Finding]:
    """Yield where the object store has other heads than the database.

    Raises `adapters.storage.StorageError` when it does not answer.
    """
    if not heads:
        return
    mine = {key_of(head.no, head.body) for head in heads}
    last = heads[-1].no
    for key in sorted(storage.older(BEGINNING, _NEVER)):
        no = int(key.removeprefix(BEGINNING).partition("-")[0])
        if no > last:
            yield Finding("head_lost", "signed_head", other=no)
        elif no >= heads[0].no and key not in mine:
            yield Finding("head_differs", "signed_head", other=no)


_NEVER = datetime.max.replace(tzinfo=UTC)


def make_head(session: Session, signer: Signer, at: datetime, claims: Claims) -> SignedHead | None:
    """Return the next head, not stored yet; None when no chain went on and none is due.

    What was signed before must still be there: `claims` are of the heads since the newest full one.
    Of a chain that no longer leads there nothing new is signed; the look at history finds it.
    """
    last = session.scalars(select(SignedHead).order_by(col(SignedHead.no).desc()).limit(1)).first()
    no = last.no + 1 if last else 1
    is_full = last is None or claims.count >= FULL_EVERY or last.key_id != signer.key_id
    cases = _cases(session, claims, is_full=is_full)
    strands = _strands(session, claims)
    if (
        not is_full
        and not cases
        and all(claims.strands.get(strand, {}).get(n) == known for strand, n, known in strands)
    ):
        return None
    body = {
        "no": no,
        "at": at.isoformat(),
        "before": hashlib.sha256(last.body).hexdigest() if last else "",
        "strands": [(strand, n, known.hex()) for strand, n, known in strands],
        "cases": [(case_id, seq, known.hex()) for case_id, seq, known in cases],
    }
    packed = zlib.compress(json.dumps(body, separators=(",", ":")).encode(), 9)
    return SignedHead(
        no=no,
        at=at,
        is_full=is_full,
        body=packed,
        key_id=signer.key_id,
        signature=signer.sign(packed),
    )


def _cases(session: Session, claims: Claims, *, is_full: bool) -> list[tuple[int, int, bytes]]:
    """Return where cases stand that went on: (case, number, hash); all of them for a full head."""
    tails = {row.id: row.last_seq for row in session.execute(_COUNTS)}
    known = {case_id: max(signed) for case_id, signed in claims.cases.items()}
    wanted = {
        case_id: seq for case_id, seq in tails.items() if is_full or seq > known.get(case_id, 0)
    }
    there = _hashes(session, wanted)
    before = _hashes(session, {case_id: known[case_id] for case_id in wanted if case_id in known})
    found = []
    for case_id, seq in sorted(wanted.items()):
        signed = claims.cases.get(case_id, {})
        holds = case_id not in known or before.get(case_id) == signed[known[case_id]]
        if holds and case_id in there:
            found.append((case_id, seq, there[case_id]))
        elif is_full and case_id in known:
            found.append((case_id, known[case_id], signed[known[case_id]]))
    if is_full:  # a case that is gone, or was cut off, stays signed
        listed = {case_id for case_id, _, _ in found}
        found += [
            (case_id, seq, claims.cases[case_id][seq])
            for case_id, seq in known.items()
            if case_id not in listed
        ]
    return found


def _hashes(session: Session, numbers: Mapping[int, int]) -> dict[int, bytes]:
    if not numbers:
        return {}
    rows = session.execute(_TAILS, {"cases": list(numbers), "seqs": list(numbers.values())})
    return {row.case_id: row.hash for row in rows}


def _strands(session: Session, claims: Claims) -> list[tuple[str, int, bytes]]:
    """Return where each strand stands; one that no longer leads to what was signed stays there."""
    found = []
    last = {row.strand: (row.n, row.hash) for row in session.execute(_LAST)}
    for strand in STRANDS:
        signed = claims.strands.get(strand, {})
        newest = max(signed, default=0)
        n, known = last.get(strand, (0, b""))
        holds = (
            newest == 0
            or strand == "visitors"
            or (session.scalar(_LINK, {"strand": strand, "n": newest}) == signed[newest])
        )
        if holds and n >= newest and n:
            found.append((strand, n, known))
        elif newest:
            found.append((strand, newest, signed[newest]))
    return found


def stored(storage: ObjectStorage, head: SignedHead) -> bool:
    """Say whether the object store has a head as it is."""
    try:
        return storage.get(key_of(head.no, head.body)) == head.body + head.signature
    except ObjectMissing:
        return False


def store(storage: ObjectStorage, head: SignedHead) -> None:
    """Put a head beside the others in the object store; again is no error."""
    content = head.body + head.signature
    storage.put(key_of(head.no, head.body), content, "application/octet-stream")
