"""What follows the family's no to one offer: its hospital is told, and asked to delete."""

from models import OutreachThread
from workflows.declared import Raises
from workflows.engine.lookup import get
from workflows.engine.work import Unit, cheap
from workflows.letters.leaving import ASKS_TO_DELETE
from workflows.letters.offer_rows import ALIVE, offers_in
from workflows.outreach.corrections import told_to
from workflows.outreach.open_threads import CLOSING, close_thread
from workflows.outreach.writing import DRAFTING, draft


@cheap(
    "outreach.close_declined",
    words="a hospital whose offer was declined is told",
    stopped="A hospital whose offer was declined was not told",
    patient="The hospital may keep a place, and keeps what it was sent.",
    raises=Raises(events=(*DRAFTING, *CLOSING), letters=(ASKS_TO_DELETE,)),
)
def close_declined(unit: Unit) -> None:
    """Close the thread of a declined offer, unless a newer one of the hospital stands."""
    thread = get(unit.session, OutreachThread, unit.object_id("thread_id"))
    alive = offers_in(unit.session, unit.case_id, ALIVE)
    if thread.state == "closed" or any(one.thread_id == thread.id for one in alive):
        return
    close_thread(unit, thread, "patient_chose_other")
    if told_to(unit.session, thread) is not None:
        draft(unit, thread, ASKS_TO_DELETE)
