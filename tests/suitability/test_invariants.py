"""What must hold for any findings at all."""

import random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suitability import input_hash, parse_findings, screen
from suitability.evaluator import FITS, FITS_PENDING, NEEDS_INFO, OUTSIDE
from suitability.predicates import FALSE, TRUE, Group, Truth, either, negate, unknown
from suitability.rollup import CONSISTENT, NEEDS_INFORMATION, OUTSIDE_PUBLISHED
from tests.suitability.cases import library, output, run
from tests.suitability.strategies import PHASES, USED, finding_sets, observed, values

SOME = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
SURENESS = {"final": 2, "provisional": 1, "incomplete": 0}
GRADING_LEVELS = {name: one.levels for name, one in library().sets.items() if one.levels}


@SOME
@given(finding_sets(), PHASES)
def test_output_keeps_the_contract(findings: dict[str, Any], phase: str) -> None:
    out = output(findings, phase)
    assert list(out) == [
        "category",
        "tags",
        "routes_open",
        "technique_2017",
        "sets",
        "criteria",
        "alternatives",
        "missing",
    ]
    assert (out["category"] is None) == (phase == "postop")
    for name, said in out["criteria"].items():
        if isinstance(said, list):
            assert said[0] == "unknown", name
            assert said[1:] == sorted(set(said[1:])) and said[1:], name
        else:
            assert said != "unknown", name
    for name, said in out["sets"].items():
        if name in GRADING_LEVELS:
            level, at_worst, certainty = said
            order = GRADING_LEVELS[name]
            assert order.index(level) <= order.index(at_worst)
            assert (level == at_worst) == (certainty == "final")
            assert certainty != "provisional" or phase == "preop"


@SOME
@given(finding_sets(), PHASES, st.randoms(use_true_random=False))
def test_order_of_documents_never_matters(
    findings: dict[str, Any], phase: str, shuffler: random.Random
) -> None:
    mixed = list(findings.items())
    shuffler.shuffle(mixed)
    other = {
        name: shuffler.sample(seen, len(seen)) if isinstance(seen, list) else seen
        for name, seen in mixed
    }
    first, second = parse_findings(findings, library()), parse_findings(other, library())
    assert input_hash(first, phase) == input_hash(second, phase)
    assert output(findings, phase) == output(other, phase)


@SOME
@given(finding_sets(), st.data())
def test_unknowns_never_rescue_what_is_outside(
    findings: dict[str, Any], data: st.DataObject
) -> None:
    """A gate that is outside for known reasons stays outside when a missing fact is added."""
    before = output(findings)
    missing = [name for name in USED if name not in findings]
    if not missing:
        return
    name = data.draw(st.sampled_from(missing))
    after = output({**findings, name: data.draw(values(name, ranged=False))})
    for gate, said in before["sets"].items():
        if said != OUTSIDE or after["sets"][gate] == OUTSIDE:
            continue
        # Only by a fact that is itself accepted instead (alt_ok, a curative plan): never unknown.
        turned = [
            c.id
            for c in library().sets[gate].criteria
            if before["criteria"][c.id] == "not_met" and after["criteria"][c.id] != "not_met"
        ]
        assert turned == [], (gate, name)


@SOME
@given(finding_sets(), PHASES, st.data())
def test_removing_a_fact_never_makes_a_result_surer(
    findings: dict[str, Any], phase: str, data: st.DataObject
) -> None:
    """Without a fact, what it decided becomes unknown; nothing unknown becomes known by silence."""
    derived_from = {
        field.derive.source
        for field in library().vocabulary.fields.values()
        if field.derive is not None
    }
    derivable = {
        name for name, field in library().vocabulary.fields.items() if field.derive is not None
    }
    names = [n for n in findings if n != "disease.site" and n not in derivable | derived_from]
    if not names:
        return
    name = data.draw(st.sampled_from(sorted(names)))
    single = {**findings, name: data.draw(values(name, ranged=False))}
    less = {k: v for k, v in single.items() if k != name}
    full, poorer = run(single, phase), run(less, phase)
    for identifier, result in poorer.criteria.items():
        criterion = result.criterion
        if name not in criterion.fields() or criterion.applies_unknown_skips:
            continue
        if criterion.silent_skips or criterion.applies_unknown_judges:
            continue  # says nothing, or is judged all the same, while what it applies to is open
        was = full.criteria[identifier]
        early = criterion.early.when.leaves() if criterion.early is not None else ()
        if name in [leaf.field for leaf in early]:
            continue  # a sign of before surgery holds a good result back; without it none does
        if not result.is_unknown and not criterion.sole_caution:
            assert was.status == result.status, (identifier, name)
    for gate, one in poorer.sets.items():
        if one.outcome in (FITS, FITS_PENDING):
            assert full.sets[gate].outcome in (FITS, FITS_PENDING, OUTSIDE)


@SOME
@given(finding_sets(), st.data())
def test_more_documents_that_differ_never_decide(
    findings: dict[str, Any], data: st.DataObject
) -> None:
    """A second document of equal rank can only confirm a status or make it unknown."""
    stated = [
        name
        for name, seen in findings.items()
        if name != "disease.site" and isinstance(seen, bool | str | int | float)
    ]
    if not stated:
        return
    name = data.draw(st.sampled_from(sorted(stated)))
    other = data.draw(values(name, ranged=False))
    if other in library().vocabulary.fields[name].indeterminate:
        return  # what is indeterminate yields
    pair = [{"value": v, "source": "mdt_note"} for v in (findings[name], other)]
    one = output({**findings, name: pair[:1]})["criteria"]
    both = output({**findings, name: pair})["criteria"]
    second = output({**findings, name: pair[1:]})["criteria"]
    for identifier, result in run({**findings, name: pair}).criteria.items():
        criterion = result.criterion
        single = [p for p in criterion.predicates() if not isinstance(p, Group)]
        if criterion.grades or len(single) != len(criterion.predicates()):
            continue
        if one[identifier] == second[identifier]:
            assert both[identifier] == one[identifier]
        else:
            assert both[identifier][0] == "unknown" and "conflict" in both[identifier]


@SOME
@given(finding_sets(), PHASES)
def test_silence_is_never_negative(findings: dict[str, Any], phase: str) -> None:
    """A criterion none of whose fields is stated or derived is unknown, or does not apply."""
    result = run(findings, phase)
    for said in result.criteria.values():
        fields = said.criterion.fields()
        if all(result.facts.kept(name).reason is not None for name in fields):
            assert said.status in ("unknown", "not_applicable")


@SOME
@given(finding_sets(), PHASES, st.data())
def test_a_lower_rank_never_displaces_a_higher_one(
    findings: dict[str, Any], phase: str, data: st.DataObject
) -> None:
    """But for values that stand beside another field's whatever their rank: a pM1 in any document
    is a question where the other says M0.
    """
    vocabulary = library().vocabulary
    derived = (field.derive for field in vocabulary.fields.values())
    beside = {one.source for one in derived if one is not None and one.beside}
    ranked = [n for n in USED if vocabulary.fields[n].supersede and n not in beside]
    name = data.draw(st.sampled_from(ranked))
    top = {"value": data.draw(values(name)), "source": "amended_report"}
    lower = {"value": data.draw(values(name)), "source": "core_biopsy"}
    alone = output({**findings, name: [top]}, phase)
    assert output({**findings, name: [lower, top]}, phase) == alone


@SOME
@given(finding_sets(), st.data())
def test_what_a_patient_says_decides_only_where_it_may(
    findings: dict[str, Any], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(USED))
    said = data.draw(values(name))
    own_word = {**findings, name: [{"value": said, "source": "intake_form"}]}
    for result in run(own_word).criteria.values():
        if result.criterion.fields() == [name] and not library().vocabulary.fields[name].self_ok:
            assert result.status in ("unknown", "not_applicable"), result.criterion.id


@SOME
@given(finding_sets(), PHASES, st.data())
def test_fields_that_no_criterion_reads_change_nothing(
    findings: dict[str, Any], phase: str, data: st.DataObject
) -> None:
    unread = ["tumour.laterality", "gast.lauren", "tumour.perineural", "specimen.procedure"]
    extra = {
        name: data.draw(st.sampled_from(library().vocabulary.fields[name].values))
        for name in data.draw(st.lists(st.sampled_from(unread), min_size=1, unique=True))
    }
    assert output({**findings, **extra}, phase) == output(findings, phase)


@SOME
@given(st.sampled_from(["patient.age_years", "breast.size_mm", "breast.margin_mm"]), st.data())
def test_a_value_just_off_a_limit_is_not_rounded_to_it(name: str, data: st.DataObject) -> None:
    limits = {
        "patient.age_years": [40, 45, 48, 50, 75],
        "breast.size_mm": [20, 25, 30, 35],
        "breast.margin_mm": [1, 2],
    }
    limit = data.draw(st.sampled_from(limits[name]))
    gap = data.draw(st.floats(min_value=1e-9, max_value=0.4))
    phase = "postop" if name == "breast.margin_mm" else "preop"
    below, at = ({"disease.site": "breast", name: value} for value in (limit - gap, limit))
    above = {"disease.site": "breast", name: limit + gap}
    said = [output(one, phase)["criteria"] for one in (below, at, above)]
    assert not said[0] == said[1] == said[2]


@SOME
@given(finding_sets(), PHASES, st.data())
def test_a_sourced_value_means_what_the_plain_one_means(
    findings: dict[str, Any], phase: str, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(USED))
    seen = data.draw(observed(name))
    if isinstance(seen, list):
        return
    # A plain value is taken at its word, after surgery as a final report's.
    sourced = [{"value": seen, "source": "final_pathology"}]
    assert output({**findings, name: seen}, phase) == output({**findings, name: sourced}, phase)


def test_categories_agree_with_their_sets() -> None:
    @SOME
    @given(finding_sets())
    def holds(findings: dict[str, Any]) -> None:
        result = run(findings)
        gates = [one.outcome for one in result.sets.values() if one.criteria_set.kind == "gate"]
        if result.category == CONSISTENT:
            assert FITS in gates or FITS_PENDING in gates
            assert all(one.best == 0 for one in result.sets.values())
            assert result.sets["common_contraindications"].outcome in (FITS, FITS_PENDING)
        if result.category == OUTSIDE_PUBLISHED and result.site == "breast":
            assert result.routes_open == ()
        if result.category == NEEDS_INFORMATION:
            asked = [r for r in result.criteria.values() if r.holds_back]
            assert asked or NEEDS_INFO in gates

    holds()


TRUTHS = st.sampled_from(
    [TRUE, FALSE, unknown(frozenset({"missing"})), unknown(frozenset({"conflict"}))]
)


@given(TRUTHS, TRUTHS, TRUTHS)
def test_kleene_laws(a: Truth, b: Truth, c: Truth) -> None:
    def both(x: Truth, y: Truth) -> Truth:
        return negate(either(negate(x), negate(y)))

    assert negate(negate(a)) == a
    assert either(a, b) == either(b, a)
    assert either(a, either(b, c)) == either(either(a, b), c)
    assert either(a, a) == a
    assert either(a, TRUE) == TRUE and both(a, FALSE) == FALSE
    assert either(a, FALSE) == a and both(a, TRUE) == a
    assert either(a, both(b, c)).value == both(either(a, b), either(a, c)).value
    assert either(a, both(a, b)).value == a.value


def test_screening_twice_gives_the_same() -> None:
    findings = parse_findings({"disease.site": "breast", "patient.age_years": 46}, library())
    first = screen(findings, phase="preop", library=library())
    second = screen(findings, phase="preop", library=library())
    assert first.to_json() == second.to_json()
    assert first.input_hash == second.input_hash
