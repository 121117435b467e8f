"""The virus scan of files: what it said stands in the document's row, and is made up for late.

A file that was never scanned (no scanner was set when it came) is scanned when there is one. What
is found then is locked like any other: what nobody looked at yet of its values is dropped, and
those that a person confirmed are shown with what became of their file.

What was found stays found: `found_in` alone says whether a document is locked for it, and whoever
locks one for another reason, or opens it again, does so with `lock_away` and `let_go`.
"""

from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import delete, exists, select
from sqlmodel import Session, col

from adapters.scan import NullScan, ScanResult
from models import Case, Document, FindingRecord, StepRun
from models.base import require_id
from workflows.declared import Raises
from workflows.engine.lookup import get
from workflows.engine.work import NotNow, Unit, Work, cheap, slow

MALWARE, FOUND = "malware", "found"
"""Why a document is locked, and what its scan then says."""
SCANNER_AWAY = timedelta(minutes=2)
"""After how long a scanner that did not answer is asked again; until then nothing is read."""
AT_ONCE = 200
"""Files that were never scanned and are taken up in one go."""
SCAN_AGAIN = "ingestion.scan_again"
_SAYS = {"infected": FOUND}


class Scanned(Protocol):
    """A document with what its scan said."""

    @property
    def scan(self) -> str:
        """What the scan said."""

    @property
    def quarantine_reason(self) -> str | None:
        """Why it is locked: for the newest of several reasons. Of old files it alone tells."""


def found_in(document: Scanned) -> bool:
    """Return whether the virus scan found something: then nobody opens it, and nothing reads it."""
    return document.scan == FOUND or document.quarantine_reason == MALWARE


def is_locked(document: Document) -> bool:
    """Return whether a document is locked, for whatever reason."""
    return found_in(document) or document.state == "quarantined"


def lock_away(document: Document, reason: str) -> None:
    """Lock a document for a reason; one in which the scan found something is locked for that."""
    document.state = "quarantined"
    document.quarantine_reason = MALWARE if found_in(document) else reason


def let_go(document: Document, state: str) -> bool:
    """Take a document out of where it was locked; False where the scan found something in it."""
    if found_in(document):
        lock_away(document, MALWARE)
        return False
    document.state, document.quarantine_reason = state, None
    return True


def locked_now(unit: Unit, document_id: int) -> tuple[Document, bool]:
    """Return a document as it stands at the end of a step, held, and whether it was locked.

    The scan may have found something meanwhile, or its letter have left the case: then nothing
    follows from what was read of it.
    """
    document = unit.session.get_one(
        Document, document_id, with_for_update=True, populate_existing=True
    )
    return document, is_locked(document)


def known_harm(session: Session, sha256: str, said: ScanResult) -> ScanResult:
    """Return what a scan said; of bytes that it did not look at, what was found in them before."""
    if said.verdict in ("clean", "infected", "error"):
        return said
    found = select(col(Document.id)).where(
        col(Document.sha256) == sha256, col(Document.scan) == FOUND
    )
    if session.scalars(found.limit(1)).first() is None:
        return said
    return ScanResult("infected", "found before")


def note_scan(document: Document, said: ScanResult, now: datetime) -> None:
    """Keep what the scan said of a document, and when; what it found once stays."""
    if found_in(document) and said.verdict != "infected":
        document.scan = FOUND
        return
    document.scan = _SAYS.get(said.verdict, said.verdict)
    document.scanned_at = now if said.verdict in ("clean", "infected") else None


def lock_found(unit: Unit, document: Document, *, late: bool = False) -> None:
    """Lock a document in which the scan found something; a person is asked.

    `late` is one that was read before: values that nobody confirmed yet go.
    """
    document_id = require_id(document.id)
    objects = {"document_id": document_id}
    lock_away(document, MALWARE)
    unit.session.execute(
        delete(FindingRecord).where(
            col(FindingRecord.document_id) == document_id, col(FindingRecord.state) == "proposed"
        )
    )
    reason = "malware_late" if late else MALWARE
    unit.record("document.quarantined", {**objects, "reason": reason}, objects)


@cheap(
    "ingestion.scan_late",
    words="files that were never scanned for viruses are looked for",
    stopped="Files that were never scanned for viruses are not looked for",
    patient="Nothing for the patient; files stay unscanned longer than they should.",
    raises=Raises(requests=("scan_again",)),
)
def scan_late(unit: Unit) -> None:
    """Have files scanned that never were, now that there is a scanner."""
    if isinstance(unit.world.scan, NullScan):
        return
    on_its_way = exists().where(
        col(StepRun.case_id) == col(Document.case_id),
        col(StepRun.name) == SCAN_AGAIN,
        col(StepRun.state).in_(("queued", "running", "paused", "dead")),
        col(StepRun.objects)["document_id"].as_integer() == col(Document.id),
    )
    found = unit.session.execute(
        select(col(Document.id), col(Document.case_id))
        .join(Case, col(Case.id) == col(Document.case_id))
        .where(
            col(Document.scan) == "not_scanned",
            col(Document.state) != "received",
            col(Case.erased_at).is_(None),
            ~on_its_way,
        )
        .order_by(col(Document.id))
        .limit(AT_ONCE)
    )
    for document_id, case_id in found.all():
        unit.recorder.request(
            "scan_again", case_id=case_id, objects={"document_id": document_id}, cause=unit.cause
        )


@slow(
    SCAN_AGAIN,
    words="a file that was never scanned for viruses is scanned",
    stopped="A file that was never scanned for viruses was not scanned",
    patient="The file is used as it was; nobody knows whether it would harm a computer.",
    needs=("store",),
    raises=Raises(events=("document.quarantined",)),
)
def scan_again(work: Work) -> None:
    """Scan a file that is here already; lock it where something is found."""
    document_id = work.object_id("document_id")
    with work.reading() as session:
        document = get(session, Document, document_id)
    said = work.world.scan.scan(work.world.storage.get(document.object_key))
    if said.verdict == "error":
        raise NotNow("scanner_away", SCANNER_AWAY)
    with work.finishing() as unit:
        document, _ = locked_now(unit, document_id)
        known = found_in(document)
        note_scan(document, known_harm(unit.session, document.sha256, said), unit.now)
        if found_in(document) and not known:
            lock_found(unit, document, late=True)
