"""SCHEMA.md written down a second time, as shortly as possible, straight from the raw YAML.

It shares nothing with `suitability/` (no loader, no types), so a slip in one of the two shows as a
difference. It is slow, checks nothing, and knows only what the rules need.
"""

from functools import lru_cache
from typing import Any

import yaml

from tests.suitability.cases import PLAYBOOKS
from tests.suitability.second_comparing import compare

Truth = tuple[bool | None, frozenset[str]]

LOUD = {
    "conflict",
    "indeterminate_result",
    "range_straddles_limit",
    "self_reported_only",
    "sources_differ",
    "value_not_covered",
}

T: Truth = (True, frozenset())
F: Truth = (False, frozenset())


def U(*why: str) -> Truth:
    return (None, frozenset(why))


@lru_cache(maxsize=1)
def playbooks() -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    words = yaml.safe_load((PLAYBOOKS / "vocabularies/findings.yaml").read_text())
    loaded = [
        yaml.safe_load(p.read_text()) for p in sorted((PLAYBOOKS / "criteria").glob("*.yaml"))
    ]
    sets = [one for one in loaded if one.get("kind") in ("gate", "grading", "trigger")]
    policy = next(one for one in loaded if one.get("kind") == "policy")
    return words["fields"], words["source_rank"], sets, policy


class Case:
    def __init__(self, raw: dict[str, Any], phase: str) -> None:
        self.fields, self.ranks, self.sets, self.policy = playbooks()
        self.phase = phase
        self.raw = {name: self.as_list(name, value) for name, value in raw.items()}

    def as_list(self, name: str, value: Any) -> list[dict[str, Any]]:
        if isinstance(value, list) and self.fields[name]["type"] != "set":
            return [v if isinstance(v, dict) and "value" in v else {"value": v} for v in value]
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return value
        return [value if isinstance(value, dict) and "value" in value else {"value": value}]

    # rules 1, 2, 5, 6: a list of (value, None) or (None, reason)
    def kept(self, name: str) -> list[tuple[Any, str | None]]:
        spec = self.fields[name]
        seen = self.raw.get(name, [])
        late = self.phase == "preop" and spec["avail"] == "postop"
        silent = "not_yet_available" if late else "missing"
        if not seen:
            if "derive" not in spec:
                return [(None, silent)]
            return [
                self.derived(spec["derive"], v, why, silent)
                for v, why in self.kept(spec["derive"]["from"])
            ]
        seen = self.counted(name)
        if not seen:
            return [(None, "self_reported_only")]
        return [(o["value"], None) for o in seen]

    def counted(self, name: str) -> list[dict[str, Any]]:
        spec, seen = self.fields[name], self.raw.get(name, [])
        if not seen:
            return []
        rule = spec.get("derive", {})
        seen = seen + [
            {**o, "value": rule["map"][o["value"]]}
            for o in self.raw.get(rule.get("from"), [])
            if o["value"] in rule.get("beside", [])
        ]
        if not spec.get("self_ok"):
            seen = [o for o in seen if o.get("source") != "intake_form"]
        if not seen:
            return []
        if spec.get("supersede"):
            top = max(self.ranks.get(o.get("source") or "", 0) for o in seen)
            seen = [o for o in seen if self.ranks.get(o.get("source") or "", 0) == top]
        dim = spec.get("indeterminate", [])
        sure = [self.ranks.get(o.get("source") or "", 0) for o in seen if o["value"] not in dim]
        return [
            o
            for o in seen
            if o["value"] not in dim
            or all(r < self.ranks.get(o.get("source") or "", 0) for r in sure)
        ]

    def derived(self, rule: dict[str, Any], value: Any, why: str | None, silent: str) -> Any:
        if why is not None:
            return (None, why if why == "self_reported_only" else silent)
        if "map" in rule:
            return (rule["map"][value], None) if value in rule["map"] else (None, silent)
        reached = compare(value, "ge", {"value": rule["ge"]})
        if reached is None:
            return (None, "range_straddles_limit")
        return (rule["then"] if reached else rule["else"], None)

    def final(self, name: str) -> bool:
        """Whether all that counts for a field was said by a final report, or by nobody named."""
        seen = self.counted(name)
        if not self.raw.get(name) and "derive" in self.fields[name]:
            seen = self.counted(self.fields[name]["derive"]["from"])
        reports = (None, "final_pathology", "central_review", "amended_report")
        return all(o.get("source") in reports for o in seen)

    def leaf(self, p: dict[str, Any]) -> Truth:
        outcomes: list[Truth] = []
        for value, why in self.kept(p["field"]):
            if why is not None:
                outcomes.append(U(why))
            elif value in self.fields[p["field"]].get("indeterminate", []):
                outcomes.append(U("indeterminate_result"))
            else:
                said = compare(value, p["op"], p)
                outcomes.append(U("range_straddles_limit") if said is None else T if said else F)
        if len({o[0] for o in outcomes}) > 1:
            return U("conflict")
        return (outcomes[0][0], frozenset().union(*(o[1] for o in outcomes)))

    def ev(self, p: dict[str, Any]) -> Truth:
        if "not" in p:
            value, why = self.ev(p["not"])
            return (None if value is None else not value, why)
        for word, wins in (("any", True), ("all", False)):
            if word in p:
                parts = [self.ev(x) for x in p[word]]
                if any(v is wins for v, _ in parts):
                    return (wins, frozenset())
                why = frozenset().union(*(w for v, w in parts if v is None))
                return (None, why) if any(v is None for v, _ in parts) else (not wins, frozenset())
        return self.leaf(p)

    def rule(self, c: dict[str, Any]) -> Any:
        if c.get("phase_from") == "postop" and self.phase == "preop":
            return ["unknown", "not_yet_available"]
        if "applies_when" in c:
            applies, why = self.ev(c["applies_when"])
            quiet = "silent" in c and applies is None and not why & LOUD
            if applies is False or quiet:
                return "not_applicable"
            if applies is None and c.get("applies_unknown") != "judge":
                return ["unknown", *sorted(why)]
        p = c["when"]
        if c.get("from_final") and not all(self.final(f) for f in fields_in(p)):
            return ["unknown", "not_from_final_report"]
        if c["role"] == "exclusion":
            p = {"not": p}
        if "alt_ok" in c:
            p = {"any": [p, c["alt_ok"]]}
        value, why = self.ev(p)
        if "ambiguous_when" in c:
            here, unclear = self.ev(c["ambiguous_when"])
            if here:
                value, why = None, frozenset({"sources_differ"})
            elif here is None:
                value, why = None, why | unclear
        if value is None:
            return ["unknown", *sorted(why)]
        yes, no = ("fired", "not_fired") if c["role"] == "trigger" else ("met", "not_met")
        return yes if value else no

    def graded(self, c: dict[str, Any], levels: list[str]) -> tuple[Any, int, int]:
        """(status, best, worst) before the rule of the sole caution."""
        own = [levels.index(level) for level in c["grades"]]
        if "applies_when" in c:
            applies, why = self.ev(c["applies_when"])
            if applies is False or (applies is None and c.get("applies_unknown") == "skip"):
                return "not_applicable", 0, 0
            if applies is None:
                return ["unknown", *sorted(why)], 0, max(own)
        order = c.get("order") or sorted(c["grades"], key=levels.index, reverse=True)
        truths = [(levels.index(level), *self.ev(c["grades"][level])) for level in order]
        first = next((n for n, (_, value, _) in enumerate(truths) if value is True), None)
        open_ones = [(i, w) for i, v, w in truths[:first] if v is None]
        if first is None:
            possible = [i for i, _ in open_ones] if len(open_ones) > 1 else own
            why = frozenset().union(*(w for _, w in open_ones)) or frozenset({"value_not_covered"})
        else:
            possible = [i for i, _ in open_ones] + [truths[first][0]]
            why = frozenset().union(*(w for _, w in open_ones))
        if "silent" in c and why and not why & LOUD:
            return "not_applicable", 0, 0
        least = 0
        for key in ("floor", "early"):
            if key in c and (key == "floor" or self.phase == "preop"):
                least = max(
                    least, levels.index(c[key]["level"]) if self.ev(c[key]["when"])[0] else 0
                )
        best, worst = max(least, min(possible)), max(least, *possible)
        if not why:
            return levels[best], best, worst
        if c.get("late") and self.phase == "preop":
            why = frozenset("not_yet_available" if w == "missing" else w for w in why)
        return ["unknown", *sorted(why)], best, worst

    def grading(self, one: dict[str, Any]) -> tuple[dict[str, Any], list[str], bool]:
        levels, last = one["levels"], len(one["levels"]) - 1
        said = {c["id"]: self.graded(c, levels) for c in one["criteria"]}
        for c in one["criteria"]:
            status, best, worst = said[c["id"]]
            if not c.get("sole_caution") or status == "not_applicable":
                continue
            others = [v for k, v in said.items() if k != c["id"]]
            beside_best = max(o[1] for o in others) > 0
            beside_worst = max(o[2] for o in others) > 0
            ranged = [last if 0 < n < last and beside_worst else n for n in range(best, worst + 1)]
            best = last if 0 < best < last and beside_best else best
            said[c["id"]] = (
                status if isinstance(status, list) else levels[best],
                best,
                max(ranged),
            )
        best, worst = max(v[1] for v in said.values()), max(v[2] for v in said.values())
        if "several" in one:
            rule = one["several"]
            mild, hard = levels.index(rule["of"]), levels.index(rule["level"])
            if sum(v[1] >= mild for v in said.values()) >= rule["at_least"]:
                best = max(best, hard)
            if sum(v[2] >= mild for v in said.values()) >= rule["at_least"]:
                worst = max(worst, hard)
        open_ones = [v[0][1:] for v in said.values() if isinstance(v[0], list)]
        only_pathology = all(why == ["not_yet_available"] for why in open_ones)
        sure = "final" if best == worst else "provisional" if only_pathology else "incomplete"
        return {k: v[0] for k, v in said.items()}, [levels[best], levels[worst], sure], best == last


def screen_again(raw: dict[str, Any], phase: str) -> dict[str, Any]:
    """category, tags, routes_open, sets and criteria, for a stated site."""
    case = Case(raw, phase)
    site = raw["disease.site"]
    policy, fine = case.policy, {}
    sets: dict[str, Any] = {}
    criteria: dict[str, Any] = {}
    warned: dict[str, list[str]] = {}
    urgent = worst = below = waits = False
    for one in case.sets:
        pelvic = one["site"] == "any_abdominopelvic" and site not in ("breast", "other")
        if one["site"] not in ("any", site) and not pelvic:
            continue
        if one["kind"] == "trigger" and phase == "preop":
            continue
        if one["kind"] == "grading":
            said, sets[one["id"]], at_worst = case.grading(one)
            criteria |= said
            worst = worst or at_worst
            below = below or sets[one["id"]][0] != one["levels"][0]
            waits = waits or any(
                isinstance(said[c["id"]], list)
                and c.get("blocking", True)
                and said[c["id"]][1:] != ["not_yet_available"]
                for c in one["criteria"]
            )
            continue
        said = {c["id"]: case.rule(c) for c in one["criteria"]}
        criteria |= said
        if one["kind"] == "trigger":
            sets[one["id"]] = strongest(one, said)
            continue
        binding = [c for c in one["criteria"] if c["role"] in ("required", "exclusion")]
        warned[one["id"]] = [
            c["id"]
            for c in one["criteria"]
            if c["role"] == "caution" and said[c["id"]] == "not_met"
        ]
        urgent = urgent or any(c.get("safety") and said[c["id"]] == "not_met" for c in binding)
        asked = [
            said[c["id"]][1:]
            for c in binding
            if isinstance(said[c["id"]], list) and c.get("blocking", True)
        ]
        if any(said[c["id"]] == "not_met" for c in binding):
            fine[one["id"]] = "outside"
        elif any(why != ["not_yet_available"] for why in asked):
            fine[one["id"]] = "needs_info"
        else:
            fine[one["id"]] = one.get("ceiling") or ("fits_pending_pathology" if asked else "fits")
    routes: list[str] = []
    tags: list[str] = []
    if site == "breast":
        routes = sorted(
            t for t, names in policy["breast"]["routes"].items() if fine[names[0]] != "outside"
        )
    if phase == "postop":
        return {
            "category": None,
            "tags": [],
            "routes_open": routes,
            "sets": sets,
            "criteria": criteria,
        }
    sets |= fine
    if site == "breast":
        deciding = [n for names in policy["breast"]["routes"].values() for n in names]
    else:
        deciding = policy["other_sites"]["sets"].get(site, [])
    heard = [n for n in deciding if fine[n] != "outside"]
    cautions = [c for n in ["common_contraindications", *heard] for c in warned[n]]
    common = fine["common_contraindications"]
    boost = site == "breast" and fine["breast_iort_boost"] != "outside"
    if boost and criteria["BO-04"] == "met":
        tags = ["possible_boost"]
    if urgent:
        category = "urgent_review"
    elif common == "outside":
        category = "pathway_stopped"
    elif site == "breast":
        gates = [fine["breast_targit_a"], fine["breast_eliot"]]
        live = [g for g in gates if g != "outside"]
        if not live:
            category = "outside_published_criteria"
        elif worst:
            category = "guideline_unsuitable"
        elif below or fine["breast_page_lowrisk"] == "outside" or cautions:
            category = "mixed_signals"
        elif common == "needs_info" or set(live) == {"needs_info"} or waits:
            category = "needs_information"
        else:
            category = "consistent_fit"
    elif site in policy["other_sites"]["sets"]:
        found = [fine[name] for name in policy["other_sites"]["sets"][site]]
        fits = [f for f in found if f not in ("needs_info", "outside")]
        if cautions and set(found) != {"outside"}:
            category = "mixed_signals"
        elif fits and common != "needs_info":
            plain = {"fits", "fits_pending_pathology"} & set(fits)
            category = "consistent_fit" if plain else fits[0]
        elif fits or "needs_info" in found:
            category = "needs_information"
        else:
            category = "outside_published_criteria"
    else:
        category = "site_not_covered"
    return {
        "category": category,
        "tags": tags,
        "routes_open": routes,
        "cautions": cautions,
        "sets": sets,
        "criteria": criteria,
    }


def strongest(one: dict[str, Any], said: dict[str, Any]) -> str:
    triggers = [c for c in one["criteria"] if c["role"] == "trigger"]
    for strength in one["strengths"]:
        if any(c["strength"] == strength and said[c["id"]] == "fired" for c in triggers):
            return str(strength)
    listed = [said[c["id"]] for c in one["criteria"] if c["role"] == "needed"]
    if any(status not in ("met", "not_applicable") for status in listed):
        return "awaiting_pathology"
    open_ones = {
        c["strength"]
        for c in triggers
        if isinstance(said[c["id"]], list) and c.get("blocking", True)
    }
    if open_ones - {"discuss"}:
        return "awaiting_pathology"
    return "no_trigger_incomplete" if open_ones else "no_trigger"


def fields_in(p: dict[str, Any]) -> list[str]:
    if "field" in p:
        return [p["field"]]
    parts = p.get("all") or p.get("any") or [p["not"]]
    return [name for part in parts for name in fields_in(part)]
