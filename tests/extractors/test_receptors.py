import pytest

from tests.extractors.reports import HEAD, breast, read


@pytest.mark.parametrize(
    ("sentence", "er", "pr"),
    [
        ("ER positive (90%), PR negative (0%).", "positive", "negative"),
        ("Estrogen receptor: positive. Progesterone receptor: negative.", "positive", "negative"),
        ("The tumour is positive for ER and negative for PR.", "positive", "negative"),
        ("Negative for estrogen and progesterone receptors.", "negative", "negative"),
        ("ER/PR: +/-.", "positive", "negative"),
        ("ER and PR are strongly positive.", "positive", "positive"),
        (
            "Oestrogen receptor 0% positive cells. Progesterone receptor 40%.",
            "negative",
            "positive",
        ),
        ("ESTROGEN RECEPTOR\nPOSITIVE\nPROGESTERONE RECEPTOR\nNEGATIVE", "positive", "negative"),
    ],
)
def test_hormone_receptors(sentence: str, er: str | None, pr: str | None) -> None:
    found = breast(sentence)
    assert (found.get("breast.er"), found.get("breast.pr")) == (er, pr)


@pytest.mark.parametrize(
    "sentence",
    [
        "ER, PR and HER2 studies are pending.",
        "Tissue was submitted for ER and PR.",
        "Positive control slides stained for ER.",
        "Estrogen receptor is considered positive when 1% of nuclei stain.",
        "Her mother had an ER positive tumour.",
        "",
    ],
)
def test_announced_defined_or_foreign_results_are_no_results(sentence: str) -> None:
    found = breast(sentence)
    assert "breast.er" not in found
    assert "breast.her2" not in found


def test_percentages_and_intervals() -> None:
    found = breast("ER: positive, 95%. PR: positive in less than 10% of cells. Ki-67: 18%.")
    assert found["breast.er_percent"] == 95
    assert found["breast.pr_percent"] == {"lt": 10}
    assert found["breast.ki67_percent"] == 18


def test_allred_score() -> None:
    assert breast("Estrogen receptor: positive, Allred score 7/8.")["breast.er_allred"] == 7


@pytest.mark.parametrize(
    ("sentence", "score", "status"),
    [
        ("HER2: negative (1+).", 1, "negative"),
        ("HER-2/neu immunostain: equivocal, score 2+.", 2, "equivocal"),
        ("HER2 3+ (positive).", 3, "positive"),
        ("HER2/neu: 0.", 0, "negative"),
        ("HER2 is negative.", None, "negative"),
    ],
)
def test_her2_by_immunohistochemistry(sentence: str, score: str | None, status: str | None) -> None:
    found = breast(sentence)
    assert found.get("breast.her2_ihc") == score
    assert found["breast.her2"] == status


@pytest.mark.parametrize(
    ("sentence", "ish", "status"),
    [
        ("HER2: 2+. FISH for HER2: not amplified, ratio 1.2.", "negative", "negative"),
        ("HER2: 2+. HER2 gene amplification by FISH: amplified.", "positive", "positive"),
        ("HER2: 2+. No amplification of HER2 was seen.", "negative", "negative"),
    ],
)
def test_in_situ_hybridisation_decides_an_equivocal_score(
    sentence: str, ish: str | None, status: str | None
) -> None:
    found = breast(sentence)
    assert found["breast.her2_ish"] == ish
    assert found["breast.her2"] == status
    assert found["breast.her2_ihc"] == 2


def test_an_equivocal_score_stays_open_without_hybridisation() -> None:
    assert breast("HER2: 2+. FISH has been ordered.")["breast.her2"] == "equivocal"


def test_units_are_those_of_the_vocabulary() -> None:
    units = {f.field: f.unit for f in read(HEAD + "ER 80%. Tumour size: 12 mm.").findings}
    assert units["breast.er_percent"] == "percent"
    assert units["breast.size_mm"] == "mm"


@pytest.mark.parametrize(
    ("sentence", "field"),
    [
        ("ER: positive (90 %). Second focus: ER: negative.", "breast.er"),
        ("Tumour 1: PR positive, 60 %. Tumour 2: PR negative.", "breast.pr"),
        ("HER2: positive (3+). Other tumour: HER2: negative (0).", "breast.her2"),
        ("HER2 FISH: amplified. HER2 FISH of block B2: not amplified.", "breast.her2_ish"),
    ],
)
def test_two_opposite_results_of_one_report_are_a_question(sentence: str, field: str) -> None:
    extraction = read(HEAD + sentence)
    assert field not in {finding.field for finding in extraction.findings}
    asked = {question.field: question for question in extraction.questions}
    assert asked[field].reason == "said_twice"
    assert len(asked[field].quotes) == 2


def test_an_addendum_answers_for_the_result_before_it() -> None:
    found = breast(
        "PR: negative.\n\nADDENDUM REPORT:\nPR repeated on block A4: PR: positive, 20 %."
    )
    assert found["breast.pr"] == "positive"


@pytest.mark.parametrize(
    "legend",
    [
        "A positive ER or PR tumour shows any nuclear staining.",
        "Interpretation: ER Negative < 6.5 Positive >= 6.5.",
        "Trials have shown a benefit for ER positive disease.",
        "ER expression is often positive in this kind of tumour.",
        "Chemotherapy in ER positive cancer. N Engl J Med 2005;353:1.",
        "Cell lines with high, low and ER positive staining were run.",
    ],
)
def test_what_is_said_of_tumours_in_general_is_no_result(legend: str) -> None:
    assert "breast.er" not in breast(legend)
    assert breast(f"ER: negative. {legend}")["breast.er"] == "negative"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("ER: done on the core: Results: No immunoreactive tumour cells present.", "negative"),
        ("Estrogen receptors in tumour cell nuclei not found.", "negative"),
        ("ER: immunoreactive tumour cells present.", "positive"),
        ("PR is interpreted as negative and ER is interpreted as positive.", "positive"),
        ("ER negative. Percent of cells staining: (0-100 %).", "negative"),
    ],
)
def test_what_the_cells_show_is_the_result(sentence: str, expected: str) -> None:
    found = breast(sentence)
    assert found.get("breast.er") == expected
    assert "breast.er_percent" not in found


def test_a_bound_of_the_ratio_is_no_ratio() -> None:
    found = breast("HER2 by CISH: not amplified (ratio <1.8).")
    assert found["breast.her2_ish_ratio"] == {"lt": 1.8}
    assert found["breast.her2"] == "negative"


def test_two_foci_named_in_one_sentence_are_a_question() -> None:
    extraction = read(HEAD + "ER positive in focus 1 (90%), negative in focus 2.")
    assert "breast.er" not in {finding.field for finding in extraction.findings}
    assert "breast.er" in {question.field for question in extraction.questions}
