"""How the criteria sets of a result stand: approved by a clinician, drafts, or withdrawn.

A set's file says what its writers think of it (`status`); what a clinician did stands in
`criteria_act`, bound to the hash of the text. One changed byte is another text: a draft again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import CriteriaAct
from models.criteria_act import APPROVED, WITHDRAWN
from suitability import Library
from suitability.approval import HISTORICAL, needs_approval
from suitability.report_blocks import Block, Text

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


Versions = Mapping[str, Mapping[str, str]]


def standing_sets(
    session: Session, set_versions: Versions, library: Library
) -> tuple[StandingSet, ...]:
    """Return how each text that a result was made with stands now, in the result's order."""
    done = acts_on(session, [str(one.get("sha256")) for one in set_versions.values()])
    return tuple(
        _standing(set_id, one, done.get((set_id, str(one.get("sha256"))), {}), library)
        for set_id, one in set_versions.items()
    )


def acts_on(
    session: Session, hashes: Iterable[str]
) -> dict[tuple[str, str], dict[str, CriteriaAct]]:
    """Return what was done with texts, by set id and hash, then by act."""
    found: dict[tuple[str, str], dict[str, CriteriaAct]] = {}
    query = select(CriteriaAct).where(col(CriteriaAct.sha256).in_(sorted(set(hashes))))
    for row in session.scalars(query):
        found.setdefault((row.set_id, row.sha256), {})[row.act] = row
    return found


def _standing(
    set_id: str, version: Mapping[str, Any], done: Mapping[str, CriteriaAct], library: Library
) -> StandingSet:
    known = library.sets.get(set_id)
    title = known.title if known else set_id
    number, sha256 = str(version.get("version", "")), str(version.get("sha256", ""))
    act = done.get(WITHDRAWN) or done.get(APPROVED)
    if act is not None and act.act == WITHDRAWN:
        return StandingSet(
            set_id, number, sha256, title, WITHDRAWN, signer_of_act(act), act.at, act.reason or ""
        )
    if known is None:
        return StandingSet(set_id, number, sha256, title, GONE)
    if act is not None:
        return StandingSet(set_id, number, sha256, title, APPROVED, signer_of_act(act), act.at)
    state = DRAFT if needs_approval(known) else HISTORICAL
    return StandingSet(set_id, number, sha256, title, state)


def signer_of_act(act: CriteriaAct) -> str:
    """Return who acted: name, qualification, registration."""
    return f"{act.signer_name}, {act.signer_qualification}, {act.signer_registration}"


def withdrawn_of(session: Session, set_versions: Versions, library: Library) -> tuple[str, ...]:
    """Return the ids of the sets of a result whose text a clinician has withdrawn."""
    sets = standing_sets(session, set_versions, library)
    return tuple(one.set_id for one in sets if one.state == WITHDRAWN)


def draft_words(sets: Sequence[StandingSet]) -> str:
    """Return the draft banner, which names the sets; empty when every set is approved."""
    drafts = [one.named for one in sets if one.state == DRAFT]
    if not drafts:
        return ""
    count = "All" if len(drafts) == len(sets) else str(len(drafts))
    return (
        f"Draft criteria: {count} of {len(sets)} sets used here are not approved by a clinician. "
        f"Check each rule that decides against its source. Drafts: {'; '.join(drafts)}."
    )


def withdrawn_words(sets: Sequence[StandingSet]) -> tuple[str, ...]:
    """Return one sentence for each set that was withdrawn or is no longer among the criteria."""
    told = []
    for one in sets:
        if one.state == WITHDRAWN and one.on is not None:
            why = f" Reason: {one.reason}" if one.reason else ""
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


def banner_blocks(session: Session, set_versions: Versions, library: Library) -> list[Block]:
    """Return what the clinician's paper says of drafts and withdrawn sets, worst first."""
    sets = standing_sets(session, set_versions, library)
    words = [*withdrawn_words(sets), *([draft_words(sets)] if draft_words(sets) else [])]
    return [Text(text, "warning") for text in words]
