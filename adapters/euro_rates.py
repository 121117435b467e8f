"""The European Central Bank's daily file of rates: so many units of each currency for one euro."""

import ssl
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import ParseError

from adapters.guarded_http import WebhookFailed, WebhookRefused, exchange
from adapters.reader.xml_tree import local, xml_tree

TIMEOUT_SECONDS = 20.0


class NoRates(Exception):
    """No rates could be had; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"no rates: {reason}")
        self.reason = reason


def daily_rates(
    url: str, *, allow_loopback: bool = False, ssl_context: ssl.SSLContext | None = None
) -> tuple[date, Mapping[str, Decimal]]:
    """Fetch the file and return its day with the rates by currency; raise `NoRates`."""
    try:
        answer = exchange(
            "GET", url, {}, b"", timeout=TIMEOUT_SECONDS, allow_loopback=allow_loopback,
            ssl_context=ssl_context, keep=True,
        )  # fmt: skip
    except (WebhookFailed, WebhookRefused) as error:
        raise NoRates(error.reason) from None
    if answer.status != 200:
        raise NoRates("status")
    return read_rates(answer.content)


def read_rates(content: bytes) -> tuple[date, Mapping[str, Decimal]]:
    """Return day and rates of a file; raise `NoRates` unless it holds one day and nothing odd."""
    try:
        cubes = [one for one in xml_tree(content).iter() if local(one) == "Cube"]
        days = {one.attrib["time"] for one in cubes if "time" in one.attrib}
        stated = [one.attrib for one in cubes if "currency" in one.attrib]
        rates = {one["currency"]: Decimal(one["rate"]) for one in stated}
        (day,) = [date.fromisoformat(one) for one in days]
    except (ParseError, InvalidOperation, KeyError, ValueError):
        raise NoRates("unreadable") from None
    if not rates or len(rates) != len(stated):
        raise NoRates("unreadable")
    if not all(rate.is_finite() and rate > 0 for rate in rates.values()):
        raise NoRates("unreadable")
    return day, rates
