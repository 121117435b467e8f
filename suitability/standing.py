"""How criteria sets stand, in words: drafts and withdrawn ones are named wherever they count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

APPROVED, WITHDRAWN = "approved", "withdrawn"
DRAFT, GONE = "draft", "gone"


@dataclass(frozen=True, slots=True)
class StandingSet:
    """One text of a set. `state` is draft, approved, withdrawn, historical, or gone (the set is no
    longer among the criteria). `by` names who approved or withdrew it, `on` says when.
    """

    set_id: str
    version: str
    sha256: str
    title: str
    state: str
    by: str = ""
    on: datetime | None = None
    reason: str = ""

    @property
    def named(self) -> str:
        """The set with its version, as people read it."""
        return f"{self.title} ({self.set_id} {self.version})"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a paper says of the sets of a result: how each stands by set id, the sentences."""

    states: Mapping[str, str]
    withdrawn: tuple[str, ...]
    draft: str


def standing_on_paper(sets: Sequence[StandingSet]) -> Standing:
    """Return what the clinician's paper says of the sets of a result."""
    states = {one.set_id: _state_words(one) for one in sets}
    return Standing(states, withdrawn_words(sets), draft_words(sets))


def draft_words(sets: Sequence[StandingSet]) -> str:
    """Return the draft banner, which names the sets; empty when every set is signed."""
    drafts = [f"{one.set_id} {one.version}" for one in sets if one.state == DRAFT]
    if not drafts:
        return ""
    return (
        f"Draft criteria: {len(drafts)} of {len(sets)} sets used here are not yet signed by a "
        "clinician. Check each rule that decides against its source. "
        f"Drafts: {', '.join(drafts)}."
    )


def withdrawn_words(sets: Sequence[StandingSet]) -> tuple[str, ...]:
    """Return one sentence for each set that was withdrawn or is no longer among the criteria."""
    told = []
    for one in sets:
        if one.state == WITHDRAWN and one.on is not None:
            why = f" Reason: {one.reason.rstrip('.')}." if one.reason else ""
            told.append(
                f"Withdrawn: {one.named} was withdrawn on {one.on:%Y-%m-%d} by {one.by}.{why} "
                "This result is shown as it was made; it was not weighed again."
            )
        elif one.state == GONE:
            told.append(
                f"Withdrawn: {one.named} is no longer among the criteria. "
                "This result is shown as it was made; it was not weighed again."
            )
    return tuple(told)


def _state_words(one: StandingSet) -> str:
    """Return how a set stands; a paper about a patient never has the word approved."""
    word = "signed" if one.state == APPROVED else one.state
    return f"{word} {one.on:%Y-%m-%d}" if one.on is not None else word
