"""Small wrong changes of a criterion, each of which the battery has to notice."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from suitability import CriteriaSet, Criterion
from suitability.criteria import LevelRule
from suitability.predicates import Group, Leaf, Predicate
from suitability.values import Interval
from suitability.vocabulary import Vocabulary

PREDICATES = ("when", "alt_ok", "ambiguous_when", "applies_when")
FLAGS = (
    "applies_unknown_skips",
    "applies_unknown_judges",
    "silent_skips",
    "postop_only",
    "late",
    "sole_caution",
    "from_final",
)
BLOCKING = ("required", "exclusion", "trigger")


def mutants(one: CriteriaSet, vocabulary: Vocabulary) -> Iterator[tuple[str, CriteriaSet]]:
    """Yield (what was changed, the set with this one change)."""
    for place, criterion in enumerate(one.criteria):
        for what, changed in _criterion(criterion, one, vocabulary):
            criteria = (*one.criteria[:place], changed, *one.criteria[place + 1 :])
            yield f"{criterion.id} {what}", replace(one, criteria=criteria)
    if one.several is not None:
        yield "several dropped", replace(one, several=None)
        more = replace(one.several, at_least=one.several.at_least + 1)
        yield "several needs one more", replace(one, several=more)
        fewer = replace(one.several, at_least=one.several.at_least - 1)
        yield "several needs one less", replace(one, several=fewer)
        for level in one.levels:
            if level != one.several.level:
                moved = replace(one.several, level=level)
                yield f"several at {level}", replace(one, several=moved)
            if level != one.several.of:
                counted = replace(one.several, of=level)
                yield f"several of {level}", replace(one, several=counted)
    if one.ceiling is not None:
        yield "ceiling lifted", replace(one, ceiling=None)


def _other(criterion: Criterion, **changes: Any) -> Criterion:
    return replace(criterion, **changes)


def _criterion(
    criterion: Criterion, one: CriteriaSet, vocabulary: Vocabulary
) -> Iterator[tuple[str, Criterion]]:
    for key in PREDICATES:
        predicate = getattr(criterion, key)
        if predicate is None:
            continue
        for what, changed in _predicate(predicate, vocabulary):
            yield f"{key}: {what}", _other(criterion, **{key: changed})
        if key != "when":
            yield f"{key} dropped", _other(criterion, **{key: None})
    for level, predicate in criterion.grades.items():
        for what, changed in _predicate(predicate, vocabulary):
            yield (
                f"grade {level}: {what}",
                replace(criterion, grades={**criterion.grades, level: changed}),
            )
    for key in ("floor", "early"):
        rule = getattr(criterion, key)
        if rule is None:
            continue
        yield f"{key} dropped", _other(criterion, **{key: None})
        for what, changed in _predicate(rule.when, vocabulary):
            yield f"{key}: {what}", _other(criterion, **{key: LevelRule(changed, rule.level)})
    for key in FLAGS:
        if getattr(criterion, key):
            yield f"{key} off", _other(criterion, **{key: False})
    if criterion.role in BLOCKING:
        yield "blocking turned", replace(criterion, blocking=not criterion.blocking)
    swapped = {"required": "exclusion", "exclusion": "required", "preferred": "exclusion",
               "caution": "exclusion"}  # fmt: skip
    if criterion.role in swapped and criterion.alt_ok is None:
        yield "role swapped", replace(criterion, role=swapped[criterion.role])
    for strength in one.strengths:
        if criterion.strength not in ("", strength):
            yield f"strength {strength}", replace(criterion, strength=strength)


def _predicate(predicate: Predicate, vocabulary: Vocabulary) -> Iterator[tuple[str, Predicate]]:
    yield "inverted", Group("not", (predicate,))
    if isinstance(predicate, Leaf):
        yield from _leaf(predicate, vocabulary)
        return
    if predicate.kind in ("all", "any") and len(predicate.parts) > 1:
        yield (
            "all and any swapped",
            Group("any" if predicate.kind == "all" else "all", predicate.parts),
        )
    for place, part in enumerate(predicate.parts):
        for what, changed in _predicate(part, vocabulary):
            parts = (*predicate.parts[:place], changed, *predicate.parts[place + 1 :])
            yield f"part {place} {what}", Group(predicate.kind, parts)


def _leaf(leaf: Leaf, vocabulary: Vocabulary) -> Iterator[tuple[str, Leaf]]:
    def made(**changes: Any) -> Leaf:
        fields = {key: getattr(leaf, key) for key in Leaf.__slots__}
        return Leaf(**{**fields, **changes})

    limits = leaf.limits
    if limits is not None:
        for end in ("low", "high"):
            at = getattr(limits, end)
            if abs(at) == float("inf"):
                continue
            for step in (1, -1):
                bounds = {k: getattr(limits, k) for k in Interval.__slots__}
                shifted = Interval(**{**bounds, end: at + step})
                if shifted.low < shifted.high:
                    yield f"{end} {at} shifted by {step}", made(limits=shifted)
            opened = f"{end}_open"
            turned = {**bounds, opened: not getattr(limits, opened)}
            yield f"{end} {at} open or closed", made(limits=Interval(**turned))
        return
    field = vocabulary.fields[leaf.field]
    for member in sorted(leaf.members, key=str):
        if isinstance(member, int | float) and not isinstance(member, bool):
            for step in (1, -1):
                moved = frozenset(leaf.members - {member} | {member + step})
                yield f"{member} shifted by {step}", made(members=moved)
        elif len(leaf.members) > 1:
            yield f"without {member}", made(members=leaf.members - {member})
    for value in field.values:
        if value not in leaf.members and value not in field.indeterminate:
            yield f"with {value}", made(members=leaf.members | {value})
