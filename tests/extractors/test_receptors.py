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
