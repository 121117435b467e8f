"""Sums of money as eight countries write them: read as meant, or left to a person."""

import random
import re
import time
from collections.abc import Callable

import pytest

from correspondence.stated.sums import _sum, amounts, sums

NO_BREAK, THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


def grouped(value: int, mark: str) -> str:
    return f"{value:,}".replace(",", mark)


def indian(value: int) -> str:
    head, tail = str(value)[:-3], str(value)[-3:]
    parts: list[str] = []
    while head:
        parts.insert(0, head[-2:])
        head = head[:-2]
    return ",".join([*parts, tail])


STYLES: dict[str, tuple[str, Callable[[int], str]]] = {
    "code first": ("USD", lambda v: f"USD {grouped(v, ',')}"),
    "sign": ("EUR", lambda v: f"{grouped(v, '.')},00 €"),
    "french": ("EUR", lambda v: f"{grouped(v, NO_BREAK)} €"),
    "thin": ("EUR", lambda v: f"{grouped(v, THIN)} EUR"),
    "swiss": ("CHF", lambda v: f"CHF {grouped(v, chr(0x2019))}"),
    "rupees": ("INR", lambda v: f"Rs. {indian(v)}/-"),
    "turkish": ("TRY", lambda v: f"{grouped(v, '.')} TL"),
    "roubles": ("RUB", lambda v: f"{grouped(v, ' ')} руб."),
    "thousands": ("RUB", lambda v: f"{v // 1000} тыс. рублей"),
    "kilo": ("USD", lambda v: f"{v // 1000}k USD"),
    "wan": ("CNY", lambda v: f"{v // 10000}万元"),
    "lakh": ("INR", lambda v: f"INR {v // 100000} lakh"),
    "lakh and thousand": ("INR", lambda v: f"{v // 100000} lakh 50 thousand rupees"),
    "arabic": ("USD", lambda v: "".join(chr(0x660 + int(d)) for d in str(v)) + " دولار"),
    "devanagari": ("INR", lambda v: "".join(chr(0x966 + int(d)) for d in str(v)) + " रुपये"),
    "full width": ("CNY", lambda v: "".join(chr(0xFF10 + int(d)) for d in str(v)) + "元"),
    "yen": ("JPY", lambda v: f"¥{grouped(v, ',')} (JPY)"),
    "no cents": ("EUR", lambda v: f"EUR {grouped(v, '.')},--"),
}
STEP = {"thousands": 1000, "kilo": 1000, "wan": 10000, "lakh": 100000, "lakh and thousand": 100000}


@pytest.mark.parametrize("style", STYLES)
def test_a_sum_is_read_as_meant_in_every_sentence(style: str) -> None:
    rng = random.Random(style)
    currency, write = STYLES[style]
    for _ in range(60):
        value = rng.randrange(1, 40) * max(STEP.get(style, 0), 10_000) + rng.choice([0, 0, 500])
        value -= value % STEP.get(style, 1)
        meant = value + (50_000 if style == "lakh and thousand" else 0)
        text = rng.choice(["{}", "Total: {}.", "about {} in all", "4-5 days; {}", "费用约{}，"])
        found = amounts(text.format(write(value)))
        assert [(one.currency, one.low, one.high) for one in found] == [(currency, meant, meant)]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("between", ["{} - {}", "{} to {}", "{}–{}", "{} bis {}", "от {} до {}"])
def test_a_range_is_read_or_left_open_and_never_another_sum(style: str, between: str) -> None:
    rng = random.Random(f"{style}{between}")
    currency, write = STYLES[style]
    step = max(STEP.get(style, 0), 10_000)
    for _ in range(20):
        low = rng.randrange(1, 20) * step
        high = low + rng.randrange(1, 9) * step
        extra = 50_000 if style == "lakh and thousand" else 0
        found = amounts(between.format(write(low), write(high)))
        whole = [(currency, low + extra, high + extra)]
        apart = [(currency, low + extra, low + extra), (currency, high + extra, high + extra)]
        assert [(one.currency, one.low, one.high) for one in found] in (whole, apart)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("Rs. 95,000 - 1.2 lakh", 95_000, 120_000),
        ("4.5 to 5.5 lakhs INR", 450_000, 550_000),
        ("Rs 4 lakh to 5", 400_000, 500_000),
        ("8-10万元", 80_000, 100_000),
        ("5万～6万元", 50_000, 60_000),
        ("400-450 тыс. руб.", 400_000, 450_000),
        ("7k-8k USD", 7_000, 8_000),
    ],
)
def test_a_scale_said_once_counts_for_both_where_it_can(text: str, low: int, high: int) -> None:
    assert [(one.low, one.high) for one in amounts(text)] == [(low, high)]


@pytest.mark.parametrize("text", ["USD 6.500", "USD 1.234", "USD 50,000 INR"])
def test_what_has_two_readings_is_left_to_a_person(text: str) -> None:
    assert amounts(text) == []
    assert len(sums(text)) == 1


@pytest.mark.parametrize(
    "text",
    ["please try 3 times", "T2 N0", "2027-03-12", "call 98765 43210", "room 12", "Ki-67 20 %"],
)
def test_other_numbers_are_no_sums(text: str) -> None:
    assert sums(text) == []


def test_every_process_that_starts_has_the_pattern_at_once() -> None:
    """Each command and each worker makes it anew: it once took five seconds, now a tenth of one."""
    best = min(_seconds_to_compile() for _ in range(3))
    assert best < 0.5


def _seconds_to_compile() -> float:
    """Processor time, which other programs running meanwhile do not lengthen."""
    re.purge()
    begun = time.thread_time()
    re.compile(_sum().pattern, _sum().flags)
    return time.thread_time() - begun
