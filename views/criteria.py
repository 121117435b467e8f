"""The criteria sets as pages show them: version, who approved it, what it would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from models import CriteriaAct
from models.database import transaction
from suitability import CriteriaSet, Library, PlaybookError
from suitability.approval import to_confirm
from suitability.meaning import changed_meaning, meaning_hash, meaning_text
from suitability.standing import APPROVED, DRAFT, StandingSet, draft_words, withdrawn_words
from suitability.versions import SetDifference, compare
from views.shown import ShownAssessment
from workflows.engine.lookup import RowNotFound
from workflows.engine.world import World
from workflows.screening.impacts import Impacts, impacts, results_by_text
from workflows.screening.standing_sets import loaded_versions, signer_of_act, standing_sets

NOT_WRITTEN_DOWN = "in which meaning it was approved is not known"


@dataclass(frozen=True, slots=True)
class SetLine:
    """One loaded set: how its text stands, and how many newest results were made with it.

    `others` is how many were made with another text or meaning of the set: what it would change of
    those has to be looked at.
    """

    standing: StandingSet
    site: str
    kind: str
    file_status: str
    results: int
    others: int


@dataclass(frozen=True, slots=True)
class Act:
    """One act on a text of a set."""

    act: str
    version: str
    sha256: str
    meaning: str
    by: str
    at: datetime
    reason: str
    would_change: int


@dataclass(frozen=True, slots=True)
class SetPage:
    """One set with what approving it means.

    `difference` is against the text approved last, None where none was; `since` says in words what
    else this very text, approved before, means now. `confirm` are the statements from memory, by
    id; `problem` says that a file on disk is refused.
    """

    one: CriteriaSet
    line: SetLine
    acts: Sequence[Act]
    difference: SetDifference | None
    since: tuple[str, ...]
    confirm: Mapping[str, str]
    impacts: Impacts
    problem: str


@dataclass(frozen=True, slots=True)
class Banner:
    """What stands over a result: the draft banner, and a sentence for each withdrawn set."""

    draft: str
    withdrawn: tuple[str, ...]


def criteria_list(world: World) -> list[SetLine]:
    """Return every loaded set, drafts first."""
    library = world.playbooks.criteria
    with transaction(world.engine) as session:
        lines = _lines(session, library)
    return sorted(lines, key=lambda line: line.standing.state != DRAFT)


def criteria_set(world: World, set_id: str) -> SetPage:
    """Return one set as the files on disk say it now; raise `RowNotFound`."""
    problem = world.playbooks.look_again().problem
    library = world.playbooks.criteria
    one = library.sets.get(set_id)
    if one is None:
        raise RowNotFound(f"no criteria set is called {set_id[:60]}")
    with transaction(world.engine) as session:
        line = next(line for line in _lines(session, library) if line.standing.set_id == set_id)
        acts = _acts(session, set_id)
        found = impacts(session, world, [one])
    return SetPage(
        one=one,
        line=line,
        acts=acts,
        difference=_difference(world, library, one, acts),
        since=_since(world, library, one, acts),
        confirm=to_confirm(one),
        impacts=found,
        problem=str(problem) if problem else "",
    )


def banner_of(world: World, assessment: ShownAssessment) -> Banner:
    """Return what stands over a stored result about its sets."""
    with transaction(world.engine) as session:
        sets = standing_sets(session, assessment.set_versions, world.playbooks.criteria)
    return Banner(draft_words(sets), withdrawn_words(sets))


def _lines(session: Session, library: Library) -> list[SetLine]:
    versions = loaded_versions(library)
    made = results_by_text(session)
    return [
        SetLine(
            standing,
            library.sets[standing.set_id].site,
            library.sets[standing.set_id].kind,
            library.sets[standing.set_id].status,
            made.get(_key(standing.set_id, versions), 0),
            sum(
                count
                for key, count in made.items()
                if key[0] == standing.set_id and key != _key(standing.set_id, versions)
            ),
        )
        for standing in standing_sets(session, versions, library)
    ]


def _key(set_id: str, versions: Mapping[str, Mapping[str, str]]) -> tuple[str, str, str]:
    return set_id, versions[set_id]["sha256"], versions[set_id]["meaning"]


def _acts(session: Session, set_id: str) -> list[Act]:
    query = select(CriteriaAct).where(col(CriteriaAct.set_id) == set_id)
    return [
        Act(
            row.act,
            row.version,
            row.sha256,
            row.meaning,
            signer_of_act(row),
            row.at,
            row.reason or "",
            row.would_change,
        )
        for row in session.scalars(query.order_by(col(CriteriaAct.id).desc()))
    ]


def _difference(
    world: World, library: Library, one: CriteriaSet, acts: Sequence[Act]
) -> SetDifference | None:
    """Compare with the text approved last; None where there is none or it no longer loads."""
    last = next((a for a in acts if a.act == APPROVED and a.sha256 != one.sha256), None)
    if last is None:
        return None
    try:
        return compare(world.criteria_archive.load(last.sha256, library), one, library)
    except PlaybookError:
        return None


def _since(
    world: World, library: Library, one: CriteriaSet, acts: Sequence[Act]
) -> tuple[str, ...]:
    """Say what changed of the meaning in which this text was approved last; nothing if none."""
    approved = [act for act in acts if act.act == APPROVED and act.sha256 == one.sha256]
    now = meaning_hash(one, library)
    if not approved or any(act.meaning == now for act in approved):
        return ()
    if not approved[0].meaning:
        return (NOT_WRITTEN_DOWN,)
    try:
        before = world.criteria_archive.meaning(approved[0].meaning)
    except PlaybookError:
        return (NOT_WRITTEN_DOWN,)
    return changed_meaning(before, meaning_text(one, library))
