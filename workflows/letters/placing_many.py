"""The old letters of one sender, given to their place in one go: never a question for each."""

from functools import partial

from sqlalchemy import func, or_, select
from sqlmodel import col

from accounts.people import says_something
from models import InboundMail, Message
from models.base import require_id
from models.database import transaction
from models.findable import of_sender
from workflows.engine.deciding import DecisionRefused
from workflows.engine.lookup import get
from workflows.engine.not_there import check_not_erased
from workflows.engine.outside import with_outside
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor
from workflows.letters.archived import TO_PLACE
from workflows.letters.placing import lay_aside, note_state, open_question, place_of, put_archived

AT_ONCE = 200


def place_sender(
    world: World, message_id: int, place: str, reason: str, actor: Actor
) -> tuple[int, int]:
    """Give all the old letters of a letter's sender to a case or thread, or set them aside.

    Set aside where `place` is empty, with the reason. A letter without a sender goes alone.

    Returns how many were placed, and how many of the sender wait still: at most `AT_ONCE` go at
    once. Raises `DecisionRefused`, also without a place and a reason, `CaseErased`, `RowNotFound`.
    """
    if not place.strip() and not says_something(reason):
        raise DecisionRefused("Name a case or a thread, or say why the letters are set aside.")
    with transaction(world.engine) as session:
        if place.strip():
            place_of(session, place)
        sender = get(session, Message, message_id).address_mark
        same = of_sender(col(Message.address_mark), sender)
        own = (col(InboundMail.state) == TO_PLACE, or_(col(Message.id) == message_id, same))
        ids = session.scalars(
            select(col(Message.id))
            .join(InboundMail, col(InboundMail.message_row_id) == col(Message.id))
            .where(*own)
            .order_by(col(Message.id))
            .limit(AT_ONCE)
        ).all()
    # Each by itself: the store is asked for every letter, and holds up no case meanwhile.
    placed = sum(
        with_outside(partial(_place_one, world, require_id(one), place, reason, actor))
        for one in ids
    )
    with transaction(world.engine) as session:
        left = session.scalar(
            select(func.count())
            .select_from(InboundMail)
            .join(Message, col(InboundMail.message_row_id) == col(Message.id))
            .where(*own)
        )
    return placed, left or 0


def _place_one(world: World, message_id: int, place: str, reason: str, actor: Actor) -> bool:
    """Place a letter that still waits; what somebody looks at by itself is placed there."""
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        to = place_of(session, place) if place.strip() else None
        if to is not None:
            check_not_erased(recorder.case(to.case_id))
        message = session.scalars(
            select(Message)
            .join(InboundMail, col(InboundMail.message_row_id) == col(Message.id))
            .where(col(Message.id) == message_id, col(InboundMail.state) == TO_PLACE)
            .with_for_update()
        ).first()
        if message is None or open_question(session, message_id) is not None:
            return False
        if to is None:
            lay_aside(session, message, reason.strip(), actor, recorder.now)
        else:
            note_state(session, message, "matched")
            put_archived(world, recorder, message, to, actor)
        due = recorder.flush()
    world.doorbell.ring(due)
    return True
