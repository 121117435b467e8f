"""Words around a marker that turn its result: denials, options, rivals, other tissue, signs.

Wrong here would be a value that the page does not say; what it leaves open is asked.
"""

import pytest

from tests.extractors.reports import HEAD, bowel, breast, read

ER, PR, HER2, KI67 = "breast.er", "breast.pr", "breast.her2", "breast.ki67_percent"
LVI, PN, PERINEURAL = "breast.lvi", "breast.pn", "tumour.perineural"
GERMAN = "Mammakarzinom rechts, Mastektomie. "


def asked(text: str) -> set[str]:
    return {question.field for question in read(text).questions}


@pytest.mark.parametrize(
    ("sentence", "field", "value"),
    [
        ("HER2 overexpressed: No", HER2, "negative"),
        ("HER2 overexpression: none", HER2, "negative"),
        ("ER expression: no. PR expression: yes.", ER, "negative"),
        ("P.R. = NIL", PR, "negative"),
        ("HER2: +++ ve", HER2, "positive"),
        ("Her2/neu ++ ve.", HER2, "equivocal"),
        ("PR -. HER2 +++.", PR, "negative"),
        ("PR -. HER2 +++.", HER2, "positive"),
        ("ER -. PR +. HER2 -.", ER, "negative"),
        ("Ki-67 hot spot 35%, average 18%.", KI67, 18),
        ("Ki-67 range 5% to 40% (mean 20%).", KI67, 20),
        ("Ki-67 > 20% is considered high. Ki-67: 12%.", KI67, 12),
        ("ER Positive (Allred 5+3 = 8/8).", "breast.er_allred", 8),
        ("PR negative (Allred 0 + 0 = 0).", "breast.pr_allred", 0),
        ("HER2 ISH not performed. IHC 1+.", HER2, "negative"),
        ("LVI-, DCIS present.", LVI, "absent"),
        ("LVI -; necrosis +", LVI, "absent"),
        ("LVI: -.", LVI, "absent"),
        ("LVI - present.", LVI, "present_nos"),
        ("Lymphovascular and perineural invasion: both absent.", LVI, "absent"),
        ("LVI -. PNI +. DCIS -.", "breast.dcis_present", False),
        ("PNI+. LVI+.", LVI, "present_nos"),
    ],
)
def test_a_word_that_turns_the_result_is_read(sentence: str, field: str, value: object) -> None:
    assert breast(sentence).get(field) == value


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Non-HER2-amplified.", {HER2}),
        ("Non triple negative.", {ER, PR, HER2}),
        ("non-TNBC", {ER, PR, HER2}),
        ("Nearly triple negative (ER 2%).", {PR, HER2}),
        ("HER2 3+ in 5% of cells, 1+ in the remainder. Overall 1+.", {HER2}),
        ("HER2: 3+ staining in <10% of cells, score 2+.", {HER2}),
        ("HER2 3+ requires > 10% of cells. This tumour: 1+.", {HER2}),
        ("HER2 3+ is positive. Result 0.", {HER2}),
        ("HER2 IHC: 0 / 1+ / 2+ / 3+", {HER2}),
        ("HER2: 0 1+ 2+ 3+", {HER2}),
        ("HER2: 0/1+/2+/3+ : 2+", {HER2}),
        ("HER2 status: Neg / Equiv / Pos", {HER2}),
        ("HER2 IHC: 2+ in 2021 core; repeat today 0.", {HER2}),
        ("Core: ER 8/8, HER2 0. Excision: ER 0/8, HER2 3+.", {ER, HER2}),
        ("No loss of ER expression.", {ER}),
        ("ER positive in benign ducts, tumour negative.", {ER}),
        ("Strong ER staining is absent.", {ER}),
        ("With a negative ER no endocrine therapy is needed.", {ER}),
        ("Ki-67: core 40%, excision post chemo 5%.", {KI67}),
    ],
)
def test_what_no_word_settles_is_asked(text: str, fields: set[str]) -> None:
    found = breast(text)
    assert not fields & set(found)
    assert fields <= asked(HEAD + text)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("ER in normalen Drüsen positiv, im Tumor negativ.", {ER}),
        ("Bei negativem ER keine endokrine Therapie.", {ER}),
        ("Bei ER-Negativität und HER2-Negativität empfehlen wir eine Chemotherapie.", {ER, HER2}),
        ("Stanze: ER 90 %, Operationspräparat: ER 10 %.", {"breast.er_percent"}),
        ("Ki-67: Stanze 40 %, Operationspräparat 5 %.", {KI67}),
        ("HER2: 0 / 1+ / 2+ / 3+", {HER2}),
    ],
)
def test_german_twins_state_nothing(text: str, fields: set[str]) -> None:
    found = {finding.field for finding in read(GERMAN + text).findings}
    assert not fields & found


def test_a_score_of_another_specimen_takes_the_first_one_away() -> None:
    found = breast("ER: 0 % (core). ER: 80 % (excision)")
    assert "breast.er_percent" not in found and ER not in found


def test_the_reference_beside_a_result_is_none() -> None:
    found = breast("ER: Positive (>10%) = reference. Result ER: Negative 0%.")
    assert found.get("breast.er_percent", 0) == 0


def test_the_receptor_of_the_in_situ_part_is_not_the_tumours() -> None:
    found = read("Right breast IDC. PR in DCIS only 40%, invasive PR 0%.").findings
    assert all(f.value == 0 for f in found if f.field == "breast.pr_percent")


@pytest.mark.parametrize(
    "sentence",
    ["PNI-", "PNI not seen.", "Without LVI or PNI.", "PNI positive", "pT2, PNI, 0/3 nodes."],
)
def test_nerves_are_no_category_of_nodes(sentence: str) -> None:
    assert PN not in breast(sentence)
    assert "tumour.pn" not in breast(sentence)


def test_pn_with_a_roman_number_stays_a_category() -> None:
    assert breast("pT2 pNI").get(PN, breast("pT2 pNI").get("tumour.pn")) == "pN1"


@pytest.mark.parametrize(
    "sentence",
    [
        "LVI was queried but is not present.",
        "LVI is seen only in the core; none here.",
        "LVI neither identified nor excluded.",
        "Lymphatic invasion could neither be proven nor excluded.",
        "Foci suspicious for, but not diagnostic of, LVI.",
        "LVI: present/absent",
        "No lymphatic invasion. Venous invasion present.",
        "L0 V1.",
    ],
)
def test_vessels_that_nobody_settles_are_not_stated(sentence: str) -> None:
    found = breast(sentence)
    assert LVI not in found or (found[LVI] == "absent" and "not present" in sentence)


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("L1 V1 Pn1.", ("present", "present", "present")),
        ("V0 L0 Pn0.", ("absent", "absent", "absent")),
        ("V1, L0, Pn0.", ("absent", "present", "absent")),
        ("Pn1 L0 V1 R0.", ("absent", "present", "present")),
    ],
)
def test_codes_in_any_order(sentence: str, wanted: tuple[str, str, str]) -> None:
    found = bowel(sentence)
    fields = ("tumour.lvi", "tumour.vascular_invasion", PERINEURAL)
    assert tuple(found.get(field) for field in fields) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Left breast core. IDC. ER ☒ positive ☐ negative; PR ☐ positive ☒ negative; "
        "HER2 ☐ 0 ☒ 1+ ☐ 2+ ☐ 3+",
        "Mammakarzinom links. ER ☒ positiv ☐ negativ. PR ☐ positiv ☒ negativ. "
        "HER2 ☐ positiv ☒ negativ",
    ],
)
def test_several_ticks_on_one_line_without_colons(text: str) -> None:
    found = {finding.field: finding.value for finding in read(text).findings}
    wanted = ("positive", "negative", "negative")
    assert tuple(found.get(field) for field in (ER, PR, HER2)) == wanted


@pytest.mark.parametrize(
    ("sentence", "field", "value"),
    [
        ("Perineural invasion: N. LVI: Y.", LVI, "present_nos"),
        ("Perineural: N. LVI: Y.", PERINEURAL, "absent"),
        ("Neither perineural nor lymphovascular invasion is seen.", PERINEURAL, "absent"),
        ("Lymphovascular invasion identified in DCIS? No.", LVI, "absent"),
        ("LVI: Yes No X", LVI, None),
        ("Extensive intraductal component: no. DCIS 10 %.", "breast.dcis_present", True),
        ("DCIS grade: not applicable.", "breast.dcis_present", None),
        ("ER positive 8/8.", "breast.er_allred", 8),
    ],
)
def test_short_answers(sentence: str, field: str, value: object) -> None:
    assert breast(sentence).get(field) == value


def test_a_glued_score_is_asked() -> None:
    assert {ER, PR} <= asked(HEAD + "ER8 PR8 HER2 1+")


def test_extramural_veins_are_veins() -> None:
    found = bowel("Lymphovascular invasion: absent. EMVI: present.")
    assert found.get("tumour.vascular_invasion") == "present"


def test_german_triple() -> None:
    found = {f.field: f.value for f in read("Tripel-negatives Mammakarzinom rechts, G3.").findings}
    assert found.get(ER) == found.get(HER2) == "negative"


def test_german_signs_behind_invasions() -> None:
    found = {f.field: f.value for f in read(GERMAN + "LVI-, PNI-.").findings}
    assert found.get(LVI) in {None, "absent"}


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("LVI - absent, PNI - present.", ("absent", "present")),
        ("Extensive LVI and no PNI.", ("extensive", "absent")),
        ("LVI+/PNI-", ("present_nos", "absent")),
        ("No LVI, PNI present.", ("absent", "present")),
    ],
)
def test_two_invasions_side_by_side(sentence: str, wanted: tuple[str, str]) -> None:
    found = breast(sentence)
    assert (found.get(LVI), found.get(PERINEURAL)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "LVI neither identified nor excluded.",
        "Foci suspicious for, but not diagnostic of, LVI.",
        "LVI: present/absent",
    ],
)
def test_vessels_in_doubt_are_asked(text: str) -> None:
    assert LVI in asked(HEAD + text)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("ER core 90%, excision 10%.", "breast.er_percent"),
        ("ER: 5% on needle core, 70% on mastectomy.", "breast.er_percent"),
        ("HER2: core 3+, excision 0.", HER2),
        ("LVI - margins clear.", LVI),
    ],
)
def test_two_specimens_and_a_dash_state_nothing(text: str, field: str) -> None:
    assert field not in breast(text)


def test_core_and_excision_in_a_row_are_asked() -> None:
    text = "Core: ER 90%, PR 5%. Excision: ER 92%, PR 60%."
    assert "breast.pr_percent" not in breast(text)
    assert "breast.pr_percent" in asked(HEAD + text)
