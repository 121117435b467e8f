"""The gate: legends, methods, controls, plans and other people's results state nothing."""

import pytest

from benchmarks.reading_receptors import AFFIRMED, DENIED, NAMES, OPEN, OTHERS
from extractors import extract
from extractors.assemble import pages_from_text

HEAD = (
    "SURGICAL PATHOLOGY REPORT\n"
    "FINAL DIAGNOSIS: Left breast, lumpectomy: invasive ductal carcinoma, 1.4 cm.\n"
)


def stated(text: str, field: str) -> set[object]:
    read = extract(pages_from_text(HEAD + text), document_id="1")
    return {finding.value for finding in read.findings if finding.field == field}


@pytest.mark.parametrize("field", NAMES)
@pytest.mark.parametrize(
    ("sentences", "right"),
    [(AFFIRMED, {"positive"}), (DENIED, {"negative"}), (OPEN, set()), (OTHERS, set())],
    ids=["affirmed", "denied", "open", "others"],
)
def test_no_sentence_of_a_receptor_is_reversed(
    field: str, sentences: tuple[str, ...], right: set[object]
) -> None:
    for name in NAMES[field]:
        for sentence in sentences:
            found = stated(sentence.format(m=name) + ".\n", field)
            assert found == right, sentence.format(m=name)


@pytest.mark.parametrize(
    "around",
    [
        "ER negative is defined as an Allred score below 3.",
        "Staining of less than 1 % of cells is considered ER negative.",
        "Allred score: 0 = no staining, 1 = <1 %, 2 = 1-10 %.",
        "Known HER2 amplified control tissue was run with the slides.",
        "Block A3 was sent for ER.\nThe carcinoma does not express p63.",
        "The antibody to ER is used to identify patients whose tumour is ER negative.",
        "This test was developed by the laboratory; ER negative tumours may be false negatives.",
    ],
)
def test_what_stands_beside_a_result_does_not_change_it(around: str) -> None:
    text = f"ER: positive (95 %).\nHER2: negative (1+).\n{around}\n"
    assert stated(text, "breast.er") == {"positive"}
    assert stated(text, "breast.er_percent") == {95}
    assert stated(text, "breast.her2") == {"negative"}


def test_a_test_done_elsewhere_takes_no_value_from_the_next_line() -> None:
    text = "HER2 by FISH: done on the earlier core. See that report.\nMARGINS. Positive, deep.\n"
    assert stated(text, "breast.her2") == set()


def test_numbers_named_respectively_go_to_their_markers() -> None:
    text = (
        "Estrogen and progesterone receptors are seen in 30 and 90 % of the nuclei respectively.\n"
    )
    assert stated(text, "breast.er_percent") == {30}
    assert stated(text, "breast.pr_percent") == {90}
    uneven = "ER, PR and HER2 are seen in 30 and 90 % of the cells respectively.\n"
    assert stated(uneven, "breast.er") == set()
