"""Which values a person looks at one by one: what decides a criterion, and what is read unsurely.

No one button confirms them; it is for the rest.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from suitability import Library
from suitability.deciding import decisive_fields

LOW_CONFIDENCE = 0.8
"""Below it the reading itself says that it may be wrong."""


SIDE = "tumour.laterality"
"""No criterion reads it, and a left that is a right stops every case."""


def deciding_fields(library: Library, site: str | None) -> frozenset[str]:
    """Return the fields of which nothing is taken by a common button, nor by rank."""
    return decisive_fields(library, site) | {SIDE}


class Read(Protocol):
    """A value as it was read: its field, and how sure the reading is of it (0 to 1)."""

    @property
    def field(self) -> str:
        """The name of the vocabulary's field."""

    @property
    def confidence(self) -> float:
        """How sure the reading is."""


Finding = TypeVar("Finding", bound=Read)


def is_unsure(finding: Read) -> bool:
    """Return whether the reading itself says that it may be wrong."""
    return finding.confidence < LOW_CONFIDENCE


def must_decide(
    findings: Iterable[Finding], library: Library, site: str | None
) -> Sequence[Finding]:
    """Return the findings that are confirmed, corrected or rejected each by itself."""
    decisive = deciding_fields(library, site)
    return [one for one in findings if is_unsure(one) or one.field in decisive]
