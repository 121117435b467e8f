"""A case brought to one of its stages by the people who answer, for tests that begin there."""

from collections.abc import Mapping
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

from sqlalchemy import select
from sqlmodel import Session, col

from adapters.reader import ReadDocument
from adapters.reader.types import Turn
from adapters.storage import StorageError
from local.rehearsal import documents
from local.rehearsal.reports import ROSA
from models import Document, Offer
from models.base import require_id
from planning.travel import Gate
from settings import PROJECT_ROOT
from tests.workflows.playing import Play
from tests.workflows.remembered import Remembered
from workflows.decisions import decide
from workflows.events import Actor
from workflows.journey.checklist import FINAL_PATHOLOGY, FIT_TO_FLY, answer_item, open_before
from workflows.letters.inbound import take_mail

SYNOPTIC = (PROJECT_ROOT / "examples" / "breast-synoptic.pdf").read_bytes()
OFFER = (
    "Dear colleagues,\n\nOur tumour board has reviewed the case.\n"
    "We can offer lumpectomy with IORT.\n"
    "Estimated cost: USD 7,800 to 9,100. Stay: 5 days in hospital.\n"
    "Earliest admission 2027-02-08. The offer is valid until 2027-01-31.\n\nKind regards\n"
)


AGREED = {"admission_date": "2027-02-08", "needs_visa": "yes", "supplementary_at": "home"}
"""An admission as it is agreed; the family says where further radiotherapy would be."""
SIGNED = {"signed_by": "patient", "method": "paper"}
"""Who signed a consent, and how: both are said, never assumed."""


@Remembered
def to_review(play: Play) -> None:
    play.open(SYNOPTIC)
    play.run()


@Remembered
def to_clinician(play: Play, by_hand: Mapping[str, str] | None = None) -> None:
    """Bring the case to the signature; `by_hand` are values typed beside those of the report."""
    to_review(play)
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.answer("record_consent", "granted", **SIGNED)
    play.confirm(**(by_hand or {}))
    play.answer("settle_completeness", "waive", reason="imaging is on its way")
    play.answer("countersign_waiver", "agree", "not needed yet")


@Remembered
def to_outreach(play: Play, hospitals: str = "H01") -> None:
    to_clinician(play)
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals=hospitals, **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals=hospitals)
    for _ in hospitals.split(","):
        play.answer("approve_message", "approve")


def reply(play: Play, text: str, hospital: int = 1, number: int = 1) -> None:
    """Answer the enquiry as a hospital's mail program does: to the Reply-To, with References.

    `hospital` counts the hospitals in the order in which they were asked, `number` its letters.
    """
    enquiry = play.messages(template="M10", state="sent")[hospital - 1]
    raw = play.world.storage.get(enquiry.raw_object_key or "")
    sent = BytesParser(policy=default).parsebytes(raw)
    letter = EmailMessage()
    letter["From"] = enquiry.address
    letter["To"] = sent["Reply-To"]
    letter["Subject"] = "Re: " + sent["Subject"]
    letter["Message-ID"] = f"<answer-{enquiry.id}-{number}@hospital.example>"
    letter["In-Reply-To"] = sent["Message-ID"]
    letter["References"] = sent["Message-ID"]
    letter["Date"] = sent["Date"]
    letter.set_content(text)
    take_mail(play.world, letter.as_bytes(), uid="1:1", now=play.clock.now())
    play.run()


def family_writes(play: Play, address: str) -> str:
    """Bring in a letter from an address, and return its number."""
    raw = f"From: {address}\nTo: us@c.example\nSubject: papers\n\nI write again.".encode()
    letter = take_mail(play.world, raw, uid="1:1", now=play.clock.now())
    play.run()
    return str(letter)


@Remembered
def to_decision(play: Play) -> None:
    to_outreach(play)
    reply(play, OFFER)
    play.answer("confirm_reply", "offer")
    play.answer(
        "record_offer",
        "record",
        currency="USD",
        amount_low="7800",
        amount_high="9100",
        technique="kv_iort",
        stay_days="5",
        valid_until="2027-01-31",
    )
    play.answer("present_offer", "present")


def approve(play: Play, template: str) -> None:
    """Approve the letter of this kind that waits, whatever else does."""
    (letter,) = play.messages(template=template, state="draft")
    (task,) = [t for t in play.tasks() if t.objects.get("message_id") == letter.id]
    actor = Actor("coordinator", "c1")
    decide(play.world, require_id(task.id), answer="approve", actor=actor)
    play.run()


def second(play: Play, kind: str) -> None:
    """Let a second person confirm what no document shows."""
    play.answer(kind, "ask_second", "seen in a call")
    play.answer("confirm_word", "confirmed", "seen in the original")


def accept(play: Play) -> None:
    """The family accepts the offer; the passports are checked by two people."""
    with Session(play.world.engine) as session:
        mine = col(Offer.case_id) == play.case_id, col(Offer.state) == "presented"
        (offer,) = session.scalars(select(col(Offer.id)).where(*mine))
    play.answer("record_patient_decision", "accepted", offer=str(offer))
    second(play, "confirm_admission")


def signed_waiver(play: Play) -> str:
    """Put the waiver that the family signed into the case; return its number."""
    play.add(documents.signed_waiver(ROSA, today(play)))
    with Session(play.world.engine) as session:
        found = session.scalars(select(col(Document.id)).order_by(col(Document.id).desc())).first()
    return str(found)


@Remembered
def to_surgery(play: Play, iort_delivered: str = "yes") -> None:
    to_decision(play)
    accept(play)
    play.answer("confirm_admission", "confirmed", **AGREED)
    play.answer("report_progress", "letter_verified")
    play.answer("report_progress", "granted", valid_until="2027-05-08")
    settle_blockers(play)
    play.answer("report_progress", "departed", departure_date=today(play))
    play.answer("report_progress", "arrived")
    play.move(78)
    play.answer("report_progress", "admitted")
    play.answer(
        "report_progress", "operated", surgery_date="2027-02-09", iort_delivered=iort_delivered
    )


@Remembered
def to_home(play: Play) -> None:
    """Discharged, flown with a waiver of the final pathology, at home on 20 February."""
    to_surgery(play)
    play.move(4)
    play.answer("report_progress", "discharged", discharge_date="2027-02-13")
    settle_blockers(play, "fly_home")
    second(play, "report_progress")
    play.answer(
        "report_progress",
        "cleared",
        "the waiver that the family signed on paper",
        flight_date="2027-02-20",
        waiver_signed="yes",
        waiver_document=signed_waiver(play),
    )
    play.move(7)
    play.answer("report_progress", "home", date="2027-02-20")


def today(play: Play) -> str:
    return play.clock.now().date().isoformat()


def settle_blockers(play: Play, gate: Gate = "go_no_go") -> None:
    """Mark everything done that blocks a gate, as a coordinator does on the page, in its order.

    The certificate and the final pathology are settled by the answer that clears the flight.
    """
    with Session(play.world.engine) as session:
        items = open_before(session, play.world, play.case_id, gate)
        open_items = [
            require_id(item.id) for item in items if item.code not in (FINAL_PATHOLOGY, FIT_TO_FLY)
        ]
    for item_id in open_items:
        answer_item(play.world, play.case.ref, item_id, "done", Actor("coordinator", "c1"))
    play.run()


class BrokenReader:
    """A reader of documents that fails."""

    def read(
        self, content: bytes, *, password: str | None = None, turn: Turn | None = None
    ) -> ReadDocument:
        raise StorageError("timeout")


def wear_out(play: Play) -> None:
    """Move the clock until nothing is tried again."""
    play.run()
    for _ in range(play.world.settings.step_max_attempts):
        play.clock.move(timedelta(hours=13))
        play.run()
