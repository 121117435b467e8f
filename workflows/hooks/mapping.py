"""A form's answers as what opens a case: which answer is which field stands in the source's file.

A place is a path: `answers.name`, or with a condition on a list
`form_response.answers[field.ref=full_name].text`. What is blank, or not there, is not stated.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from playbook_reader import Strict

_STEP = re.compile(r"([\w-]+)(?:\[([\w.-]+)=([^\]]+)\])?")


class FormField(Strict):
    """Where an answer stands, and how it is written there."""

    place: str = Field(alias="from")
    values: Mapping[str, str] = {}
    """The form's words and ours; a word that is not listed is not stated."""
    date: str = ""
    """How a day is written, such as `%d.%m.%Y`."""


FieldName = Literal[
    "patient.name", "patient.birth_date", "patient.sex", "patient.email", "patient.phone",
    "patient.nationality", "site", "language", "urgency", "residence_country",
]  # fmt: skip
"""What a form may fill in: the fields of `case.opened`."""


class FormMapping(Strict):
    """Which answer is which field of a case, where the form's own id stands, what it always is."""

    id: str = ""
    fields: Mapping[FieldName, FormField]
    always: Mapping[FieldName, str] = {}
    note: tuple[str, ...] = ()
    """Places of free text that a coordinator reads beside the case."""


def at(said: Any, place: str) -> Any:
    """Return what stands at a place; None where nothing does."""
    for name, by, wanted in _STEP.findall(place):
        said = said.get(name) if isinstance(said, Mapping) else None
        if by:
            rows = said if isinstance(said, list) else []
            said = next((row for row in rows if str(at(row, by)) == wanted), None)
    return said


def opened_by(mapping: FormMapping, said: Any) -> dict[str, Any]:
    """Return the data of `case.opened` that a form's answers state."""
    data: dict[str, Any] = {"patient": {}}
    for name, value in (
        *mapping.always.items(),
        *((name, stated(rule, said)) for name, rule in mapping.fields.items()),
    ):
        if value is None:
            continue
        part, _, field = name.rpartition(".")
        (data["patient"] if part else data)[field] = value
    return data


def notes_of(mapping: FormMapping, said: Any) -> str:
    """Return the form's free text, blank where there is none."""
    found = (at(said, place) for place in mapping.note)
    return "\n\n".join(one.strip() for one in found if isinstance(one, str) and one.strip())


def stated(rule: FormField, said: Any) -> str | None:
    """Return what one answer states in our words; None for a blank, and for a word not listed."""
    found = at(said, rule.place)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    text = str(found).strip()
    if rule.values:
        return next((ours for word, ours in rule.values.items() if word == text), None)
    if rule.date and text:
        try:
            return datetime.strptime(text, rule.date).date().isoformat()  # noqa: DTZ007 - a day
        except ValueError:
            return None
    return text or None
