"""What a look at the chains finds, in plain words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SHOWN_OF_ONE = 5
"""Findings of one case or table that are told; where one is, many follow from it."""

WORDS: Mapping[str, str] = {
    "missing": "{it} is missing",
    "changed": "{it} is not as it was written, or does not follow from the one before",
    "moved": "{it} stood at {other}",
    "put_in": "{it} was put in, and what follows was renumbered",
    "taken_out": "before {it} one was taken out, and what follows was renumbered",
    "cut": "the end is cut off: {it} is the last, and there were {other}",
    "anew": "{it} is not the one that was signed: what leads to it was written anew",
    "gone": "the whole case is gone; it had {other} events",
    "not_erased": "{it} was blanked, and no erasure says so",
    "left_over": "what an erasure left of the events is not what it left",
    "unopened": "{it} does not open: what was sealed is not what stands there, or its key is gone",
    "unlinked": "{it} was put in: no link knows it",
    "head_missing": "signed head {other} is missing",
    "head_forged": "signed head {other} was not signed with a key of ours",
    "head_differs": "signed head {other} is another one in the object store",
    "head_lost": "the object store has a signed head {other} that the database does not have",
}
"""By kind; `it` is the place, `other` another number."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written.

    `what` is `case_event`, another table, a strand of links, or `signed_head`; `place` an event's
    number in its case, a row's or a link's; `other` a second number, where the kind has one.
    """

    kind: str
    what: str
    case_id: int | None = None
    place: int | None = None
    other: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain data: codes and numbers."""
        return {
            "kind": self.kind,
            "what": self.what,
            "case_id": self.case_id,
            "place": self.place,
            "other": self.other,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Finding":
        """Return what `to_json` made."""
        return cls(data["kind"], data["what"], data["case_id"], data["place"], data["other"])

    def in_words(self, refs: Mapping[int, str]) -> str:
        """Say it; `refs` are the references of cases by their numbers."""
        said = WORDS[self.kind].format(it=self._it(), other=self.other)
        if self.case_id is not None:
            said = f"case {refs.get(self.case_id, f'number {self.case_id}')}: {said}"
        return said

    def _it(self) -> str:
        if self.what == "case_event":
            return f"event {self.place}"
        if self.what in STRANDS:
            return f"link {self.place} of the strand {self.what}"
        return f"{self.what} {self.place}"


STRANDS = ("evidence", "audit", "visitors")
"""Chains of links: evidence, what people with an account or a case did, and everybody else."""


@dataclass
class Report:
    """What was looked at, and what was found."""

    at: datetime
    cases: int = 0
    events: int = 0
    links: int = 0
    heads: int = 0
    head_no: int | None = None
    head_at: datetime | None = None
    took_ms: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, found: Sequence[Finding]) -> None:
        """Take up findings of one case or table, the first few of them."""
        self.findings += found[:SHOWN_OF_ONE]
