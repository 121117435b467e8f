"""Pseudonymisation of an export: other references, shifted dates, grouped countries.

The salt is drawn anew for every export and kept nowhere, so two exports cannot be joined. All dates
of a case move by the same number of whole weeks: durations and weekdays stay true.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from analytics.events import EventRow

SMALLEST_GROUP = 5
"""Countries with fewer cases than this are exported as `other`."""
LONGEST_SHIFT_WEEKS = 26

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]+([+-]\d{2}:\d{2}|Z)?")
_KEPT = frozenset(
    {"hospital_id", "hospital_ids", "item_id", "matched_by", "signed_by", "reported_by"}
)
_HASHES = ("sha256", "_hash")


class Pseudonyms:
    """Changes rows so that they no longer point at a case or a person."""

    def __init__(self, rare: frozenset[str] = frozenset(), salt: bytes | None = None) -> None:
        self._rare = rare
        self._salt = salt or secrets.token_bytes(32)

    def __call__(self, row: EventRow) -> EventRow:
        """Return the row under another name."""
        shift = self.shift(row.case_ref)
        return replace(
            row,
            case_ref=f"P-{self._hash('case', row.case_ref)}",
            # A ULID begins with the time it was made.
            event_id=self._hash("event", row.event_id),
            causation_id=self._hash("event", row.causation_id) if row.causation_id else None,
            occurred_at=row.occurred_at + shift,
            recorded_at=row.recorded_at + shift,
            actor_ref=f"{row.actor_type}-{self._hash('actor', row.actor_ref)[:8]}"
            if row.actor_ref
            else "",
            country="other" if row.country in self._rare else row.country,
            payload=self._payload(row.payload, shift),
        )

    def shift(self, case_ref: str) -> timedelta:
        """Return by how much the dates of a case move: whole weeks, never none."""
        number = int(self._hash("shift", case_ref), 16) % (2 * LONGEST_SHIFT_WEEKS)
        weeks = number - LONGEST_SHIFT_WEEKS
        return timedelta(weeks=weeks if weeks < 0 else weeks + 1)

    def _hash(self, kind: str, value: str) -> str:
        return hmac.new(self._salt, f"{kind}|{value}".encode(), hashlib.sha256).hexdigest()[:16]

    def _payload(self, payload: Mapping[str, Any], shift: timedelta) -> dict[str, Any]:
        kept = {
            name: self._value(value, shift)
            for name, value in payload.items()
            if not _points_at_a_row(name)
        }
        if kept.get("residence_country") in self._rare:
            kept["residence_country"] = "other"
        return kept

    def _value(self, value: Any, shift: timedelta) -> Any:
        if isinstance(value, Mapping):
            return {
                name: self._value(item, shift)
                for name, item in value.items()
                if not _points_at_a_row(name)
            }
        if isinstance(value, str):
            return _shifted(value, shift)
        if isinstance(value, Sequence):
            return [self._value(item, shift) for item in value]
        return value


def _points_at_a_row(name: str) -> bool:
    """Return whether a payload field names a row, a file, a person or another case."""
    if name in _KEPT:
        return False
    return name.endswith(("_id", "_ids", "_ref", "_by", *_HASHES)) or name in (
        "merged_into",
        "duplicate_of",
        "bytes",
        "unreadable",
    )


def _shifted(text: str, shift: timedelta) -> str:
    if _DATE.fullmatch(text):
        return (date.fromisoformat(text) + shift).isoformat()
    if _MOMENT.fullmatch(text):
        return (datetime.fromisoformat(text) + shift).isoformat()
    return text
