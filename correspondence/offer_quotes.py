"""Where a letter states the facts of its offer: each with the sentence that says it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from correspondence.offer_facts import offer_facts

_SENTENCE = re.compile(r"[^\n.;。；]+(?:\.(?=\S)[^\n.;。；]+)*[.;。；]?")
QUOTE_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class StatedFact:
    """A fact as `offer_facts` has it, and the letter's sentence that states it ("" if none)."""

    value: object
    quote: str


def quoted_facts(text: str, near: date | None) -> Mapping[str, StatedFact]:
    """Return the facts of an offer by name, each with its quote; `near` is the letter's day."""
    sentences = [found.group().strip() for found in _SENTENCE.finditer(text)]
    of_each = [(one, offer_facts(one, near)) for one in sentences if one]
    found = {}
    for name, value in offer_facts(text, near).items():
        quote = next((one for one, facts in of_each if facts.get(name) == value), "")
        found[name] = StatedFact(value, quote[:QUOTE_AT_MOST])
    return found
