"""What a changed set would make of a stored result: said exactly, and blamed on what did it."""

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from suitability import CriteriaSet, Criterion, Library, PlaybookError, parse_findings, screen
from suitability.approval import needs_approval, to_confirm
from suitability.impact import NOT_JUDGED, Impact, impact, look_of
from suitability.loader import load_set
from suitability.recheck import recheck
from suitability.screening import Phase
from suitability.standing import (
    APPROVED,
    DRAFT,
    GONE,
    WITHDRAWN,
    StandingSet,
    draft_words,
    standing_on_paper,
    withdrawn_words,
)
from tests.suitability.cases import base, findings_of, library, worked
from tests.suitability.mutants import mutants

SEED = 20261129


def edited(name: str, old: str, new: str) -> CriteriaSet:
    """A set as a clinician's edit of its file would load."""
    one = library().sets[name]
    assert old in one.text
    return load_set(
        one.text.replace(old, new, 1),
        file="changed.yaml",
        vocabulary=library().vocabulary,
        sources=library().sources,
    )


def stored(raw: dict[str, Any], phase: Phase = "preop") -> dict[str, Any]:
    """A result as the database gives it back."""
    made = screen(parse_findings(raw, library()), phase=phase, library=library())
    result = {**made.to_json()}
    if phase == "postop":
        result["recheck"] = recheck(made).to_json()
    loaded: dict[str, Any] = json.loads(json.dumps(result))
    return loaded


def compared(raw: dict[str, Any], changed: CriteriaSet, phase: Phase = "preop") -> Impact:
    findings = parse_findings(raw, library())
    return impact(stored(raw, phase), findings, phase, library(), [changed])


FIT = base("low_risk_breast", breast__focality="unifocal", breast__size_mm=30)


def test_a_stricter_limit_names_the_case_s_outcome_and_the_criterion_that_did_it() -> None:
    stricter = edited("breast_targit_a", "op: le, value: 35", "op: le, value: 25")
    found = compared(base("low_risk_breast", breast__size_mm=30), stricter)
    (moved,) = found.criteria
    assert (moved.criterion, moved.before, moved.after) == ("TA-04", "met", "not_met")
    assert [row[0] for row in found.sets] == ["breast_targit_a"]
    assert found.program is False and found.heads == ()
    assert compared(base("low_risk_breast", breast__size_mm=12), stricter).same


def test_of_two_changed_criteria_the_one_that_did_it_is_said_to_have_done_it_alone() -> None:
    raw = base("low_risk_breast", patient__pregnant=False)
    name = "common_contraindications"
    rule = next(c for c in library().sets[name].criteria if "pregnant" in " ".join(c.fields()))
    one = library().sets[name]
    turned = replace(
        one,
        criteria=tuple(
            replace(c, role="required" if c.role == "exclusion" else "exclusion")
            if c.id == rule.id
            else c
            for c in one.criteria
        ),
    )
    found = compared(raw, turned)
    assert found.outcome_changes
    assert [(m.criterion, m.alone) for m in found.criteria] == [(rule.id, True)]


def test_a_removed_and_a_new_criterion_are_told_as_not_judged() -> None:
    one = library().sets["breast_targit_a"]
    less = replace(one, criteria=one.criteria[1:])
    found = compared(base("low_risk_breast"), less)
    gone = [m for m in found.criteria if m.criterion == one.criteria[0].id]
    assert [m.after for m in gone] == [NOT_JUDGED]
    back = impact(
        stored(base("low_risk_breast")),
        parse_findings(base("low_risk_breast"), library()),
        "preop",
        replace(library(), sets={**library().sets, one.id: less}, plans={}),
        [one],
    )
    assert [m.before for m in back.criteria if m.criterion == one.criteria[0].id] == [NOT_JUDGED]


def test_a_ceiling_that_is_lifted_is_named_although_no_criterion_moved() -> None:
    one = library().sets["gastric"]
    raw = {**base("low_risk_breast")}
    cases = [c for c in worked()["vignettes"] if findings_of(c).get("disease.site") == "stomach"]
    raw = findings_of(cases[0])
    assert one.ceiling
    found = compared(raw, replace(one, ceiling=None))
    assert found.heads == ("gastric.ceiling",) and not found.criteria


def test_what_the_program_changed_is_told_apart_from_what_the_set_changed() -> None:
    raw = base("low_risk_breast")
    old = stored(raw)
    old["criteria"]["TA-04"] = "not_met"
    findings = parse_findings(raw, library())
    same_text = impact(old, findings, "preop", library(), [library().sets["breast_targit_a"]])
    assert same_text.program is True and not same_text.criteria


def test_a_policy_that_asks_for_a_set_that_was_not_there_compares_with_what_was_stored() -> None:
    raw = base("low_risk_breast")
    without = {k: v for k, v in library().sets.items() if k != "breast_targit_a"}
    old = Library(
        library().vocabulary, without, library().policy, library().capability, library().sources
    )
    findings = parse_findings(raw, library())
    found = impact(stored(raw), findings, "preop", old, [library().sets["breast_targit_a"]])
    assert found.same and found.program is False


def test_after_surgery_the_re_check_is_compared() -> None:
    case = next(c for c in worked()["vignettes"] if c.get("phase") == "postop")
    raw = findings_of(case)
    name = next(
        n for n, one in library().sets.items() if one.kind == "trigger" and one.site == "breast"
    )
    one = library().sets[name]
    fired = next(c for c in one.criteria if c.role == "trigger")
    more = replace(one, criteria=tuple(_always(c) if c.id == fired.id else c for c in one.criteria))
    before = compared(raw, one, "postop")
    assert before.same and before.before == before.after
    assert isinstance(compared(raw, more, "postop"), Impact)


def _always(rule: Criterion) -> Criterion:
    return replace(rule, applies_when=None)


def test_every_mutant_is_blamed_on_the_criterion_that_was_changed() -> None:
    """Against screening itself: the outcome is what it says, the criteria are those that moved."""
    draw = random.Random(SEED)
    cases = [(findings_of(c), c.get("phase", "preop")) for c in worked()["vignettes"]]
    tried = noticed = 0
    for one in library().sets.values():
        if one.kind == "reference":
            continue
        every = list(mutants(one, library().vocabulary))
        for what, mutant in draw.sample(every, min(12, len(every))):
            for raw, phase in draw.sample(cases, 4):
                _agrees_with_screening(raw, phase, mutant, what)
                noticed += not compared(raw, mutant, phase).same
                tried += 1
    assert tried > 800 and noticed > 40


def _agrees_with_screening(
    raw: dict[str, Any], phase: Phase, mutant: CriteriaSet, what: str
) -> None:
    found = compared(raw, mutant, phase)
    findings = parse_findings(raw, library())
    sets = {**library().sets, mutant.id: mutant}
    new = screen(findings, phase=phase, library=replace(library(), sets=sets, plans={}))
    old = screen(findings, phase=phase, library=library())
    if phase == "preop":
        assert (found.before, found.after) == (old.category, new.category), what
    moved = {
        name
        for name, result in new.criteria.items()
        if result.to_json() != old.criteria[name].to_json()
    }
    assert {m.criterion for m in found.criteria} == moved, what
    if len(moved) == 1 and found.outcome_changes and not found.heads:
        assert all(m.alone for m in found.criteria), what


def test_the_mark_of_a_look_is_of_the_exact_text_and_of_what_it_would_change() -> None:
    one = library().sets["breast_targit_a"]
    other = replace(one, sha256="0" * 64)
    assert look_of([one], ["m"], [1]) == look_of([one], ["m"], [1]) != look_of([other], ["m"], [1])
    assert look_of([one], ["m"], [1]) != look_of([one], ["m"], [2])
    assert look_of([one], ["m"], [1]) != look_of([one], ["n"], [1])


def test_every_rule_from_memory_is_to_be_confirmed_and_nothing_else() -> None:
    for one in library().sets.values():
        recalled = {c.id for c in one.criteria if c.basis == "recalled"}
        assert recalled <= set(to_confirm(one))
        assert {n for n in to_confirm(one) if "." not in n} - {"several", "rests_on"} == recalled
        assert all(words.strip() for words in to_confirm(one).values())
    total = sum(len(to_confirm(one)) for one in library().sets.values())
    written = sum(one.text.count("basis: recalled") for one in library().sets.values())
    assert total == written > 40


def test_what_is_kept_for_history_is_no_draft() -> None:
    states = {one.id: needs_approval(one) for one in library().sets.values()}
    assert [name for name, draft in states.items() if not draft] == ["breast_astro_2009"]


def test_the_banner_names_the_drafts_and_what_was_withdrawn() -> None:
    from datetime import UTC, datetime

    day = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
    sets = [
        StandingSet("a", "0.1.0", "1" * 64, "Set A", DRAFT),
        StandingSet("b", "0.2.0", "2" * 64, "Set B", APPROVED, "Dr. X, consultant, 12", day),
        StandingSet(
            "c", "0.3.0", "3" * 64, "Set C", WITHDRAWN, "Dr. Y, consultant, 13", day, "old"
        ),
        StandingSet("d", "0.4.0", "4" * 64, "d", GONE),
    ]
    assert "1 of 4 sets" in draft_words(sets) and "Drafts: a 0.1.0." in draft_words(sets)
    assert "0.2.0" not in draft_words(sets)
    first, second = withdrawn_words(sets)
    assert "Set C (c 0.3.0) was withdrawn on 2026-11-29 by Dr. Y" in first and "old" in first
    assert "no longer among the criteria" in second
    assert draft_words(sets[1:2]) == "" and withdrawn_words(sets[:2]) == ()
    on_paper = standing_on_paper(sets)
    assert on_paper.states == {
        "a": "draft", "b": "signed 2026-11-29", "c": "withdrawn 2026-11-29", "d": "gone"
    }  # fmt: skip


@pytest.mark.parametrize("limit", [-1, 0, 1])
def test_both_sides_of_a_moved_limit(limit: int) -> None:
    stricter = edited("breast_targit_a", "op: le, value: 35", "op: le, value: 25")
    found = compared(base("low_risk_breast", breast__size_mm=25 + limit), stricter)
    assert found.same is (limit <= 0)


def test_a_file_with_a_fault_is_refused_before_anything_is_compared() -> None:
    with pytest.raises(PlaybookError, match=r"changed.yaml:\d+"):
        edited("breast_targit_a", "op: le, value: 35", "op: lte, value: 35")
