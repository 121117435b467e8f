"""How the criteria sets of a result stand: approved by a clinician, drafts, or withdrawn.

A set's file says what its writers think of it (`status`); what a clinician did stands in
`criteria_act`, bound to the hash of the text and of all that its meaning depends on. Another text,
or another meaning of the same text, is a draft again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from models import CriteriaAct
from suitability import CriteriaSet, Library
from suitability.approval import HISTORICAL, needs_approval
from suitability.meaning import meaning_hash
from suitability.standing import APPROVED, DRAFT, GONE, WITHDRAWN, StandingSet

Versions = Mapping[str, Mapping[str, str]]


def loaded_versions(library: Library) -> dict[str, dict[str, str]]:
    """Return version, text and meaning of every set as the library has it now."""
    every = {name: _version(one) for name, one in library.sets.items()}
    return made_with(every, library)


def made_with(versions: Versions, library: Library) -> dict[str, dict[str, str]]:
    """Return what a result made with `library` keeps of its sets: the meaning beside the text."""
    return {
        name: {**one, "meaning": meaning_hash(library.sets[name], library)}
        for name, one in versions.items()
    }


def _version(one: CriteriaSet) -> dict[str, str]:
    return {"version": one.version, "sha256": one.sha256}


def standing_sets(
    session: Session, set_versions: Versions, library: Library
) -> tuple[StandingSet, ...]:
    """Return how each text that a result was made with stands now, in the result's order.

    A result that does not say in which meaning it was made was made in none that was approved.
    """
    done = acts_on(session, [str(one.get("sha256")) for one in set_versions.values()])
    return tuple(
        _standing(set_id, one, done.get((set_id, str(one.get("sha256"))), ()), library)
        for set_id, one in set_versions.items()
    )


def acts_on(session: Session, hashes: Iterable[str]) -> dict[tuple[str, str], list[CriteriaAct]]:
    """Return what was done with texts, by set id and hash, oldest first."""
    found: dict[tuple[str, str], list[CriteriaAct]] = {}
    query = select(CriteriaAct).where(col(CriteriaAct.sha256).in_(sorted(set(hashes))))
    for row in session.scalars(query.order_by(col(CriteriaAct.id))):
        found.setdefault((row.set_id, row.sha256), []).append(row)
    return found


def act_that_counts(done: Iterable[CriteriaAct], meaning: str) -> CriteriaAct | None:
    """Return the act that a text in a meaning stands by: its withdrawal, else its approval."""
    for act in done:
        if act.act == WITHDRAWN:
            return act
    approved = (act for act in done if act.act == APPROVED and act.meaning == meaning != "")
    return next(approved, None)


def _standing(
    set_id: str, version: Mapping[str, Any], done: Sequence[CriteriaAct], library: Library
) -> StandingSet:
    known = library.sets.get(set_id)
    title = known.title if known else set_id
    number, sha256 = str(version.get("version", "")), str(version.get("sha256", ""))
    act = act_that_counts(done, str(version.get("meaning", "")))
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
