"""Writing to a hospital: a letter in a person's own words, and notes that never leave."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Form, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from accounts.users import SignedIn
from views.talk import Desk, desk
from web.access import only, world_of
from web.page_router import PageRouter
from web.pages.case import tabs
from web.pages.sign_in import pages_of
from workflows.decisions import DecisionRefused
from workflows.events import Actor
from workflows.outreach.free_letters import Written, write_freely
from workflows.outreach.thread_notes import add_note

patients = only("coordinator", "clinician", "lead")
deciders = only("coordinator", "lead")
router = PageRouter(access=patients, compress=True)
_FORM = re.compile(r"[0-9a-f]{32}", re.ASCII)
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: blank, or as it was sent and refused."""

    to: str = ""
    words: str = ""
    asks: str = ""
    answers: int | None = None
    passes: int | None = None
    documents: tuple[int, ...] = ()
    form: str = field(default_factory=lambda: secrets.token_hex(16))
    note: str = ""


@router.get("/cases/{ref}/hospitals/{thread_id}/write")
def write_page(
    request: Request,
    ref: str,
    thread_id: int,
    answers: int | None = None,
    passes: int | None = None,
    who: SignedIn = Depends(patients),
) -> Response:
    """Show the thread with the form for a letter; `answers` or `passes` is one of its letters."""
    found = desk(world_of(request), ref, thread_id, who.ref)
    letter = next((one for one in found.letters if one.id == (answers or passes)), None)
    if (answers or passes) and (letter is None or letter.direction != "in"):
        raise HTTPException(404, "There is no such letter in this thread.")
    to = letter.address.strip().lower() if letter and answers else ""
    if not answers and not passes:
        to = found.beside.people[0].address if found.beside.people else ""
    return _show(request, who, found, Typed(to=to, answers=answers, passes=passes))


@router.post("/cases/{ref}/hospitals/{thread_id}/write")
def write(
    request: Request,
    ref: str,
    thread_id: int,
    to: Annotated[str, Form(max_length=254)] = "",
    words: Annotated[str, Form(max_length=40_000)] = "",
    asks: Annotated[str, Form(max_length=5)] = "",
    answers: Annotated[str, Form(max_length=18)] = "",
    passes: Annotated[str, Form(max_length=18)] = "",
    documents: Annotated[list[str] | None, Form()] = None,
    once: Annotated[str, Form(max_length=32)] = "",
    take: Annotated[str, Form(max_length=40)] = "",
    who: SignedIn = Depends(deciders),
) -> Response:
    """Draft the letter for approval; refused, the form keeps what was typed."""
    world = world_of(request)
    typed = Typed(
        to, words, asks, _number(answers), _number(passes),
        tuple(n for n in map(_number, documents or ()) if n is not None),
        once if _FORM.fullmatch(once) else secrets.token_hex(16),
    )  # fmt: skip
    if take:
        return _begin(request, ref, thread_id, typed, take, who)
    written = Written(
        typed.to, words.replace("\r\n", "\n"), {YES: True, NO: False}.get(asks), typed.form,
        typed.answers, typed.passes, typed.documents,
    )  # fmt: skip
    try:
        task_id = write_freely(world, ref, thread_id, written, Actor(who.role, who.ref))
    except DecisionRefused as refused:
        found = desk(world, ref, thread_id, who.ref)
        return _show(request, who, found, typed, str(refused))
    if task_id is None:
        return RedirectResponse(f"/cases/{ref[:16]}/hospitals?said=held#thread-{thread_id}", 303)
    return RedirectResponse(f"/tasks/{task_id}", 303)


@router.post("/cases/{ref}/hospitals/{thread_id}/notes")
def note(
    request: Request,
    ref: str,
    thread_id: int,
    words: Annotated[str, Form(max_length=40_000)] = "",
    who: SignedIn = Depends(patients),
) -> Response:
    """Write a note down beside the thread."""
    world = world_of(request)
    try:
        add_note(world, ref, thread_id, words, Actor(who.role, who.ref))
    except DecisionRefused as refused:
        found = desk(world, ref, thread_id, who.ref)
        return _show(request, who, found, Typed(note=words), str(refused))
    return RedirectResponse(f"/cases/{ref[:16]}/hospitals#notes-{thread_id}", 303)


def _begin(
    request: Request, ref: str, thread_id: int, typed: Typed, code: str, who: SignedIn
) -> Response:
    """Put a beginning below what was typed, its placeholders as they are; nothing is sent."""
    world = world_of(request)
    text = world.playbooks.hospital_texts.text(code)
    if text is None:
        raise HTTPException(404, "There is no such text.")
    words = "\n\n".join(part for part in (typed.words.strip(), text.body.strip()) if part)
    asks = typed.asks or (YES if text.asks else NO)
    begun = Typed(
        typed.to, words, asks, typed.answers, typed.passes, typed.documents, typed.form
    )  # fmt: skip
    return _show(request, who, desk(world, ref, thread_id, who.ref), begun)


def _number(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() else None


def _show(
    request: Request, who: SignedIn, found: Desk, typed: Typed, refusal: str | None = None
) -> Response:
    letter = next((one for one in found.letters if one.id == (typed.answers or typed.passes)), None)
    values = {
        "desk": found, "row": found.row, "case": found.case, "typed": typed, "refusal": refusal,
        "letter": letter, "tabs": tabs(who), "tab": "hospitals",
        "picked": frozenset(typed.documents), "may_decide": who.role in ("coordinator", "lead"),
    }  # fmt: skip
    return pages_of(request).show(request, "talk.html", values, 422 if refusal else 200)
