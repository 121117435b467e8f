"""Criteria sets, the case policy and the library that holds them, as loaded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from suitability.predicates import Predicate
from suitability.vocabulary import Vocabulary

SITES = (
    "breast",
    "pancreas",
    "rectum_primary",
    "pelvic_recurrence",
    "gyn_recurrence",
    "stomach",
    "retroperitoneum",
)
ANY_SITE = "any"
ANY_ABDOMINOPELVIC = "any_abdominopelvic"
TECHNIQUES = ("ioert", "kv_iort", "ebx", "hdr_iort")
BASES = ("verified", "partial", "recalled", "engineering", "page_only")
PHASES = ("preop", "postop")
FIT_EVIDENCE = ("randomised_trial", "guideline_recommendation")
EVIDENCE_KINDS = (*FIT_EVIDENCE, "series", "experimental")


@dataclass(frozen=True, slots=True)
class Statement:
    """A banner, dose or outcome with how far it was checked; shown, never evaluated."""

    text: str
    basis: str
    src: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class LevelRule:
    """A circumstance and the level that a value has at least when it holds."""

    when: Predicate
    level: str


@dataclass(frozen=True, slots=True)
class TechniqueRule:
    """What a grading says about one technique: the level and the circumstance it needs."""

    technique: str
    needs_level: str
    needs: Predicate
    text: str
    basis: str
    src: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Several:
    """What a grading says when several of its factors stand together.

    `at_least` criteria at the level `of` or below it hold the whole set at `level` or below.
    """

    at_least: int
    of: str
    level: str
    said: Statement


@dataclass(frozen=True, slots=True)
class Evidence:
    """The kind of evidence that a gate rests on (`EVIDENCE_KINDS`), in words and with sources."""

    kind: str
    said: Statement

    @property
    def carries_a_fit(self) -> bool:
        """Say whether a case that matches may be called a consistent fit."""
        return self.kind in FIT_EVIDENCE


@dataclass(frozen=True, slots=True, eq=False)
class Criterion:
    """One rule; the keys are those of the file, explained in docs/suitability.md."""

    id: str
    role: str
    basis: str
    src: tuple[str, ...]
    ask: str
    plain: str
    note: str
    line: int | None
    when: Predicate | None = None
    alt_ok: Predicate | None = None
    ambiguous_when: Predicate | None = None
    applies_when: Predicate | None = None
    applies_unknown_skips: bool = False
    applies_unknown_judges: bool = False
    silent_skips: bool = False
    postop_only: bool = False
    blocking: bool = True
    from_final: bool = False
    urgent: bool = False
    grades: Mapping[str, Predicate] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    floor: LevelRule | None = None
    early: LevelRule | None = None
    late: bool = False
    sole_caution: bool = False
    strength: str = ""
    action: str = ""

    def predicates(self) -> list[Predicate]:
        """List every predicate of the rule."""
        single = (self.when, self.alt_ok, self.ambiguous_when, self.applies_when)
        rules = [rule.when for rule in (self.floor, self.early) if rule is not None]
        return [p for p in single if p is not None] + list(self.grades.values()) + rules

    def fields(self) -> list[str]:
        """List the fields the rule reads, each once, in order."""
        return list(dict.fromkeys(leaf.field for p in self.predicates() for leaf in p.leaves()))


@dataclass(frozen=True, slots=True, eq=False)
class CriteriaSet:
    """One file of rules; `sha256` is of `text`, the file as read, and names the version."""

    id: str
    version: str
    title: str
    site: str
    techniques: tuple[str, ...]
    kind: str
    phase: str | None
    effective: date
    superseded_by: str | None
    status: str
    citations: tuple[str, ...]
    evidence_level: str
    ceiling: str | None
    caution: str
    banners: tuple[Statement, ...]
    facts: Mapping[str, Statement]
    levels: tuple[str, ...]
    strengths: tuple[str, ...]
    technique_rules: tuple[TechniqueRule, ...]
    several: Several | None
    rests_on: Evidence | None
    criteria: tuple[Criterion, ...]
    file: str
    text: str
    sha256: str

    def covers(self, site: str | None) -> bool:
        """Say whether the set is for this `disease.site` (None: not known)."""
        if self.site == ANY_SITE:
            return True
        if self.site == ANY_ABDOMINOPELVIC:
            return site in SITES and site != "breast"
        return self.site == site


@dataclass(frozen=True, slots=True)
class CasePolicy:
    """How set results become one category (`criteria/case_policy.yaml`)."""

    version: str
    sha256: str
    routes: Mapping[str, tuple[str, ...]]
    gradings: tuple[str, ...]
    boost: str
    other_gates: Mapping[str, tuple[str, ...]]
    display_only: tuple[str, ...]
    site_sets: Mapping[str, tuple[str, ...]]
    always_show: tuple[str, ...]
    alternatives: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Library:
    """Everything that a screening reads, loaded and checked as a whole."""

    vocabulary: Vocabulary
    sets: Mapping[str, CriteriaSet]
    policy: CasePolicy
    capability: Mapping[str, Any]
    sources: Mapping[str, Mapping[str, Any]]
    plans: dict[tuple[str | None, str], tuple[CriteriaSet, ...]] = field(default_factory=dict)
    meanings: dict[str, str] = field(default_factory=dict, init=False)
    """What the sets mean here, by id, once it was asked; a replaced library begins anew."""

    def plan(self, site: str | None, phase: str) -> tuple[CriteriaSet, ...]:
        """Return the sets whose criteria are judged for a site in a phase, in file order.

        Before surgery gates and gradings; afterwards triggers, gradings again, and the gates'
        criteria (not the gates themselves), because some can only be judged then.
        """
        known = self.plans.get((site, phase))
        if known is None:
            wanted = [
                one
                for one in self.sets.values()
                if one.covers(site)
                and (one.kind in ("gate", "grading") or (one.kind, phase) == ("trigger", "postop"))
            ]
            known = self.plans[(site, phase)] = tuple(wanted)
        return known

    def in_order(self, identifiers: Iterable[str]) -> list[str]:
        """Return criteria as they stand in their files, set by set; what no file has comes last."""
        places = {
            one.id: n for n, one in enumerate(c for s in self.sets.values() for c in s.criteria)
        }
        return sorted(identifiers, key=lambda one: places.get(one, len(places)))

    def criterion(self, identifier: str) -> tuple[CriteriaSet, Criterion] | None:
        """Find a criterion and its set by id."""
        for one in self.sets.values():
            for criterion in one.criteria:
                if criterion.id == identifier:
                    return one, criterion
        return None
