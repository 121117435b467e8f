"""The columns of the hospital directory: how each value is written into a cell and read from it.

What cannot be read is refused with words that say what to write in its place.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from correspondence.directory import Site, Technique

TECHNIQUES: tuple[str, ...] = get_args(Technique)
SITES: tuple[str, ...] = get_args(Site)
LINK_POLICIES = ("opens", "needs_local_copy", "media_only")
CONTRACTS = ("none", "letter_of_intent", "signed", "ended")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST = 2000

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


class BadCell(ValueError):
    """A cell that cannot be taken; the message says what to write in its place."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how a record's value is written, and a cell read."""

    name: str
    about: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]
    path: tuple[str, ...]
    """Where the value lies in the record (hospital) or the unit."""


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _listed(values: Sequence[str]) -> str:
    return " ".join(values)


def _weekend(value: Sequence[int] | None) -> str:
    if value is None:
        return ""
    return " ".join(WEEKDAYS[day % 7] for day in value) or "none"


def _required(limit: int = LONGEST) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not text:
            raise BadCell("must not be empty")
        return _text(limit)(text) or ""

    return read


def _text(limit: int = LONGEST) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        if len(text) > limit:
            raise BadCell(f"is longer than {limit} characters: shorten it")
        return text or None

    return read


def _email(required: bool) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        if not text and not required:
            return None
        if text.count("@") != 1 or any(c.isspace() for c in text) or len(text) > 254:
            raise BadCell("must be one e-mail address, such as ipd@hospital.example")
        return text

    return read


def _country(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", text):
        raise BadCell("must be a country's two letters, such as IN")
    return text.upper()


def _truth(text: str) -> bool:
    word = text.lower()
    if word in ("yes", "true", "1"):
        return True
    if word in ("no", "false", "0"):
        return False
    raise BadCell("must be yes or no")


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,;|]+", text) if word]


def _languages(text: str) -> list[str]:
    words = _words(text)
    if not words or not all(_LANGUAGE.fullmatch(word) for word in words):
        raise BadCell("must be language codes with spaces between, such as: en hi mr")
    return words


def _sites(text: str) -> list[str]:
    words = [word.lower() for word in _words(text)]
    if not words or not set(words) <= set(SITES):
        raise BadCell(f"must be sites with spaces between, out of: {' '.join(SITES)}")
    return words


def _one_of(allowed: Sequence[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        word = text.lower().replace(" ", "_")
        if word not in allowed:
            raise BadCell(f"must be one of: {', '.join(allowed)}")
        return word

    return read


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadCell("must be a time zone, such as Asia/Kolkata") from None
    return text


def _time(text: str) -> str:
    match = _TIME.fullmatch(text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        raise BadCell("must be a time, such as 09:00")
    return f"{int(match[1]):02d}:{match[2]}"


def _days_off(text: str) -> list[int] | None:
    if not text:
        return None
    words = [word.lower()[:3] for word in _words(text)]
    if words == ["non"]:
        return []
    if not set(words) <= set(WEEKDAYS):
        raise BadCell("must be days, such as: sat sun; or none; or empty for the country's own")
    return [WEEKDAYS.index(word) for word in words]


def _whole(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,6}", text):
        raise BadCell("must be a whole number, or empty")
    return int(text)


def _count(text: str) -> int:
    return _whole(text) or 0


def _decimal(highest: float) -> Callable[[str], float | None]:
    def read(text: str) -> float | None:
        if not text:
            return None
        if not re.fullmatch(r"\d{1,4}([.,]\d{1,17})?", text):
            raise BadCell("must be a number such as 1.5, or empty")
        value = float(text.replace(",", "."))
        if value > highest:
            raise BadCell(f"must not be above {highest:g}")
        return value

    return read


def _day(text: str) -> str | None:
    if not text:
        return None
    dotted = _DOTTED.fullmatch(text)
    try:
        if dotted:
            return date(int(dotted[3]), int(dotted[2]), int(dotted[1])).isoformat()
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise BadCell("must be a date such as 2026-11-02, or empty") from None


def _column(
    name: str,
    about: str,
    read: Callable[[str], Any],
    write: Callable[[Any], str] = _plain,
    path: tuple[str, ...] = (),
) -> Column:
    return Column(name, about, write, read, path or (name,))


def _department(name: str, about: str, read: Callable[[str], Any], key: str = "") -> Column:
    return Column(name, about, _plain, read, ("departments", key or name))


HOSPITAL_COLUMNS = (
    _column("name", "name in Latin letters", _required(200)),
    _column("local_name", "name as the hospital writes it", _text(200)),
    _column("city", "city", _required(100)),
    _column("country", "two letters, ISO 3166", _country),
    _column("fictitious", "yes for an invented hospital", _truth, _yes_no),
    _department("department", "department that letters go to", _required(200), "name"),
    _department("email", "its address", _email(True)),
    _department("backup_email", "second address", _email(False)),
    _department("phone", "telephone", _text(60)),
    _department("wechat", "WeChat name", _text(80)),
    _department("liaison", "whom to ask for: a role, no name", _text(200)),
    _column("languages", "codes with spaces between: en hi", _languages, _listed),
    _column("calendar", "country whose holidays it keeps", _country, path=("hours", "calendar")),
    _column("time_zone", "such as Asia/Kolkata", _zone, path=("hours", "zone")),
    _column("opens", "such as 09:00", _time, path=("hours", "opens")),
    _column("closes", "such as 17:30", _time, path=("hours", "closes")),
    _column(
        "weekend",
        "days off: sat sun; empty: the country's own",
        _days_off,
        _weekend,
        ("hours", "weekend"),
    ),
    _column("pathology_days", "days until the final pathology", _whole),
    _column("foreigners_accepted", "yes or no", _truth, _yes_no),
    _column("letter_form", "form of the invitation letter", _text()),
    _column("deposit_rule", "what is paid before", _text()),
    _column("link_policy", " | ".join(LINK_POLICIES), _one_of(LINK_POLICIES)),
    _column("answer_working_days", "as the hospital told", _decimal(9999), _number),
    _column("answer_yield", "0 to 1, as told", _decimal(1), _number),
    _column("complaints_open", "open complaints", _count),
    _column("contract", " | ".join(CONTRACTS), _one_of(CONTRACTS)),
    _column("conflict_of_interest", "shown to the family", _text()),
)
UNIT_COLUMNS = (
    _column("technique", " | ".join(TECHNIQUES), _one_of(TECHNIQUES)),
    _column("device", "model", _required()),
    _column("sites", "codes with spaces between", _sites, _listed),
    _column("cases_per_year", "as told", _whole),
    _column("in_service", "yes or no", _truth, _yes_no),
    _column("last_confirmed_on", "date of the last confirmation, 2026-11-02", _day),
    _column("evidence", "what the confirmation rests on", lambda text: _text()(text) or ""),
)
COLUMNS = (
    "hospital_id",
    *(column.name for column in HOSPITAL_COLUMNS),
    "unit",
    *(column.name for column in UNIT_COLUMNS),
)
