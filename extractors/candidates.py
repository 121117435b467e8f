"""A statement found in the text before the document's own contradictions are settled."""

from dataclasses import dataclass

from extractors.types import Value


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of one concept.

    `start:end` is the span of `Reading.text` that says it. `weight` is the section's weight plus
    what the pattern adds; the heaviest candidate of a concept is the document's statement.
    `confidence` (0..1) is how sure the pattern is of its own reading; `settle` turns it into how
    often such a statement is right, and says in what `company` it stands (`extractors.confidence`).
    `rival` is another saying of the document that it cannot be true beside, where one weighs
    nearly as much.
    """

    concept: str
    value: Value
    start: int
    end: int
    weight: float
    confidence: float = 0.9
    unit: str | None = None
    company: str = "alone"
    rival: "Candidate | None" = None
