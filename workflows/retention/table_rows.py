"""How the rows of one table that are about a case are found, and what becomes of each column."""

from dataclasses import dataclass

OF_CASE = "case_id = :case"
NOBODYS = ""
"""Rows that are about no patient: about the house, its staff, hospitals, or numbers only."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one table that are about a case.

    `where` finds them (`:case`; `:unmatched`: letters of the patient that nobody gave to a case).
    `erased` are the columns that an erasure blanks, `kept` those that stay; `gone` rows are deleted
    whole. `last` are erased after the last letter to the patient has left.
    """

    where: str
    erased: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    gone: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that somebody has thought of."""
        return (*self.erased, *self.last, *self.kept)


def columns(names: str) -> tuple[str, ...]:
    """Return the names of a line with spaces between."""
    return tuple(names.split())
