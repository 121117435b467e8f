"""Outreach: which hospitals to ask, one letter each after approval, and what they answer."""

from sqlalchemy import select
from sqlmodel import col

from correspondence import CLASSIFIER_VERSION, Letter, parse_inbound, proposal_for
from models import CaseEvent, Hospital, Message, OutreachThread
from models.base import require_id
from models.outreach import ENDED
from workflows.cases.chosen_hospital import accepted_offer
from workflows.cases.fallen_offers import to_review
from workflows.declared import Raises
from workflows.engine.limits import room_at_hospital
from workflows.engine.lookup import get
from workflows.engine.work import Unit, Work, cheap, slow
from workflows.letters.delivery import HANDED_OVER, hand_over
from workflows.letters.inbound import PERSONS, our_letters
from workflows.letters.leaving import ASKS_TO_DELETE, may_be_shared
from workflows.letters.to_hospitals import SENT_EVENTS, about, note_sent
from workflows.outreach.absences import AWAY, DEPUTY, note_absence
from workflows.outreach.contacts import CONFIRMS, propose_contacts
from workflows.outreach.corrections import told_to
from workflows.outreach.enquiries import chases, is_late
from workflows.outreach.fitting import fitting, techniques_of
from workflows.outreach.hours import within_hours
from workflows.outreach.one_by_one import LEAD_LEVEL, left_to_ask, rung_reached, to_ask
from workflows.outreach.open_threads import CLOSING, close_thread, hold, see_on, with_family
from workflows.outreach.writing import DRAFTING, draft, looked_at_again

MAX_CHASES = 2
"""Chases by mail before the lead calls (ladder of the outreach handbook, 3.6)."""
MACHINE_CLASSES = ("ack", "out_of_office")
"""What a robot's answer may be by itself; anything else it seems to say is read by a person."""
ASKING = ("follow_thread", "confirm_deletion")
"""What `see_on` may ask."""


@cheap(
    "outreach.propose_shortlist",
    words="hospitals are looked up",
    stopped="No hospitals were looked up",
    patient="The family cannot say which hospitals may be asked; the case stands still.",
    raises=Raises(events=("shortlist.proposed", "shortlist.unconfirmed", "shortlist.empty")),
)
def propose_shortlist(unit: Unit) -> None:
    """Match the directory to site and technique; the family says yes or no to each hospital.

    A hospital whose unit nobody has confirmed lately is shown with that, and a person confirms it
    first. Where there are only such ones, a person is asked, and nobody hears that there are none.
    """
    if unit.case.state != "SHORTLISTING":
        return
    techniques = techniques_of(unit.session, unit.world, unit.case)
    best = fitting(unit.session, unit.case, unit.now, techniques)
    chosen = [entry for entry in best if entry.choosable]
    unconfirmed = {
        entry.hospital.hospital_id: [entry.unit.technique, *entry.flags]
        for entry in best
        if entry.to_confirm
    }
    if chosen:
        reasons = {
            entry.hospital.hospital_id: [entry.unit.technique, *entry.reasons] for entry in chosen
        }
        payload = {"hospital_ids": list(reasons), "match_reasons": reasons}
        unit.record("shortlist.proposed", {**payload, "unconfirmed": unconfirmed})
    elif unconfirmed:
        payload = {"hospital_ids": list(unconfirmed), "unconfirmed": unconfirmed}
        unit.record("shortlist.unconfirmed", payload)
    else:
        unit.record("shortlist.empty", {"reason_code": "no_hospital_with_technique"})


@cheap(
    "outreach.draft_enquiries",
    words="the enquiries are written",
    stopped="The enquiries were not written",
    patient="No hospital knows of the case yet.",
    raises=Raises(events=DRAFTING, requests=ASKING, letters=("M10",)),
)
def draft_enquiries(unit: Unit) -> None:
    """Write one enquiry per approved hospital, for a coordinator to read and approve.

    Where hospitals are asked one by one, only the one whose turn it is.
    """
    for code in to_ask(unit.session, unit.case_id):
        hospital = unit.session.scalars(select(Hospital).where(col(Hospital.code) == code)).one()
        thread = _thread(unit, hospital)
        asked = thread.state != "draft" or _asked(unit, thread)
        if may_be_shared(unit.session, thread) and not asked:
            draft(unit, thread, "M10")
        see_on(unit.recorder, thread, unit.cause, unit.row.id)


def _asked(unit: Unit, thread: OutreachThread) -> bool:
    """Return whether a first letter waits to leave: a second one would ask twice."""
    written = select(col(Message.id)).where(
        col(Message.thread_id) == thread.id,
        col(Message.template) == "M10",
        col(Message.state).not_in(("cancelled", "sent")),
    )
    return unit.session.scalars(written.limit(1)).first() is not None


def _thread(unit: Unit, hospital: Hospital) -> OutreachThread:
    thread = unit.session.scalars(
        select(OutreachThread).where(
            col(OutreachThread.case_id) == unit.case_id,
            col(OutreachThread.hospital_id) == hospital.id,
        )
    ).first()
    if thread is None:
        thread = OutreachThread(
            case_id=unit.case_id, hospital_id=require_id(hospital.id), opened_at=unit.now
        )
        unit.session.add(thread)
        unit.session.flush()
    elif thread.state in ENDED:  # chosen once more: asked as if for the first time
        thread.state, thread.closed_at, thread.deletion = "draft", None, None
    return thread


@slow(
    "outreach.send_enquiry",
    words="a letter to a hospital is sent",
    stopped="A letter to a hospital was not handed over",
    patient="The hospital waits for nothing and answers nothing; the family waits in vain.",
    needs=("smtp", "store"),
    raises=Raises(
        events=(*HANDED_OVER, *SENT_EVENTS, "outreach.letter_held", "message.discarded"),
        requests=ASKING,
    ),
)
def send_enquiry(work: Work) -> None:
    """Hand an approved letter to the mail server, once, and not too many to one hospital."""
    hand_over(work, work.object_id("message_id"), note_sent, _ended, look=_look)


def _look(unit: Unit, message: Message) -> Letter | None:
    letter = looked_at_again(unit, message)
    if letter is not None:
        within_hours(unit, message)
        room_at_hospital(unit, message)
    return letter


def _ended(unit: Unit, message: Message) -> None:
    """A letter that may not leave is noted with its reason; the thread never waits for nothing."""
    if message.thread_id is None:
        return
    thread = get(unit.session, OutreachThread, message.thread_id)
    if message.held_for is not None and message.state in ("draft", "cancelled"):
        hold(unit, thread, message, message.held_for)
    see_on(unit.recorder, thread, unit.cause, unit.row.id)


@slow(
    "outreach.classify_reply",
    words="a hospital's answer is looked at",
    stopped="A hospital's answer was not looked at",
    patient="The hospital has answered and the case does not know it. Read the letter on the case.",
    needs=("store",),
    raises=Raises(
        events=("hospital.reply_proposed", "hospital.reply_classified", AWAY),
        requests=(CONFIRMS, DEPUTY),
    ),
)
def classify_reply(work: Work) -> None:
    """Propose what a reply is; a robot's answer is noted, a person's is confirmed by a person."""
    message_id = work.object_id("message_id")
    with work.reading() as session:
        message = get(session, Message, message_id)
        key = message.raw_object_key
        thread = get(session, OutreachThread, work.object_id("thread_id"))
        ours = our_letters(session, thread.case_id, thread)
    letter = parse_inbound(work.world.storage.get(key or "")).without(ours)
    written = letter.machine is None
    proposal = proposal_for(letter)
    with work.finishing() as unit:
        message = get(unit.session, Message, message_id)
        message.reply_class = proposal.reply_class
        message.reply_confidence = proposal.confidence
        thread = get(unit.session, OutreachThread, work.object_id("thread_id"))
        objects = {
            "thread_id": require_id(thread.id),
            "hospital_id": thread.hospital_id,
            "message_id": message_id,
        }
        payload = {
            "thread_id": require_id(thread.id),
            "hospital_id": thread.hospital_id,
            "reply_class": proposal.reply_class,
            "confidence": round(proposal.confidence, 3),
        }
        if proposal.reply_class in MACHINE_CLASSES and letter.machine not in PERSONS:
            details = {"model_version": CLASSIFIER_VERSION, "confirmed": False}
            unit.record("hospital.reply_classified", {**payload, **details}, objects)
            if proposal.reply_class == "out_of_office":
                note_absence(unit.recorder, thread, message)
        else:
            unit.record("hospital.reply_proposed", {**payload, "message_id": message_id}, objects)
            if written:
                propose_contacts(unit, thread, message)


@cheap(
    "outreach.chase_hospital",
    words="a silent hospital is reminded",
    stopped="A silent hospital was not reminded",
    patient="The case waits for a hospital that nobody asks again.",
    raises=Raises(
        events=(*DRAFTING, "outreach.escalated", "hospital.silent"),
        requests=ASKING,
        letters=("M11",),
    ),
)
def chase_hospital(unit: Unit) -> None:
    """Go up one rung of the ladder; see `_climb`. Nothing is done while an answer is not due."""
    thread = get(unit.session, OutreachThread, unit.object_id("thread_id"))
    if is_late(unit.session, thread):
        _climb(unit, thread)
    see_on(unit.recorder, thread, unit.cause, unit.row.id)


def _climb(unit: Unit, thread: OutreachThread) -> None:
    """Two reminders, with the second a telephone call; then the lead calls; then it is silent.

    Each rung waits for the hospital's working days; what it answers or promises begins anew.
    """
    chased = chases(unit.session, thread)
    if chased < MAX_CHASES:
        if may_be_shared(unit.session, thread):
            draft(unit, thread, "M11")
        if chased == MAX_CHASES - 1 and not rung_reached(unit.session, thread, 1):
            _escalate(unit, thread, 1, "coordinator")
    elif not rung_reached(unit.session, thread, LEAD_LEVEL):
        _escalate(unit, thread, LEAD_LEVEL, "lead")
    else:
        thread.state = "silent"
        unit.record("hospital.silent", about(thread), about(thread))


def _escalate(unit: Unit, thread: OutreachThread, level: int, to: str) -> None:
    payload = {**about(thread), "level": level, "to": to}
    unit.record("outreach.escalated", payload, about(thread))


@cheap(
    "outreach.close_other_threads",
    words="the other hospitals are told",
    stopped="The other hospitals were not told",
    patient="Hospitals that were not chosen may still hold a place and work on the case.",
    raises=Raises(events=(*DRAFTING, *CLOSING), letters=("M17",)),
)
def close_other_threads(unit: Unit) -> None:
    """Close the threads of hospitals not chosen, with a courteous letter to approve (M17)."""
    event = unit.session.scalars(
        select(CaseEvent)
        .where(
            col(CaseEvent.case_id) == unit.case_id, col(CaseEvent.type) == "patient.accepted_offer"
        )
        .order_by(col(CaseEvent.seq).desc())
        .limit(1)
    ).one()
    if accepted_offer(unit.session, unit.case_id) is None:
        return  # it was withdrawn at once: the others are asked whether their offers hold
    others = unit.session.scalars(
        select(OutreachThread).where(
            col(OutreachThread.case_id) == unit.case_id,
            col(OutreachThread.hospital_id) != event.payload["hospital_id"],
            col(OutreachThread.state) != "closed",
        )
    ).all()
    for thread in others:
        close_thread(unit, thread, "patient_chose_other")
        if told_to(unit.session, thread) is not None:
            draft(unit, thread, ASKS_TO_DELETE)


@cheap(
    "outreach.check_exhausted",
    words="it is checked whether every hospital has said no",
    stopped="It was not checked whether every hospital has said no",
    patient="The family may wait although no answer can come any more.",
    raises=Raises(events=("offer.fell_away", "outreach.exhausted"), requests=("ask_next",)),
)
def check_exhausted(unit: Unit) -> None:
    """Record that no hospital is left to wait for, when that is so and hospitals are asked.

    One whose offer the family has is not waited for.

    A case that reviews offers and has none left is back with the hospitals first. While hospitals
    wait for their turn, the next one is asked, and nothing is exhausted.
    """
    others = to_review(unit.session, unit.case_id)
    if unit.case.state == "OFFER_REVIEW" and others == 0:
        unit.record("offer.fell_away", {"others_open": others})
    if unit.case.state not in ("OUTREACH", "MORE_INFO"):
        return
    if left_to_ask(unit.session, unit.case_id):
        if to_ask(unit.session, unit.case_id):
            unit.request("ask_next")
        return
    threads = unit.session.scalars(
        select(OutreachThread).where(col(OutreachThread.case_id) == unit.case_id)
    ).all()
    waited_for = (one.state not in ENDED and not with_family(unit.session, one) for one in threads)
    if not threads or any(waited_for):
        return
    left = unit.session.scalars(
        select(col(Hospital.id)).where(
            col(Hospital.active),
            col(Hospital.id).not_in(
                select(col(OutreachThread.hospital_id)).where(
                    col(OutreachThread.case_id) == unit.case_id
                )
            ),
        )
    ).all()
    unit.record("outreach.exhausted", {"more_hospitals_available": bool(left)})
