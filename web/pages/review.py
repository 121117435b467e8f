"""Checking what was read from a document: its pages beside its findings, one verdict for each."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from accounts.users import SignedIn
from suitability.deciding import decisive_fields
from views.asking import Background
from views.document_page import review_page
from views.findings import Statement, in_checking_order
from views.questions import unanswered
from views.shown import ShownFinding
from web.access import world_of
from web.forms import NEW_FIELD, NEW_VALUE
from web.pages.documents import sheets
from web.pages.sign_in import pages_of
from web.values import finding_key, shown_value
from web.verdicts import Verdict, decided_values, verdicts
from workflows.decisions import QUESTIONS, DecisionRefused, decide
from workflows.documents.by_itself import SIDE, is_unsure
from workflows.engine.record import CaseNotFound
from workflows.events import Actor, EventRefused
from workflows.findings.decisions import REJECTION_REASONS

REVIEW = "review_findings"
SHOWN = "shown"
"""The field of the form with the ids of the values it had."""


@dataclass(frozen=True, slots=True)
class Card:
    """One finding to check, with what was chosen and what other places state of its field."""

    finding: ShownFinding
    key: str
    verdict: Verdict
    decisive: bool
    unsure: bool
    elsewhere: tuple[Statement, ...]

    @property
    def by_itself(self) -> bool:
        """Whether no common button confirms it."""
        return self.decisive or self.unsure or self.finding.field == SIDE


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
    library = world.playbooks.criteria
    found = review_page(world, task_id, who.ref)
    about, task, findings = found.about, found.task, found.findings
    chosen = verdicts(form, about.findings) if form is not None else {}
    decisive = decisive_fields(library, found.row.site)
    elsewhere = {one.field: one.statements for one in found.differences}
    cards = [
        _card(finding, chosen, decisive, elsewhere)
        for finding in in_checking_order(about.findings, decisive)
    ]
    values = {
        "task": task,
        "row": found.row,
        "about": about,
        "document": found.document,
        "refusal": refusal,
        "saved": "saved" in request.query_params,
        "cards": cards,
        "questions": unanswered(found.document.notes, findings) if task.state == "open" else [],
        "shown": ",".join(str(card.finding.id) for card in cards),
        "total": len(findings),
        "settled": [finding for finding in findings if finding.state != "proposed"],
        "sheets": sheets(world, found.document, found.pages, findings),
        "reasons": REJECTION_REASONS,
        "may_answer": who.role in QUESTIONS[REVIEW].roles and task.state == "open",
        "fields": sorted(library.vocabulary.fields.values(), key=lambda field: field.label),
        "added": _added(form),
        "typed": dict(form) if form else {},
        "reason": str(form.get("reason", "")) if form else "",
    }
    return pages_of(request).show(request, "task_review.html", values, 422 if refusal else 200)


def answer_review(request: Request, about: Background, who: SignedIn, form: FormData) -> Response:
    """Take the verdicts of a posted form: a part of them, or all and the document is verified."""
    task_id = about.task.id
    answer = str(form.get("answer", ""))
    values = decided_values(form, verdicts(form, about.findings)) if answer != "reject" else {}
    if SHOWN in form:
        values["shown"] = str(form[SHOWN])
    try:
        decided = decide(
            world_of(request),
            task_id,
            answer=answer,
            actor=Actor(who.role, who.ref),
            reason=str(form.get("reason", "")).strip() or None,
            values=values,
        )
    except (DecisionRefused, EventRefused, CaseNotFound) as refused:
        return show_review(request, task_id, who, refusal=str(refused), form=form)
    if decided.stays_open:
        return RedirectResponse(f"/tasks/{task_id}?saved=true", 303)
    return RedirectResponse(f"/cases/{decided.case_ref}/overview?done={task_id}", 303)


def _card(
    finding: ShownFinding,
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
