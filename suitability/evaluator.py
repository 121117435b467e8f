"""The rules of SCHEMA 2 and 4: one criterion, one set, in three values.

Pure functions of (criteria set, facts). What the text leaves open, and which reading is built,
stands in docs/suitability.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from suitability.criteria import CriteriaSet, Criterion, TechniqueRule
from suitability.evidence import MISSING, NOT_COVERED, NOT_FINAL, NOT_YET, SOURCES_DIFFER, Facts
from suitability.predicates import Truth, either, negate, unknown

MET = "met"
NOT_MET = "not_met"
UNKNOWN = "unknown"
NOT_APPLICABLE = "not_applicable"
FIRED = "fired"
NOT_FIRED = "not_fired"

FITS = "fits"
FITS_PENDING = "fits_pending_pathology"
NEEDS_INFO = "needs_info"
OUTSIDE = "outside"

AWAITING = "awaiting_pathology"
INCOMPLETE_TRIGGERS = "no_trigger_incomplete"
NO_TRIGGER = "no_trigger"

_ONLY_PATHOLOGY = frozenset((NOT_YET,))
_SILENCE = frozenset((NOT_YET, MISSING))
_NOT_BINDING = ("preferred", "caution")


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """What one criterion says.

    `status` is met, not_met, unknown, not_applicable, a level, fired or not_fired; `reasons`
    are those of an unknown. Of a grading, `best` and `worst` are the indexes in the set's
    levels (0 is best) between which the criterion lies.
    """

    criterion: Criterion
    status: str
    reasons: frozenset[str] = frozenset()
    best: int = 0
    worst: int = 0

    @property
    def is_unknown(self) -> bool:
        """Say whether it cannot be told."""
        return self.status == UNKNOWN

    @property
    def awaits_pathology(self) -> bool:
        """Say whether it is unknown for no other reason than that surgery has not been done."""
        return self.is_unknown and self.reasons == _ONLY_PATHOLOGY

    @property
    def is_needed_still(self) -> bool:
        """Say whether it belongs to the positive list and is not known to be met."""
        return self.criterion.role == "needed" and self.status not in (MET, NOT_APPLICABLE)

    @property
    def warns(self) -> bool:
        """Say whether it is a caution that is not met: the case is then no plain fit."""
        return self.criterion.role == "caution" and self.status == NOT_MET

    @property
    def holds_back(self) -> bool:
        """Say whether it is an unknown that somebody has to settle before surgery."""
        return self.is_unknown and self.criterion.blocking and not self.awaits_pathology

    def to_json(self) -> str | list[str]:
        """Return the status, or [unknown, reason, ...] with the reasons sorted."""
        return [self.status, *sorted(self.reasons)] if self.is_unknown else self.status


@dataclass(frozen=True, slots=True)
class SetResult:
    """What one set says: a gate category, [level, at worst, certainty], or a strength."""

    criteria_set: CriteriaSet
    outcome: str | tuple[str, str, str]
    results: tuple[CriterionResult, ...]
    best: int = 0
    worst: int = 0

    def to_json(self) -> str | list[str]:
        """Return the outcome as CONTRACTS.md writes it."""
        return self.outcome if isinstance(self.outcome, str) else list(self.outcome)


def judge_criteria(one: CriteriaSet, facts: Facts) -> tuple[CriterionResult, ...]:
    """Judge every criterion of a set."""
    if one.kind != "grading":
        return tuple(judge_rule(criterion, facts) for criterion in one.criteria)
    index = {level: place for place, level in enumerate(one.levels)}
    graded = [grade_criterion(criterion, one.levels, index, facts) for criterion in one.criteria]
    return tuple(_tolerate_sole_caution(result, graded, one.levels) for result in graded)


def judge_rule(criterion: Criterion, facts: Facts) -> CriterionResult:
    """Judge any criterion but a grading one; `met` always favours the patient."""
    if criterion.postop_only and facts.phase == "preop":
        return CriterionResult(criterion, UNKNOWN, _ONLY_PATHOLOGY)
    if criterion.applies_when is not None:
        applies = criterion.applies_when.evaluate(facts)
        silent = criterion.silent_skips and applies.reasons <= _SILENCE
        if applies.value is False or (applies.value is None and silent):
            return CriterionResult(criterion, NOT_APPLICABLE)
        if applies.value is None and not criterion.applies_unknown_judges:
            return CriterionResult(criterion, UNKNOWN, applies.reasons)
    assert criterion.when is not None
    if criterion.from_final and not all(facts.kept(f).is_final for f in criterion.fields()):
        return CriterionResult(criterion, UNKNOWN, frozenset((NOT_FINAL,)))
    truth = criterion.when.evaluate(facts)
    if criterion.role == "trigger":
        return _result(criterion, truth, FIRED, NOT_FIRED)
    if criterion.role == "exclusion":
        truth = negate(truth)
    elif criterion.alt_ok is not None:
        truth = either(truth, criterion.alt_ok.evaluate(facts))
    if criterion.ambiguous_when is not None:
        truth = _where_sources_differ(truth, criterion.ambiguous_when.evaluate(facts))
    return _result(criterion, truth, MET, NOT_MET)


def _where_sources_differ(truth: Truth, ambiguous: Truth) -> Truth:
    if ambiguous.value is True:
        return unknown(frozenset((SOURCES_DIFFER,)))
    if ambiguous.value is None:
        return unknown(truth.reasons | ambiguous.reasons)
    return truth


def _result(criterion: Criterion, truth: Truth, yes: str, no: str) -> CriterionResult:
    if truth.value is None:
        return CriterionResult(criterion, UNKNOWN, truth.reasons)
    return CriterionResult(criterion, yes if truth.value else no)


def grade_criterion(
    criterion: Criterion, levels: Sequence[str], index: Mapping[str, int], facts: Facts
) -> CriterionResult:
    """Find the level of one grading criterion, or the range in which it lies.

    The grades are tested in order; the first true one decides unless an earlier one is unknown.
    """
    own = [index[level] for level in criterion.grades]
    if criterion.applies_when is not None:
        applies = criterion.applies_when.evaluate(facts)
        skipped = applies.value is None and criterion.applies_unknown_skips
        if applies.value is False or skipped:
            return CriterionResult(criterion, NOT_APPLICABLE)
        if applies.value is None:
            return CriterionResult(criterion, UNKNOWN, applies.reasons, 0, max(own))
    reasons: frozenset[str] = frozenset()
    possible: list[int] = []
    for level in criterion.order:
        truth = criterion.grades[level].evaluate(facts)
        if truth.value is False:
            continue
        possible.append(index[level])
        if truth.value is True:
            break
        reasons |= truth.reasons
    if not possible or (reasons and len(possible) == 1):
        # The value may be one that no row names: any level the criterion has is still open.
        possible, reasons = own, reasons or frozenset((NOT_COVERED,))
    if criterion.silent_skips and reasons and reasons <= _SILENCE:
        return CriterionResult(criterion, NOT_APPLICABLE)
    least = _at_least(criterion, index, facts)
    best, worst = max(min(possible), least), max(*possible, least)
    if not reasons:
        return CriterionResult(criterion, levels[best], reasons, best, worst)
    if criterion.late and facts.phase == "preop":
        reasons = frozenset(NOT_YET if reason == MISSING else reason for reason in reasons)
    return CriterionResult(criterion, UNKNOWN, reasons, best, worst)


def _at_least(criterion: Criterion, index: Mapping[str, int], facts: Facts) -> int:
    """Return the level that the floor and, before surgery, the early sign do not let it beat."""
    least = 0
    rules = [criterion.floor]
    if facts.phase == "preop":
        rules.append(criterion.early)
    for rule in rules:
        if rule is not None and rule.when.evaluate(facts).value is True:
            least = max(least, index[rule.level])
    return least


def _tolerate_sole_caution(
    result: CriterionResult, graded: Sequence[CriterionResult], levels: Sequence[str]
) -> CriterionResult:
    """Turn a caution that is tolerated only alone into the worst level when it is not alone."""
    if not result.criterion.sole_caution or result.status == NOT_APPLICABLE:
        return result
    others = [other for other in graded if other is not result]
    last = len(levels) - 1

    def raised(level: int, others_at: int) -> int:
        return last if 0 < level < last and others_at > 0 else level

    at_best = max((other.best for other in others), default=0)
    at_worst = max((other.worst for other in others), default=0)
    best = raised(result.best, at_best)
    worst = max(raised(level, at_worst) for level in range(result.best, result.worst + 1))
    status = result.status if result.is_unknown else levels[best]
    return CriterionResult(result.criterion, status, result.reasons, best, worst)


def judge_set(one: CriteriaSet, results: tuple[CriterionResult, ...]) -> SetResult:
    """Combine the results of a set's criteria into the set's own result."""
    if one.kind == "gate":
        return SetResult(one, _gate(one, results), results)
    if one.kind == "trigger":
        return SetResult(one, _strongest(one, results), results)
    best = max((result.best for result in results), default=0)
    worst = max((result.worst for result in results), default=0)
    best = max(best, _several(one, [result.best for result in results]))
    worst = max(worst, _several(one, [result.worst for result in results]))
    outcome = (one.levels[best], one.levels[worst], _certainty(best, worst, results))
    return SetResult(one, outcome, results, best, worst)


def _several(one: CriteriaSet, levels: Sequence[int]) -> int:
    """Return the level that several factors together do not let the set beat."""
    several = one.several
    if several is None:
        return 0
    of = one.levels.index(several.of)
    together = sum(level >= of for level in levels) >= several.at_least
    return one.levels.index(several.level) if together else 0


def _gate(one: CriteriaSet, results: Sequence[CriterionResult]) -> str:
    binding = [result for result in results if result.criterion.role not in _NOT_BINDING]
    if any(result.status == NOT_MET for result in binding):
        return OUTSIDE
    if any(result.holds_back for result in binding):
        return NEEDS_INFO
    if one.ceiling is not None:
        return one.ceiling
    pending = any(result.awaits_pathology and result.criterion.blocking for result in binding)
    return FITS_PENDING if pending else FITS


def _certainty(best: int, worst: int, results: Sequence[CriterionResult]) -> str:
    if best == worst:
        return "final"
    open_ones = [result for result in results if result.is_unknown]
    return "provisional" if all(r.awaits_pathology for r in open_ones) else "incomplete"


def _strongest(one: CriteriaSet, results: Sequence[CriterionResult]) -> str:
    """Return the strongest strength that fired, else whether anything keeps it from being clear.

    Clear needs every `needed` criterion met, not only silence: a field of that list that no final
    report states, or on which sources differ, is awaited.
    """
    triggers = [result for result in results if result.criterion.role == "trigger"]
    fired = {result.criterion.strength for result in triggers if result.status == FIRED}
    for strength in one.strengths:
        if strength in fired:
            return strength
    if any(result.is_needed_still for result in results):
        return AWAITING
    open_ones = {
        result.criterion.strength
        for result in triggers
        if result.is_unknown and result.criterion.blocking
    }
    if open_ones - {one.strengths[-1]}:
        return AWAITING
    return INCOMPLETE_TRIGGERS if open_ones else NO_TRIGGER


def technique_open(rule: TechniqueRule, graded: SetResult, facts: Facts) -> bool:
    """Say whether nothing known speaks against the technique; unknowns leave it open."""
    needed = graded.criteria_set.levels.index(rule.needs_level)
    return graded.best <= needed and rule.needs.evaluate(facts).value is not False
