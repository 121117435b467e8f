"""Where the reports about a letter of ours go: an address of ours that names the letter itself.

A report that quotes nothing and names no id is placed all the same (VERP), and nobody can make one
up: the address carries a token that only a receiver of the letter has seen.
"""

from correspondence import message_id_for, reply_address, reply_token
from correspondence.tokens import TokenKind
from workflows.engine.world import World


def return_path(world: World, kind: TokenKind, number: int) -> str:
    """Return the envelope sender of a letter ("letter"), an alarm, or the link of an inquiry.

    The plain mailbox where the relay takes no other sender (`IORT_MAIL_RETURN_PATHS`).
    """
    mailbox = world.settings.mail_from
    if not world.settings.mail_return_paths:
        return mailbox
    return reply_address(mailbox, reply_token(number, world.keys.ring, kind))


def answers_to(world: World, kind: TokenKind, number: int) -> str:
    """Return the address that answers about a thread or a case come back to."""
    return reply_address(world.settings.mail_from, reply_token(number, world.keys.ring, kind))


def own_message_id(world: World, key: str) -> str:
    """Return the Message-ID of a letter of ours: the same for the same key, known to us alone."""
    return message_id_for(key, world.settings.mail_from.rpartition("@")[2], world.keys.marks)
