"""The facts in a reply: what an offer states, why a hospital declined, when someone is back."""

import re
from collections.abc import Collection
from datetime import date
from typing import Literal

from correspondence.stated import dates

DeclineReason = Literal["no_device", "not_suitable", "no_capacity", "price", "other"]

_REASONS: tuple[DeclineReason, ...] = ("no_device", "no_capacity", "not_suitable", "price")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_DOCTOR = re.compile(r"\b(?:Dr|Prof)\.? ([A-Z][\w'-]{1,40}(?: [A-Z][\w'-]{1,40}){0,2})", re.UNICODE)
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


def decline_reason(signs: Collection[str]) -> DeclineReason:
    """Return why a hospital declined, as a code; `signs` names the rules that matched."""
    return next((reason for reason in _REASONS if reason in signs), "other")


def _before(text: str, position: int) -> str:
    """Return the words before a place, not beyond its sentence or line."""
    return re.split(r"[\n;。；]|\.\s", text[max(0, position - _NEAR) : position])[-1]
