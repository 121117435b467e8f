"""Which of a rule's fields make it what it is: the half of an "or" that does not hold is none."""

from collections.abc import Sequence

from suitability.criteria import Criterion
from suitability.evaluator import NOT_MET, judge_rule
from suitability.evidence import Facts, Findings


def causes(criterion: Criterion, facts: Facts) -> Sequence[str]:
    """Return the fields because of which a rule is not met, in the rule's order.

    A field is a cause when the rule would not fail without what is stated of it, or fails on it
    alone. Whom a rule applies to is never a cause. Of a grading rule: the fields of its grades.
    """
    own = _own_fields(criterion)
    if criterion.when is None:
        return own
    needed = [name for name in own if not _fails(criterion, facts, {name})]
    if needed:
        return needed
    enough = [name for name in own if _fails(criterion, facts, set(own) - {name})]
    return enough or own


def _own_fields(criterion: Criterion) -> list[str]:
    told = [p for p in (criterion.when, criterion.alt_ok) if p is not None]
    told += criterion.grades.values()
    return list(dict.fromkeys(leaf.field for predicate in told for leaf in predicate.leaves()))


def _fails(criterion: Criterion, facts: Facts, without: set[str]) -> bool:
    """Say whether the rule is still not met when nothing is stated of some fields."""
    kept: Findings = {
        name: stated for name, stated in facts.findings.items() if name not in without
    }
    return judge_rule(criterion, Facts(kept, facts.phase, facts.vocabulary)).status == NOT_MET
