"""Words that lost their ligatures say what they said; other signs within words stay."""

import itertools
import random

import pytest

from extractors import extract, pages_from_text
from extractors.ligatures import mended, mended_words
from extractors.pages import PlacedWord, with_ligatures

REPORT = """SURGICAL PATHOLOGY REPORT
Patient: Jane Example
Left breast, lumpectomy: Invasive ductal carcinoma, grade 2, infiltrating fatty tissue.
Estimated size 1.4 cm
Estrogen receptor (ER): Positive (95%)
HER2: Negative (IHC 1+)
Margins: negative, confirmed on sections; closest margin 3 mm after inking.
Lymphovascular invasion: not identified
Sentinel lymph nodes: 0 of 2, without metastatic deposits. Effaced in part, different on the left.
"""
SIGNS = ["&", "#", "Ɵ", "\ufffd", "\ue0a3", "%", "Ʃ", "@", "(cid:415)", "~"]


def stated(text: str) -> dict[str, object]:
    extraction = extract(pages_from_text(text), document_id="1")
    names = extraction.identity.names
    return {"names": names, **{one.field: one.value for one in extraction.findings}}


@pytest.mark.parametrize("letters", ["ti", "tt", "fi", "ft", "ff"])
@pytest.mark.parametrize("sign", SIGNS)
def test_a_report_with_lost_ligatures_states_what_it_stated(letters: str, sign: str) -> None:
    damaged = REPORT.replace(letters, sign)
    assert damaged != REPORT
    assert stated(damaged) == stated(REPORT)


@pytest.mark.parametrize("seed", range(6))
def test_several_ligatures_are_told_apart(seed: int) -> None:
    draw = random.Random(seed)
    damaged = REPORT
    for letters, sign in zip(("ti", "fi", "tt"), draw.sample(SIGNS, 3), strict=True):
        damaged = damaged.replace(letters, sign)
    assert stated(damaged) == stated(REPORT)


@pytest.mark.parametrize("gap", [" ", ""])
def test_a_ligature_that_left_nothing_is_put_back(gap: str) -> None:
    assert stated(REPORT.replace("ti", gap)) == stated(REPORT)


@pytest.mark.parametrize(
    "text",
    [
        "H&E and R&D; AT&T, b&w prints, black&white; salt&pepper chromatin, grade&stage",
        "naïve patient, café, Übersicht; vis-à-vis, Ödem; 50%of cells",
        "a@b.example and c#d, patients@clinic.example",
        "the posi ve of it",
        "",
    ],
)
def test_other_signs_within_words_stay(text: str) -> None:
    assert mended(text) == text


def test_words_of_a_page_keep_their_number_and_their_places() -> None:
    words = ["Posi&ve", "nega&ve", "H&E", "Posi&ve"]
    assert mended_words(words) == ["Positive", "negative", "H&E", "Positive"]
    placed = [
        PlacedWord(word, (10.0 * at, 0, 10.0 * at + 9, 9), 0) for at, word in enumerate(words)
    ]
    whole = with_ligatures(placed)
    assert [(one.text, one.box) for one in whole] == [
        (text, one.box) for text, one in zip(mended_words(words), placed, strict=True)
    ]


def test_ligatures_that_were_typed_are_letters() -> None:
    assert mended("\ufb01rst \ufb02uid di\ufb03cult") == "first fluid difficult"


def test_marks_at_the_edge_of_a_word_stay() -> None:
    assert mended("So! veloped ~nd &me") == "So! veloped ~nd &me"


def test_a_word_with_a_line_end_in_it_stays_one_word() -> None:
    words = ["posi&ve", "a\nb", "nega&ve"]
    assert len(mended_words(words)) == 3


def test_one_word_alone_is_mended_and_nothing_else() -> None:
    assert mended("HER2: nega&ve, ra&o low") == "HER2: negative, ra&o low"


def test_signs_that_could_be_two_ligatures_stay() -> None:
    pair = ("pa&ent posi&ve", "fa&y pa&ern")  # "ti" and "tt"
    for one, other in itertools.permutations(pair):
        assert "&" in mended(f"{one} {other}")


def test_an_estimated_size_is_the_tumours_and_not_the_specimens() -> None:
    assert stated(REPORT.replace("ti", "&"))["breast.size_mm"] == 14
    other = REPORT.replace("Estimated size", "Specimen: estimated size")
    assert "breast.size_mm" not in stated(other)
