"""What an offer states: the sum, what is paid first, days, dates. What it leaves open stays open.

Each sum is what the words beside it say: a deposit, a fee, a price a day, later radiotherapy alone
or together with the treatment, a sum taken back, or what the treatment costs. Of several sums that
may all be the price one is the price only if it is called the total, or is the sum of the others;
else the letter is unclear.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from correspondence import offer_words as words
from correspondence.stated import Amount, dates, durations
from correspondence.stated.sums import plain, sums

Role = Literal[
    "price", "deposit", "fee", "per_unit", "later_radiation", "combined", "withdrawn", "discount"
]

_BEFORE, _AFTER = 70, 48
_CLAUSE = re.compile(r"[\n;。；!?！？|]|\.\s+(?=[^\W\d])|,\s?(?=[^\d\s])|、")
_SENTENCE = re.compile(r"[\n;。；!?！？]|(?<!approx)(?<!\bca)(?<!max)(?<!min)\.\s", re.IGNORECASE)
_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("withdrawn", words.WITHDRAWN),
    ("discount", words.DISCOUNT),
    ("deposit", words.DEPOSIT),
    ("fee", words.FEE),
    ("later_radiation", words.LATER_RADIATION),
)
_NEAR = 24
_PART_OF_BOTH = re.compile(
    r"^[^\d]*[^\W\d_]{3,}[^\d]{0,12}(?:\+|&|\band\b|\bplus\b|\bund\b|и|和)\W*$"
)
"""Something and radiotherapy: the sum is of both."""
_ADDS = re.compile(r"\W*(?:incl\w*|with|plus|and|und|inkl\w*|mit|et|avec|и|с|ve|dahil)\b")
"""Words behind a sum that add another: "9,000 with deposit". Else they name it: "900 deposit"."""


@dataclass(frozen=True, slots=True)
class _Sum:
    amount: Amount
    role: Role
    total: bool
    equivalent: bool


def offer_facts(text: str, near: date | None) -> dict[str, object]:
    """Return what an offer states; what it does not state, or states in two ways, is absent.

    Keys: currency, amount_low, amount_high, deposit_amount, deposit_pct, ebrt_low, ebrt_high,
    stay_days_low, stay_days_high (in hospital), city_days_low, city_days_high,
    earliest_admission, valid_until (ISO dates); ambiguous_amounts, ambiguous_dates (as written).
    `near` is the letter's own date.
    """
    text = plain(text)
    named = _all_named(text)
    facts: dict[str, object] = {}
    facts |= _price([one for one in named if one.role == "price"], text)
    for one in named:
        low, high = one.amount.low, one.amount.high
        if low is not None and one.role == "deposit":
            facts.setdefault("deposit_amount", low)
        elif low is not None and one.role == "later_radiation":
            facts.setdefault("ebrt_low", low)
            facts.setdefault("ebrt_high", high)
    facts |= _percent(text)
    facts |= _stays(text)
    facts |= offer_dates(text, near)
    return facts


def states_price(text: str) -> bool:
    """Return whether a letter names a sum that may be the price of the treatment."""
    return any(one.role == "price" for one in _all_named(plain(text)))


def _all_named(text: str) -> list[_Sum]:
    """Return the sums of a text. A sentence's first sum may be named at its beginning."""
    named: list[_Sum] = []
    ended = 0
    for amount in sums(text):
        one = _named(text, amount)
        first = _sentence_before(text[ended : amount.start], amount.start - ended)
        if one.role == "price" and (found := words.LATER_RADIATION.search(first)):
            one = replace(one, role=_with_or_without(first[: found.start()], "later_radiation"))
        named.append(one)
        ended = amount.end
    return named


def _named(text: str, amount: Amount) -> _Sum:
    """Return a sum with what the words beside it say it is; the nearest words decide."""
    before = _clause_before(text, amount.start)
    after = _clause_after(text, amount.end)
    by_unit = words.PER_UNIT.search(after[:20]) or words.PER_UNIT.search(before[-16:])
    role: Role = "per_unit" if by_unit else _role(before, after)
    around = f"{before} {after}"
    equivalent = bool(words.EQUIVALENT.search(before[-14:])) or before.rstrip().endswith("(")
    return _Sum(amount, role, bool(words.TOTAL.search(around)), equivalent)


def _role(before: str, after: str) -> Role:
    """Return what the words before a sum, or else behind it, say it is."""
    role: Role = "price"
    nearest = -1
    for name, pattern in _ROLES:
        for found in pattern.finditer(before):
            if found.start() > nearest and not _only_included(before, found.end()):
                role, nearest = name, found.start()
    if nearest >= 0:
        return _with_or_without(before[:nearest], role)
    if _ADDS.match(after):
        return role
    for name, pattern in _ROLES:
        if behind := pattern.search(after):
            return _with_or_without(after[: behind.start()], name)
    return role


def _with_or_without(ahead: str, role: Role) -> Role:
    """Return the role of a sum that words `ahead` of "radiotherapy" set with it, or without it."""
    if role != "later_radiation":
        return role
    if words.WITHOUT.search(ahead[-_NEAR:]):
        return "price"
    if words.TOGETHER.search(ahead[-_NEAR:]) or _PART_OF_BOTH.search(ahead):
        return "combined"
    return role


def _only_included(before: str, end: int) -> bool:
    """Return whether what was named is only said to be in the price ("including consultation")."""
    return bool(re.search(r"includ\w*[^,]{0,40}$|inkl\w*[^,]{0,40}$|含", before[: max(0, end)]))


def _price(prices: Sequence[_Sum], text: str) -> dict[str, object]:
    """Return the price of the treatment, or the sums that may be it."""
    if not prices:
        return {}
    totals = [one for one in prices if one.total] or list(prices)
    leading = [one for one in totals if not one.equivalent] or totals
    chosen = _one_of(leading) or _one_of(
        [one for one in leading if one.amount.currency == leading[0].amount.currency]
    )
    if chosen is None:
        chosen = _sum_of_parts([one.amount for one in prices])
    if chosen is None or chosen.low is None:
        written = [text[one.amount.start : one.amount.end].strip() for one in leading]
        return {"ambiguous_amounts": list(dict.fromkeys(written))}
    return {"currency": chosen.currency, "amount_low": chosen.low, "amount_high": chosen.high}


def _one_of(sums_named: Sequence[_Sum]) -> Amount | None:
    """Return the sum if all of them are one and the same."""
    values = {(one.amount.currency, one.amount.low, one.amount.high) for one in sums_named}
    return sums_named[0].amount if len(values) == 1 else None


def _sum_of_parts(parts: Sequence[Amount]) -> Amount | None:
    """Return the largest sum if the others add up to it: a breakdown and its total."""
    if len({part.currency for part in parts}) != 1 or any(part.low is None for part in parts):
        return None
    largest = max(parts, key=lambda part: part.low or 0)
    rest = sum(part.low or 0 for part in parts if part is not largest)
    return largest if len(parts) > 2 and rest == largest.low else None


def _percent(text: str) -> Mapping[str, object]:
    for found in words.PERCENT.finditer(text):
        near = (
            _sentence_before(text, found.start())[-60:]
            + " "
            + _clause_after(text, found.end())[:40]
        )
        if words.DEPOSIT.search(near) and not words.DISCOUNT.search(near):
            return {"deposit_pct": int(found.group(1))}
    for found in words.FULL_AMOUNT.finditer(text):
        near = _sentence_before(text, found.start())[-60:] + found.group()
        if words.DEPOSIT.search(near):
            return {"deposit_pct": 100}
    return {}


def _stays(text: str) -> Mapping[str, object]:
    """Return the days in hospital and in the city; a span is what the nearest words say.

    Of two spans for one thing the nearer to its words counts; one before an admission, or until a
    payment, is none.
    """
    nearest: dict[str, tuple[int, int, int]] = {}
    for low, high, position in durations(text):
        before = _sentence_before(text, position)[-60:]
        after = _clause_after(text, position)[:60]
        if words.VALID.search(before) or words.DEPOSIT.search(before[-40:]):
            continue
        if words.AHEAD_OF.search(after[:40]):
            continue
        city = _distance(words.CITY, before, after)
        ward = _distance(words.HOSPITAL_STAY, before, after)
        if city is None and ward is None:
            continue
        key = "city_days" if ward is None or (city is not None and city < ward) else "stay_days"
        span = (min(one for one in (city, ward) if one is not None), low, high)
        nearest[key] = min(nearest.get(key, span), span, key=lambda one: one[0])
    facts: dict[str, object] = {}
    for key, (_, low, high) in nearest.items():
        facts |= {f"{key}_low": low, f"{key}_high": high}
    return facts


def _distance(pattern: re.Pattern[str], before: str, after: str) -> int | None:
    """Return how many signs away the nearest of some words stands, or None."""
    ahead = [len(before) - found.end() for found in pattern.finditer(before)]
    behind = [found.start() for found in pattern.finditer(after)]
    return min([*ahead, *behind], default=None)


def offer_dates(text: str, near: date | None) -> Mapping[str, object]:
    """Return the dates of `offer_facts` alone: when it begins, until when it holds."""
    facts: dict[str, object] = {}
    ambiguous: list[str] = []
    for stated in dates(text, near=near):
        before = _sentence_before(text, stated.start)
        after = _clause_after(text, stated.end)
        if stated.day is None:
            ambiguous.append(stated.text)
        elif words.VALID.search(before) or words.VALID.search(after[:24]):
            facts.setdefault("valid_until", stated.day.isoformat())
        elif words.ADMISSION.search(before) or words.ADMISSION.search(after[:40]):
            facts.setdefault("earliest_admission", stated.day.isoformat())
    if "valid_until" not in facts and near is not None:
        for low, _, position in durations(text):
            around = _sentence_before(text, position) + _clause_after(text, position)
            if words.VALID.search(around):
                facts["valid_until"] = (near + timedelta(days=low)).isoformat()
                break
    if ambiguous:
        facts["ambiguous_dates"] = ambiguous
    return facts


def _clause_before(text: str, position: int) -> str:
    return _CLAUSE.split(text[max(0, position - _BEFORE) : position])[-1]


def _clause_after(text: str, position: int) -> str:
    return _CLAUSE.split(text[position : position + _AFTER])[0]


def _sentence_before(text: str, position: int) -> str:
    return _SENTENCE.split(text[max(0, position - 2 * _BEFORE) : position])[-1]
