"""The statements, one module per family; each yields candidates, `extractors.settle` chooses."""

from collections.abc import Iterator

from extractors.candidates import Candidate
from extractors.fields import (
    clinical,
    genes,
    grade,
    histology,
    margins,
    markers,
    nodes,
    place,
    presence,
    size,
    staging,
    treatment,
)
from extractors.fields.measures import as_printed
from extractors.gate import passing
from extractors.reading import Reading


def read_all(reading: Reading, organ: str) -> Iterator[Candidate]:
    """Yield every candidate of every family for a document about `organ` that states a result."""
    found = _read(reading, organ)
    yield from passing(
        reading, (as_printed(reading, one) if isinstance(one.value, dict) else one for one in found)
    )


def _read(reading: Reading, organ: str) -> Iterator[Candidate]:
    yield from histology.read(reading, organ)
    yield from grade.read(reading, organ)
    yield from size.read(reading, organ)
    yield from staging.read(reading)
    yield from nodes.read(reading)
    yield from margins.read(reading, organ)
    yield from presence.read(reading, organ)
    yield from place.read(reading, organ)
    yield from treatment.read(reading, organ)
    yield from clinical.read(reading, organ)
    yield from genes.read(reading, organ)
    if organ in {"breast", "stomach"}:
        yield from markers.read(reading)
