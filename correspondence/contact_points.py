"""Numbers under which a writer can be reached, as a letter states them: WhatsApp, WeChat, phone.

Pure. A number counts only beside a word that says what it is; a sum or a date has none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Way = Literal["whatsapp", "wechat", "phone"]

_NUMBER = r"(?P<value>\+?\d[\d\s().\-/]{6,22}\d)"
_PATTERNS: tuple[tuple[Way, re.Pattern[str]], ...] = (
    ("whatsapp", re.compile(rf"whats\s?app[^\d+\n]{{0,25}}{_NUMBER}", re.IGNORECASE)),
    (
        "wechat",
        re.compile(
            r"(?:we\s?chat|weixin|微信)\s*(?:id|号|號|no\.?|number)?\s*(?:is|[:：])?\s*"
            r"(?P<value>[A-Za-z][A-Za-z0-9_-]{5,19}|\+?\d[\d -]{6,18}\d)",
            re.IGNORECASE,
        ),
    ),
    (
        "phone",
        re.compile(
            rf"(?:\b(?:tel|phone|telephone|mobile|cell|mob|direct line|hotline)\b|电话|手机)"
            rf"[^\d+\n]{{0,15}}{_NUMBER}",
            re.IGNORECASE,
        ),
    ),
)
_LEAST, _MOST = 8, 15
"""Digits of a telephone number with its country (E.164: at most fifteen)."""


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """A way to reach somebody and its number or name, without spaces."""

    way: Way
    value: str


def contact_points(text: str) -> Sequence[ContactPoint]:
    """Return the numbers stated in a text, each once, in the order of its ways."""
    found: dict[str, ContactPoint] = {}
    for way, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            value = _plain(match["value"])
            if value is not None:
                found.setdefault(value, ContactPoint(way, value))
    return list(found.values())


def _plain(value: str) -> str | None:
    if value[0].isalpha():
        return value
    digits = re.sub(r"\D", "", value)
    if not _LEAST <= len(digits) <= _MOST:
        return None
    return f"+{digits}" if value.startswith("+") else digits
