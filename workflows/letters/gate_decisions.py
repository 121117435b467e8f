"""What a person does about a message that could not be read out of the mailbox."""

from models import MailboxMessage
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, Question, Trouble, nothing
from workflows.engine.lookup import get
from workflows.letters.gate import SET_ASIDE


def _again(deciding: Deciding) -> None:
    """Have it tried with the next poll, as if for the first time."""
    get(deciding.session, MailboxMessage, deciding.object_id("mailbox_message_id")).attempts = 0


QUESTIONS = {
    SET_ASIDE: Question.of(
        "A message lies in the mailbox and cannot be read",
        COORDINATORS,
        {
            "again": Choice(
                "Try to read it once more",
                _again,
                will="The next reading of the mailbox, within a minute, tries this message again.",
            ),
            "by_hand": Choice(
                "I have read it in the mailbox; what it says is dealt with",
                nothing,
                reason=True,
                will="The message stays in the mailbox and is not taken into any case.",
            ),
        },
        trouble=Trouble(
            stopped="A message lies in the mailbox and cannot be read",
            patient="It may be a hospital's answer or a patient's question that nobody reads.",
            do="Open the mailbox, find the message by its number, and read it there.",
            codes={"*": Trouble(stopped="Message {code} of the mailbox cannot be read")},
        ),
    )
}
