"""Checking what was read from a document: its pages beside its findings, one verdict for each."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from accounts import audit
from accounts.users import SignedIn
from models import Document
from models.database import transaction
from models.finding import FindingRecord
from views.asking import Background, background
from views.case_file import case_summary, document_findings, document_pages
from views.findings import (
    Statement,
    decisive_fields,
    differences,
    in_checking_order,
    is_unsure,
)
from views.lists import task_row
from web.access import world_of
from web.forms import NEW_FIELD, NEW_VALUE
from web.pages.documents import sheets
from web.pages.sign_in import pages_of
from web.values import finding_key, shown_value
from web.verdicts import Verdict, decided_values, verdicts
from workflows.decisions import QUESTIONS, DecisionRefused, decide
from workflows.engine.lookup import get
from workflows.engine.record import CaseNotFound
from workflows.events import Actor, EventRefused
from workflows.findings.decisions import REJECTION_REASONS

REVIEW = "review_findings"


@dataclass(frozen=True, slots=True)
class Card:
    """One finding to check, with what was chosen and what other places state of its field."""

    finding: FindingRecord
    key: str
    verdict: Verdict
    decisive: bool
    unsure: bool
    elsewhere: tuple[Statement, ...]


def show_review(
    request: Request,
    task_id: int,
    who: SignedIn,
    *,
    refusal: str | None = None,
    form: FormData | None = None,
) -> Response:
    """Show the document's pages beside its findings; a refused form comes back as it was sent."""
    world = world_of(request)
    now, library = world.clock.now(), world.playbooks.criteria
    with transaction(world.engine) as session:
        about = background(session, task_id)
        assert about.case is not None and about.document_id is not None
        document = get(session, Document, about.document_id)
        pages = document_pages(session, about.document_id)
        findings = document_findings(session, about.document_id)
        differ = differences(session, about.case, library, now.date())
        task = task_row(about.task, about.case, now)
        row = case_summary(session, about.case, now)
        audit.note(session, actor_ref=who.ref, action="task.viewed", at=now,
                   object_ref=f"task:{task_id}", case_id=about.task.case_id)  # fmt: skip
    chosen = verdicts(form, about.findings) if form is not None else {}
    decisive = decisive_fields(library, about.case.site)
    elsewhere = {one.field: one.statements for one in differ}
    cards = [
        _card(finding, chosen, decisive, elsewhere)
        for finding in in_checking_order(about.findings, decisive)
    ]
    values = {
        "task": task, "row": row, "about": about, "document": document, "refusal": refusal,
        "saved": "saved" in request.query_params, "cards": cards, "total": len(findings),
        "settled": [finding for finding in findings if finding.state != "proposed"],
        "sheets": sheets(world, document, pages, findings), "reasons": REJECTION_REASONS,
        "may_answer": who.role in QUESTIONS[REVIEW].roles and task.state == "open",
        "fields": sorted(library.vocabulary.fields.values(), key=lambda field: field.label),
        "added": _added(form), "reason": str(form.get("reason", "")) if form else "",
    }  # fmt: skip
    return pages_of(request).show(request, "task_review.html", values, 422 if refusal else 200)


def answer_review(request: Request, about: Background, who: SignedIn, form: FormData) -> Response:
    """Take the verdicts of a posted form: a part of them, or all and the document is verified."""
    task_id = about.task.id or 0
    answer = str(form.get("answer", ""))
    values = decided_values(form, verdicts(form, about.findings)) if answer != "reject" else {}
    try:
        decided = decide(
            world_of(request), task_id, answer=answer, actor=Actor(who.role, who.ref),
            reason=str(form.get("reason", "")).strip() or None, values=values,
        )  # fmt: skip
    except (DecisionRefused, EventRefused, CaseNotFound) as refused:
        return show_review(request, task_id, who, refusal=str(refused), form=form)
    if decided.stays_open:
        return RedirectResponse(f"/tasks/{task_id}?saved=true", 303)
    return RedirectResponse(f"/cases/{decided.case_ref}/overview?done={task_id}", 303)


def _card(
    finding: FindingRecord,
    chosen: Mapping[str, Verdict],
    decisive: frozenset[str],
    elsewhere: Mapping[str, tuple[Statement, ...]],
) -> Card:
    key = finding_key(finding)
    return Card(
        finding,
        key,
        chosen.get(key, Verdict(typed=shown_value(finding.value))),
        finding.field in decisive,
        is_unsure(finding),
        tuple(
            one
            for one in elsewhere.get(finding.field, ())
            if one.finding.id != finding.id and one.finding.state != "rejected"
        ),
    )


def _added(form: FormData | None) -> tuple[str, str]:
    if form is None:
        return "", ""
    return str(form.get(NEW_FIELD, "")), str(form.get(NEW_VALUE, ""))
