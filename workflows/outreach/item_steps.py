"""What hospitals ask for: the family reminded, the hospital told, the answers written."""

from sqlalchemy import select
from sqlmodel import Session, col

from models import MoreInfoItem, OutreachThread
from workflows.declared import Raises
from workflows.engine.lookup import get
from workflows.engine.work import Unit, cheap
from workflows.letters.leaving import may_be_shared
from workflows.letters.to_hospitals import about
from workflows.outreach.item_answers import all_settled, untold
from workflows.outreach.open_threads import see_on
from workflows.outreach.writing import DRAFTING, draft

ASKING = ("follow_thread", "confirm_deletion")


def _asked_of_family(session: Session, thread: OutreachThread) -> bool:
    """Return whether the family still has something to send for this hospital."""
    if thread.state == "closed":
        return False
    asked = select(col(MoreInfoItem.id)).where(
        col(MoreInfoItem.thread_id) == thread.id, col(MoreInfoItem.state) == "asked_family"
    )
    return session.scalars(asked.limit(1)).first() is not None


@cheap(
    "outreach.draft_answer",
    words="the answers to a hospital's questions are written",
    stopped="The answers to a hospital's questions were not written",
    patient="The hospital waits for what the family has long sent.",
    raises=Raises(events=DRAFTING, requests=ASKING, letters=("M14",)),
)
def draft_answer(unit: Unit) -> None:
    """Write the answers when all is settled, for a person to read and approve."""
    thread = get(unit.session, OutreachThread, unit.object_id("thread_id"))
    items = untold(unit.session, unit.object_id("thread_id"))
    if items and all_settled(items) and may_be_shared(unit.session, thread):
        draft(unit, thread, "M14")
    see_on(unit.recorder, thread, unit.cause, unit.row.id)


@cheap(
    "outreach.nudge_items",
    words="the family is reminded of what a hospital asks for",
    stopped="The family was not reminded of what a hospital asks for",
    patient="The hospital waits, and the family may not know it.",
    raises=Raises(requests=("M13",), letters=("M13",)),
)
def nudge_items(unit: Unit) -> None:
    """Remind the family once by letter of what is still asked for."""
    thread = get(unit.session, OutreachThread, unit.object_id("thread_id"))
    if _asked_of_family(unit.session, thread):
        unit.request("M13", about(thread))


@cheap(
    "outreach.tell_longer",
    words="a hospital hears that its questions take longer",
    stopped="A hospital was not told that its questions take longer",
    patient="The hospital may put the case aside.",
    raises=Raises(events=DRAFTING, requests=("call_for_items",), letters=("M14",)),
)
def tell_longer(unit: Unit) -> None:
    """The family's time is over: a person calls them, and the hospital is told how it stands."""
    thread = get(unit.session, OutreachThread, unit.object_id("thread_id"))
    if not _asked_of_family(unit.session, thread):
        return
    unit.request("call_for_items", about(thread))
    if may_be_shared(unit.session, thread):
        draft(unit, thread, "M14")
