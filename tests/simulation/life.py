"""One simulated life: what its people said and did, as they know it themselves.

Nothing here is read from the house's database: what may stand in a letter, who may be written to
and what was taken back is known from the acts of the people and from the letters they got.
"""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.simulation.acts import Act
from tests.simulation.outside import Taken

NUMBER = re.compile(r"\d[\d.,\u00a0\u202f ]*\d|\d")
ISO_DAY = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")


AFTER_WITHDRAWAL = ("M17", "M38", "M41", "M54", "M56")
"""Letters that are told all the same: what was asked is confirmed, hospitals are to delete."""


@dataclass
class Trap:
    """What happens at the next such moments of the life's work."""

    moment: str
    what: str
    times: int = 1
    then: Act | None = None


@dataclass
class Stop:
    """From which letter on nothing leaves, in the mail server's counting, and why."""

    why: str
    after: int
    but: frozenset[str] = frozenset()


@dataclass
class Life:
    """A family, its case and everybody who acts in it."""

    number: int
    case_id: int = 0
    ref: str = ""
    email: str = ""
    """Where letters to the patient go now."""
    emails: set[str] = field(default_factory=set)
    """All addresses that were the family's."""
    said: set[str] = field(default_factory=set)
    """Numbers and days that somebody stated, as digits and as ISO days."""
    traps: list[Trap] = field(default_factory=list)
    allowed: set[str] = field(default_factory=set)
    """Codes of hospitals that the family allows to be shown the case."""
    stops: list[Stop] = field(default_factory=list)
    letters: list[Taken] = field(default_factory=list)
    """What the mail server took for family and hospitals, oldest first."""
    answered: int = 0
    """Letters that hospitals and families wrote: each has a number of its own."""
    papers: int = 0
    again: set[str] = field(default_factory=set)
    """Message-IDs that a person had sent once more."""

    def says(self, *texts: str) -> None:
        """Note the numbers and days of what somebody said."""
        for text in texts:
            self.said.update(numbers_in(text))
            self.said.update(f"{y}-{m}-{d}" for y, m, d in ISO_DAY.findall(text))

    def says_day(self, day: date) -> None:
        """Note a day that somebody said."""
        self.said.add(day.isoformat())

    def is_at(self, email: str) -> None:
        """Note where letters to the patient go from now on."""
        self.email = email
        self.emails.add(email)

    def stop(self, why: str, taken: int, *but: str) -> None:
        """Nothing leaves any more, but letters of some kinds."""
        self.stops.append(Stop(why, taken, frozenset(but)))

    def withdraws(self, scopes: list[str], taken: int) -> None:
        """Note what the family took back: the whole, one hospital, or letters to itself."""
        if "process" in scopes:
            self.allowed.clear()
            self.stop("withdrawal", taken, *AFTER_WITHDRAWAL)
        for scope in scopes:
            name, _, code = scope.partition(":")
            if name.startswith("share_"):
                self.allowed.discard(code)

    def go_on(self, why: str) -> None:
        """What was stopped for this reason goes on."""
        self.stops = [one for one in self.stops if one.why != why]

    def hospital_letters(self, code: str = "") -> list[Taken]:
        """Return the letters that a hospital, or any, got."""
        mark = f"{code.lower().replace('h0', 'h')}-"
        return [one for one in self.letters if one.to[0] not in self.emails and mark in one.to[0]]


def numbers_in(text: str) -> set[str]:
    """Return the numbers of a text as digits alone, whole units: "7,800.00" is 7800."""
    found = set()
    for number in NUMBER.findall(text):
        plain = re.sub(r"[.,]\d{1,2}$", "", number.strip(" ,."))
        found.add(re.sub(r"\D", "", plain))
    return found


def about(day: date) -> set[str]:
    """Return a day and those beside it: a moment is another day in another zone."""
    return {(day + timedelta(days=off)).isoformat() for off in (-1, 0, 1)}
