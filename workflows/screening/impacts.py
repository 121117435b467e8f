"""Which stored results a changed set would change: read and compared, nothing is written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, text
from sqlmodel import Session, col

from models import Assessment, Case, Review
from models.base import require_id
from suitability import CriteriaSet, FindingsError, Library, PlaybookError, parse_findings
from suitability.impact import Impact, impact, look_of
from suitability.meaning import meaning_hash
from suitability.screening import SITE_FIELD, Phase
from workflows.engine.criteria_archive import CriteriaArchive
from workflows.engine.world import World

FINDINGS, TEXT = "findings", "text"
"""Why a result is not compared: the vocabulary refuses its findings, or a text of its is missing.
"""


@dataclass(frozen=True, slots=True)
class ResultImpact:
    """What would become of one case's result; `signed`: a signature stands on it."""

    case_ref: str
    assessment_id: int
    phase: str
    signed: bool
    impact: Impact

    def to_json(self) -> dict[str, Any]:
        """Return case, result and what would change: codes only, no personal data."""
        head = {"case": self.case_ref, "result": self.assessment_id, "phase": self.phase}
        return {**head, "signed": self.signed, **self.impact.to_json()}


@dataclass(frozen=True, slots=True)
class NotCompared:
    """A result that cannot be compared; `reason` is `findings` or `text`."""

    case_ref: str
    assessment_id: int
    phase: str
    reason: str

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        head = {"case": self.case_ref, "result": self.assessment_id, "phase": self.phase}
        return {**head, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Impacts:
    """What the sets would change of the newest result of each case and phase.

    `results` is how many there are. `look` is the mark of this view: another text, another meaning
    of it (`meanings`, in the order of the sets), another result that would change, give another.
    """

    sets: tuple[CriteriaSet, ...]
    meanings: tuple[str, ...]
    results: int
    changed: tuple[ResultImpact, ...]
    not_compared: tuple[NotCompared, ...]

    @property
    def look(self) -> str:
        """The mark that an approval brings along."""
        rows = [one.to_json() for one in self.changed]
        rows += [one.to_json() for one in self.not_compared]
        return look_of(self.sets, self.meanings, rows)

    @property
    def counts(self) -> dict[str, int]:
        """How many results there are, stay as they are, would change, cannot be compared."""
        return {
            "results": self.results,
            "same": self.results - len(self.changed) - len(self.not_compared),
            "changed": len(self.changed),
            "outcome": sum(one.impact.outcome_changes for one in self.changed),
            "signed": sum(one.signed for one in self.changed),
            "not_compared": len(self.not_compared),
        }

    def to_json(self) -> dict[str, Any]:
        """Return plain data, no personal data beyond the cases' references."""
        return {
            "sets": [
                {"id": one.id, "version": one.version, "sha256": one.sha256, "file": one.file}
                for one in self.sets
            ],
            "look": self.look,
            "counts": self.counts,
            "changed": [one.to_json() for one in self.changed],
            "not_compared": [one.to_json() for one in self.not_compared],
        }


def impacts(session: Session, world: World, sets: Sequence[CriteriaSet]) -> Impacts:
    """Compare the newest result of every case and phase with what `sets` would make of it.

    Raises `adapters.storage.StorageError` when kept texts cannot be read.
    """
    library = world.playbooks.criteria
    libraries = _Libraries(world.criteria_archive, library)
    meanings = [meaning_hash(one, library) for one in sets]
    changed: list[ResultImpact] = []
    refused: list[NotCompared] = []
    signed = _signed(session)
    results = 0
    for ref, stored in newest_results(session):
        results += 1
        pairs = zip(sets, meanings, strict=True)
        mine = [one for one, meaning in pairs if _touches(one, meaning, stored)]
        if not mine:
            continue
        assessment_id = require_id(stored.id)
        try:
            found = _compared(stored, libraries, mine)
        except FindingsError:
            refused.append(NotCompared(ref, assessment_id, stored.phase, FINDINGS))
            continue
        except PlaybookError:
            refused.append(NotCompared(ref, assessment_id, stored.phase, TEXT))
            continue
        if not found.same:
            mark = assessment_id in signed
            changed.append(ResultImpact(ref, assessment_id, stored.phase, mark, found))
    return Impacts(tuple(sets), tuple(meanings), results, tuple(changed), tuple(refused))


def newest_results(session: Session) -> Iterator[tuple[str, Assessment]]:
    """Yield the newest result of each case and phase with the case's reference, in their order."""
    newest = select(func.max(col(Assessment.id))).group_by(
        col(Assessment.case_id), col(Assessment.phase)
    )
    query = (
        select(col(Case.ref), Assessment)
        .join(Case, col(Case.id) == col(Assessment.case_id))
        .where(col(Assessment.id).in_(newest))
        .order_by(col(Case.ref), col(Assessment.id))
    )
    for row in session.execute(query.execution_options(yield_per=500)):
        yield row[0], row[1]


def _signed(session: Session) -> set[int]:
    query = select(col(Review.assessment_id)).where(col(Review.void_at).is_(None))
    return set(session.scalars(query))


def _touches(one: CriteriaSet, meaning: str, stored: Assessment) -> bool:
    """Say whether a result was, or now would be, judged by this set in another text or meaning."""
    used = stored.set_versions.get(one.id)
    if used is not None:
        return (used.get("sha256"), used.get("meaning")) != (one.sha256, meaning)
    judged = one.kind in ("gate", "grading") or (one.kind, stored.phase) == ("trigger", "postop")
    rows = stored.findings.get("observations", {}).get(SITE_FIELD) or [{"value": None}]
    return judged and any(one.covers(row.get("value")) for row in rows)


def _compared(stored: Assessment, libraries: "_Libraries", mine: Sequence[CriteriaSet]) -> Impact:
    was = libraries.of(stored.set_versions)
    observed = stored.findings.get("observations", {})
    findings = parse_findings(observed, was, on=stored.assessed_at.date())
    phase: Phase = "postop" if stored.phase == "postop" else "preop"
    used = stored.set_versions
    alone = all(used.get(one.id, {}).get("sha256") == one.sha256 for one in mine)
    return impact(stored.result, findings, phase, was, mine, meaning_alone=alone)


class _Libraries:
    """The libraries of old results: many results were made with the same texts."""

    def __init__(self, archive: CriteriaArchive, now: Library) -> None:
        self._archive, self._now = archive, now
        self._known: dict[tuple[tuple[str, str], ...], Library] = {}

    def of(self, set_versions: Mapping[str, Mapping[str, str]]) -> Library:
        """Return the library of a result; raise PlaybookError when a text is not kept."""
        key = tuple(sorted((name, one["sha256"]) for name, one in set_versions.items()))
        if key not in self._known:
            self._known[key] = self._archive.library_of(set_versions, self._now)
        return self._known[key]


_BY_TEXT = """
SELECT used.key, used.value ->> 'sha256', used.value ->> 'meaning', count(*)
  FROM (SELECT DISTINCT ON (case_id, phase) set_versions FROM assessment
         ORDER BY case_id, phase, id DESC) AS newest,
       jsonb_each(newest.set_versions) AS used
 GROUP BY 1, 2, 3
"""


def results_by_text(session: Session) -> dict[tuple[str, str, str], int]:
    """Return how many newest results were made with each text, by set id, hash and meaning."""
    rows = session.execute(text(_BY_TEXT))
    return {(row[0], row[1], row[2] or ""): row[3] for row in rows}
