"""Amounts as people of several habits write them, with what they mean; made from a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

HABITS = ("plain", "english", "german", "swiss", "spaced", "indian", "scaled", "chinese")
CURRENCIES = ("USD", "EUR", "INR", "CNY", "TRY", "GBP", "RUB", "AED", "THB", "CHF")
SIGNS = {"USD": "US$", "EUR": "€", "INR": "₹", "CNY": "元", "TRY": "₺", "GBP": "£", "RUB": "₽"}


@dataclass(frozen=True)
class Written:
    """A text, the currency chosen beside it ("" when the text names it), and what is meant."""

    text: str
    chosen: str
    currency: str
    low: Decimal
    high: Decimal
    habit: str


def written(seed: int, count: int) -> Iterator[Written]:
    """Yield `count` amounts, one sum or a range each, with or without their currency."""
    chance = random.Random(seed)
    for _ in range(count):
        habit, currency = chance.choice(HABITS), chance.choice(CURRENCIES)
        low, high = sorted(_value(chance, habit) for _ in range(2))
        if chance.random() < 0.5:
            high = low
        texts = [_one(low, habit, chance)]
        if high != low:
            texts.append(_one(high, habit, chance))
        said = _between(chance).join(texts)
        where = chance.choice(("beside", "before", "behind", "sign"))
        sign = SIGNS.get(currency, currency)
        text = {
            "beside": said, "before": f"{currency} {said}", "behind": f"{said} {currency}",
            "sign": f"{said} {sign}" if currency == "CNY" else f"{sign} {said}",
        }[where]  # fmt: skip
        chosen = currency if where == "beside" else ""
        yield Written(text, chosen, currency, low, high, habit)


def _value(chance: random.Random, habit: str) -> Decimal:
    if habit in ("scaled", "chinese"):
        return Decimal(chance.randint(1, 99)) * 10_000
    whole = Decimal(chance.choice((chance.randint(900, 9_999), chance.randint(10_000, 2_500_000))))
    return whole + Decimal(chance.choice((0, 0, 0, 50))) / 100


def _one(value: Decimal, habit: str, chance: random.Random) -> str:
    english = f"{value:,.2f}".removesuffix(".00")
    if habit == "plain":
        return english.replace(",", "")
    if habit == "german":
        return english.translate(str.maketrans(",.", ".,"))
    if habit == "swiss":
        return english.replace(",", "'")
    if habit == "spaced":
        return english.replace(",", " ").replace(".", ",")
    if habit == "indian":
        return _lakhs(value)
    if habit == "scaled":
        return chance.choice((f"{value / 1000:f} k", f"{value / 100_000:f} lakh"))
    return f"{value / 10_000:f}万" if habit == "chinese" else english


def _lakhs(value: Decimal) -> str:
    whole, _, part = f"{value:.2f}".partition(".")
    head, tail = whole[:-3], whole[-3:]
    while len(head) > 2:
        head, tail = head[:-2], f"{head[-2:]},{tail}"
    said = f"{head},{tail}" if head else tail
    return said if part == "00" else f"{said}.{part}"


def _between(chance: random.Random) -> str:
    return chance.choice((" to ", "-", " – ", " - "))
