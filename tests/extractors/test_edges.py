"""Margins of bowel, pancreas and soft tissue: their edges, the circumferential margin, R."""

import pytest

from benchmarks import reading_edges
from tests.extractors.reports import bowel, read, values

PANCREAS = "FINAL DIAGNOSIS:\nPancreas, head, Whipple resection: ductal adenocarcinoma.\n"


@pytest.mark.parametrize("seed", [20261129, 5])
def test_made_up_reports_are_never_read_wrongly(seed: int) -> None:
    counts, bad = reading_edges.measure(reading_edges.cases(seed, 90))
    assert [line for line in bad if line.startswith("wrong")] == []
    assert len(bad) <= 0.02 * counts.total()


def test_involved_by_distance_is_no_clear_margin() -> None:
    found = bowel("\nProximal margin: uninvolved\nTumor is 0.8 mm from the radial margin.")
    assert (found["tumour.crm_mm"], found["tumour.crm_status"]) == (0.8, "involved")
    assert "tumour.margin_status" not in found


@pytest.mark.parametrize(
    "legend",
    [
        "R0 = no residual tumor, R1 = microscopic residual tumor.",
        "R1 is defined as tumor at 1 mm or less from a margin.",
        "The aim is an R0 resection.",
        "A margin is considered positive if tumor is within 1 mm.",
    ],
)
def test_a_legend_neither_states_nor_contradicts(legend: str) -> None:
    alone = values(PANCREAS + legend)
    assert not {"tumour.margin_status", "tumour.residual", "tumour.margin_mm"} & alone.keys()
    extraction = read(PANCREAS + f"Bile duct margin: positive\n{legend}\n")
    found = {finding.field: finding.value for finding in extraction.findings}
    assert found["tumour.margin_status"] == "positive"
    assert found["tumour.margin_mm"] == 0
    assert extraction.questions == ()


def test_the_margin_of_an_artery_is_not_the_mesentery() -> None:
    text = "Superior mesenteric artery margin: negative\nUncinate margin: positive\n"
    found = values(PANCREAS + text)
    assert found["tumour.margin_status"] == "positive"
    assert "tumour.crm_status" not in found


def test_a_lateral_margin_is_no_circumferential_one() -> None:
    found = bowel("Tumor is 6 mm from the lateral margin.")
    assert not {"tumour.crm_mm", "tumour.crm_status"} & found.keys()


def test_the_edge_of_the_next_line_is_not_this_one() -> None:
    found = bowel(
        "\nDistal margin: uninvolved\nInvasive carcinoma comes to within 3 mm of the "
        "circumferential (radial) margin."
    )
    assert found["tumour.crm_mm"] == 3
    assert "tumour.crm_status" not in found


def test_below_1_mm_in_the_pancreas_is_a_distance_and_no_status() -> None:
    found = values(PANCREAS + "Tumor is 0.5 mm from the uncinate margin.")
    assert found["tumour.margin_mm"] == 0.5
    assert found.get("tumour.margin_status") != "negative"


def test_one_denial_of_two_kinds_of_invasion_is_of_both() -> None:
    found = bowel("No perineural or lymphovascular invasion is seen.")
    assert (found["tumour.perineural"], found["tumour.lvi"]) == ("absent", "absent")
