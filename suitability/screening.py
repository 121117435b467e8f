"""One screening: findings against every set that applies, frozen with what it was made from."""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from suitability import rollup
from suitability.criteria import CasePolicy, CriteriaSet, Library
from suitability.evaluator import (
    CriterionResult,
    SetResult,
    judge_criteria,
    judge_set,
    technique_open,
)
from suitability.evidence import Facts, Findings, Observation
from suitability.requests import Request, requests_for
from suitability.values import Interval

ENGINE_VERSION = "2"
SITE_FIELD = "disease.site"
AGE_FIELD = "patient.age_years"

Phase = Literal["preop", "postop"]


@dataclass(frozen=True, slots=True)
class Screening:
    """The result of one screening; never changed afterwards, only followed by a new one.

    `input_hash` is of phase and findings; `set_versions` maps each set judged to its version
    and the SHA-256 of its file; `category` is None after surgery. `cautions` are the ids of the
    cautions that keep the case from a plain fit; `evidence` is the kind of evidence behind each
    set that decides the category and is not outside.
    """

    phase: Phase
    site: str | None
    category: str | None
    tags: tuple[str, ...]
    cautions: tuple[str, ...]
    evidence: Mapping[str, str]
    routes_open: tuple[str, ...]
    technique_2017: Mapping[str, str]
    sets: Mapping[str, SetResult]
    criteria: Mapping[str, CriterionResult]
    alternatives: tuple[Mapping[str, Any], ...]
    missing: tuple[Request, ...]
    facts: Facts
    input_hash: str
    set_versions: Mapping[str, Mapping[str, str]]
    engine_version: str = ENGINE_VERSION

    def to_json(self) -> dict[str, Any]:
        """Return what `iort screen --json` prints (CONTRACTS.md, Command line)."""
        return {
            "category": self.category,
            "tags": list(self.tags),
            "routes_open": list(self.routes_open),
            "technique_2017": dict(self.technique_2017),
            "sets": {name: one.to_json() for name, one in self.sets.items()},
            "criteria": {name: one.to_json() for name, one in self.criteria.items()},
            "alternatives": [dict(item) for item in self.alternatives],
            "missing": [request.to_json() for request in self.missing],
        }


def screen(findings: Findings, *, phase: Phase, library: Library) -> Screening:
    """Screen findings (field -> observations, as `parse_findings` returns them).

    The gates are judged after surgery too, for `routes_open` and `technique_2017`; they are no
    result of that phase. Pure: the same findings, phase and library give the same result,
    whatever the order of the observations. Fields marked `criteria: false` are ignored.
    """
    facts = Facts(findings, phase, library.vocabulary)
    site = site_of(facts)
    judged = [(one, judge_criteria(one, facts)) for one in library.plan(site, phase)]
    every = {one.id: judge_set(one, results) for one, results in judged}
    preop = phase == "preop"
    results = {name: one for name, one in every.items() if preop or one.criteria_set.kind != "gate"}
    criteria = {result.criterion.id: result for _, some in judged for result in some}
    breast = site == "breast"
    policy = library.policy
    return Screening(
        phase=phase,
        site=site,
        category=rollup.category(site, results, policy) if preop else None,
        tags=tuple(rollup.tags(site, results, policy)) if preop else (),
        cautions=tuple(
            said.criterion.id for said in (rollup.cautions(site, results, policy) if preop else ())
        ),
        evidence=_evidence(rollup.deciding(site, results, policy)) if preop else {},
        routes_open=tuple(rollup.routes_open(site, every, policy)),
        technique_2017=_techniques(every, policy, facts) if breast else {},
        sets=results,
        criteria=criteria,
        alternatives=policy.alternatives if breast else (),
        missing=requests_for(results.values(), site, facts, library),
        facts=facts,
        input_hash=input_hash(findings, phase),
        set_versions={one.id: _version(one) for one, _ in judged},
    )


def site_of(facts: Facts) -> str | None:
    """Return the site to be treated, None when it is not known (not stated, or sources differ)."""
    kept = facts.kept(SITE_FIELD)
    if len(kept.values) == 1 and isinstance(kept.values[0], str):
        return kept.values[0]
    return None


def _techniques(
    results: Mapping[str, SetResult], policy: CasePolicy, facts: Facts
) -> dict[str, str]:
    """Return `open` or `not_supported` for each technique that a grading has a rule for.

    A technique all of whose gates are outside, or wait for what a statement demands, is not
    supported, whatever the grading says.
    """
    verdicts: dict[str, str] = {}
    for graded in results.values():
        for rule in graded.criteria_set.technique_rules:
            supported = technique_open(rule, graded, facts) and not rollup.is_barred(
                rule.technique, results, policy
            )
            verdicts[rule.technique] = "open" if supported else "not_supported"
    return verdicts


def _evidence(sets: Iterable[SetResult]) -> dict[str, str]:
    """Return, by set that is not outside, the kind of evidence that it rests on."""
    found = {one.criteria_set.id: one.criteria_set.rests_on for one in sets}
    return {name: evidence.kind for name, evidence in found.items() if evidence is not None}


def _version(one: CriteriaSet) -> dict[str, str]:
    return {"version": one.version, "sha256": one.sha256}


def input_hash(findings: Findings, phase: str) -> str:
    """Return the SHA-256 of what was screened; the order of documents does not matter.

    A signature is bound to this hash: a new, changed or withdrawn statement changes it. The age
    counts in completed years (every limit on it is a whole number), because it grows by itself
    every day and must not void a signature until it can matter.
    """
    rows = sorted(
        json.dumps([name, *statement(name, item)], sort_keys=True)
        for name, observed in findings.items()
        for item in observed
    )
    return hashlib.sha256(json.dumps([phase, rows]).encode()).hexdigest()


def statement(name: str, item: Observation) -> list[Any]:
    """Return what of an observation counts as input: value, source, date, document."""
    value = plain_value(item.value)
    if name == AGE_FIELD and isinstance(value, int | float):
        value = math.floor(value)
    return [value, item.source, item.date, item.document_id]


def plain_value(value: Any) -> Any:
    """Return a value as JSON writes it: ranges as bounds, sets as sorted lists."""
    if isinstance(value, Interval):
        return value.bounds()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    return value
