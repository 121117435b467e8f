"""What a page says twice and not alike, or about two components, is asked or told apart."""

from typing import Any

import pytest

from extractors import extract, pages_from_text


def read(text: str) -> tuple[dict[str, Any], set[str]]:
    found = extract(pages_from_text(text), document_id="1")
    return {one.field: one.value for one in found.findings}, {q.field for q in found.questions}


RECTUM = "Rectum, anterior resection: adenocarcinoma, moderately differentiated. "
BREAST = "Left breast, excision: invasive ductal carcinoma. "


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (RECTUM + "LVI and EMVI both absent.\nEMVI: V1", "tumour.vascular_invasion"),
        (RECTUM + "EMVI absent. On further levels EMVI is present.", "tumour.vascular_invasion"),
        (
            RECTUM + "EMVI: not identified on H&E; present on the elastic stain.",
            "tumour.vascular_invasion",
        ),
        (RECTUM + "PNI absent. Perineural invasion: present.", "tumour.perineural"),
        (BREAST + "LVI absent. Dermal lymphatic invasion is present.", "breast.lvi"),
        (
            BREAST + "No lymphovascular invasion in the tumour, but tumour emboli in dermal "
            "lymphatics are seen.",
            "breast.lvi",
        ),
        (BREAST + "LVI: absent. Dermal lymphatics: involved.", "breast.lvi"),
        (
            "Mammakarzinom links. Invasives duktales Karzinom. Lymphgefäßinvasion nicht "
            "nachweisbar, jedoch dermale Lymphgefäßinvasion vorhanden.",
            "breast.lvi",
        ),
    ],
)
def test_vessels_and_nerves_told_both_ways_are_asked(text: str, field: str) -> None:
    stated, asked = read(text)
    assert field not in stated and field in asked


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        (RECTUM + "LVI absent. EMVI present.", "tumour.vascular_invasion", "present"),
        (BREAST + "LVI absent. Dermal lymphatic invasion: absent.", "breast.lvi", "absent"),
        (BREAST + "LVI present. Dermal lymphatic invasion absent.", "breast.lvi", "present_nos"),
        (BREAST + "LVI: not identified; DCIS is present.", "breast.lvi", "absent"),
    ],
)
def test_what_agrees_is_stated(text: str, field: str, value: str) -> None:
    stated, _ = read(text)
    assert stated[field] == value


@pytest.mark.parametrize(
    "words",
    [
        "Grade 3. 11/13 N0.",
        "Grade 3. 11/13, pN0.",
        "Grade 3. Nodes 11/13 (pN0).",
        "Lymph nodes: 5/12. pN1a.",
        "Lymph nodes: 3/12. pN2a.",
    ],
)
def test_nodes_that_the_stage_cannot_have_are_asked(words: str) -> None:
    stated, asked = read(BREAST + words)
    assert "breast.nodes_positive" not in stated and "breast.nodes_positive" in asked
    assert "tumour.pn" not in stated and "breast.pn" not in stated


def test_german_nodes_that_the_stage_cannot_have_are_asked() -> None:
    stated, asked = read("Mammakarzinom links. Invasives duktales Karzinom, G3. 11/13 pN0.")
    assert "breast.nodes_positive" in asked and "breast.pn" not in stated


@pytest.mark.parametrize(
    ("words", "positive"),
    [("0/13 N0.", 0), ("2/13, pN1a.", 2), ("Lymph nodes: 11/13. pN3a.", 11), ("5/13 pN2a", 5)],
)
def test_nodes_that_the_stage_has_are_stated(words: str, positive: int) -> None:
    assert read(BREAST + words)[0]["breast.nodes_positive"] == positive


@pytest.mark.parametrize(
    ("words", "grade", "of_dcis"),
    [
        ("DCIS grade 3, invasive grade 1.", 1, "high"),
        ("DCIS: grade II, cribriform. Invasive grade III.", 3, "intermediate"),
        ("Invasive grade: 2; in situ grade: 3.", 2, "high"),
        ("Core biopsy with DCIS, grade 3, and invasive carcinoma, grade 1.", 1, "high"),
        ("Invasive carcinoma grade 1 with high grade DCIS.", 1, "high"),
    ],
)
def test_each_component_has_its_grade(words: str, grade: int, of_dcis: str) -> None:
    stated, _ = read("Breast cancer, left. " + words)
    assert (stated.get("breast.grade"), stated.get("breast.dcis_grade")) == (grade, of_dcis)


def test_the_grade_of_dcis_ends_at_the_next_label() -> None:
    stated, _ = read(
        "Left breast, excision.\nInvasive carcinoma: present\n  Whole size incl. DCIS: 33 mm\n"
        "  Type: ductal\n  Grade: 2\nDCIS: present, high grade\n"
    )
    assert (stated["breast.grade"], stated["breast.dcis_grade"]) == (2, "high")


def test_german_components_have_their_grades() -> None:
    stated, _ = read("Mammakarzinom links. DCIS Grad 3, invasiver Anteil Grad 1.")
    assert (stated["breast.grade"], stated["breast.dcis_grade"]) == (1, "high")


@pytest.mark.parametrize(
    ("words", "low", "high"),
    [
        ("well to moderately differentiated", 1, 2),
        ("moderately to poorly differentiated", 2, 3),
        ("moderately-poorly differentiated", 2, 3),
        ("low to intermediate grade", 1, 2),
        ("intermediate to high grade", 2, 3),
    ],
)
def test_a_range_of_words_stays_a_range(words: str, low: int, high: int) -> None:
    stated, asked = read(f"Left breast, excision: invasive ductal carcinoma, {words}.")
    assert stated["breast.grade"] == {"ge": low, "le": high} and "breast.grade" not in asked


def test_a_german_range_of_words_stays_a_range() -> None:
    stated, _ = read("Mammakarzinom rechts, duktal, mäßig bis schlecht differenziert.")
    assert stated["breast.grade"] == {"ge": 2, "le": 3}


def test_one_grade_beside_a_range_that_holds_it_is_the_grade() -> None:
    stated, _ = read(BREAST + "Moderately to poorly differentiated. Nottingham grade 3.")
    assert stated["breast.grade"] == 3


def test_a_range_of_the_grade_of_dcis_is_asked() -> None:
    stated, asked = read("Left breast, excision: DCIS, intermediate to high nuclear grade, 12 mm.")
    assert "breast.dcis_grade" not in stated and "breast.dcis_grade" in asked


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ("Ki-67 <= 10 %.", "breast.ki67_percent", {"le": 10}),
        ("Ki-67 ≤ 10 %.", "breast.ki67_percent", {"le": 10}),
        ("Ki-67 < 10 %.", "breast.ki67_percent", {"lt": 10}),
        ("Ki-67: at most 10 %.", "breast.ki67_percent", {"le": 10}),
        ("ER ≥ 95 %.", "breast.er_percent", {"ge": 95}),
        ("ER >= 95 %.", "breast.er_percent", {"ge": 95}),
        ("ER at least 95 %.", "breast.er_percent", {"ge": 95}),
        ("ER > 95 %.", "breast.er_percent", {"gt": 95}),
        ("PR positive, less than or equal to 5 %.", "breast.pr_percent", {"le": 5}),
        ("PR greater than or equal to 5 %.", "breast.pr_percent", {"ge": 5}),
        ("Margins clear, closest ≥ 5 mm.", "breast.margin_mm", {"ge": 5}),
        ("Margins clear, closest > 5 mm.", "breast.margin_mm", {"gt": 5}),
    ],
)
def test_a_bound_stays_as_it_is_printed(words: str, field: str, value: Any) -> None:
    assert read(BREAST + words)[0][field] == value


def test_a_german_bound_stays_as_it_is_printed() -> None:
    stated, _ = read("Mammakarzinom links. Invasives duktales Karzinom. Ki-67 ≤ 10 %. ER ≥ 90 %.")
    assert stated["breast.ki67_percent"] == {"le": 10}
    assert stated["breast.er_percent"] == {"ge": 90}


def test_the_nodes_of_diagnosis_and_synopsis_are_compared() -> None:
    stated, asked = read(
        "Breast, left.\nDiagnosis: invasive ductal carcinoma, grade 2, nodes 1/4.\n"
        "Synoptic: Nodes examined: 4. Nodes positive: 2.\n"
    )
    assert "breast.nodes_positive" not in stated and "breast.nodes_positive" in asked


def test_a_bracket_with_the_first_operation_is_not_todays() -> None:
    stated, _ = read(
        "Local recurrence, right breast (WLE + RT 2015: IDC grade 1, 11 mm, 0/3 nodes, ER+). "
        "Current: mastectomy. Invasive ductal carcinoma grade 3, 24 mm, LVI present. ER 0%."
    )
    said = [stated.get(f"breast.{name}") for name in ("grade", "size_mm", "lvi", "er")]
    assert said == [3, 24, "present_nos", "negative"]
    assert "breast.nodes_positive" not in stated
    stated, _ = read(
        "Recurrent leiomyosarcoma, left thigh: 65 mm, FNCLCC grade 2 (primary 2017 was grade 1, "
        "40 mm, clear margins). Closest margin 0.5 mm."
    )
    assert (stated["tumour.grade"], stated["rps.size_mm"]) == (2, 65)
    assert stated["tumour.margin_mm"] == 0.5


def test_a_type_that_is_called_undifferentiated_has_no_grade_by_that() -> None:
    text = "Thigh: undifferentiated pleomorphic sarcoma, FNCLCC grade 3 of 3."
    assert read(text)[0]["tumour.grade"] == 3


def test_the_margin_of_pure_dcis_is_that_of_dcis() -> None:
    stated, _ = read("Left breast, excision: DCIS, no invasive carcinoma. Closest margin 4 mm.")
    assert stated["breast.dcis_margin_mm"] == 4 and "breast.invasive_margin_mm" not in stated


@pytest.mark.parametrize(
    ("words", "size"), [("FNCLCC grade 2. 54 x 40 x 33 mm.", 54), ("FNCLCC grade 3. 70 mm.", 70)]
)
def test_a_sentence_behind_a_grade_is_no_decimal(words: str, size: int) -> None:
    assert read(f"Thigh: myxofibrosarcoma, {words} Margins clear.")[0]["rps.size_mm"] == size


def test_a_positive_node_of_an_addendum_is_not_passed_over() -> None:
    stated, asked = read(
        BREAST + "0/3 nodes.\nAddendum: immunostains show a 0.4 mm micrometastasis in one node.\n"
    )
    assert "breast.nodes_positive" not in stated and "breast.nodes_positive" in asked


def test_a_suspicion_beside_absent_is_asked() -> None:
    stated, asked = read(BREAST + "LVI: not seen. Comment: a single focus suspicious for LVI.")
    assert "breast.lvi" not in stated and "breast.lvi" in asked


def test_two_grades_of_one_clause_are_asked() -> None:
    stated, asked = read(BREAST + "T1 = 12 mm (grade 1), T2 = 8 mm (grade 2).")
    assert "breast.grade" not in stated and "breast.grade" in asked


def test_a_submitted_diagnosis_is_not_ours() -> None:
    stated, _ = read(
        "Second opinion. Left breast core. Submitted diagnosis: invasive lobular carcinoma. "
        "Our diagnosis: invasive ductal carcinoma, grade 2."
    )
    assert stated["breast.histology"] == "idc_nst"


def test_an_involved_margin_is_not_far() -> None:
    stated, asked = read(
        "Pancreas, Whipple: ductal adenocarcinoma. R1. Closest distance to margins 4 mm."
    )
    assert "tumour.margin_status" not in stated or "tumour.margin_mm" not in stated
    assert "tumour.margin_status" in asked


def test_ink_touched_by_the_tumour_is_a_margin() -> None:
    stated, _ = read(BREAST + "Ink is touched by invasive tumour at the deep aspect.")
    assert stated["tumour.margin_status"] == "positive"


def test_nodes_of_a_later_dissection_are_added() -> None:
    stated, _ = read(
        BREAST + "2 of 3 sentinel nodes with metastases. Axillary dissection: a further 0 of 9."
    )
    assert (stated["breast.nodes_positive"], stated["tumour.nodes_examined"]) == (2, 12)


def test_signs_in_brackets_are_each_their_own() -> None:
    stated, _ = read(
        "Pancreas: ductal adenocarcinoma. Perineural (+), vascular (-), lymphatic (+)."
    )
    names = ("perineural", "vascular_invasion", "lvi")
    assert [stated.get(f"tumour.{name}") for name in names] == ["present", "absent", "present"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Pn1 L0 V1 R0 G3.", "R0"),
        ("Margins R1 (posterior 0.3 mm).", "R1"),
        ("Excised, R1 at the neck margin.", "R1"),
        ("The aim was R0 at surgery.", None),
    ],
)
def test_a_residual_code_needs_no_stop(words: str, code: str | None) -> None:
    stated, _ = read(f"Pancreas, Whipple: ductal adenocarcinoma. {words}")
    assert stated.get("tumour.residual") == code


def test_a_margin_called_negative_beside_r1_states_neither() -> None:
    stated, asked = read(BREAST + "Margin status: negative. R1 resection.")
    assert not {"tumour.margin_status", "tumour.residual"} & stated.keys()
    assert "tumour.residual" in asked


@pytest.mark.parametrize(
    ("words", "positive", "examined"),
    [
        ("Regional lymph nodes: 22 examined, 5 involved.", 5, 22),
        ("Lymph nodes: 14 retrieved, of which none positive.", 0, 14),
        ("Lymph nodes: 3 positive.", 3, None),
    ],
)
def test_counts_behind_their_label(words: str, positive: int, examined: int | None) -> None:
    stated, _ = read(RECTUM + words)
    assert stated["tumour.nodes_positive"] == positive
    assert stated.get("tumour.nodes_examined") == examined


@pytest.mark.parametrize(
    ("words", "mm"),
    [("Circumferential margin: not involved, 6 mm.", 6), ("CRM: involved (0 mm).", 0)],
)
def test_a_circumferential_distance_behind_its_verdict(words: str, mm: int) -> None:
    assert read(RECTUM + words)[0]["tumour.crm_mm"] == mm


def test_the_microscopy_is_compared_with_what_stands_before_it() -> None:
    text = "Left breast, invasive ductal carcinoma grade 2.\nMicroscopy: the tumour is grade 3.\n"
    stated, asked = read(text)
    assert "breast.grade" not in stated and "breast.grade" in asked


@pytest.mark.parametrize(
    "text",
    [
        "Left breast. Core: ILC, grade 2. Excision: IDC, 14 mm, grade 1.",
        "Mammakarzinom links. Stanze: lobulär, G2. Exzisat: duktal, 14 mm, G1.",
    ],
)
def test_the_excision_tells_type_and_grade(text: str) -> None:
    stated, _ = read(text)
    assert stated.get("breast.histology", "idc_nst") == "idc_nst"
    assert stated.get("breast.grade", 1) == 1
