"""Layouts of plain text: columns, printed choices, synopses, lists of edges, counts of nodes."""

from collections import Counter

import pytest

from benchmarks import reading as bench
from benchmarks import reading_layouts
from extractors import extract
from extractors.assemble import pages_from_text
from extractors.types import Extraction


def reading(text: str) -> Extraction:
    return extract(pages_from_text(text), document_id="d")


def values(text: str) -> dict[str, object]:
    return {finding.field: finding.value for finding in reading(text).findings}


def asked(text: str) -> set[str]:
    return {question.field for question in reading(text).questions}


IDC = "Left breast, wide local excision: invasive ductal carcinoma, grade 2."


def test_labels_and_values_in_columns_of_spaces_are_cells() -> None:
    found = values(
        "Left breast WLE\n"
        "   Type                          Lobular, classical\n"
        "   Grade                         2   (tubules 3, nuclei 2, mitoses 1)\n"
        "   Invasive tumour size          19 mm\n"
        "   Lymphovascular invasion       Not seen\n"
    )
    assert found["breast.grade"] == 2
    assert found["breast.size_mm"] == 19
    assert found["breast.lvi"] == "absent"


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("Vascular invasion:  Present / Not seen / Possible", "breast.lvi"),
        ("Margins: Reaches / Does not reach margin     Nearest ___ mm", "tumour.margin_status"),
        ("LVI: Yes / No", "breast.lvi"),
        ("ER: Pos / Neg", "breast.er"),
    ],
)
def test_printed_choices_that_nobody_marked_are_asked(line: str, field: str) -> None:
    text = f"Tumour type: Ductal NST of the breast\nGrade: 3\n{line}"
    assert field not in values(text)
    assert field in asked(text)


@pytest.mark.parametrize(
    ("line", "field", "right"),
    [
        ("ER: positive / strong", "breast.er", "positive"),
        ("HER2: Negative / 1+", "breast.her2", "negative"),
        ("Margins: clear / 5 mm", "breast.margin_mm", 5),
    ],
)
def test_an_answer_with_its_measure_is_no_choice(line: str, field: str, right: object) -> None:
    assert values(f"{IDC}\n{line}")[field] == right


def test_the_first_part_of_a_synopsis_is_no_description() -> None:
    found = values(
        "INVASIVE CARCINOMA OF THE BREAST: Resection\nSPECIMEN\n  Procedure: Excision\n"
        "  Specimen Laterality: Left\nTUMOR\n  Tumor Size: 14 mm\n"
        "  Tumor Focality: Single focus of invasive carcinoma\n"
    )
    assert found["breast.focality"] == "unifocal"


def test_a_remark_in_a_list_of_edges_ends_nothing() -> None:
    edges = "Superior 8   Inferior 5 (see block 3)   Medial 7   Superficial 4   Deep 6"
    assert values(f"{IDC}\nExcision margins (mm)\n   {edges}")["breast.margin_mm"] == 4


def test_a_list_of_edges_that_was_read_in_part_is_asked() -> None:
    edges = "Superior 8   Inferior 7 (DCIS 5 mm)   Medial 3   Deep 6"
    text = f"{IDC}\nExcision margins (mm)\n   {edges}"
    assert values(text).get("breast.margin_mm") in (None, 3)


def test_edges_named_one_after_the_other_have_distances() -> None:
    told = "Tumour is 0.8 cm from superior, 1.2 cm from inferior, 0.5 cm from deep (base)."
    assert values(f"{IDC} {told}")["breast.margin_mm"] == 5


@pytest.mark.parametrize(
    ("told", "positive", "examined"),
    [
        ("Lymph nodes 14 retrieved, 2 involved. Highest node clear.", 2, 14),
        ("Lymph nodes - 12 identified, none involved.", 0, 12),
    ],
)
def test_counts_right_behind_the_nodes(told: str, positive: int, examined: int) -> None:
    found = values(f"{IDC} {told}")
    assert (found["breast.nodes_positive"], found["tumour.nodes_examined"]) == (positive, examined)


def test_no_count_reaches_over_the_verdict_of_another_node() -> None:
    assert "tumour.nodes_examined" not in values(f"{IDC} 2 involved. Highest node clear.")


def test_a_total_against_its_parts_is_asked_and_so_is_its_stage() -> None:
    text = (
        f"Axillary dissection: 14 lymph nodes, 2 with metastatic carcinoma (2/14).\n{IDC}\n"
        "Summary: pT2 pN2a (4 of 14 nodes)."
    )
    assert not {"breast.nodes_positive", "breast.pn"} & values(text).keys()
    assert "breast.nodes_positive" in asked(text)


def test_a_letter_of_n_before_m_is_kept() -> None:
    assert values("Rectum, resection: adenocarcinoma. pT3N1bM0")["tumour.pn"] == "pN1b"


def test_how_deep_a_tumour_grows_is_no_size() -> None:
    found = values(
        "Macro: Anterior resection of rectum. Tumour 25 mm.\n"
        "Micro: Adenocarcinoma infiltrating through the muscle by 4 mm into mesorectal fat. "
        "Closest to circumferential margin: primary tumour, 2.5 mm. CRM not involved (>1 mm)."
    )
    assert found["tumour.size_mm"] == 25
    assert found["tumour.crm_mm"] == 2.5


def test_a_star_between_numbers_multiplies() -> None:
    found = values(f"{IDC} 4 cm from the cut end a firm mass 4*3.5*1.2cm.")
    assert found["breast.size_mm"] == 40


def test_short_signs_of_margins() -> None:
    assert values(f"{IDC} Margins: all -ve.")["tumour.margin_status"] == "negative"
    assert values(f"{IDC} Deep margin: +ve.")["tumour.margin_status"] == "positive"


def test_an_excepted_margin_that_the_tumour_reaches_is_not_free() -> None:
    text = f"{IDC} Margins free except anterior, where tumour reaches ink."
    assert values(text).get("tumour.margin_status") != "negative"


def test_a_margin_named_by_its_vessel_is_another_one() -> None:
    told = "Margins: tumour present at the posterior margin. Renal vein margin clear."
    found = values(f"Retroperitoneal liposarcoma, resection, 27 cm. {told}")
    assert found["tumour.margin_status"] == "positive"


def test_the_surface_of_a_pancreas_is_an_edge() -> None:
    found = values(
        "Distal pancreatectomy: adenocarcinoma of the pancreas. Proximal parenchymal margin is "
        "negative (1.5 cm). Carcinoma is <1 mm from the posterior (retroperitoneal) surface."
    )
    assert found["tumour.margin_mm"] == {"lt": 1.0}


def test_edges_behind_the_skin_are_read_too() -> None:
    told = "It is 3 cm from the skin, 0.5 cm from the deep,. 0.4 cm from the lateral."
    assert values(f"{IDC} {told}")["breast.margin_mm"] == 4


def test_how_long_a_specimen_is_gives_no_distance() -> None:
    told = "Specimen 6 cm from superior to inferior, 4 cm from anterior to posterior."
    assert "breast.margin_mm" not in values(f"{IDC} {told}")


ONE_LINE = (
    "Synoptic: Specimen: Left breast Procedure: Total mastectomy Histologic type: Invasive ductal "
    "carcinoma Histologic grade: 3 Tumor size: 3.1 cm LVI: Present DCIS: Present Margins: Positive "
    "Margin involved: Deep Nodes examined: 14 Nodes positive: 6 Extranodal extension: Present "
    "pT: pT2 pN: pN2a ER: Negative PR: Negative HER2: Positive (3+) Ki-67: 55%"
)


def test_a_form_in_one_line_is_read_by_its_labels() -> None:
    found = values(ONE_LINE)
    assert found["breast.grade"] == 3
    assert found["breast.size_mm"] == 31
    assert found["breast.invasive_margin_mm"] == 0
    assert "breast.dcis_margin_mm" not in found  # "DCIS: Present" is the cell before.
    assert found["breast.nodes_positive"] == 6
    assert found["breast.her2"] == "positive"
    assert found["breast.ki67_percent"] == 55


@pytest.mark.parametrize(
    ("told", "count"), [("Nodes: examined 3, positive 0", 0), ("Nodes 27, positive 3.", 3)]
)
def test_two_numbers_behind_their_words(told: str, count: int) -> None:
    assert values(f"{IDC} {told}")["breast.nodes_positive"] == count


def test_cap_writes_the_unit_into_the_label() -> None:
    told = "Tumor Size: Greatest dimension of largest invasive focus (Millimeters): 14 mm"
    assert values(f"{IDC}\n{told}\n")["breast.size_mm"] == 14


def test_the_limit_in_a_label_is_no_size() -> None:
    told = "Greatest dimension of largest focus of invasion over 0.1 cm: 1.9 cm"
    assert values(f"{IDC} Tumor Size: {told}.")["breast.size_mm"] == 19


def test_columns_of_core_and_excision_with_their_years_are_asked() -> None:
    text = (
        "Marker      Core 2023      Excision 2024\nER          95%            90%\n"
        "PR          40%            2%\nLeft breast IDC, excision, grade 2."
    )
    assert "breast.pr_percent" not in values(text)


GERMAN = "Mammaexzisat links: Invasives Mammakarzinom NST, G2, 14 mm.\n"


@pytest.mark.parametrize(
    ("told", "closest"),
    [
        ("Abstand zu den Schnitträndern: oben 6 mm, unten 2 mm, innen 12 mm, außen 9 mm.", 2),
        ("Resektionsränder: nach oben 6 mm, nach unten 5 mm, zur Faszie 4 mm.", 4),
        ("Schnittränder (mm): oben 6, unten 2, innen 12, außen 9, hinten 3", 2),
        ("Der Tumor ist von oben 6 mm, von unten 1 mm und von außen 9 mm entfernt.", 1),
        ("Tumorabstand: oben: 6 mm; unten: 2 mm; oberflächlich: 3 mm; tief: 1,5 mm", 1.5),
    ],
)
def test_german_edges_by_their_place(told: str, closest: float) -> None:
    assert values(GERMAN + told)["breast.margin_mm"] == closest


def test_a_german_edge_that_the_tumour_reaches_is_involved() -> None:
    told = "Schnittrand unten: Tumor erreicht. Schnittrand oben, innen und außen frei."
    assert values(GERMAN + told)["tumour.margin_status"] == "positive"


@pytest.mark.parametrize("seed", [4, 20261129])
def test_drawn_layouts_are_right_or_asked(seed: int) -> None:
    found = Counter(
        outcome
        for sample in reading_layouts.reports(seed, 40)
        for _, outcome in bench.outcomes(sample)
    )
    assert set(found) == {"right", "asked"}
    assert found["right"] > 10 * found["asked"]


def test_a_zero_in_brackets_is_its_own_result() -> None:
    assert values(f"{IDC} IHC: ER(-), PR(-), HER2(0), Ki67(+,70%)")["breast.her2"] == "negative"


def test_a_count_behind_of_is_no_count_of_positive_nodes() -> None:
    told = "Closest margin: deep 12 mm (see block 4)\n4 of 6 lymph nodes positive."
    found = values(f"{IDC}\n{told}\n")
    assert (found["breast.nodes_positive"], found["tumour.nodes_examined"]) == (4, 6)


def test_a_category_within_a_question_is_what_a_yes_would_mean() -> None:
    bowel = "Rectum resection: adenocarcinoma. "
    found = values(
        f"{bowel}Tumour perforation (pT4): No\nLocal invasion: Beyond muscularis propria (pT3)\n"
        "Complete resection (R0): No"
    )
    assert found["tumour.pt"] == "pT3"
    assert not {"tumour.pn", "tumour.residual"} & found.keys()
    said = values(f"{bowel}Tumour perforation (pT4): Yes\nComplete resection (R0): Yes")
    assert (said["tumour.pt"], said["tumour.residual"]) == ("pT4", "R0")


def test_the_points_of_a_grade_count_no_nodes() -> None:
    text = "Left breast, core biopsy: IDC, MBR grade II (T3 + N2 + M1 = 6/9)."
    assert "breast.nodes_positive" not in values(text)
    assert values(text)["breast.nottingham_score"] == 6


def test_what_a_trial_took_in_is_no_finding() -> None:
    text = (
        "The trial included women with unifocal invasive ductal carcinoma up to 35 mm. Grade 3 "
        "tumours were allowed. Mrs X: left breast, invasive ductal carcinoma, grade 1."
    )
    found = values(text)
    assert found["breast.grade"] == 1
    assert not {"breast.size_mm", "breast.focality"} & found.keys()


def test_the_size_beside_in_situ_disease_is_that_of_the_dcis() -> None:
    found = values(
        "Left breast, wide local excision\nIn situ carcinoma: DCIS          Size: 12 mm\n"
        "Size: Invasive tumour 16 mm     Whole size of tumour 21 mm\nType: Ductal/NST\n"
    )
    assert (found["breast.dcis_size_mm"], found["breast.size_mm"]) == (12, 16)
