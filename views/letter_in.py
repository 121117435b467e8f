"""A letter that came in, as a person reads it: what is new, the whole, and what it seems to say.

Holds personal data: whoever asks is audited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.storage import StorageError
from correspondence import classify_reply, parse_inbound
from views.shown import ShownMessage
from workflows.engine.words import in_words
from workflows.engine.world import World

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


@dataclass(frozen=True, slots=True)
class LetterIn:
    """One letter. `whole` is None when the original cannot be read now.

    `proposal` is the class that the rules see in it, with how sure they are (0 to 1), and `facts`
    what it seems to state, in words: a person compares them with the text.
    """

    message: ShownMessage
    whole: str | None
    attachments: Sequence[str]
    proposal: str | None
    confidence: float | None
    facts: Sequence[tuple[str, str]]


def letter_in(world: World, message: ShownMessage) -> LetterIn:
    """Return a received letter from its original bytes; without them from what was kept."""
    proposal, confidence = message.reply_class, message.reply_confidence
    try:
        letter = parse_inbound(world.storage.get(message.raw_object_key or ""))
    except StorageError:
        return LetterIn(message, None, (), proposal, confidence, ())
    found = classify_reply(letter)
    facts = _in_words(found.facts) if message.thread_id is not None else []
    names = [name for name, _media_type, _content in letter.attachments]
    more = letter.text.strip() != message.body.strip()
    return LetterIn(message, letter.text if more else "", names, proposal, confidence, facts)


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
