"""The gate before the flight home: it opens on what a final report stated, never on silence."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from suitability.recheck import recheck
from tests.suitability.cases import base, library, run
from tests.suitability.strategies import finding_sets, values

POSTOP = ("breast_postop_recheck", "abdominopelvic_postop_recheck")
CLEAR = {
    "breast": base("post_breast"),
    "rectum_primary": base(
        "rectal_locally_advanced", surgery__status="done", surgery__resection_actual="R0",
        tumour__crm_mm=5, rt__ebrt_component="done_preop",
    ),
}  # fmt: skip
HARMFUL: dict[str, list[tuple[str, Any]]] = {
    "breast": [
        ("disease.metastasis", "M1"), ("tumour.margin_status", "positive"), ("tumour.pt", "pT4b"),
        ("breast.margin_mm", 0), ("breast.dcis_margin_mm", 0), ("breast.pn", "pN1a"),
        ("breast.lvi", "extensive"), ("breast.grade", 3), ("breast.er", "negative"),
        ("breast.her2", "positive"), ("breast.histology", "ilc"), ("breast.size_mm", 36),
        ("breast.brca", "pathogenic_brca2"), ("breast.neoadjuvant", "given"),
        ("tumour.histologic_type", "metaplastic"), ("tumour.pm", "pM1"),
    ],
    "rectum_primary": [
        ("disease.metastasis", "M1"), ("tumour.crm_mm", 0.5), ("tumour.crm_status", "involved"),
        ("tumour.residual", "R1"), ("tumour.margin_status", "positive"), ("tumour.pm", "pM1a"),
        ("surgery.resection_actual", "R2"),
    ],
}  # fmt: skip
SOME = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def is_open(findings: dict[str, Any]) -> bool:
    return recheck(run(findings, "postop")).gate_open


def beside(findings: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """State `name` once more, from another final report of the same rank."""
    old = [findings[name]] if name in findings else []
    seen = [{"value": one, "source": "final_pathology"} for one in (*old, value)]
    return {**findings, name: seen}


@pytest.mark.parametrize("site", CLEAR)
def test_a_complete_report_without_a_finding_opens_it(site: str) -> None:
    assert is_open(CLEAR[site])


@pytest.mark.parametrize("site", CLEAR)
def test_each_fact_of_the_positive_list_is_needed(site: str) -> None:
    """Taken away, or known from before the operation alone, the gate is shut."""
    needed = [
        criterion
        for name in POSTOP
        for criterion in library().sets[name].criteria
        if criterion.role == "needed" and library().sets[name].covers(site)
    ]
    stated = [(c, f) for c in needed for f in c.fields() if f in CLEAR[site]]
    assert stated
    for criterion, field in stated:
        others = [other for other in criterion.fields() if other != field]
        without = {k: v for k, v in CLEAR[site].items() if k not in (field, *others)}
        assert not is_open(without), (criterion.id, field)
        if criterion.from_final:
            early = [{"value": CLEAR[site][field], "source": "core_biopsy"}]
            assert not is_open({**without, field: early}), (criterion.id, field)


@pytest.mark.parametrize(
    ("site", "name", "value"),
    [(site, name, value) for site, found in HARMFUL.items() for name, value in found],
)
def test_a_harmful_fact_shuts_it(site: str, name: str, value: Any) -> None:
    assert not is_open({**CLEAR[site], name: value})
    assert not is_open(beside(CLEAR[site], name, value))


@SOME
@given(finding_sets(), st.sampled_from(sorted(HARMFUL)), st.data())
def test_a_harmful_fact_never_opens_it(
    findings: dict[str, Any], site: str, data: st.DataObject
) -> None:
    name, value = data.draw(st.sampled_from(HARMFUL[site]))
    given_ = {**findings, "disease.site": site}
    if not is_open(given_):
        assert not is_open({**given_, name: value})


@SOME
@given(st.sampled_from(sorted(CLEAR)), st.data())
def test_no_contradiction_of_two_final_reports_leaves_it_open(
    site: str, data: st.DataObject
) -> None:
    """A second value of a needed field that is not on the harmless side shuts the gate."""
    names = sorted({name for name, _ in HARMFUL[site] if name in CLEAR[site]})
    name = data.draw(st.sampled_from(names))
    other = data.draw(values(name, ranged=False))
    if other in library().vocabulary.fields[name].indeterminate:
        return  # what is indeterminate yields
    alone = is_open({**CLEAR[site], name: other})
    assert is_open(beside(CLEAR[site], name, other)) <= alone
