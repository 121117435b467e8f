"""Facts of the journey that a person reports: one answer each, which moves the case."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from workflows.declared import Raises
from workflows.engine.deciding import Choice, Deciding

Payload = Callable[[Deciding], dict[str, Any]]


def reports(
    type: str,
    label: str,
    payload: Payload | Mapping[str, Any] | None = None,
    *,
    needs: tuple[str, ...] = (),
    may: tuple[str, ...] = (),
    attests: tuple[str, ...] = (),
    also: tuple[str, ...] = (),
) -> Choice:
    """Return the answer that records the fact `type`, which must move the case.

    `also` are the facts that `payload` may record before it.
    """

    def apply(deciding: Deciding) -> None:
        built = payload(deciding) if callable(payload) else dict(payload or {})
        if attests:
            built["attested"] = [*attests, *built.get("attested", ())]
        deciding.record_moving(type, built)

    raises = Raises(events=(*also, type))
    return Choice(label, apply, needs=needs, may=may, attests=attests, raises=raises)


def iso_day(day: date | None) -> str | None:
    """Return the day as it is written into events, or None."""
    return day.isoformat() if day else None
