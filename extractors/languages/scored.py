"""Which languages propose values: English, and those whose own labelled reports were read well."""

from collections.abc import Mapping
from dataclasses import dataclass

PATTERNS = "en"
"""The language of the patterns; `docs/reading.md` says how its reading was measured."""

LEAST_PRECISION = 0.97
"""The least share of right values among those stated of the safety fields."""


@dataclass(frozen=True, slots=True)
class Score:
    """What reports that a glossary was never tuned on came to, in the fields of safety.

    These are ER, PR, HER2, type, grade, nodes, margin and size. `right` and `wrong` are values
    stated; `inverted` are those of the wrong that say the opposite. `source` names the reports,
    `organs` what they are about: of others nothing is stated in this language.
    """

    source: str
    organs: frozenset[str]
    right: int
    wrong: int
    inverted: int

    @property
    def precision(self) -> float:
        """The share of right values among those stated, 0..1."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def passes(self) -> bool:
        """Say whether the language may propose values."""
        return self.inverted == 0 and self.right > 0 and self.precision >= LEAST_PRECISION


SCORED: Mapping[str, Score] = {
    "de": Score(
        "tests/extractors/german/untouched.txt",
        frozenset({"breast"}),
        right=121,
        wrong=0,
        inverted=0,
    )
}
"""By BCP 47 tag, as first read. A test reads the reports anew; what falls below states nothing."""
