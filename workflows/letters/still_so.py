"""Whether an automatic letter still tells what is so: asked when it is written, and before each
attempt to send it.

A letter waits for the reader's morning, for a mail server that refused it for now, or for others of
the same minutes. Meanwhile the family may have answered, the case may have gone on, a file may have
been opened again: then it is written anew with the facts of now, or it does not leave.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from sqlmodel import Session

from correspondence import Letter, LetterError
from models import Case, Document, Message, Offer, PortalCode
from models.base import require_id
from workflows.cases.silence import waits_in
from workflows.documents.completeness import COLLECTING, asked_now
from workflows.documents.sending import problems_of
from workflows.engine.dedupe_keys import of_notice_on_review
from workflows.engine.lookup import get
from workflows.engine.work import Unit
from workflows.letters.delivery import as_written
from workflows.letters.fields import patient_fields
from workflows.letters.freezing import freeze
from workflows.letters.leaving import OF_REVIEW
from workflows.letters.offer_fields import still_holds
from workflows.letters.offer_rows import EXPIRED, GONE, cancel
from workflows.letters.own_codes import still_works
from workflows.letters.patient_points import signed_review
from workflows.letters.reminders import ABOUT, are_ended, is_reminder

_LINK = re.compile(r"https?://\S+")
WORDS = "words"
"""And the hash of what the letter said by itself, before a person changed it."""
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


def _withdrawn(session: Session, _: Case, objects: Objects) -> bool:
    return get(session, Offer, int(objects["offer_id"])).state == GONE


def _code_works(session: Session, _: Case, objects: Objects) -> bool:
    return still_works(session.get(PortalCode, int(objects["code_id"])))


_STILL: Mapping[str, Still] = {
    "M02": _in("AWAITING_CONSENT"),
    "M05": _missing,
    "M06": _in("SHORTLISTING"),
    "M12": _in("OUTREACH", "MORE_INFO"),
    "M18": lambda _, case, __: case.admission_date is not None and case.closed_at is None,
    "M20": _in("VISA"),
    "M21": _in("TRAVEL_PREP"),
    "M25": _in("LOCAL_PREOP"),
    "M30": _in("FLY_HOME_CLEARANCE"),
    "M31": _in("RETURNING"),
    "M32": _in("FOLLOW_UP"),
    "M36": _closed,
    "M37": _closed,
    "M47": _withdrawn,
    "M52": _expired,
    "M55": _code_works,
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


def about(objects: Objects, letter: Letter) -> dict[str, Any]:
    """Return what a letter keeps of the row that called for it, to be written anew from."""
    return {ABOUT: dict(objects), WORDS: words_of(letter)}


def written_now(unit: Unit, message: Message) -> Letter | None:
    """Return a letter with the facts of now; None when nothing calls for it any more."""
    template, objects = message.template or "", (message.told or {})[ABOUT]
    if is_reminder(objects) and are_ended(unit.session, unit.case_id):
        return None
    if not still_so(unit.session, unit.case, template, objects) or _of_another_result(
        unit, message
    ):
        return None
    texts = unit.world.playbooks.letters
    try:
        fields = patient_fields(unit.session, unit.world, unit.case, template, objects)
        return texts.write(template, fields, unit.case.language)
    except LetterError:  # a fact that it cannot do without stands no more
        return None


def looked_at_again(unit: Unit, message: Message) -> Letter | None:
    """Look at a letter to the patient before it leaves; None when it must not leave.

    It is taken back where nothing calls for it any more. Where a fact has changed, an automatic
    one is written anew; one that a person approved goes back to a person. Else it leaves as it is.
    """
    told = message.told or {}
    if ABOUT not in told:
        return as_written(unit, message)
    letter = written_now(unit, message)
    if letter is None:
        cancel(unit, [message])
        return None
    if words_of(letter) == told[WORDS]:
        return letter if message.automated else as_written(unit, message)
    message.told = {**told, WORDS: words_of(letter)}
    if message.automated:
        rewrite(unit, message, letter)
        return letter
    _say(message, letter)
    message.state, message.approved_by, message.approved_at = "draft", None, None
    drafted(unit, message)
    return None


def words_of(letter: Letter) -> str:
    """Return the hash of what a letter says; a link to the page is another at another time."""
    said = _LINK.sub("", f"{letter.subject}\n\n{letter.body}")
    return hashlib.sha256(said.encode()).hexdigest()


def rewrite(unit: Unit, message: Message, letter: Letter) -> None:
    """Freeze a letter anew where it says something else now; it surely never left."""
    before = as_written(unit, message)
    if words_of(letter) != words_of(before):
        _say(message, letter)
        freeze(unit.session, unit.world, message, unit.now)


def _say(message: Message, letter: Letter) -> None:
    message.subject, message.body, message.language = letter.subject, letter.body, letter.language
    message.template_version = letter.template_version


def drafted(unit: Unit, message: Message) -> None:
    """Record a letter to the patient that a person reads before it leaves."""
    objects = {"message_id": require_id(message.id)}
    payload = {**objects, "template": message.template, "to_role": "patient"}
    unit.record("message.drafted", payload, objects)


def _of_another_result(unit: Unit, message: Message) -> bool:
    if message.template not in OF_REVIEW:
        return False
    review = signed_review(unit.session, unit.case_id)
    key = of_notice_on_review(unit.case_id, require_id(review.id)) if review else None
    return message.dedupe_key != key
