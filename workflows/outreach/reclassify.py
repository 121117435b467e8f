"""Asking again what kind of answer a hospital's letter is: the first look may have been wrong."""

from sqlalchemy import select
from sqlmodel import col

from models import HumanTask, Message, OutreachThread
from models.base import require_id
from models.database import transaction
from workflows.engine.deciding import COORDINATORS, DecisionRefused
from workflows.engine.lookup import RowNotFound, case_by_ref, get
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor

KIND = "confirm_reply"


def ask_class_again(world: World, ref: str, message_id: int, actor: Actor) -> int:
    """Open the question what kind of answer a letter is, and return the task's id.

    Needed where a rule classed it without a person, or a person changes their mind. What the old
    class started stays; the new answer is recorded beside it. Raises `DecisionRefused`,
    `CaseNotFound`, and `RowNotFound` for a letter that is not of this case.
    """
    if actor.type not in (*COORDINATORS, "administrator"):
        raise DecisionRefused("Only a coordinator or lead may ask this.")
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        case = recorder.case(require_id(case_by_ref(session, ref).id))
        message = get(session, Message, message_id)
        if message.case_id != case.id or message.direction != "in" or message.thread_id is None:
            raise RowNotFound(f"the case has no hospital's letter {message_id}")
        if case.closed_at is not None:
            raise DecisionRefused("The case is closed.")
        thread = get(session, OutreachThread, message.thread_id)
        objects = {
            "thread_id": require_id(thread.id),
            "hospital_id": thread.hospital_id,
            "message_id": message_id,
        }
        task_id = recorder.request(KIND, case_id=case.id, objects=objects, detail="class_again")
        if task_id is None:
            task_id = session.scalars(
                select(col(HumanTask.id)).where(
                    col(HumanTask.case_id) == case.id,
                    col(HumanTask.kind) == KIND,
                    col(HumanTask.state) == "open",
                    col(HumanTask.objects)["message_id"].as_integer() == message_id,
                )
            ).one()
        due = recorder.flush()
    world.doorbell.ring(due)
    return require_id(task_id)
