"""The closed vocabulary of events: what may be recorded, and what a payload may hold.

The list itself is data, `playbooks/vocabularies/events.yaml`: each field of a payload has a form
(`workflows/event_forms.py`), and what does not fit is refused when the event is written. Payloads
carry ids, codes, counts, dates and hashes; what a person types is a word of a list.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from playbook_reader import Document, Strict, read
from workflows.event_forms import KINDS, Form, FormError, compile_form

EVERY_EVENT: Mapping[str, Form] = {"attested": compile_form(["code"], {})}
"""Payload fields that every event may carry: the guards a person vouched for by deciding."""

CAME_BY = "came_by"
"""The field of a payload that says how a patient's word came."""

FIELD_IN_WORDS = re.compile(r"\{(\w+)\}")
"""A field of the payload in the sentence of an event."""

Payload = Mapping[str, Any]


class EventRefused(ValueError):
    """An event outside the vocabulary, or a payload that does not fit its forms.

    Says which field and what it must be; never what was given, which could be personal data.
    """


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a kind of actor and a pseudonym, never a name.

    `came_by` says how a patient's word came: by a link to their page alone, or by a code as well.
    """

    type: str = "system"
    ref: str = ""
    came_by: str = ""


SYSTEM = Actor()


@dataclass(frozen=True, slots=True)
class Event:
    """A fact to be recorded. `objects` are ids of rows it is about: {"document_id": 7}."""

    type: str
    payload: Payload = field(default_factory=dict)
    objects: Mapping[str, int] = field(default_factory=dict)
    actor: Actor = SYSTEM
    occurred_at: datetime | None = None


class VocabularyFile(Strict):
    """`vocabularies/events.yaml`: `words` has a sentence for each of `events`."""

    envelope: dict[str, str]
    lists: dict[str, str]
    events: dict[str, dict[str, JsonValue]]
    words: dict[str, str]


class Vocabulary:
    """Event types with the payload fields each may carry, and the form of each field."""

    def __init__(self, forms: Mapping[str, Mapping[str, Form]]) -> None:
        self._forms = {name: {**fields, **EVERY_EVENT} for name, fields in forms.items()}

    @classmethod
    def load(cls, path: Path) -> "Vocabulary":
        """Read the vocabulary; raise `playbook_reader.PlaybookError` with file, line and mend."""
        document = read(path, f"vocabularies/{path.name}")
        file = document.validate(VocabularyFile)
        _check_words(document, file)

        def compiled(place: tuple[str, ...], written: JsonValue, lists: Mapping[str, Form]) -> Form:
            try:
                return compile_form(written, lists)
            except FormError as error:
                raise document.error(place, str(error), error.mend) from None

        lists: dict[str, Form] = {}
        for name, words in file.lists.items():
            if name in KINDS:
                mend = "give the list another name"
                raise document.error(("lists", name), f"{name} is a kind of form", mend)
            lists[name] = compiled(("lists", name), words, {})
        return cls(
            {
                event: {
                    name: compiled(("events", event, name), written, lists)
                    for name, written in fields.items()
                }
                for event, fields in file.events.items()
            }
        )

    def __contains__(self, name: str) -> bool:
        return name in self._forms

    def names(self) -> Sequence[str]:
        """Return the event types, sorted."""
        return sorted(self._forms)

    def fields(self, name: str) -> Mapping[str, Form]:
        """Return the payload fields of an event type with their forms; KeyError for no type."""
        return self._forms[name]

    def checked(self, event: Event) -> Event:
        """Return a fact as it is written: with how the patient's word came, where it has a place.

        What the payload says already stays. Raises `EventRefused` as `check` does.
        """
        way = event.actor.came_by
        if way and CAME_BY in self._forms.get(event.type, {}) and not event.payload.get(CAME_BY):
            event = replace(event, payload={**event.payload, CAME_BY: way})
        self.check(event)
        return event

    def without_hashes(self, type: str, payload: Payload) -> dict[str, Any]:
        """Return what a stranger may have of a payload: a hash of little can be guessed back."""
        forms = self._forms.get(type, {})
        return {
            name: value for name, value in payload.items() if forms.get(name) is not KINDS["hash"]
        }

    def check(self, event: Event) -> None:
        """Raise `EventRefused` unless the event's type, fields and values are allowed."""
        forms = self._forms.get(event.type)
        if forms is None:
            raise EventRefused(f"{event.type} is not in playbooks/vocabularies/events.yaml")
        for name, value in event.payload.items():
            form = forms.get(name)
            if form is None:
                raise EventRefused(f"{event.type} takes only: {', '.join(forms)}")
            if value is not None and not form.test(value):
                raise EventRefused(f"{event.type}: {name} must be {form.said}")
        for name, value in event.objects.items():
            if not isinstance(value, int):
                raise EventRefused(f"{event.type}: object {name} must be an id")


def _check_words(document: Document, file: VocabularyFile) -> None:
    for event, sentence in file.words.items():
        if event not in file.events:
            mend = "Remove the line, or correct the name"
            raise document.error(("words", event), f"there is no event {event}", mend)
        for name in FIELD_IN_WORDS.findall(sentence):
            if name not in file.events[event]:
                mend = f"Name one of its fields: {', '.join(file.events[event]) or 'it has none'}"
                raise document.error(("words", event), f"{event} has no field {name}", mend)
    for event in file.events:
        if event not in file.words:
            mend = "Say under `words` what it means"
            raise document.error(("events", event), f"{event} has no words", mend)
