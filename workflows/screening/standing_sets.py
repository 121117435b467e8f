"""How the criteria sets of a result stand: approved by a clinician, drafts, or withdrawn.

A set's file says what its writers think of it (`status`); what a clinician did stands in
`criteria_act`, bound to the hash of the text. One changed byte is another text: a draft again.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import CriteriaAct
from suitability import Library
from suitability.approval import HISTORICAL, needs_approval
from suitability.standing import APPROVED, DRAFT, GONE, WITHDRAWN, StandingSet

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
