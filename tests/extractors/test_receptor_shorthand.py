"""Receptors as hospitals write them in short: signs, scores, groups, and what states nothing.

Every wording here is a kind: what the page says is read, what it leaves open is asked.
"""

import pytest

from tests.extractors.reports import HEAD, breast, read

Wanted = dict[str, object]
ER, PR, HER2 = "breast.er", "breast.pr", "breast.her2"
ISH, RATIO, COPIES = "breast.her2_ish", "breast.her2_ish_ratio", "breast.her2_copy_number"
_RECEPTORS = (ER, PR, HER2)


def asked(sentence: str) -> set[str]:
    return {question.field for question in read(HEAD + sentence).questions}


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("ER+/PR+/HER2-", {ER: "positive", PR: "positive", HER2: "negative"}),
        ("ER- PR+ HER2-, Ki-67 20%.", {ER: "negative", PR: "positive", HER2: "negative"}),
        ("ER-PR-HER2+", {ER: "negative", PR: "negative", HER2: "positive"}),
        ("ER(+) PR(-) HER2(1+)", {ER: "positive", PR: "negative", HER2: "negative"}),
        ("ER pos, PR neg, H2N neg", {ER: "positive", PR: "negative", HER2: "negative"}),
        ("ER +ve, PR - ve, HER2 ++", {ER: "positive", PR: "negative", HER2: "equivocal"}),
        ("ER, PR, HER2: +, -, +++", {ER: "positive", PR: "negative", HER2: "positive"}),
        ("ER/PR/HER2: 90%/0%/1+", {ER: "positive", PR: "negative", HER2: "negative"}),
        ("ER/PR 95/40 %", {ER: "positive", PR: "positive"}),
        ("ER: 0, PR: 0%, HER2: 0", {ER: "negative", PR: "negative", HER2: "negative"}),
        ("ER 8/8, PR 0/8, HER2 0/3", {ER: "positive", PR: "negative", HER2: "negative"}),
        ("ER [7/8] PR [2/8] HER2 [0]", {ER: "positive", PR: "negative", HER2: "negative"}),
        ("ER QS 7, PR Quick score 0/8", {ER: "positive", PR: "negative"}),
        ("ER: PS 5, IS 3, TS 8", {ER: "positive"}),
        ("ER.......8/8\nPR.......0/8", {ER: "positive", PR: "negative"}),
        ("ER H-score 180. PR H-score 0.", {ER: "positive", PR: "negative"}),
        ("H-score for ER: 210/300", {ER: "positive"}),
        ("ER: 9O%, PR: l0%", {ER: "positive", PR: "positive"}),
        ("ER 1OO %", {ER: "positive", "breast.er_percent": 100}),
        ("ER95% PR80%", {ER: "positive", PR: "positive"}),
        ("positive ER, negative PR", {ER: "positive", PR: "negative"}),
        ("ER\u207a PR\u207b", {ER: "positive", PR: "negative"}),
        ("ER PR both +ve", {ER: "positive", PR: "positive"}),
        ("Triple negative breast cancer.", dict.fromkeys(_RECEPTORS, "negative")),
        ("TNBC", dict.fromkeys(_RECEPTORS, "negative")),
        ("Hormone receptors negative, HER2 3+.", {ER: "negative", PR: "negative"}),
        ("HER2 2+/FISH-", {ISH: "negative", HER2: "negative"}),
        ("HER2 2+, ISH +ve", {ISH: "positive", HER2: "positive"}),
        ("No evidence of HER2 gene amplification.", {ISH: "negative", HER2: "negative"}),
    ],
)
def test_short_forms_state_what_they_say(sentence: str, wanted: Wanted) -> None:
    found = breast(sentence)
    assert {field: found.get(field) for field in wanted} == wanted


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [
        ("HER2 FISH: ratio 3.4, mean HER2 copy number 8.2.", "positive"),
        ("HER2 FISH: ratio 1.1, mean HER2 copy number 2.4.", "negative"),
        ("HER2 ISH group 5.", "negative"),
        ("HER2 DISH: Group 1.", "positive"),
        ("HER2 FISH: ratio 1.6, HER2 copy number 4.9 (group 4), negative.", "negative"),
        ("HER2 ISH (group 2) negative.", "negative"),
        ("Average HER2 signals per cell: 9.1; average CEP17 signals per cell: 2.2; ratio 4.1.",
         "positive"),
        ("HER2 SISH: 2.2 HER2 copies per nucleus, Chr17 2.0, ratio 1.1.", "negative"),
    ],
)  # fmt: skip
def test_the_groups_that_settle_hybridisation_alone(sentence: str, verdict: str) -> None:
    found = breast(sentence)
    assert found.get(ISH) == verdict
    assert found.get(HER2) == verdict


@pytest.mark.parametrize(
    "sentence",
    [
        "HER2 IHC 1+. HER2 FISH: ratio 2.3, average HER2 copy number 3.1 (group 2).",
        "HER2 IHC 2+. HER2 FISH: ratio 1.5, mean HER2 copy number 6.8.",
        "HER2 IHC 1+. HER2 ISH group 4.",
        "HER2/CEP17 ratio 1.9.",
        "HER2 copy number 2.3.",
    ],
)
def test_groups_between_are_asked_and_the_stain_does_not_answer_for_them(sentence: str) -> None:
    found = breast(sentence)
    assert ISH not in found and HER2 not in found
    assert HER2 in asked(sentence)


def test_the_conclusion_of_the_page_settles_a_group_between() -> None:
    found = breast("HER2 IHC 2+. HER2 FISH: group 4. Final HER2 status: negative.")
    assert found.get(HER2) == "negative"


def test_ratio_and_copies_are_read_with_their_units() -> None:
    found = breast("HER2 FISH not amplified: ratio 1.2, HER2 copy number 2.6.")
    assert (found.get(RATIO), found.get(COPIES)) == (1.2, 2.6)


@pytest.mark.parametrize(
    "sentence",
    [
        "HER2 FISH group 5, positive.",
        "HER2 FISH: not amplified, ratio 4.5, HER2 copy number 11.0.",
        "HER2 FISH: positive; ratio 1.1; copy number 2.0.",
        "HER2 FISH: amplified (ratio 1.2).",
        "HER2 FISH group 1: ratio 1.2, copy number 2.2.",
    ],
)
def test_a_verdict_against_its_numbers_is_asked(sentence: str) -> None:
    found = breast(sentence)
    assert ISH not in found and HER2 not in found
    reasons = {question.reason for question in read(HEAD + sentence).questions}
    assert "ish_against_numbers" in reasons


@pytest.mark.parametrize(
    "sentence",
    [
        "HER2 negative, 0/3 nodes positive.",
        "HER2 negative. Sentinel nodes 0/3.",
        "HER2 negative  0/3 LN",
        "HER2 negative, Nottingham 3/3 + 2/3 + 1/3.",
    ],
)
def test_a_fraction_of_something_else_is_no_score(sentence: str) -> None:
    found = breast(sentence)
    assert found.get(HER2) == "negative"
    assert "breast.her2_ihc" not in found


_TAKEN_BACK = (
    "{m} is not negative.", "{m} cannot be called positive.", "{m}: cannot exclude positive.",
    "It cannot be said that {m} is positive.", "Not {m} positive.", "{m} is no longer positive.",
    "We do not believe that {m} is negative.", "{m} negativity was not confirmed.",
    "{m} is anything but negative.", "{m} positive?", "{m} ?negative", "{m} probably positive.",
    "{m} appears negative.", "{m} may be positive.", "It is not true that {m} is positive.",
    "{m} positivity is not excluded.",
)  # fmt: skip
_CONDITIONS = (
    "If {m} is positive, treatment is offered.", "Should {m} be negative, this is repeated.",
    "Unless {m} is negative, treatment is offered.", "When {m} is positive, this helps.",
    "Were {m} positive, treatment would be given.", "Tumours that are {m} positive do well.",
)  # fmt: skip


@pytest.mark.parametrize("marker", ["ER", "PR", "HER2"])
@pytest.mark.parametrize("sentence", _TAKEN_BACK)
def test_a_verdict_that_is_taken_back_is_asked(sentence: str, marker: str) -> None:
    text = sentence.format(m=marker)
    field = f"breast.{marker.lower()}"
    assert field not in breast(text)
    assert field in asked(text)


@pytest.mark.parametrize("marker", ["ER", "PR", "HER2"])
@pytest.mark.parametrize("sentence", _CONDITIONS)
def test_a_condition_states_nothing(sentence: str, marker: str) -> None:
    assert f"breast.{marker.lower()}" not in breast(sentence.format(m=marker))


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("Ki-67 is not 30%.", None),
        ("If Ki-67 is above 20%, chemotherapy.", None),
        ("Ki-67: 12% (cut-off 20%).", 12),
        ("Ki-67 not less than 20%.", {"ge": 20.0}),
    ],
)
def test_ki67_in_both_orders(sentence: str, value: object) -> None:
    assert breast(sentence).get("breast.ki67_percent") == value


@pytest.mark.parametrize(
    "sentence",
    [
        "2018 right breast carcinoma was ER positive, HER2 negative. Left tumour: receptors "
        "pending.",
        "Previous right breast cancer (2015): ER positive, PR positive, HER2 3+. Receptors of the "
        "current tumour to follow.",
        "History of right breast carcinoma 2012, ER+/PR+/HER2-. ER, PR and HER2 will be reported "
        "in an addendum.",
        "The contralateral cancer was ER positive and HER2 positive.",
        "Previous triple negative cancer of the right breast in 2016. ER, PR and HER2 awaited.",
    ],
)
def test_receptors_of_another_tumour_are_not_those_of_today(sentence: str) -> None:
    assert not set(_RECEPTORS) & set(breast(sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "Previous right breast cancer in 2014: ER positive. Present tumour: ER 0%.",
        "The contralateral tumour was ER positive. ER here is negative.",
        "ER negative on the prior core biopsy of 2023.",
    ],
)
def test_the_receptors_of_today_stand_beside_those_of_then(sentence: str) -> None:
    assert breast(sentence).get(ER) == "negative"


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("ER  Positive  95%  (Negative: <1%, low positive: 1-10%, positive >10%)",
         {ER: "positive", "breast.er_percent": 95}),
        ("ER: 0% (<1%)", {ER: "negative", "breast.er_percent": 0}),
        ("ER (<1%) 95%", {ER: "positive", "breast.er_percent": 95}),
        ("ER 90% [ref <1%]", {ER: "positive", "breast.er_percent": 90}),
        ("HER2: 3+ (score 0-2 negative)", {HER2: "positive"}),
        ("HER2: 1+ (0-1+ negative; 2+ equivocal; 3+ positive)", {HER2: "negative"}),
        ("ER Allred 2/8 (0-2 negative, 3-8 positive)", {ER: "negative"}),
        ("HER2 FISH ratio 1.2 (normal <2.0), copy number 2.1 (normal <4.0)",
         {RATIO: 1.2, COPIES: 2.1, HER2: "negative"}),
    ],
)  # fmt: skip
def test_a_range_beside_a_value_is_not_the_value(sentence: str, wanted: Wanted) -> None:
    found = breast(sentence)
    assert {field: found.get(field) for field in wanted} == wanted


@pytest.mark.parametrize(
    ("sentence", "fields"),
    [
        ("Hormone receptor positive.", {ER, PR}),
        ("HR+ HER2-", {ER, PR}),
        ("Luminal A", {ER, HER2}),
        ("HER2-low", {HER2}),
        ("Triple negative phenotype excluded.", set(_RECEPTORS)),
        ("ER 95", {ER}),
        ("ER 3+", {ER}),
        ("ER <5%", {ER}),
        ("ER IRS 9", {ER}),
        ("ER, PR: +, -, +", {ER, PR}),
        ("ER-, PR- and HER2-positive", {ER, PR}),
        ("HER2 (+)", {HER2}),
        ("ER +/-", {ER}),
        ("ER: previously positive, now negative", {ER}),
        ("ER positive on biopsy; negative on excision", {ER}),
        ("DCIS: ER positive 90%", {ER}),
        ("HER2 positive FISH negative", {HER2}),
        ("HER2 2+ / FISH -", {HER2}),
        ("HER2 2+ / FISH -.", {HER2}),
        ("ER: 90/100", {ER}),
        ("HER2 IHC 0-1+", {HER2}),
        ("HER2 negative, to be confirmed by FISH.", {HER2}),
        ("HER2 negative as per ASCO/CAP guidelines.", {HER2}),
        ("H-score ER 2", {ER}),
    ],
)
def test_what_is_said_and_not_settled_is_asked(sentence: str, fields: set[str]) -> None:
    assert not fields & set(breast(sentence))
    assert fields <= asked(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Known triple negative control tissue was run.",
        "Triple negative cancers are often of high grade.",
        "Her aunt had triple negative breast cancer.",
        "ER, PR and HER2 are pending.",
        "Triple assessment was done.",
        "HR 80/min.",
        "ERBB2 mutation: not detected.",
    ],
)
def test_what_says_nothing_of_this_tumour_is_neither_stated_nor_asked(sentence: str) -> None:
    assert not set(_RECEPTORS) & set(breast(sentence))
    assert not set(_RECEPTORS) & asked(sentence)


def test_an_h_score_against_its_word_is_asked() -> None:
    assert ER in asked("ER negative, H-score 120.")
    assert ER not in breast("ER negative, H-score 120.")
