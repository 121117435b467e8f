import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors import extract, pages_from_text
from extractors.types import Page, Word

PHRASES = [
    "FINAL DIAGNOSIS:",
    "Left breast, lumpectomy:",
    "invasive ductal carcinoma",
    "grade 2",
    "ER positive",
    "PR",
    "negative",
    "HER2 2+",
    "(90%)",
    "margins",
    "0/3",
    "lymph nodes",
    "pT1c",
    "pN0",
    "1.4 cm",
    "no",
    "is",
    "not identified",
    "lymphovascular invasion",
    "\n",
    ". ",
    "; ",
    "ADDENDUM:",
    "\f",
    "--------",
    "rectum",
    "adenocarcinoma",
    "<",
    "1 mm",
    "from",
    "DCIS",
    "C.",
    "PART 2:",
    "IIIIIIIII",
    "\t",
    "é",
    "İ",
]
texts = st.lists(st.one_of(st.sampled_from(PHRASES), st.text(max_size=12)), max_size=40).map(
    " ".join
)


def stands_in_whole_words(quote: str, text: str) -> bool:
    """Say whether some occurrence of `quote` cuts no word of `text` at either end."""
    at = text.find(quote)
    while at >= 0:
        end = at + len(quote)
        cut_before = at > 0 and text[at - 1].isalnum() and text[at].isalnum()
        cut_after = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
        if not cut_before and not cut_after:
            return True
        at = text.find(quote, at + 1)
    return False


@settings(max_examples=120, deadline=None)
@given(texts)
def test_every_quote_is_a_piece_of_its_page(text: str) -> None:
    pages = pages_from_text(text)
    for finding in extract(pages, document_id="d").findings:
        assert finding.quote
        assert finding.quote in pages[finding.page - 1].text
        assert stands_in_whole_words(finding.quote, pages[finding.page - 1].text)
        assert finding.document_id == "d"
        assert 0 < finding.confidence < 1


@settings(max_examples=120, deadline=None)
@given(st.binary(max_size=600))
def test_noise_states_nothing(content: bytes) -> None:
    text = content.decode("latin-1")
    assert extract(pages_from_text(text), document_id="d").findings == ()


def test_a_place_alone_is_no_statement() -> None:
    assert extract(pages_from_text("UNCINATE"), document_id="d").findings == ()


def test_long_rules_and_blank_stretches_cost_nothing() -> None:
    for filler in (
        "-" * 20000,
        " " * 20000,
        "I" * 20000,
        "- " * 10000,
        "no " * 7000,
        "1/2 " * 5000,
        "liposarcoma," * 2000,
    ):
        extract(pages_from_text("breast cancer, mastectomy " + filler), document_id="d")


def test_boxes_come_from_the_words_of_the_quote() -> None:
    line = "Left breast mastectomy: invasive ductal carcinoma. ER positive."
    words, at = [], 0
    for index, text in enumerate(line.split()):
        start = line.index(text, at)
        at = start + len(text)
        words.append(Word(text, (10.0 * index, 100.0, 10.0 * index + 9, 110.0), start, at))
    page = Page(1, 595, 842, "text_layer", "text layer good", line, tuple(words))
    findings = extract((page,), document_id="d").findings
    er = next(f for f in findings if f.field == "breast.er")
    assert er.quote == "ER positive"
    assert er.box == (60.0, 100.0, 79.0, 110.0)


@pytest.mark.parametrize(
    ("field", "quote"),
    [
        ("breast.lvi", "Lymphovascular invasion Not identified"),
        ("breast.dcis_present", "Ductal carcinoma in situ (DCIS) Present, minor component"),
        ("breast.eic", "Extensive intraductal component Absent"),
    ],
)
def test_the_quote_of_a_table_is_its_row(field: str, quote: str) -> None:
    text = (
        "FINAL DIAGNOSIS: Left breast, mastectomy: invasive ductal carcinoma.\n"
        "Tumour focality Single focus on mammography\n"
        "Ductal carcinoma in situ (DCIS) Present, minor component\n"
        "Extensive intraductal component Absent\n"
        "Lymphovascular invasion Not identified\n"
        "Biomarkers\n"
    )
    findings = extract(pages_from_text(text), document_id="d").findings
    assert next(f.quote for f in findings if f.field == field) == quote


@pytest.mark.parametrize(
    ("clause", "field"),
    [
        ("No involvement of the surgical margins by carcinoma", "tumour.margin_status"),
        ("Neither lymphatic nor vascular invasion", "breast.lvi"),
        ("The invasive tumour measures 14 mm across", "breast.size_mm"),
        ("No oestrogen receptors were detected", "breast.er"),
    ],
)
@pytest.mark.parametrize("around", ["{0}.", "See above. {0}. Read by two.", "- {0}\n- see above"])
def test_a_quote_carries_the_whole_clause(clause: str, field: str, around: str) -> None:
    head = "FINAL DIAGNOSIS:\nLeft breast, lumpectomy: invasive ductal carcinoma, grade 2.\n"
    findings = extract(pages_from_text(head + around.format(clause)), document_id="d").findings
    assert [f.quote for f in findings if f.field == field] == [clause]


def test_a_long_clause_is_quoted_around_the_words_that_were_read() -> None:
    filler = "with changes that were seen in many of the blocks before, " * 8
    text = f"Left breast, lumpectomy: invasive ductal carcinoma, {filler} ER positive, {filler}end."
    findings = extract(pages_from_text(text), document_id="d").findings
    quote = next(f.quote for f in findings if f.field == "breast.er")
    assert "ER positive" in quote and len(quote) <= 240 and quote in text


def test_poor_scans_lower_the_confidence() -> None:
    text = "Left breast mastectomy: invasive ductal carcinoma. ER positive."
    clear = Page(1, 595, 842, "ocr", "scan", text, (), 1.0)
    poor = Page(1, 595, 842, "ocr", "scan", text, (), 0.5)
    sure = extract((clear,), document_id="d").findings[0].confidence
    assert extract((poor,), document_id="d").findings[0].confidence < sure
