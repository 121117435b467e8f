"""What a hospital's letter states of its offer, by the names that the answer's values have."""

from collections.abc import Mapping
from dataclasses import dataclass

from correspondence.offer_quotes import StatedFact, quoted_facts
from models import Message


@dataclass(frozen=True, slots=True)
class Stated:
    """A value as it would be typed, and the letter's sentence that states it."""

    value: str
    quote: str


def stated_terms(letter: Message | None) -> Mapping[str, Stated]:
    """Return what was read in a hospital's letter; nothing of a letter of our own."""
    if letter is None or letter.direction != "in":
        return {}
    near = letter.sent_at.date() if letter.sent_at else None
    facts = quoted_facts(letter.body, near)
    found = {
        name: Stated(_typed(facts[source].value), facts[source].quote)
        for name, source in (
            ("currency", "currency"),
            ("amount_low", "amount_low"),
            ("amount_high", "amount_high"),
            ("deposit", "deposit_amount"),
            ("stay_days", "stay_days_low"),
            ("earliest_admission", "earliest_admission"),
            ("valid_until", "valid_until"),
        )
        if source in facts
    }
    if "deposit" not in found and "deposit_pct" in facts:
        percent = facts["deposit_pct"]
        found["deposit"] = Stated(f"{_typed(percent.value)} %", percent.quote)
    if "ebrt_low" in facts:
        low, high = facts["ebrt_low"], facts["ebrt_high"]
        found["ebrt"] = Stated(_span(low, high), low.quote)
    return found


def _span(low: StatedFact, high: StatedFact) -> str:
    if low.value == high.value:
        return _typed(low.value)
    return f"{_typed(low.value)} to {_typed(high.value)}"


def _typed(value: object) -> str:
    return f"{value:.2f}".removesuffix(".00") if isinstance(value, float) else str(value)
