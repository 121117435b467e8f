"""A letter that came in, read whole: who wrote it, what is new, what it says, whom to believe.

This is what the case works with and what `iort letter read` prints, so that anybody can see how a
mail is read. Nothing here decides: a class is a proposal, and None where a person must look.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from correspondence.classify import ReplyClass, classify_reply
from correspondence.incoming.letter import InboundLetter, parse_inbound
from correspondence.incoming.paired import Paired, paired

READ_FROM = 0.65
"""Below this confidence a class is no proposal: a person looks without one."""


@dataclass(frozen=True, slots=True)
class LetterRead:
    """A letter and what was made of it; `proposal` is None where a person must look, `answers` are
    what was written to numbered questions of ours.
    """

    letter: InboundLetter
    proposal: ReplyClass | None
    answers: Sequence[Paired] = ()


def proposal_for(letter: InboundLetter) -> ReplyClass:
    """Return what a letter is proposed as: its class, or "other" without facts where the rules are
    not sure enough to say more than that a person must look.
    """
    found = classify_reply(letter)
    if found.confidence >= READ_FROM:
        return found
    return ReplyClass("other", found.confidence, {}, found.signs)


def read_letter(raw: bytes, ours: Sequence[str] = ()) -> LetterRead:
    """Read a raw message (RFC 5322). `ours` are texts of letters of ours that it may quote.

    Never raises: what cannot be read is listed in the letter's `defects`.
    """
    letter = parse_inbound(raw, ours)
    proposal = proposal_for(letter)
    sure = proposal.reply_class not in ("other", "bounce")
    answers = paired(letter.text, letter.new_text, ours)
    return LetterRead(letter, proposal if sure else None, answers)


def as_json(read: LetterRead) -> dict[str, object]:
    """Return what `iort letter read --json` prints: plain JSON values, no bytes of files."""
    letter, proposal = read.letter, read.proposal
    facts: dict[str, object] = dict(proposal.facts) if proposal else {}
    if letter.report is not None:
        stated = {"status": letter.report.status, "permanent": letter.report.permanent}
        facts = {name: value for name, value in stated.items() if value is not None}
    return {
        "machine": letter.machine,
        "class": proposal.reply_class if proposal else None,
        "confidence": proposal.confidence if proposal else None,
        "facts": facts,
        "new_text": letter.new_text,
        "answers": [asdict(one) for one in read.answers],
        "files": [
            {"name": name, "media_type": media_type, "bytes": len(content)}
            for name, media_type, content, shown in letter.papers()
            if not shown
        ],
        "trust": {
            "standing": letter.trust.standing,
            "spf": letter.trust.spf,
            "dkim": letter.trust.dkim,
            "dmarc": letter.trust.dmarc,
            "said_by": letter.trust.by or None,
            "from": letter.from_address,
        },
        "subject": letter.subject,
        "defects": list(letter.defects),
    }
