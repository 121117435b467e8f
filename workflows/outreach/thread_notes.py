"""Notes beside a thread with a hospital: for colleagues, and never a part of any letter."""

from models import ThreadNote
from models.base import require_id
from models.database import transaction
from workflows.engine.deciding import COORDINATORS, DecisionRefused, check_text, seen_only
from workflows.engine.lookup import case_by_ref
from workflows.engine.not_there import check_not_erased
from workflows.engine.world import World
from workflows.events import Actor
from workflows.outreach.free_letters import thread_in

MOST_CHARACTERS = 4_000
MAY_NOTE = (*COORDINATORS, "clinician")


def add_note(world: World, ref: str, thread_id: int, words: str, actor: Actor) -> int:
    """Write a note down; return its number.

    Raises `DecisionRefused` for a blank or endless one, `CaseErased`, `RowNotFound`.
    """
    if actor.type not in MAY_NOTE:
        raise DecisionRefused("Only who sees patients may write a note.")
    if not seen_only(words).strip():
        raise DecisionRefused("Write the note: it is empty.")
    if len(words) > MOST_CHARACTERS:
        raise DecisionRefused(f"The note is too long: write at most {MOST_CHARACTERS} characters.")
    check_text("the note", words)
    with transaction(world.engine) as session:
        case = case_by_ref(session, ref)
        check_not_erased(case)
        thread = thread_in(session, case, thread_id)
        note = ThreadNote(
            case_id=require_id(case.id),
            thread_id=require_id(thread.id),
            words=words.strip(),
            written_by=actor.ref[:40],
            written_at=world.clock.now(),
        )
        session.add(note)
        session.flush()
        return require_id(note.id)
