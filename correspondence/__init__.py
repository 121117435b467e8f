"""Letters out and letters in.

Out: texts are data under `playbooks/letters/`; here they are rendered, checked by rules (lint)
and composed into one message whose bytes depend on nothing but the arguments. In: a raw message
becomes an `InboundLetter`, is matched to its thread, recognised when a machine wrote it, freed of
quoted text and proposed a class with the facts it states. A mail is a claim, not an identity:
nothing here decides, and most proposals want a person's confirmation. Pure: no sockets, no clock.
"""

from correspondence.classify import CLASSIFIER_VERSION, ReplyClass
from correspondence.danger import Danger, read_danger
from correspondence.danger_words import DangerWords, load_danger
from correspondence.incoming.letter import InboundLetter, parse_inbound
from correspondence.letter_words import LetterError
from correspondence.letters import Letter, Letters
from correspondence.lint import LintProblem, lint, names_anywhere
from correspondence.mime import compose_mime, message_id_for
from correspondence.names import name_parts
from correspondence.reading import proposal_for
from correspondence.threads import ThreadCandidate, ThreadMatch, match_thread
from correspondence.tokens import reply_address, reply_token, verify_reply_token

__all__ = [
    "CLASSIFIER_VERSION",
    "Danger",
    "DangerWords",
    "InboundLetter",
    "Letter",
    "LetterError",
    "Letters",
    "LintProblem",
    "ReplyClass",
    "ThreadCandidate",
    "ThreadMatch",
    "compose_mime",
    "lint",
    "load_danger",
    "match_thread",
    "message_id_for",
    "name_parts",
    "names_anywhere",
    "parse_inbound",
    "proposal_for",
    "read_danger",
    "reply_address",
    "reply_token",
    "verify_reply_token",
]
