"""A letter that came in, as a person reads it: what is new, the whole, and what it seems to say.

Holds personal data: whoever asks is audited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import col

from accounts.audit import note
from adapters.storage import StorageError
from correspondence import parse_inbound, proposal_for
from correspondence.incoming.paired import Paired, paired
from correspondence.incoming.trust import Trust
from correspondence.lookalikes import looks_like
from correspondence.own_page import masked_mail
from models import Hospital, Message, OutreachThread
from models.database import transaction
from views.files import FileMissing
from views.shown import ShownMessage
from workflows.engine.lookup import get
from workflows.engine.words import in_words
from workflows.engine.world import World
from workflows.letters.inbound import our_letters
from workflows.letters.origin import origin_of
from workflows.outreach.senders import WHY, why_unsure

FACT_WORDS = {
    "amount_low": "amount from",
    "amount_high": "amount to",
    "deposit_amount": "deposit",
    "deposit_pct": "deposit, per cent",
    "ebrt_low": "later radiotherapy from",
    "ebrt_high": "later radiotherapy to",
    "stay_days_low": "days in hospital from",
    "stay_days_high": "days in hospital to",
    "city_days_low": "days in the city from",
    "city_days_high": "days in the city to",
    "earliest_admission": "earliest admission",
    "valid_until": "valid until",
    "ambiguous_dates": "dates that can be read two ways",
    "return_date": "back on",
    "deputies": "deputies named",
    "addresses": "addresses named",
    "items": "asks for",
    "reason": "reason",
    "doctor": "doctor named",
}


CHECKED = {"pass": "holds", "fail": "fails", "unsure": "says nothing of this address"}
LIKENESS = {
    "letters": "letters that look alike",
    "one_letter": "one letter is different",
    "ending": "another ending",
    "more": "the same name with more around it",
}
ORIGINS = {
    "authentic": "It is proven to be from this address's house.",
    "not_authentic": "It is NOT from there: it may be forged.",
    "not_stated": "Nothing proves who sent it.",
}
UNREAD = "A name could not be looked up; it is looked at again by itself."
DEFECTS = {
    "message_cut": "The letter is too long: its end is not here.",
    "file_cut": "A file at its end is cut off and was left out.",
    "headers_cut": "It has very many recipients; not all are kept.",
    "text_cut": "The text is too long: its end is not here.",
    "charset": "The letters of its text had to be guessed.",
    "no_body": "It has no text.",
    "nested_too_deeply": "Parts lie too deep in it to be read.",
    "too_many_parts": "It has too many parts; not all are here.",
    "from_ambiguous": "It names two senders: neither is believed.",
    "from_missing": "It names no sender.",
    "winmail_cut": "Not all of its winmail.dat could be unpacked.",
    "part_undecodable": "A part of it cannot be decoded.",
}
"""What was wrong with a letter, for whoever reads it; other codes are shown as they are."""


@dataclass(frozen=True, slots=True)
class LetterIn:
    """One letter. `whole` is None when the original cannot be read now.

    `proposal` is the class that the rules see in it, with how sure they are (0 to 1), and `facts`
    what it seems to state, in words: a person compares them with the text. `origin` says whether
    it comes from where it says, `defects` what could not be read of it. `answers` are what was
    written to numbered questions of our letter.
    """

    message: ShownMessage
    whole: str | None
    attachments: Sequence[str]
    proposal: str | None
    confidence: float | None
    facts: Sequence[tuple[str, str]]
    origin: str = ""
    defects: Sequence[str] = ()
    answers: Sequence[Paired] = ()
    unsure: str = ""
    """Why the sender is no known person of the hospital for sure, in a sentence."""


def letter_in(world: World, message: ShownMessage) -> LetterIn:
    """Return a received letter from its original bytes; without them from what was kept."""
    proposal, confidence = message.reply_class, message.reply_confidence
    try:
        raw = world.storage.get(message.raw_object_key or "")
    except StorageError:
        return LetterIn(message, None, (), proposal, confidence, ())
    letter = parse_inbound(raw, believed=world.settings.own_mail_servers)
    with transaction(world.engine) as session:
        trust = origin_of(session, message.id) or letter.trust
    facts, answers, unsure = [], list[Paired](), ""
    if message.thread_id is not None:
        with transaction(world.engine) as session:
            thread = get(session, OutreachThread, message.thread_id)
            ours = our_letters(session, thread.case_id, thread)
            doubt = why_unsure(session, world, thread, get(session, Message, message.id))
            unsure = WHY[doubt] if doubt else ""
        letter = letter.without(ours)
        answers = paired(letter.text, letter.new_text, ours)
        facts = _in_words(proposal_for(letter).facts)
    names = [name for name, _media_type, _content in letter.attachments]
    more = letter.text.strip() != message.body.strip()
    return LetterIn(
        message,
        letter.text if more else "",
        names,
        proposal,
        confidence,
        facts,
        " ".join([*_origin(trust), *_look_alike(world, letter.from_address)]),
        [DEFECTS.get(code, in_words(code.split(":")[0])) for code in letter.defects],
        answers,
        unsure,
    )


def _origin(trust: Trust) -> list[str]:
    """Return what is known of where a letter is from, in sentences."""
    told = [ORIGINS[trust.standing]]
    checks = {"the signature (DKIM)": trust.dkim, "the sending server (SPF)": trust.spf}
    checks["the domain's own rule (DMARC)"] = trust.dmarc
    words = [f"{name} {CHECKED[said]}" for name, said in checks.items() if said != "none"]
    if words:
        told.append(f"By {trust.by or 'its mail server'}: {', '.join(words)}.")
    return [*told, UNREAD] if trust.unread else told


def _look_alike(world: World, address: str) -> list[str]:
    """Say that a sender's domain may be taken for a hospital's, and why."""
    domain = address.rpartition("@")[2]
    with transaction(world.engine) as session:
        emails = session.scalars(select(func.lower(col(Hospital.email))).distinct())
        found = looks_like(domain, [email.rpartition("@")[2] for email in emails if email])
    if found is None:
        return []
    how = LIKENESS[found.how]
    return [f"BE CAREFUL: {domain} looks like {found.domain} and is another ({how})."]


def original_letter(world: World, message_id: int, who: str) -> bytes:
    """Return the bytes of a received letter as they came, and note who took them.

    Only a link to the patient's page that it quotes is masked: that is for the patient alone.

    Raises `FileMissing` where there is none, or the store does not give it.
    """
    with transaction(world.engine) as session:
        message = session.get(Message, message_id)
        if message is None or message.direction != "in" or not message.raw_object_key:
            raise FileMissing("There is no such letter.")
        key = message.raw_object_key
        note(
            session,
            actor_ref=who,
            action="letter.downloaded",
            at=world.clock.now(),
            object_ref=f"message:{message_id}",
            case_id=message.case_id,
        )
    try:
        return masked_mail(world.storage.get(key))
    except StorageError:
        raise FileMissing("There is no such letter.") from None


def _in_words(facts: Mapping[str, object]) -> list[tuple[str, str]]:
    shown = []
    for name, value in facts.items():
        parts = value if isinstance(value, list | tuple) else [value]
        words = ", ".join(_plain(part) for part in parts)
        shown.append((FACT_WORDS.get(name, in_words(name)), words))
    return shown


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,.2f}".removesuffix(".00")
    return in_words(str(value))
