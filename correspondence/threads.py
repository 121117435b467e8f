"""Which thread does a letter belong to, and is that sure enough to let it move anything?

In this order: the token in our reply address, the ids of our letters it answers, the case
reference in the subject, the sender with exactly one open thread. A mail is a claim: what speaks
against the match, or is only a guess, is a doubt with its reason, and a person looks.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from correspondence.incoming.letter import InboundLetter
from correspondence.lookalikes import looks_like
from correspondence.tokens import named_in
from keys import Ring

MatchedBy = Literal["token", "references", "subject_ref", "sender_manual"]
Doubt = Literal[
    "not_authentic", "two_threads", "other_case", "only_reference", "only_sender", "look_alike"
]
"""Why a match is not enough: the receiving server says that the sender is forged; tokens of two
threads; a token of one case and the reference of another; nothing but a reference that anybody can
write; nothing but an address that anybody can write; a domain that may be taken for the hospital's.
"""

CASE_REF = re.compile(r"\bCFX-\d{2}-\d{5,7}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ThreadCandidate:
    """A thread that a letter could belong to. Addresses are those known of the hospital, `letters`
    the ids of ours in it whose return path the letter came to.
    """

    thread_id: int
    case_ref: str
    message_ids: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    letters: frozenset[int] = frozenset()
    open: bool = True


@dataclass(frozen=True, slots=True)
class ThreadMatch:
    """The thread, how it was found, what speaks against it (None: nothing), and whether the sender
    is an address known of that hospital (if not: "unverified", whatever the letter says).
    """

    thread_id: int
    matched_by: MatchedBy
    doubt: Doubt | None
    sender_known: bool


def references_in(text: str) -> frozenset[str]:
    """Return the case references written in a text, in capitals."""
    return frozenset(ref.upper() for ref in CASE_REF.findall(text))


def match_thread(
    letter: InboundLetter, candidates: Iterable[ThreadCandidate], ring: Ring
) -> ThreadMatch | None:
    """Return the thread a letter belongs to, or None: then a person looks."""
    threads = list(candidates)
    refs = references_in(letter.subject)
    answered = set(letter.answered)
    named = _named(letter, threads, ring)
    if named:
        doubt: Doubt | None = "two_threads" if len(named) > 1 else None
        if letter.report is not None and _elsewhere(named[0], threads, answered):
            doubt = "two_threads"
        if refs and named[0].case_ref.upper() not in refs:
            doubt = doubt or "other_case"
        return _match(letter, named[0], "token", doubt)
    hits = [thread for thread in threads if answered & thread.message_ids]
    if len(hits) == 1:
        other = refs and hits[0].case_ref.upper() not in refs
        return _match(letter, hits[0], "references", "other_case" if other else None)
    if letter.report is not None:  # letters to a family carry the case's reference as well
        return None
    if len(refs) == 1:
        of_case = [thread for thread in threads if thread.case_ref.upper() in refs]
        if one := _only(letter, of_case):
            sure = letter.trust.standing == "authentic" and letter.from_address in one.addresses
            return _match(letter, one, "subject_ref", None if sure else "only_reference")
    from_sender = [t for t in threads if t.open and letter.from_address in t.addresses]
    if len(from_sender) == 1 and not refs:
        return _match(letter, from_sender[0], "sender_manual", "only_sender")
    return None


def _named(
    letter: InboundLetter, threads: Sequence[ThreadCandidate], ring: Ring
) -> list[ThreadCandidate]:
    """Return the threads that the letter's tokens prove, in their order, each once."""
    found: dict[int, ThreadCandidate] = {}
    for kind, number in named_in(letter.to_addresses, ring):
        for thread in threads:
            of_letter = kind == "letter" and number in thread.letters
            if of_letter or (kind, number) == ("thread", thread.thread_id):
                found[thread.thread_id] = thread
    return list(found.values())


def _elsewhere(
    named: ThreadCandidate, threads: Iterable[ThreadCandidate], answered: set[str]
) -> bool:
    """Return whether a report is about a letter of another thread than the one it was sent to."""
    return any(answered & thread.message_ids for thread in threads if thread is not named)


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
    letter: InboundLetter, thread: ThreadCandidate, matched_by: MatchedBy, doubt: Doubt | None
) -> ThreadMatch:
    known = letter.from_address in thread.addresses
    if letter.report is None and not known and _is_made_to_look_like(letter, thread):
        doubt = "look_alike"
    if letter.report is None and letter.trust.standing == "not_authentic":
        doubt = "not_authentic"
    return ThreadMatch(thread.thread_id, matched_by, doubt, known)


def _is_made_to_look_like(letter: InboundLetter, thread: ThreadCandidate) -> bool:
    """Return whether the sender's domain may be taken for the hospital's, and is another.

    Who has read a mailbox has its tokens, too.
    """
    houses = [address.rpartition("@")[2] for address in thread.addresses]
    return looks_like(letter.from_address.rpartition("@")[2], houses) is not None
