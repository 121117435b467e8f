"""Two statements of one document that cannot both be true: a question to a person, no value."""

from dataclasses import dataclass

from extractors.types import Value


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Why a field has no value although the document speaks of it.

    `field` is the concept that stays unstated (`margin_status`), `reason` a short code, and
    `spans` the stretches of `Reading.text` that contradict each other, in order. `example` is any
    value that the concept may have: from it the field's name is found.
    """

    field: str
    reason: str
    spans: tuple[tuple[int, int], ...]
    example: Value | None = None
