"""A statement found in the text before the document's own contradictions are settled."""

from dataclasses import dataclass

from extractors.types import Value


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of one concept.

    `start:end` is the span of `Reading.text` that says it. `weight` is the section's weight plus
    what the pattern adds; the heaviest candidate of a concept is the document's statement.
    `confidence` (0..1) is how sure the pattern is of its own reading.
    """

    concept: str
    value: Value
    start: int
    end: int
    weight: float
    confidence: float = 0.9
    unit: str | None = None
