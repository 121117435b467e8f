"""What the rarer answers of hospitals start: a day, another address, a letter to the patient, a
letter about several patients, a letter that came back in a person's words.
"""

from models import Message, OutreachThread
from models.base import require_id
from workflows.declared import Raises
from workflows.engine.deciding import Deciding, DecisionRefused
from workflows.letters.placing import KIND as PLACING
from workflows.letters.to_hospitals import about
from workflows.outreach.free_letters import begin_letter
from workflows.outreach.writing import DRAFTING

SEVERAL = "several_patients"
"""Why a person places a letter: it speaks of more patients than the one of its thread."""
NAMED_DATE = Raises(events=("hospital.named_date",))
INVITED = Raises(events=("invitation.received",))
REDIRECTS = Raises(requests=("confirm_redirect",))
WROTE_TO_PATIENT = Raises(events=DRAFTING, letters=("M64",))
CAME_BACK = Raises(events=("outreach.delivery_updated",))
OF_SEVERAL = Raises(requests=(PLACING,))


def named_date(deciding: Deciding, thread: OutreachThread, message: Message) -> None:
    """Note the day that they named: the question of the admission shows it, or one is asked."""
    admission, surgery = deciding.day("admission_date"), deciding.optional_day("surgery_date")
    if surgery is not None and surgery < admission:
        raise DecisionRefused("The operation cannot be before the admission.")
    objects = about(thread, message)
    operated = surgery.isoformat() if surgery else None
    days = {"admission_date": admission.isoformat(), "surgery_date": operated}
    scheduling = deciding.case.state == "ADMISSION_SCHEDULING"
    deciding.record("hospital.named_date", {**objects, **days, "scheduling": scheduling}, objects)


def invitation_came(deciding: Deciding, thread: OutreachThread, message: Message) -> None:
    """Note that the letter came; a person compares it with the file."""
    deciding.record("invitation.received", {}, about(thread, message))


def redirected(deciding: Deciding, thread: OutreachThread, message: Message) -> None:
    """Ask whether the directory changes; nothing goes to the new address before."""
    deciding.request("confirm_redirect", about(thread, message))


def wrote_to_patient(deciding: Deciding, thread: OutreachThread, message: Message) -> None:
    """Draft the request to copy us; a person approves it."""
    begin_letter(deciding, thread, "copy_us", answers=message)


def came_back(deciding: Deciding, thread: OutreachThread, message: Message) -> None:
    """A letter of ours did not arrive, as a server or a person wrote in their own words."""
    thread.state = "bounced"
    objects = about(thread, message)
    payload = {"thread_id": objects["thread_id"], "message_id": objects["message_id"]}
    deciding.record("outreach.delivery_updated", {**payload, "status": "hard_bounce"}, objects)


def of_several(deciding: Deciding, _: OutreachThread, message: Message) -> None:
    """Nothing moves by itself: a person gives the letter to each case that it speaks of."""
    deciding.request(PLACING, {"message_id": require_id(message.id)}, detail=SEVERAL)
