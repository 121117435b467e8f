"""Whether the pages of one file are about one person.

A family sends what lies together: a mother's report and her daughter's in one scan. Their values
must never meet, so a file whose pages name two people states nothing until a person has looked.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.identity import check_identity, read_identity
from extractors.languages.heads import head_in_english
from extractors.types import Identity, Page

HEAD_LINES = 25
# A doctor has a name too: only what opens a line with these words is the patient's.
PATIENT_LINE = re.compile(r"\W{0,3}(?:patient|pt\b|name|full name|surname)", re.IGNORECASE)
# "Patient: tolerated the procedure" is a sentence, and "Name: Dr Smith" somebody else.
_NO_NAME = re.compile(
    r"^(?:dr|prof|doctor|nurse|md)\b|\d|\b(?:is|was|has|had|with|the|and|for|presented|tolerated|"
    r"not|seen|see|above|below|same|consent|signature|copy|stated|known|withheld|redacted|removed)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a page, or several, say they are about."""

    names: tuple[str, ...] = ()
    births: frozenset[str] = frozenset()
    records: frozenset[str] = frozenset()


def person_of(lines: Sequence[str]) -> Person:
    """Return whom the lines of a page's head are about."""
    lines = head_in_english("\n".join(lines)).split("\n")
    stated = read_identity("\n".join(lines))
    names = read_identity("\n".join(filter(PATIENT_LINE.match, lines))).names
    return Person(
        tuple(name for name in names if _is_name(name)),
        frozenset(stated.birth_dates),
        frozenset(stated.record_numbers),
    )


def says_who(person: Person) -> bool:
    """Say whether a head may tell its person from another: by a name, or by a birth date."""
    return bool(person.names or person.births)


def differ(one: Person, other: Person) -> bool:
    """Say whether two heads are about two people.

    A birth date or number that both state makes them one, whatever a scan made of the name. Names
    that agree may still be a mother's and a daughter's: then the birth dates tell, but for a
    single digit, which is a slip.
    """
    if one.births & other.births or one.records & other.records:
        return False
    if one.names and other.names:
        named = Identity(names=other.names)
        check = check_identity(named, name=one.names[0], other_names=one.names[1:])
        if check.result == "mismatch":
            return True
    if not (one.births and other.births):
        return False
    return not any(_is_slip(a, b) for a in one.births for b in other.births)


def several_people(pages: Sequence[Page]) -> bool:
    """Say whether the heads of pages name more than one person."""
    known: list[Person] = []
    for page in pages if len(pages) > 1 else ():
        lines = [line for line in page.text.split("\n") if line.strip()]
        person = person_of(lines[:HEAD_LINES])
        if not says_who(person) or person in known:
            continue
        if any(differ(other, person) for other in known):
            return True
        known.append(person)
    return False


def _is_name(name: str) -> bool:
    words = name.split()
    return 2 <= len(words) <= 5 and not _NO_NAME.search(name) and all(w[0].isupper() for w in words)


def _is_slip(one: str, other: str) -> bool:
    return sum(a != b for a, b in zip(one, other, strict=False)) <= 1
