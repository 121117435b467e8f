"""Picking which of several statements holds: one pick and one reason for each field."""

from collections.abc import Mapping

from fastapi import Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from accounts.users import SignedIn
from views.differing import differing_page
from web.access import world_of
from web.pages.sign_in import pages_of
from workflows.decisions import QUESTIONS, DecisionRefused, decide
from workflows.documents.differing import KIND, differing_in_words
from workflows.engine.record import CaseNotFound
from workflows.events import Actor, EventRefused
from workflows.findings.decisions import REJECTION_REASONS, WHY
from workflows.findings.differing_decisions import NONE

PICK, CODE, WORDS = "pick:", "code:", "words:"


def show_differing(
    request: Request,
    task_id: int,
    who: SignedIn,
    *,
    refusal: str | None = None,
    form: FormData | None = None,
) -> Response:
    """Show each statement beside the others; a refused form comes back as it was sent."""
    world = world_of(request)
    found = differing_page(world, task_id, who.ref)
    names = [one.field for one in found.fields]
    values = {
        "task": found.task,
        "row": found.row,
        "fields": found.fields,
        "waits": differing_in_words(names, world.playbooks.criteria) if names else "",
        "no_statement": NONE,
        "reasons": REJECTION_REASONS,
        "refusal": refusal,
        "saved": "saved" in request.query_params,
        "may_answer": who.role in QUESTIONS[KIND].roles,
        "typed": dict(form) if form else {},
    }
    return pages_of(request).show(request, "task_differing.html", values, 422 if refusal else 200)


def answer_differing(request: Request, task_id: int, who: SignedIn, form: FormData) -> Response:
    """Take the picks of a posted form: of all fields, or of some and the others wait."""
    try:
        decided = decide(
            world_of(request),
            task_id,
            answer=str(form.get("answer", "")),
            actor=Actor(who.role, who.ref),
            values=picked_values(form),
        )
    except (DecisionRefused, EventRefused, CaseNotFound) as refused:
        return show_differing(request, task_id, who, refusal=str(refused), form=form)
    if decided.stays_open:
        return RedirectResponse(f"/tasks/{task_id}?saved=true", 303)
    return RedirectResponse(f"/cases/{decided.case_ref}/overview?done={task_id}", 303)


def picked_values(form: FormData) -> Mapping[str, str]:
    """Return the picks and their reasons as `decide` takes them; what was left blank is absent."""
    values: dict[str, str] = {}
    for key in form:
        given = str(form[key]).strip()
        if key.startswith(PICK) and given:
            values[key.removeprefix(PICK)] = given
        elif key.startswith(CODE) and given:
            field = key.removeprefix(CODE)
            words = " ".join(str(form.get(WORDS + field, "")).split())[:500]
            values[WHY + field] = f"{given}: {words}" if words else given
    return values
