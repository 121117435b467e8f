"""The facts in a reply: what an offer states, why a hospital declined, when someone is back."""

import re
from datetime import date, timedelta
from typing import Literal

from correspondence.facts import Amount, amounts, dates, durations

DeclineReason = Literal["no_device", "not_suitable", "no_capacity", "price", "other"]

_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_DOCTOR = re.compile(r"\b(?:Dr|Prof)\.? ([A-Z][\w'-]{1,40}(?: [A-Z][\w'-]{1,40}){0,2})", re.UNICODE)
_REASONS: dict[DeclineReason, re.Pattern[str]] = {
    "no_device": re.compile(
        r"(?:do(?:es)? not|don't|no longer|without) (?:have|offer|perform|provide)?.{0,40}"
        r"(?:iort|ioert|unit|machine|device|equipment|facility)"
        r"|(?:machine|unit|device|equipment) is (?:down|out of|under)|没有.{0,10}设备",
        re.IGNORECASE,
    ),
    "no_capacity": re.compile(
        r"no (?:capacity|beds?|slots?)|fully booked|waiting list|not accepting", re.IGNORECASE
    ),
    "not_suitable": re.compile(
        r"not (?:a )?(?:suitable|candidate|indicated|appropriate|recommended|advis)|unsuitable"
        r"|too advanced|outside (?:our )?(?:criteria|protocol)|不适合",
        re.IGNORECASE,
    ),
    "price": re.compile(r"\b(?:price|budget|insurance|payment)\b", re.IGNORECASE),
}
_DEPOSIT = re.compile(r"deposit|advance payment|押金|预付", re.IGNORECASE)
_EBRT = re.compile(r"external|ebrt|supplementary|additional radiation|further radio", re.IGNORECASE)
_DEPOSIT_PERCENT = re.compile(rf"(?:{_DEPOSIT.pattern})\D{{0,30}}(\d{{1,3}})\s?%", re.IGNORECASE)
_VALID = re.compile(r"valid\w*|offer expires|有效", re.IGNORECASE)
_ADMISSION = re.compile(
    r"admission|admit|available|earliest|surgery|operation|slot|possible date|入院|手术",
    re.IGNORECASE,
)
_CITY = re.compile(
    r"city|in (?:india|china|the country)|total stay|outpatient|local", re.IGNORECASE
)
_HOSPITAL_STAY = re.compile(
    r"hospital|inpatient|ward|length of stay|\bstay\b|admission|住院", re.IGNORECASE
)
_BACK = re.compile(
    r"return|back|until|till|through|resume|from.{0,30}to|between|到|至|до|bis", re.IGNORECASE
)
_NEAR = 60


def addresses_in(text: str) -> list[str]:
    """Return the e-mail addresses written in a text, lower-case, each once."""
    return list(dict.fromkeys(found.lower() for found in _MAIL.findall(text)))


def named_doctor(text: str) -> str | None:
    """Return the first doctor named in a text, without the title."""
    found = _DOCTOR.search(text)
    return found.group(1) if found else None


def first_date(text: str, near: date | None) -> str | None:
    """Return the first unambiguous date in a text as ISO 8601."""
    return next((d.day.isoformat() for d in dates(text, near=near) if d.day), None)


def return_date(text: str, near: date | None) -> str | None:
    """Return the day somebody is back: the latest date named near a word of returning."""
    named = [(d.day, d.start) for d in dates(text, near=near) if d.day]
    back = [day for day, start in named if _BACK.search(_before(text, start))]
    found = back or [day for day, _ in named]
    return max(found).isoformat() if found else None


def decline_reason(text: str) -> DeclineReason:
    """Return why a hospital declined, as a code."""
    return next((reason for reason, pattern in _REASONS.items() if pattern.search(text)), "other")


def offer_facts(text: str, near: date | None) -> dict[str, object]:
    """Return what an offer states; what it does not state is absent.

    Keys: currency, amount_low, amount_high, deposit_amount, deposit_pct, ebrt_low, ebrt_high,
    stay_days_low, stay_days_high (in hospital), city_days_low, city_days_high,
    earliest_admission, valid_until (ISO dates), ambiguous_dates (as written).
    """
    facts: dict[str, object] = {}
    main: list[Amount] = []
    for amount in amounts(text):
        before = _before(text, amount.start)
        if _DEPOSIT.search(before):
            facts.setdefault("deposit_amount", amount.low)
        elif _EBRT.search(before) or _EBRT.search(_after(text, amount.end)):
            facts.setdefault("ebrt_low", amount.low)
            facts.setdefault("ebrt_high", amount.high)
        else:
            main.append(amount)
    if main:
        # Several sums: a breakdown and its total; the largest is the total.
        total = max((a for a in main if a.currency == main[0].currency), key=lambda a: a.high)
        facts |= {"currency": total.currency, "amount_low": total.low, "amount_high": total.high}
    if deposit := _DEPOSIT_PERCENT.search(text):
        facts["deposit_pct"] = int(deposit.group(1))
    facts |= _stays(text)
    facts |= _offer_dates(text, near)
    return facts


def _stays(text: str) -> dict[str, object]:
    facts: dict[str, object] = {}
    for low, high, position in durations(text):
        around = _before(text, position) + _after(text, position)
        if _VALID.search(_before(text, position)):
            continue
        if _CITY.search(around) and not _HOSPITAL_STAY.search(_before(text, position, 25)):
            key = "city_days"
        elif _HOSPITAL_STAY.search(around):
            key = "stay_days"
        else:
            continue
        facts.setdefault(f"{key}_low", low)
        facts.setdefault(f"{key}_high", high)
    return facts


def _offer_dates(text: str, near: date | None) -> dict[str, object]:
    facts: dict[str, object] = {}
    ambiguous: list[str] = []
    for stated in dates(text, near=near):
        if stated.day is None:
            ambiguous.append(stated.text)
        elif _VALID.search(_before(text, stated.start)):
            facts.setdefault("valid_until", stated.day.isoformat())
        elif _ADMISSION.search(_before(text, stated.start)):
            facts.setdefault("earliest_admission", stated.day.isoformat())
    if "valid_until" not in facts and near is not None:
        for low, _, position in durations(text):
            if _VALID.search(_before(text, position)):
                facts["valid_until"] = (near + timedelta(days=low)).isoformat()
                break
    if ambiguous:
        facts["ambiguous_dates"] = ambiguous
    return facts


def _before(text: str, position: int, reach: int = _NEAR) -> str:
    """Return the words before a place, not beyond its sentence or line."""
    return re.split(r"[\n;。；]|\.\s", text[max(0, position - reach) : position])[-1]


def _after(text: str, position: int) -> str:
    return re.split(r"[\n;,。；，]|\.\s", text[position : position + 40])[0]
