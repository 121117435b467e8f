"""Strict loading of one criterion: each role has its own keys, and no others."""

from collections.abc import Mapping
from typing import Any

from suitability.criteria import BASES, Criterion, LevelRule
from suitability.nodes import Node
from suitability.overlap import refuse_overlap
from suitability.predicates import Predicate, parse_predicate
from suitability.vocabulary import Vocabulary

_COMMON = ("id", "role", "basis", "src", "ask", "plain")
_APPLIES = ("applies_when", "applies_unknown", "silent")
_KEYS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "required": (
        ("when",),
        ("alt_ok", "ambiguous_when", "phase_from", "blocking", "safety", *_APPLIES),
    ),
    "exclusion": (("when",), ("ambiguous_when", "phase_from", "blocking", "safety", *_APPLIES)),
    "preferred": (("when",), ("ambiguous_when", "phase_from", *_APPLIES)),
    "caution": (("when",), _APPLIES),
    "grading": (
        ("grades",),
        ("order", "floor", "early", "late", "sole_caution", *_APPLIES, "blocking"),
    ),
    "trigger": (("when", "strength", "action"), ("blocking", "applies_when")),
    "needed": (("when",), ("from_final", "applies_when")),
}
_ROLES_OF_KIND = {
    "gate": ("required", "preferred", "caution", "exclusion"),
    "grading": ("grading",),
    "trigger": ("trigger", "needed"),
    "reference": (),
}


def load_criterion(
    node: Node,
    *,
    kind: str,
    levels: tuple[str, ...],
    strengths: tuple[str, ...],
    vocabulary: Vocabulary,
    sources: Mapping[str, Mapping[str, Any]],
) -> Criterion:
    """Load one criterion of a set of the given kind; raises PlaybookError with the line."""
    head = node.mapping("a criterion", ("id", "role"))
    identifier = head["id"].text("id of a criterion")
    what = f"criterion `{identifier}`"
    role = head["role"].one_of(f"role of {what}", tuple(_KEYS))
    if role not in _ROLES_OF_KIND[kind]:
        head["role"].fail(
            f"role `{role}` does not belong to a {kind} set",
            f"use one of: {', '.join(_ROLES_OF_KIND[kind])}",
        )
    required, optional = _KEYS[role]
    keys = node.mapping(what, (*_COMMON, *required), ("note", *optional))

    def predicate(key: str) -> Predicate | None:
        if key not in keys:
            return None
        return parse_predicate(keys[key], f"{key} of {what}", vocabulary)

    def flag(key: str, default: bool) -> bool:
        return keys[key].flag(f"{key} of {what}") if key in keys else default

    def fixed(key: str, value: str) -> bool:
        return key in keys and bool(keys[key].one_of(f"{key} of {what}", (value,)))

    src = tuple(item.text(f"src of {what}") for item in keys["src"].sequence(f"src of {what}"))
    for name, item in zip(src, keys["src"].value, strict=True):
        if name not in sources:
            item.fail(f"unknown source `{name}` in {what}", "register it in sources.yaml")
        if sources[name]["check"] == "not_read":
            item.fail(
                f"{what} rests on `{name}`, which nobody has read for this project",
                "read it and say so in sources.yaml, or cite what was read",
            )
    for key in ("applies_unknown", *(("silent",) if role != "grading" else ())):
        if key in keys and "applies_when" not in keys:
            keys[key].fail(f"{what} has no `applies_when`", "add it or remove this")
    applies_unknown = ""
    if "applies_unknown" in keys:
        words = ("skip",) if role == "grading" else ("judge",)
        applies_unknown = keys["applies_unknown"].one_of(f"applies_unknown of {what}", words)
    grades = _grades(keys, what, levels, vocabulary)
    if "order" not in keys:
        refuse_overlap(keys["grades"] if grades else node, grades, what, vocabulary)
    return Criterion(
        id=identifier,
        role=role,
        basis=keys["basis"].one_of(f"basis of {what}", BASES),
        src=src,
        ask=keys["ask"].text(f"ask of {what}"),
        plain=keys["plain"].text(f"plain of {what}"),
        note=keys["note"].text(f"note of {what}") if "note" in keys else "",
        line=node.line,
        when=predicate("when"),
        alt_ok=predicate("alt_ok"),
        ambiguous_when=predicate("ambiguous_when"),
        applies_when=predicate("applies_when"),
        applies_unknown_skips=applies_unknown == "skip",
        applies_unknown_judges=applies_unknown == "judge",
        silent_skips=fixed("silent", "skip"),
        postop_only=fixed("phase_from", "postop"),
        blocking=flag("blocking", role != "caution"),
        from_final=flag("from_final", False),
        urgent=fixed("safety", "urgent"),
        grades=grades,
        order=_order(keys, what, grades),
        floor=_level_rule(keys, "floor", what, levels, vocabulary),
        early=_level_rule(keys, "early", what, levels, vocabulary),
        late=flag("late", False),
        sole_caution=flag("sole_caution", False),
        strength=keys["strength"].one_of(f"strength of {what}", strengths)
        if "strength" in keys
        else "",
        action=keys["action"].text(f"action of {what}") if "action" in keys else "",
    )


def _grades(
    keys: Mapping[str, Node], what: str, levels: tuple[str, ...], vocabulary: Vocabulary
) -> dict[str, Predicate]:
    """Return the grades, best first."""
    if "grades" not in keys:
        return {}
    nodes = keys["grades"].mapping(f"grades of {what}", (), levels)
    if not nodes:
        keys["grades"].fail(f"{what} has no grades", f"use levels of the set: {', '.join(levels)}")
    return {
        level: parse_predicate(nodes[level], f"grade `{level}` of {what}", vocabulary)
        for level in levels
        if level in nodes
    }


def _order(keys: Mapping[str, Node], what: str, grades: Mapping[str, Predicate]) -> tuple[str, ...]:
    if "order" not in keys:
        return tuple(reversed(tuple(grades)))
    order = tuple(item.text(f"order of {what}") for item in keys["order"].sequence("order"))
    if sorted(order) != sorted(grades):
        keys["order"].fail(f"order of {what} does not list its grades", "list each grade once")
    return order


def _level_rule(
    keys: Mapping[str, Node], key: str, what: str, levels: tuple[str, ...], vocabulary: Vocabulary
) -> LevelRule | None:
    if key not in keys:
        return None
    parts = keys[key].mapping(f"{key} of {what}", ("when", "level"), ())
    return LevelRule(
        parse_predicate(parts["when"], f"{key} of {what}", vocabulary),
        parts["level"].one_of(f"level in {key} of {what}", levels),
    )
