"""Letters to hospitals as drafts: each of a thread, in its words, for a person to approve."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlmodel import Session, col

from correspondence import Letter, own_page
from models import Case, DeskLink, Hospital, Message, OutreachThread
from models.base import require_id
from workflows.engine.dedupe_keys import of_hospital_letter
from workflows.engine.lookup import get
from workflows.engine.permissions import NAMED
from workflows.engine.work import Unit
from workflows.engine.world import World
from workflows.events import SYSTEM
from workflows.letters.days import day_in, zone_of
from workflows.letters.delivery import as_written
from workflows.letters.enclosures import NotEnclosed, check_enclosed
from workflows.letters.freezing import Draft, write_draft
from workflows.letters.leaving import ASKS_TO_DELETE, NO_SIGNATURE, WITH_FINDINGS
from workflows.letters.offer_rows import cancel
from workflows.letters.own_page import marked
from workflows.letters.still_so import WORDS, words_of
from workflows.letters.to_hospitals import OF_OFFERS, Recording, about
from workflows.outreach import enquiries, invitations
from workflows.outreach.corrections import CORRECTION, changes, correction_fields, told_to
from workflows.outreach.desk_links import link_for, why_shut
from workflows.outreach.enquiries import answer_is_awaited
from workflows.outreach.item_answers import answer_fields, told_items
from workflows.outreach.offer_letters import letter_fields
from workflows.outreach.open_threads import hold
from workflows.screening.signatures import lets_out

DRAFTING = ("outreach.drafted", "outreach.letter_held")
"""What writing a letter to a hospital may record."""


class Writing(Recording, Protocol):
    """A step or an answer that may write letters to hospitals of its case."""

    world: World

    @property
    def case(self) -> Case:
        """The locked case."""

    @property
    def case_id(self) -> int:
        """Its id."""


def draft(
    unit: Writing,
    thread: OutreachThread,
    template: str,
    *,
    number: int | None = None,
    told: Mapping[str, Any] | None = None,
    fields: Mapping[str, Any] | None = None,
    to: str | None = None,
) -> Message | None:
    """Write one letter of a thread; None when that one was written before.

    `number` tells letters of one kind apart; without it, the letter is one more. While no
    clinician's signature stands, a letter with findings is kept and nobody is asked to approve it.
    `told` is what a letter about an offer or about records is about; `fields` are those of a letter
    that its own room fills, `to` its address where that is not the department's.
    """
    hospital = get(unit.session, Hospital, thread.hospital_id)
    given = fields
    fields = _fields(unit, thread, hospital, template, told or {}) if given is None else dict(given)
    link = _desk_link(unit, thread, hospital, template)
    fields |= _of_link(unit.world, link, hospital)
    letter = unit.world.playbooks.letters.render(template, fields)
    if template == "M10":
        thread.subject, thread.reply_by = letter.subject, fields["reply_by"]
        thread.technique = enquiries.chosen_technique(unit.session, unit.case_id, hospital)
    thread_id = require_id(thread.id)
    nth = number or _written(unit.session, thread_id, template) + 1
    key = of_hospital_letter(thread_id, template, nth)
    told = told or _told(unit, thread, template)
    if template in _LOOKED_AT:
        told = {**(told or {}), WORDS: words_of(letter)}
    if link is not None:
        until = fields["expiry"].isoformat()
        told = {**(told or {}), "link_id": require_id(link.id), UNTIL: until}
    message = write_draft(
        unit.session,
        Draft(
            unit.case_id, letter, "hospital", to or hospital.email, key, thread_id, automated=False,
            told=told,
        ),
    )  # fmt: skip
    if message is None:
        return None
    details = {"template": template, "attempt": nth, "ends": template == ASKS_TO_DELETE}
    if template in WITH_FINDINGS and lets_out(unit.session, unit.case_id) is None:
        hold(unit, thread, message, NO_SIGNATURE)
    else:
        objects = about(thread, message)
        unit.record("outreach.drafted", {**objects, **details}, objects)
    return message


WITH_DESK = ("M10", "M11", "M14")
"""Letters that bring the link to the hospital's desk."""
UNTIL = "until"
"""Where it is kept until which day a letter says that its link works."""


def _desk_link(
    unit: Writing, thread: OutreachThread, hospital: Hospital, template: str
) -> DeskLink | None:
    """Return the link that a letter brings to whom it goes."""
    if template not in WITH_DESK:
        return None
    return link_for(unit, unit.world, thread, hospital.email, SYSTEM.type)


def _of_link(world: World, link: DeskLink | None, hospital: Hospital) -> dict[str, Any]:
    """Return the fields of a letter that say where its link leads, and until when."""
    if link is None:
        return {}
    until = day_in(zone_of(hospital), link.expires_at)
    return {"link": marked(world, own_page.DESK), "expiry": until}


def _of_its_link(unit: Unit, told: Mapping[str, Any], hospital: Hospital) -> dict[str, Any]:
    """Return the same fields of a letter written before; none where its link opens nothing.

    A link that lives longer by now still works until the day that the letter states.
    """
    link = unit.session.get(DeskLink, told["link_id"]) if "link_id" in told else None
    if link is None or why_shut(unit.session, unit.world, link) is not None:
        return {}
    fields = _of_link(unit.world, link, hospital)
    stated = date.fromisoformat(told.get(UNTIL, str(fields["expiry"])))
    if day_in(zone_of(hospital), unit.now) <= stated < fields["expiry"]:
        fields["expiry"] = stated
    return fields


def _written(session: Session, thread_id: int, template: str) -> int:
    query = (
        select(func.count())
        .select_from(Message)
        .where(col(Message.thread_id) == thread_id, col(Message.template) == template)
    )
    return session.scalar(query) or 0


def _fields(
    unit: Writing,
    thread: OutreachThread,
    hospital: Hospital,
    template: str,
    told: Mapping[str, Any],
) -> dict[str, Any]:
    session, world, case = unit.session, unit.world, unit.case
    if template == "M10":
        reply_by = day_in(zone_of(hospital), unit.recorder.now + enquiries.REPLY_WITHIN)
        return enquiries.enquiry_fields(session, world, case, hospital, reply_by)
    if template == CORRECTION:
        return correction_fields(session, world, case, hospital, thread)
    if template == "M14":
        return answer_fields(session, world, case, hospital, thread)
    if template in OF_OFFERS:
        return letter_fields(session, world, case, hospital, thread, told)
    if template in NAMED:
        return invitations.letter_fields(session, world, case, hospital, thread, template, told)
    if template not in ("M11", ASKS_TO_DELETE):
        raise ValueError("no letter to a hospital")
    return enquiries.chase_fields(session, world, case, hospital, thread)


REMINDS, ANSWERS = "M11", "M14"
_LOOKED_AT = (REMINDS, ANSWERS)
"""Letters that say how a thread stands: a hospital may have answered before they leave."""


def looked_at_again(unit: Unit, message: Message) -> Letter | None:
    """Look at a letter to a hospital before it leaves; None when what it says is not so any more.

    A person approved it in their words, so it is taken back and not written anew by itself.
    """
    if message.attachments and not _still_go(unit, message):
        cancel(unit, [message])
        return None
    words = (message.told or {}).get(WORDS)
    if message.template not in _LOOKED_AT or words is None or message.thread_id is None:
        return as_written(unit, message)
    thread = get(unit.session, OutreachThread, message.thread_id)
    hospital = get(unit.session, Hospital, thread.hospital_id)
    awaited = message.template != REMINDS or answer_is_awaited(unit.session, thread)
    if awaited:
        fields = _fields(unit, thread, hospital, message.template, {})
        fields |= _of_its_link(unit, message.told or {}, hospital)
        letter = unit.world.playbooks.letters.render(message.template, fields)
        if words_of(letter) == words:
            return as_written(unit, message)
    cancel(unit, [message])
    return None


def _still_go(unit: Unit, message: Message) -> bool:
    """Return whether each file of a letter may still go: one may have been locked or replaced."""
    thread = get(unit.session, OutreachThread, message.thread_id or 0)
    try:
        check_enclosed(unit.session, unit.case_id, thread.hospital_id, message.attachments or ())
    except NotEnclosed:
        return False
    return True


def _told(unit: Writing, thread: OutreachThread, template: str) -> dict[str, Any] | None:
    """Return what is kept of the letter's facts: findings, what has changed, which items."""
    if template not in ("M10", "M14", CORRECTION):
        return None
    told = enquiries.summary_fields(unit.session, unit.case)
    if template == CORRECTION:
        before = told_to(unit.session, thread)
        differing = changes(before.told, told) if before and before.told else []
        return {**told, "changed": [one["finding"] for one in differing]}
    if template == "M14":
        return {**told, "items": told_items(unit.session, thread)}
    return told
