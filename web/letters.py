"""A letter waiting for approval: compared with what it came from, edited, seen, then sent."""

from dataclasses import dataclass
from hashlib import sha256

from fastapi import Request
from starlette.datastructures import FormData

from views.asking import LETTER, Background, TaskPage
from views.letter_out import Comparison, LetterOut
from web.diffs import Changes, changes

LOOK, SEEN = "look", "seen"
"""The button that shows the changes, and the proof that they were shown."""


@dataclass(frozen=True, slots=True)
class ShownLetter:
    """A draft as the page shows it. `edits` is what the approver changed and has now seen."""

    out: LetterOut
    body: str
    against: Comparison | None
    difference: Changes | None
    edits: Changes | None
    seen: str


def shown_letter(request: Request, page: TaskPage, edited: str | None) -> ShownLetter | None:
    """Return the letter that a task asks about, or None for any other task."""
    out = page.letter
    if out is None:
        return None
    message = out.message
    body = message.body if edited is None else edited
    wanted = request.query_params.get("against")
    chosen = next((one for one in out.comparisons if one.code == wanted), None)
    against = chosen or next(iter(out.comparisons), None)
    edits = changes(message.body, body) if edited is not None else None
    return ShownLetter(
        out=out,
        body=body,
        against=against,
        difference=changes(against.body, message.body) if against else None,
        edits=None if edits is None or edits.none else edits,
        seen=fingerprint(body),
    )


def fingerprint(body: str) -> str:
    """Return what proves that this very text was on the approver's screen."""
    return sha256(posted_body(body).encode()).hexdigest()


def posted_body(text: str) -> str:
    """Return a text as a form sends it back and forth: line feeds only, no space around it."""
    return text.replace("\r\n", "\n").strip()


def text_to_show(about: Background, form: FormData) -> str | None:
    """Return the edited text when its changes must be shown before it may be sent.

    That is so when the approver asks to see them, and for every change not yet seen as it stands.
    """
    if about.task.kind != LETTER or form.get("answer") != "approve" or about.message is None:
        return None
    body = edited_body(form)
    if body is None:
        return None
    if LOOK in form:
        return body
    if not body or body == posted_body(about.message.body):
        return None
    return None if form.get(SEEN) == fingerprint(body) else body


def edited_body(form: FormData) -> str | None:
    """Return the text as the approver left it, None when the form holds none."""
    return posted_body(str(form["set:body"])) if "set:body" in form else None
