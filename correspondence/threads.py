"""Which thread does a letter belong to?

In this order: the token in our reply address, the ids of our letters it answers, the case
reference in the subject, the sender with exactly one open thread. The last two are guesses that a
person confirms; anything else goes to a person at once.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from correspondence.incoming.letter import InboundLetter
from correspondence.tokens import tokens_in, verify_reply_token

MatchedBy = Literal["token", "references", "subject_ref", "sender_manual"]

_CASE_REF = re.compile(r"\bCFX-\d{2}-\d{5,7}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ThreadCandidate:
    """A thread that a letter could belong to. Addresses are those known of the hospital."""

    thread_id: int
    case_ref: str
    message_ids: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    open: bool = True


@dataclass(frozen=True, slots=True)
class ThreadMatch:
    """The thread, how it was found, whether a person must confirm it, and whether the sender is
    an address known of that hospital (if not: "unverified", whatever the letter says).
    """

    thread_id: int
    matched_by: MatchedBy
    confirm: bool
    sender_known: bool


def match_thread(
    letter: InboundLetter, candidates: Iterable[ThreadCandidate], secret: str
) -> ThreadMatch | None:
    """Return the thread a letter belongs to, or None: then a person looks."""
    threads = list(candidates)
    by_id = {thread.thread_id: thread for thread in threads}
    for token in tokens_in(letter.to_addresses):
        thread_id = verify_reply_token(token, secret)
        if thread_id is not None and thread_id in by_id:
            return _match(letter, by_id[thread_id], "token", confirm=False)
    answered = {*letter.references, *([letter.in_reply_to] if letter.in_reply_to else [])}
    hits = [thread for thread in threads if answered & thread.message_ids]
    if len(hits) == 1:
        return _match(letter, hits[0], "references", confirm=False)
    if letter.machine == "bounce":  # letters to a family carry the case's reference as well
        return None
    refs = {ref.upper() for ref in _CASE_REF.findall(letter.subject)}
    if len(refs) == 1:
        of_case = [thread for thread in threads if thread.case_ref.upper() in refs]
        if one := _only(letter, of_case):
            return _match(letter, one, "subject_ref", confirm=True)
    from_sender = [t for t in threads if t.open and letter.from_address in t.addresses]
    if len(from_sender) == 1 and not refs:
        return _match(letter, from_sender[0], "sender_manual", confirm=True)
    return None


def _only(letter: InboundLetter, threads: Sequence[ThreadCandidate]) -> ThreadCandidate | None:
    """Return the one thread among those of a case: the sender's, or its domain's, or the only."""
    domain = letter.from_address.rpartition("@")[2]
    for chosen in (
        [t for t in threads if letter.from_address in t.addresses],
        [t for t in threads if domain and domain in {a.rpartition("@")[2] for a in t.addresses}],
    ):
        if len(chosen) == 1:
            return chosen[0]
    return threads[0] if len(threads) == 1 else None


def _match(
    letter: InboundLetter, thread: ThreadCandidate, matched_by: MatchedBy, *, confirm: bool
) -> ThreadMatch:
    return ThreadMatch(
        thread.thread_id, matched_by, confirm, letter.from_address in thread.addresses
    )
