"""From set results to the one category that sorts the clinician's list (SCHEMA 4, case_policy)."""

from collections.abc import Mapping, Sequence

from suitability.criteria import CasePolicy
from suitability.evaluator import (
    FITS,
    FITS_PENDING,
    MET,
    NEEDS_INFO,
    NOT_MET,
    OUTSIDE,
    CriterionResult,
    SetResult,
)

URGENT = "urgent_review"
STOPPED = "pathway_stopped"
OUTSIDE_PUBLISHED = "outside_published_criteria"
UNSUITABLE = "guideline_unsuitable"
MIXED = "mixed_signals"
NEEDS_INFORMATION = "needs_information"
CONSISTENT = "consistent_fit"
NOT_COVERED_SITE = "site_not_covered"

COMMON = "common_contraindications"
PAGE_PROFILE = "breast_page_lowrisk"
POSSIBLE_BOOST = "possible_boost"

Results = Mapping[str, SetResult]


def category(site: str | None, results: Results, policy: CasePolicy) -> str:
    """Return the pre-operative category of a case.

    `site` is None when it is not known (not reported, or documents differ).
    """
    if any(
        result.criterion.urgent and result.status == NOT_MET
        for one in results.values()
        for result in one.results
    ):
        return URGENT
    if results[COMMON].outcome == OUTSIDE:
        return STOPPED
    if site is None:
        return NEEDS_INFORMATION
    if site == "breast":
        return _breast(results, policy)
    if site in policy.site_sets:
        return _other(site, results, policy)
    return NOT_COVERED_SITE


def _breast(results: Results, policy: CasePolicy) -> str:
    gates = [_route_gate(sets, results) for sets in policy.routes.values()]
    still_open = [gate for gate in gates if gate != OUTSIDE]
    if not still_open:
        return OUTSIDE_PUBLISHED
    gradings = [results[name] for name in policy.gradings]
    if any(graded.best == len(graded.criteria_set.levels) - 1 for graded in gradings):
        return UNSUITABLE
    if (
        any(graded.best > 0 for graded in gradings)
        or results[PAGE_PROFILE].outcome == OUTSIDE
        or cautions("breast", results, policy)
    ):
        return MIXED
    if (
        results[COMMON].outcome == NEEDS_INFO
        or all(gate == NEEDS_INFO for gate in still_open)
        or any(result.holds_back for graded in gradings for result in graded.results)
    ):
        return NEEDS_INFORMATION
    return CONSISTENT


def _other(site: str, results: Results, policy: CasePolicy) -> str:
    """The best set decides; what common_contraindications still asks for holds a fit back."""
    outcomes = [str(results[name].outcome) for name in policy.site_sets[site]]
    if set(outcomes) != {OUTSIDE} and cautions(site, results, policy):
        return MIXED
    fitting = [outcome for outcome in outcomes if outcome not in (NEEDS_INFO, OUTSIDE)]
    if fitting and results[COMMON].outcome != NEEDS_INFO:
        plain = {FITS, FITS_PENDING}
        return CONSISTENT if plain & set(fitting) else fitting[0]
    if fitting or NEEDS_INFO in outcomes:
        return NEEDS_INFORMATION
    return OUTSIDE_PUBLISHED


def _route_gate(names: Sequence[str], results: Results) -> str:
    """A route of several sets is as good as the best of them."""
    outcomes = [str(results[name].outcome) for name in names]
    for wanted in (FITS, FITS_PENDING, NEEDS_INFO):
        if wanted in outcomes:
            return wanted
    # A set with a ceiling opens no route; here it only says that it does not exclude the case.
    return OUTSIDE if set(outcomes) == {OUTSIDE} else NEEDS_INFO


def routes_open(site: str | None, results: Results, policy: CasePolicy) -> list[str]:
    """Return the techniques whose trial profile does not exclude the case, sorted."""
    if site != "breast":
        return []
    return sorted(
        technique
        for technique, names in policy.routes.items()
        if _route_gate(names, results) != OUTSIDE
    )


def deciding(site: str | None, results: Results, policy: CasePolicy) -> list[SetResult]:
    """Return what the sets that decide a site's category say, but those that are outside."""
    if site == "breast":
        names = [name for some in policy.routes.values() for name in some]
    else:
        names = list(policy.site_sets.get(site or "", ()))
    return [results[name] for name in names if results[name].outcome != OUTSIDE]


def cautions(site: str | None, results: Results, policy: CasePolicy) -> list[CriterionResult]:
    """Return the cautions that are not met: with one of them no case is a plain fit.

    Those of every site, and those of the site's sets that are not outside.
    """
    sets = [results[COMMON], *deciding(site, results, policy)]
    return [result for one in sets for result in one.results if result.warns]


def is_barred(technique: str, results: Results, policy: CasePolicy) -> bool:
    """Say whether every gate of the technique is outside, or waits for what a statement demands.

    A rule that is quiet until something is stated (a tumour called close to the skin) and then
    cannot be told speaks against the technique until it can.
    """
    gates = (*policy.routes.get(technique, ()), *policy.other_gates.get(technique, ()))
    found = [results[name] for name in gates if name in results]
    return bool(found) and all(
        one.outcome == OUTSIDE
        or any(r.is_unknown and r.criterion.silent_skips for r in one.results)
        for one in found
    )


def tags(site: str | None, results: Results, policy: CasePolicy) -> list[str]:
    """Return the case's tags: possible_boost when a higher-risk feature is certain."""
    if site != "breast" or results[policy.boost].outcome == OUTSIDE:
        return []
    feature = next((r for r in results[policy.boost].results if r.criterion.id == "BO-04"), None)
    return [POSSIBLE_BOOST] if feature is not None and feature.status == MET else []
