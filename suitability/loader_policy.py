"""Strict loading of the case policy and of the techniques that fit each site."""

from collections.abc import Mapping
from typing import Any

from suitability.criteria import BASES, SITES, TECHNIQUES, CasePolicy, CriteriaSet
from suitability.nodes import Node

BREAST_ORDER = (
    "urgent_review",
    "pathway_stopped",
    "outside_published_criteria",
    "guideline_unsuitable",
    "mixed_signals",
    "needs_information",
    "consistent_fit",
)
OTHER_ORDER = (
    "urgent_review",
    "pathway_stopped",
    "mixed_signals",
    "consistent_fit",
    "needs_information",
    "outside_published_criteria",
)
FITS = ("published_trial", "recommended_document", "consensus_option", "series", "registry_only",
        "early_reports", "experimental", "insufficient_data", "not_listed")  # fmt: skip


def load_policy(root: Node, sets: Mapping[str, CriteriaSet], *, sha256: str) -> CasePolicy:
    """Load `case_policy.yaml`.

    The order of the categories is law in the code (SCHEMA 4); a file that states another one
    is refused rather than half obeyed.
    """
    keys = root.mapping(
        "the case policy",
        ("id", "version", "title", "kind", "breast", "other_sites", "alternatives_to_show"),
        ("note", "status"),
    )
    keys["kind"].one_of("kind", ("policy",))
    breast = keys["breast"].mapping(
        "breast",
        ("routes", "gradings", "boost", "display_only", "order", "always_show"),
        ("other_gates",),
    )
    stated = [
        item.mapping("a category", ("category", "when"), ())["category"].text("category")
        for item in breast["order"].sequence("order")
    ]
    _same_order(breast["order"], stated, BREAST_ORDER)
    routes = _by_technique(breast["routes"], "routes", sets)
    other_gates = (
        _by_technique(breast["other_gates"], "other_gates", sets) if "other_gates" in breast else {}
    )
    _carry_a_fit(breast["routes"], sets)
    boost = breast["boost"]
    if sets.get(boost.text("boost")) is None or sets[boost.value].kind != "gate":
        boost.fail(f"boost names `{boost.value}`, which is no gate set")
    other = keys["other_sites"].mapping("other_sites", ("sets", "order"), ("note",))
    _same_order(
        other["order"], [n.text("order") for n in other["order"].sequence("order")], OTHER_ORDER
    )
    site_sets: dict[str, tuple[str, ...]] = {}
    for site, node in other["sets"].mapping("sets").items():
        if site not in SITES:
            node.fail(f"unknown site `{site}`", f"use one of: {', '.join(SITES)}")
        site_sets[site] = _sets(node, sets, "gate")
        _say_their_evidence(node, sets)
    shown = tuple(n.text("always_show") for n in breast["always_show"].sequence("always_show"))
    for name, node in zip(shown, breast["always_show"].value, strict=True):
        _check_shown(name, node, sets)
    return CasePolicy(
        version=keys["version"].text("version"),
        sha256=sha256,
        routes=routes,
        gradings=_sets(breast["gradings"], sets, "grading"),
        boost=boost.value,
        other_gates=other_gates,
        display_only=_sets(breast["display_only"], sets, "gate"),
        site_sets=site_sets,
        always_show=shown,
        alternatives=_alternatives(keys["alternatives_to_show"]),
    )


def _sets(node: Node, sets: Mapping[str, CriteriaSet], kind: str) -> tuple[str, ...]:
    names = tuple(item.text("set id") for item in node.sequence("sets"))
    for name, item in zip(names, node.value, strict=True):
        if name not in sets or sets[name].kind != kind:
            item.fail(f"`{name}` is no {kind} set", "name a set of that kind")
    return names


def _by_technique(
    node: Node, what: str, sets: Mapping[str, CriteriaSet]
) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for technique, child in node.mapping(what).items():
        if technique not in TECHNIQUES:
            child.fail(f"unknown technique `{technique}`", f"use one of: {', '.join(TECHNIQUES)}")
        found[technique] = _sets(child, sets, "gate")
    return found


def _say_their_evidence(node: Node, sets: Mapping[str, CriteriaSet]) -> None:
    for item in node.sequence("sets"):
        if sets[item.value].rests_on is None:
            item.fail(
                f"`{item.value}` does not say what evidence it rests on",
                f"add `rests_on: {{kind, text, basis, src}}` to {sets[item.value].file}",
            )


def _carry_a_fit(routes: Node, sets: Mapping[str, CriteriaSet]) -> None:
    """A route makes a consistent fit, so each of its sets has to rest on evidence that may."""
    for node in routes.mapping("routes").values():
        _say_their_evidence(node, sets)
        for item in node.sequence("sets"):
            if sets[item.value].ceiling is not None:
                item.fail(f"`{item.value}` has a ceiling: no route", "list it elsewhere")


def _same_order(node: Node, stated: list[str], law: tuple[str, ...]) -> None:
    if tuple(stated) != law:
        node.fail("the order of the categories is not the agreed one", f"use: {', '.join(law)}")


def _check_shown(name: str, node: Node, sets: Mapping[str, CriteriaSet]) -> None:
    parts = name.split(".")
    one = sets.get(parts[0])
    known = one is not None and (
        parts[1:] == ["banners"] or (parts[1:2] == ["facts"] and ".".join(parts[2:]) in one.facts)
    )
    if not known:
        node.fail(f"always_show names unknown `{name}`", "write SET.banners or SET.facts.NAME")


def _alternatives(node: Node) -> tuple[Mapping[str, Any], ...]:
    for item in node.sequence("alternatives_to_show"):
        keys = item.mapping("an alternative", ("text", "basis"), ("seen_at", "note", "src"))
        keys["text"].text("text of an alternative")
        keys["basis"].one_of("basis of an alternative", BASES)
    return tuple(node.plain())


def load_capability(root: Node, sources: Mapping[str, Any]) -> Mapping[str, Any]:
    """Load `capability.yaml`: techniques, which fits which site, what a centre records."""
    keys = root.mapping(
        "capability",
        ("id", "version", "title", "kind", "status", "techniques", "site_fit",
         "centre_profile_fields", "named_in_stored_sources"),
        (),
    )  # fmt: skip
    for technique, node in keys["techniques"].mapping("techniques").items():
        if technique not in TECHNIQUES:
            node.fail(f"unknown technique `{technique}`", f"use one of: {', '.join(TECHNIQUES)}")
        parts = node.mapping(
            f"technique `{technique}`", ("name", "devices", "energy", "basis", "src"), ("room",)
        )
        parts["basis"].one_of("basis", BASES)
        for item in parts["src"].sequence("src"):
            if item.value not in sources:
                item.fail(f"unknown source `{item.value}`", "register it in sources.yaml")
    for site, node in keys["site_fit"].mapping("site_fit").items():
        if site not in SITES:
            node.fail(f"unknown site `{site}`", f"use one of: {', '.join(SITES)}")
        for technique, fit in node.mapping(f"site_fit of {site}").items():
            if technique not in TECHNIQUES:
                fit.fail(f"unknown technique `{technique}`")
            fit.one_of(f"fit of {technique} at {site}", FITS)
    plain: Mapping[str, Any] = root.plain()
    return plain
