from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors import Extraction, extract, pages_from_text
from extractors.assemble import extract_one
from extractors.parts import split
from extractors.script import guess_language, languages_of, script_of
from extractors.types import Page
from local.rehearsal import reports
from local.rehearsal.documents import breast_final, breast_synoptic, rectum_two_columns
from tests.extractors.drawing import MRI_LINES, drawn, joined, pages_of

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.pdf"))
BIOPSY = breast_synoptic(reports.ROSA)
FINAL = breast_final(reports.ROSA, collected="2027-02-09", reported="2027-02-18")


def spans(*pages: str) -> tuple[tuple[int, int], ...]:
    return split(pages_from_text("\f".join(pages)))


def test_each_report_of_a_joined_file_is_read_with_its_own_rank_and_date() -> None:
    extraction = extract(pages_of(joined(BIOPSY, FINAL, drawn(MRI_LINES))), document_id="d")
    assert [(part.first, part.last, part.label) for part in extraction.parts] == [
        (1, 1, "pathology_biopsy"),
        (2, 2, "pathology_surgical_final"),
        (3, 3, "imaging_mri"),
    ]
    stated = {(f.page, f.source, f.date) for f in extraction.findings}
    assert stated == {
        (1, "core_biopsy", "2026-10-29"),
        (2, "final_pathology", "2027-02-18"),
        (3, "imaging_mri", "2026-11-02"),
    }
    sizes = {f.page: f.value for f in extraction.findings if f.field == "breast.size_mm"}
    assert (sizes[1], sizes[2]) == (12, 13)


def test_the_parts_say_what_each_report_says_alone() -> None:
    together = extract(pages_of(joined(BIOPSY, FINAL)), document_id="d")
    for page, alone in ((1, BIOPSY), (2, FINAL)):
        expected = {(f.field, repr(f.value), f.source) for f in read(alone).findings}
        here = [f for f in together.findings if f.page == page]
        assert {(f.field, repr(f.value), f.source) for f in here} == expected


def read(content: bytes) -> Extraction:
    return extract(pages_of(content), document_id="d")


def test_organs_of_a_mixed_file_do_not_outvote_each_other() -> None:
    extraction = read(joined(BIOPSY, rectum_two_columns()))
    assert [part.organ for part in extraction.parts] == ["breast", "rectum"]
    assert [part.identity.names for part in extraction.parts] == [
        (reports.ROSA.name,),
        (reports.TOMAS.name,),
    ]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_file_of_one_report_is_read_as_before(path: Path) -> None:
    pages = pages_of(path.read_bytes())
    whole, one = extract(pages, document_id="d"), extract_one(pages, document_id="d")
    assert whole.findings == one.findings
    assert (whole.label, whole.organ, whole.identity) == (one.label, one.organ, one.identity)
    assert [(part.first, part.last) for part in whole.parts] == [(1, len(pages))]


HEAD = "Example Laboratory\nSurgical Pathology Report\nAccession: S-26-1001\n"
BREAST = "Left breast, lumpectomy: invasive ductal carcinoma. Margins negative.\n"


def test_a_running_head_on_every_page_is_one_report() -> None:
    page = HEAD + BREAST + "Page {} of 3"
    assert spans(page.format(1), page.format(2), page.format(3)) == ((0, 3),)


def test_an_addendum_under_the_same_number_stays_with_its_report() -> None:
    addendum = HEAD + "ADDENDUM REPORT\nHER2 by FISH: not amplified.\nElectronically signed"
    assert spans(HEAD + BREAST + "Electronically signed", addendum) == ((0, 2),)


@pytest.mark.parametrize(
    "second",
    [
        "Example Laboratory\nSurgical Pathology Report\nAccession: S-26-2002\n" + BREAST,
        "Example Laboratory\nCase No: 26/77123\n" + BREAST,
        HEAD.replace("S-26-1001", "S 26-3303") + BREAST,
        "Discharge Summary\nDate of discharge: 3 May\nCourse in hospital: uneventful.",
        "\n".join(MRI_LINES),
    ],
)
def test_a_new_head_begins_a_new_part(second: str) -> None:
    assert spans(HEAD + BREAST, "Gross description: a specimen of 6 cm.", second) == (
        (0, 2),
        (2, 3),
    )


@pytest.mark.parametrize(
    "second",
    [
        "and one lymph node, negative for carcinoma.",
        "Comment: see the previous report, Accession: S-20-4711, of the biopsy.",
        "These blocks were sent out (accession 26-99111) for expression profiling.",
        "Immunohistochemistry\nER: positive. PR: positive.",
        "Reported: 2026-11-03\nBlock A1: tumour. Nodes 1/12\n",
    ],
)
def test_no_weak_sign_alone_splits(second: str) -> None:
    assert spans(HEAD + BREAST, second) == ((0, 2),)


def test_page_counters_that_begin_again_begin_a_new_part() -> None:
    body = "Breast, lumpectomy: carcinoma.\n"
    pages = [body + "Page 1 of 2", body + "Page 2 of 2", body + "Page 1 of 2", body + "Page 2 of 2"]
    assert spans(*pages) == ((0, 2), (2, 4))
    assert spans(body + "Seite 1 von 2", body + "Seite 2 von 2", body + "Seite 1 von 1") == (
        (0, 2),
        (2, 3),
    )


def test_a_page_about_somebody_else_is_a_part_of_its_own() -> None:
    ours, theirs = "Date of birth: 1963-05-17\n", "Date of birth: 1949-12-24\n"
    assert spans(ours + BREAST, theirs + BREAST) == ((0, 1), (1, 2))
    assert spans(ours + BREAST, ours + BREAST) == ((0, 2),)
    ours, theirs = "Patient name: Rosa Exempla\n", "Patient: Petra Otherwise\n"
    assert spans(ours + BREAST, theirs + BREAST) == ((0, 1), (1, 2))
    assert spans(ours + BREAST, "Patient: EXEMPLA, Rosa\n" + BREAST) == ((0, 2),)
    assert spans(ours + BREAST, "Surgeon name: Petra Otherwise\n" + BREAST) == ((0, 2),)


def test_blank_pages_go_with_the_part_before_them() -> None:
    other = HEAD.replace("S-26-1001", "S-26-9009") + BREAST
    assert spans("", HEAD + BREAST, " ", other, "") == ((0, 3), (3, 5))
    assert split(()) == ()


@settings(deadline=None)
@given(st.lists(st.sampled_from(["", HEAD + BREAST, BREAST, "\n".join(MRI_LINES), "Page 1 of 2"])))
def test_the_parts_cover_every_page_once_and_in_order(texts: list[str]) -> None:
    pages = [Page(n, 0, 0, "plain", "", text, ()) for n, text in enumerate(texts, start=1)]
    covered = [index for start, end in split(pages) for index in range(start, end)]
    assert covered == list(range(len(pages)))
    parts = extract(pages, document_id="d").parts
    assert [n for part in parts for n in range(part.first, part.last + 1)] == [
        page.number for page in pages
    ]


@pytest.mark.parametrize(
    ("text", "script", "language"),
    [
        ("The tumour is in the left breast and was removed with a margin.", "Latn", "en"),
        ("La tumeur du sein gauche est petite avec des marges saines.", "Latn", "fr"),
        ("El tumor de la mama izquierda se extirpó con los márgenes libres.", "Latn", "es"),
        ("O tumor da mama foi retirado com as margens livres e sem êmbolos.", "Latn", "pt"),
        ("Der Tumor der linken Brust ist mit freiem Rand und ohne Einbruch.", "Latn", "de"),
        ("Sol meme dokusu ve bir lenf nodu için tümör yok, bu olgu.", "Latn", "tr"),
        ("Опухоль левой молочной железы, без метастазов в узлах и не больше.", "Cyrl", "ru"),
        ("ورم في الثدي الأيسر مع حواف سليمة", "Arab", "ar"),
        ("تومور در پستان چپ با حاشیه سالم گزارش شد", "Arab", "fa"),
        ("बाएं स्तन में ट्यूमर पाया गया है", "Deva", "hi"),
        ("左乳腺浸润性导管癌，切缘阴性，淋巴结未见转移，组织学检查。", "Hani", "zh-Hans"),
        ("左乳腺浸潤性導管癌，組織學檢查與診斷。", "Hani", "zh-Hant"),
        ("左乳房のがんです。リンパ節に転移はありません。", "Jpan", "ja"),
        ("ER PR HER2 pT1c pN0 carcinoma mammae sinistra", "Latn", "und"),
        ("12 / 3,4", "Zyyy", "und"),
    ],
)
def test_script_and_language(text: str, script: str, language: str | None) -> None:
    assert (script_of(text), guess_language(text)) == (script, language)


def test_each_page_has_its_own_language() -> None:
    pages = pages_from_text(
        "The specimen is from the left breast and was received in formalin.\f"
        "Опухоль в левой молочной железе, без инвазии и не больше 2 см.\f"
    )
    assert [(p.number, p.language, p.script) for p in languages_of(pages)] == [
        (1, "en", "Latn"),
        (2, "ru", "Cyrl"),
        (3, "und", "Zyyy"),
    ]
