"""Whether an automatic letter still tells what is so: asked when it is written, and before one
that has waited leaves.

A letter waits for the reader's morning, for a mail server that refused it for now, or for others of
the same minutes. Meanwhile the family may have answered, the case may have gone on, a file may have
been opened again: then it is written anew with the facts of now, or it does not leave.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session

from correspondence import LetterError
from models import Case, Document, Message, Offer
from models.base import require_id
from workflows.cases.silence import waits_in
from workflows.documents.completeness import COLLECTING, asked_now
from workflows.documents.sending import problems_of
from workflows.engine.dedupe_keys import of_notice_on_review
from workflows.engine.lookup import get
from workflows.engine.work import Unit
from workflows.letters.delivery import freeze
from workflows.letters.fields import patient_fields
from workflows.letters.leaving import OF_REVIEW
from workflows.letters.offer_fields import still_holds
from workflows.letters.offer_rows import EXPIRED
from workflows.letters.patient_points import signed_review
from workflows.letters.reminders import are_ended, is_reminder

Objects = Mapping[str, Any]
Still = Callable[[Session, Case, Objects], bool]


def _in(*states: str) -> Still:
    return lambda _, case, __: waits_in(case) in states


def _closed(_: Session, case: Case, __: Objects) -> bool:
    return case.closed_at is not None


def _missing(session: Session, case: Case, objects: Objects) -> bool:
    """Return whether what M05 asks for is awaited: a sending's unread files, or a named list."""
    if "document_id" in objects:
        document = get(session, Document, int(objects["document_id"]))
        return bool(problems_of(session, document))
    asked = asked_now(session, require_id(case.id))
    return waits_in(case) == COLLECTING and asked is not None and bool(asked.items)


def _expired(session: Session, _: Case, objects: Objects) -> bool:
    return get(session, Offer, int(objects["offer_id"])).state == EXPIRED


_STILL: Mapping[str, Still] = {
    "M02": _in("AWAITING_CONSENT"),
    "M05": _missing,
    "M06": _in("SHORTLISTING"),
    "M12": _in("OUTREACH", "MORE_INFO"),
    "M18": lambda _, case, __: case.admission_date is not None and case.closed_at is None,
    "M32": _in("FOLLOW_UP"),
    "M36": _closed,
    "M37": _closed,
    "M52": _expired,
}
"""What must be so beside the fields of a letter; without it the letter is pointless or untrue.

M04 tells by itself when nothing is asked for any more.
"""


def still_so(session: Session, case: Case, template: str, objects: Objects) -> bool:
    """Return whether what calls for the letter is so now; `objects` are those of its row."""
    still = _STILL.get(template)
    if still is not None and not still(session, case, objects):
        return False
    return still_holds(session, require_id(case.id), template)


def written_anew(unit: Unit, message: Message, objects: Objects) -> bool:
    """Write a letter that waited anew with the facts of now; False when it must not leave.

    `objects` are those of the row that called for it. Only an automatic letter that surely never
    left is touched: what a person approved leaves in that person's words.
    """
    template = message.template or ""
    if is_reminder(objects) and are_ended(unit.session, unit.case_id):
        return False
    if not still_so(unit.session, unit.case, template, objects) or _of_another_result(
        unit, message
    ):
        return False
    texts = unit.world.playbooks.letters
    try:
        fields = patient_fields(unit.session, unit.world, unit.case, template, objects)
        letter = texts.write(template, fields, unit.case.language)
    except LetterError:  # a fact that it cannot do without stands no more
        return False
    message.subject, message.body, message.language = letter.subject, letter.body, letter.language
    message.template_version = letter.template_version
    freeze(unit.session, unit.world, message, unit.now, reminder=is_reminder(objects))
    return True


def _of_another_result(unit: Unit, message: Message) -> bool:
    if message.template not in OF_REVIEW:
        return False
    review = signed_review(unit.session, unit.case_id)
    key = of_notice_on_review(unit.case_id, require_id(review.id)) if review else None
    return message.dedupe_key != key
