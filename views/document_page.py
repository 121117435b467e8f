"""One document beside what was read from it: to look at, and to check its findings.

Holds personal data: whoever asks is audited.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts import audit
from models import Case, Document, FindingRecord
from models.database import transaction
from views.asking import Background, background_of, rows_of
from views.case_file import case_summary, document_findings, document_pages
from views.case_head import CaseHead
from views.findings import Difference, differences
from views.lists import TaskRow, open_tasks, task_row
from views.shown import ShownDocument, ShownFinding, ShownPage, shown
from workflows.documents.imaging import Study, imaging_of
from workflows.documents.photos import may_be_joined
from workflows.engine.lookup import get
from workflows.engine.not_there import check_not_erased
from workflows.engine.world import World


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A document with its pages and findings; `row` is the head of its case."""

    document: ShownDocument
    pages: Sequence[ShownPage]
    findings: Sequence[ShownFinding]
    row: CaseHead
    tasks: Sequence[TaskRow]
    """The open tasks about this document."""


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A document with the task that asks to check its findings, and what differs in its case."""

    about: Background
    task: TaskRow
    row: CaseHead
    document: ShownDocument
    pages: Sequence[ShownPage]
    findings: Sequence[ShownFinding]
    differences: Sequence[Difference]


def document_page(world: World, document_id: int, actor_ref: str) -> DocumentPage:
    """Read a document and write down who looked; raise `RowNotFound`."""
    now = world.clock.now()
    with transaction(world.engine) as session:
        document = get(session, Document, document_id)
        case = get(session, Case, document.case_id)
        check_not_erased(case)
        findings = document_findings(session, document_id)
        found = DocumentPage(
            document=shown(ShownDocument, document),
            pages=document_pages(session, document_id),
            findings=findings,
            row=case_summary(session, case, now),
            tasks=[
                task
                for task in open_tasks(session, now, case_ref=case.ref)
                if task.objects.get("document_id") == document_id
            ],
        )
        audit.note(
            session,
            actor_ref=actor_ref,
            action="document.viewed",
            at=now,
            object_ref=f"document:{document_id}",
            case_id=document.case_id,
        )
    return found


def review_page(world: World, task_id: int, actor_ref: str) -> ReviewPage:
    """Read what a person checks findings with, and write down who looked; raise `RowNotFound`."""
    now = world.clock.now()
    with transaction(world.engine) as session:
        rows = rows_of(session, task_id)
        about = background_of(session, rows)
        assert rows.case is not None and about.document_id is not None
        document_id = about.document_id
        found = ReviewPage(
            about=about,
            task=task_row(rows.task, rows.case, now),
            row=case_summary(session, rows.case, now),
            document=shown(ShownDocument, get(session, Document, document_id)),
            pages=document_pages(session, document_id),
            findings=document_findings(session, document_id),
            differences=differences(session, rows.case, world.playbooks.criteria, now.date()),
        )
        audit.note(
            session,
            actor_ref=actor_ref,
            action="task.viewed",
            at=now,
            object_ref=f"task:{task_id}",
            case_id=rows.task.case_id,
        )
    return found


def place_of_finding(world: World, finding_id: int) -> tuple[str, str]:
    """Return the reference of the case and the field of a finding; raise `RowNotFound`."""
    with transaction(world.engine) as session:
        finding = get(session, FindingRecord, finding_id)
        return get(session, Case, finding.case_id).ref, finding.field


def ref_of(world: World, document_id: int) -> str:
    """Return the reference of a document's case; raise `RowNotFound`."""
    with transaction(world.engine) as session:
        return get(session, Case, get(session, Document, document_id).case_id).ref


def joinable(documents: Sequence[ShownDocument]) -> frozenset[int]:
    """Return the photos, and documents of photos, that a person may put together; empty for one."""
    found = frozenset(one.id for one in documents if may_be_joined(one))
    return found if len(found) > 1 else frozenset()


def imaging_here(world: World, case_id: int) -> list[Study]:
    """Return the imaging that a case has, each study once."""
    with transaction(world.engine) as session:
        return imaging_of(session, case_id)
