"""Which answers ask anew who is there: signatures, letters that take care, erasures."""

from models import Message
from models.database import transaction
from views.asking import LETTER, Background
from workflows.decisions import QUESTIONS
from workflows.engine.world import World
from workflows.letters.four_eyes import takes_care

SIGNERS = frozenset({"clinician"})
ERASURE = ("confirm_erasure", "erase")


def asks_anew(world: World, about: Background, answer: str) -> bool:
    """Say whether a code or the password is asked before this answer is taken."""
    question = QUESTIONS.get(about.task.kind)
    if question is not None and question.roles == SIGNERS:
        return True
    if (about.task.kind, answer) == ERASURE:
        return True
    if about.task.kind != LETTER or answer != "approve" or about.message is None:
        return False
    with transaction(world.engine) as session:
        message = session.get(Message, about.message.id)
        return message is not None and takes_care(session, message)
