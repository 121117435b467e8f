"""Nothing is stated that nobody said: the values of events, held against what was said.

A value is somebody's word (`Life.said`), a listed word of the vocabulary, or one of what the system
itself knows: ids, counts, hashes, moments (`COMPUTED`).
"""

import re
from typing import TYPE_CHECKING, Any

from workflows.process import Process

if TYPE_CHECKING:
    from tests.simulation.life import Life

SAID = {
    "offer.recorded": (
        "amount_low", "amount_high", "stay_days", "earliest_admission", "valid_until",
        "supplementary_ebrt_cost", "deposit_pct",
    ),
    "offer.renewed": ("valid_until",),
    "admission.date_confirmed": ("admission_date", "surgery_date"),
    "admission.date_changed": ("old", "new"),
    "visa.granted": ("valid_until", "max_stay_days"),
    "travel.departed": ("departed_on",),
    "supplementary.scheduled": ("start", "fractions"),
    "data.kept": ("until",),
    "data.erasure_held": ("until",),
    "stay.answered": ("fractions", "allowed_days"),
    "stay.extended": ("until",),
}  # fmt: skip
"""By event the fields that only a person can have said: numbers and days."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def invented(process: Process, life: "Life", event: Any) -> str | None:
    """Return a value of the event that nobody said."""
    for name in SAID.get(event.type, ()):
        value = event.payload.get(name)
        if value is None:
            continue
        if not _is_said(value, life):
            return f"{event.type}.{name} = {value!r}"
    return None


def _is_said(value: Any, life: "Life") -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, int | float):
        return f"{value:.0f}" in life.said
    found = _DAY.match(str(value))
    return found is None or found.group() in life.said
