"""The closed vocabulary of events: what may be recorded, and what a payload may hold.

The list itself is data, `playbooks/vocabularies/events.yaml`. Payloads carry ids, codes, counts,
dates and hashes; a text with white space in it is refused, because that is what a name, a
diagnosis or a remark looks like.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

CODE = re.compile(r"[\w.:+\-/#*&%]{0,120}", re.ASCII)
EVERY_EVENT = frozenset({"attested"})
"""Payload fields that every event may carry: the guards a person vouched for by deciding."""

Payload = Mapping[str, Any]


class EventRefused(ValueError):
    """An event outside the vocabulary, or a payload that could hold personal data."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a kind of actor and a pseudonym, never a name."""

    type: str = "system"
    ref: str = ""


SYSTEM = Actor()


@dataclass(frozen=True, slots=True)
class Event:
    """A fact to be recorded. `objects` are ids of rows it is about: {"document_id": 7}."""

    type: str
    payload: Payload = field(default_factory=dict)
    objects: Mapping[str, int] = field(default_factory=dict)
    actor: Actor = SYSTEM
    occurred_at: datetime | None = None


class Vocabulary:
    """Event types with the payload fields each may carry."""

    def __init__(self, fields: Mapping[str, frozenset[str]]) -> None:
        self._fields = dict(fields)

    @classmethod
    def load(cls, path: Path) -> "Vocabulary":
        """Read the vocabulary from a YAML file with a mapping `events: {type: {field: form}}`."""
        events = yaml.safe_load(path.read_text(encoding="utf-8"))["events"]
        return cls({name: frozenset(form or {}) for name, form in events.items()})

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def names(self) -> Sequence[str]:
        """Return the event types, sorted."""
        return sorted(self._fields)

    def check(self, event: Event) -> None:
        """Raise `EventRefused` unless the event's type, fields and values are allowed."""
        allowed = self._fields.get(event.type)
        if allowed is None:
            raise EventRefused(f"{event.type} is not in playbooks/vocabularies/events.yaml")
        for name, value in event.payload.items():
            if name not in allowed and name not in EVERY_EVENT:
                raise EventRefused(f"{event.type} has no payload field {name}")
            if not _is_code(value):
                raise EventRefused(
                    f"{event.type}.{name} must hold ids, codes, counts, dates or hashes"
                )
        for name, value in event.objects.items():
            if not isinstance(value, int):
                raise EventRefused(f"{event.type}: object {name} must be an id")


def _is_code(value: object) -> bool:
    if value is None or isinstance(value, bool | int | float):
        return True
    if isinstance(value, str):
        return CODE.fullmatch(value) is not None
    if isinstance(value, Mapping):
        return all(_is_code(key) and _is_code(item) for key, item in value.items())
    if isinstance(value, Sequence):
        return all(_is_code(item) for item in value)
    return False
