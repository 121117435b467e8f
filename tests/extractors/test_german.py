"""German: read as a language, with the words it knows, or not at all."""

from collections import Counter

import pytest

from benchmarks import reading, reading_german, reading_german_denials, reading_german_reports
from benchmarks.reading_denials import outcome
from extractors import Extraction, Page, extract, pages_from_text
from extractors.language import language_of, proposes_values
from extractors.languages import NAMES, glossary_of, read_from
from extractors.languages.german import GERMAN
from extractors.languages.rendering import DOUBT, render
from extractors.languages.scored import LEAST_PRECISION, SCORED, Score
from extractors.types import Word

BREAST = frozenset({"breast"})
HEAD = (
    "Pathologischer Befund\nMaterial: Segmentresektat Mamma links.\n"
    "Diagnose: Invasives duktales Karzinom der Mamma.\n"
)


def read(sentence: str) -> Extraction:
    return extract(pages_from_text(HEAD + sentence + "\n"), document_id="d")


def values(sentence: str) -> dict[str, object]:
    return {finding.field: finding.value for finding in read(sentence).findings}


def english(text: str) -> str:
    return render(text, GERMAN).text


# The scored set


@pytest.mark.parametrize("language", SCORED)
def test_a_language_that_proposes_values_reads_its_own_reports_as_well_as_it_says(
    language: str,
) -> None:
    score = SCORED[language]
    assert score.source.endswith("german/untouched.txt")
    today = reading_german.safety(reading_german.tally("untouched"))
    assert today["inverted"] <= score.inverted
    assert today["wrong"] <= score.wrong
    assert today["right"] >= score.right
    assert score.passes and proposes_values(language)


@pytest.mark.parametrize("name", ["tuned", "first", "untouched"])
def test_no_report_of_the_sets_is_read_wrongly(name: str) -> None:
    wrong = [
        (report.name, short, right, stated)
        for report in reading_german.reports(name)
        for short, found, right, stated in reading_german.outcomes(report)
        if found in {"wrong", "inverted"}
    ]
    assert wrong == []


def test_the_sets_are_large_enough_to_say_something() -> None:
    sizes = {
        name: sum(1 for _ in reading_german.reports(name))
        for name in ("tuned", "first", "untouched")
    }
    assert sum(sizes.values()) >= 100
    assert sizes["untouched"] >= 30


@pytest.mark.parametrize(
    ("score", "passes"),
    [
        (Score("a", BREAST, 97, 3, 0), True),
        (Score("a", BREAST, 96, 4, 0), False),
        (Score("a", BREAST, 99, 1, 1), False),
        (Score("a", BREAST, 0, 0, 0), False),
    ],
)
def test_a_language_below_the_bar_proposes_nothing(score: Score, passes: bool) -> None:
    assert LEAST_PRECISION == 0.97
    assert score.passes is passes


def test_what_has_a_glossary_has_a_name_and_a_score() -> None:
    assert set(NAMES) == set(SCORED)
    assert all(glossary_of(language) is not None for language in NAMES)
    assert glossary_of("de") is GERMAN and glossary_of("en") is None
    assert "German" in str(read_from("de"))
    assert read_from("en") is None


# Tables and drawn reports


def test_every_table_has_its_sentences() -> None:
    for table in reading_german_denials.TABLES:
        assert [len(set(one)) for one in table.sentences] == [30, 30, 10, 10, 10], table.field


@pytest.mark.parametrize("seed", [20261129, 11])
def test_what_is_denied_planned_or_unknown_is_not_affirmed(seed: int) -> None:
    small = {"affirmed": 8, "denied": 12, "planned": 5, "relative": 4, "unknown": 5}
    bad = [
        f"{found}: {case.group}: {case.text!r}"
        for case in reading_german_denials.cases(seed, small)
        if (found := outcome(case)) != "right"
    ]
    assert bad == []


@pytest.mark.parametrize("seed", [20261129, 5])
def test_drawn_reports_are_right_or_asked(seed: int) -> None:
    found = Counter(
        result
        for report in reading_german_reports.reports(seed, 40)
        for _, result in reading.outcomes(report)
    )
    assert set(found) == {"right", "asked"}
    assert found["right"] > 10 * found["asked"]


# Words


@pytest.mark.parametrize(
    ("german", "said"),
    [
        ("resektionsrandabstand", "resection margin distance"),
        ("Sentinellymphknoten", "sentinel lymph nodes"),
        ("Tumordurchmesser", "tumor diameter"),
        ("Tumorgröße", "tumor size"),
        ("Tumorgroesse", "tumor size"),
        ("Tumorgrösse", "tumor size"),
        ("TumorgroBe", "tumor size"),
        ("Östrogenrezeptors", "estrogen receptor"),
        ("befallenen", "involved"),
        ("könnte", f"might {DOUBT}"),
        ("konnte", "can"),
        ("oberen", "upper"),
        ("schlumprig", None),
        ("Karzinomatöschen", None),
    ],
)
def test_words_compounds_and_lost_umlauts(german: str, said: str | None) -> None:
    assert GERMAN.english(german) == said


def test_a_word_that_a_line_end_cut_is_one_word() -> None:
    assert (
        english("Die Resektions-\nränder sind tumorfrei.") == "The resection margin are tumor-free."
    )
    assert "lymph  and blood vessel" not in english("Lymph- und Blutgefäßinvasion")


def test_every_place_of_the_english_is_known_on_the_page() -> None:
    for report in reading_german.reports("tuned"):
        told = render(report.text, GERMAN)
        last = 0
        for at in range(len(told.text)):
            start, end = told.span(at, at + 1)
            assert 0 <= start < end <= len(report.text)
            last = max(last, end)
        assert last >= len(report.text.rstrip())


# What is stated


def test_a_value_is_quoted_as_it_is_printed_and_says_its_language() -> None:
    text = (
        "Pathologischer Befund\nMaterial: Mammasegment rechts.\n"
        "Mikroskopie: Invasives lobuläres Karzinom, Tumorgröße 1,6 cm, mäßig differenziert (G2). "
        "Die Resektionsränder werden vom Tumor nicht erreicht, geringster Abstand 3 mm.\n"
        "Östrogenrezeptor: 90 % der Tumorzellkerne positiv (IRS 12).\n"
    )
    found = extract(pages_from_text(text), document_id="d").findings
    stated = {finding.field: finding for finding in found}
    assert stated["breast.histology"].value == "ilc"
    assert stated["breast.size_mm"].value == 16.0
    assert stated["tumour.margin_status"].value == "negative"
    assert stated["breast.margin_mm"].value == 3.0
    assert stated["breast.er_percent"].value == 90
    assert "vom Tumor nicht erreicht" in stated["tumour.margin_status"].quote
    for finding in found:
        assert finding.quote in text
        assert finding.language == "de" and finding.to_json()["language"] == "de"


def test_the_frame_is_around_the_printed_words() -> None:
    text = (
        "Befund: Invasives duktales Karzinom der Mamma, Tumorgröße 16 mm, Östrogenrezeptor negativ."
    )
    words, at = [], 0
    for number, word in enumerate(text.split()):
        at = text.index(word, at)
        words.append(Word(word, (10.0 * number, 0.0, 10.0 * number + 9, 9.0), at, at + len(word)))
        at += len(word)
    page = Page(1, 300.0, 40.0, "text_layer", "text layer good", text, tuple(words))
    stated = {f.field: f for f in extract([page], document_id="d").findings}
    receptor = next(i for i, word in enumerate(words) if word.text == "Östrogenrezeptor")
    assert stated["breast.er"].value == "negative"
    assert stated["breast.er"].box == (10.0 * receptor, 0.0, 10.0 * receptor + 19, 9.0)


@pytest.mark.parametrize(
    ("sentence", "field", "value"),
    [
        ("HER2: [ ] positiv [X] negativ", "breast.her2", "negative"),
        ("Lymphgefäßinvasion: ☐ ja ☒ nein", "breast.lvi", "absent"),
        ("HER2 Score 2+. Eine Amplifikation liegt nicht vor (FISH).", "breast.her2", "negative"),
        ("Weder ER noch PR werden exprimiert.", "breast.pr", "negative"),
        ("ER und PR zu 90 % bzw. 40 % positiv.", "breast.pr_percent", 40),
        ("Lymphgefäßinvasion (L1), keine Blutgefäßinvasion (V0).", "breast.lvi", "present_nos"),
        ("12 Lymphknoten, einer davon mit Metastase.", "breast.nodes_positive", 1),
        ("Der Tumor reicht bis auf 2 mm an den Resektionsrand heran.", "breast.margin_mm", 2.0),
        ("Nicht im Gesunden entfernt.", "tumour.margin_status", "positive"),
        ("BRCA1/2: keine pathogene Variante.", "breast.brca", "negative"),
    ],
)
def test_german_sentences(sentence: str, field: str, value: object) -> None:
    assert values(sentence).get(field) == value


# What is not stated


@pytest.mark.parametrize(
    ("sentence", "field"),
    [
        ("Resektionsränder schlumprig tumorfrei.", "tumour.margin_status"),
        ("Resektionsränder bis auf den dorsalen Rand tumorfrei.", "tumour.margin_status"),
        ("Mit Ausnahme des dorsalen Randes Resektionsränder frei.", "tumour.margin_status"),
        ("Östrogenrezeptor negativ (IRS 9).", "breast.er"),
        ("Östrogenrezeptor schlumprig 90 % positiv.", "breast.er"),
    ],
)
def test_a_clause_with_an_unknown_word_or_two_meanings_is_asked(sentence: str, field: str) -> None:
    extraction = read(sentence)
    assert field not in {finding.field for finding in extraction.findings}
    assert field in {question.field for question in extraction.questions}
    for question in extraction.questions:
        assert all(one.quote in HEAD + sentence for one in question.quotes)


def test_a_known_clause_counts_only_where_no_unknown_one_says_otherwise() -> None:
    agreeing = "Östrogenrezeptor positiv.\nÖstrogenrezeptor schlumprig positiv."
    differing = "Östrogenrezeptor positiv.\nÖstrogenrezeptor schlumprig negativ."
    assert values(agreeing)["breast.er"] == "positive"
    assert "breast.er" not in values(differing)


def test_below_an_unknown_heading_nothing_is_stated() -> None:
    assert "breast.er" not in values("Schlumprige Sammlung:\nÖstrogenrezeptor positiv.")


@pytest.mark.parametrize(
    ("sentence", "field"),
    [
        ("Klinische Angaben: Z.n. Mammakarzinom rechts 2009, ER negativ, G3.", "breast.er"),
        ("Die Mutter hatte ein HER2-positives Karzinom.", "breast.her2"),
        ("ER gilt als positiv ab 1 % angefärbter Tumorzellkerne.", "breast.er"),
        ("ER: IRS 2.", "breast.er"),
        ("Östrogenrezeptor könnte positiv sein.", "breast.er"),
        ("Geplant ist eine R0-Resektion.", "tumour.margin_status"),
        ("Abstand zur Haut 5 mm.", "breast.margin_mm"),
        ("Grading: G2 bis G3.", "breast.grade"),
    ],
)
def test_what_is_of_others_earlier_defined_or_planned_is_not_stated(
    sentence: str, field: str
) -> None:
    assert field not in values(sentence)


def test_of_an_organ_without_a_scored_set_nothing_is_stated() -> None:
    text = (
        "Pathologischer Befund: Rektumresektat, Adenokarzinom des Rektums, pT3 pN0 (0/14), R0, G2."
    )
    extraction = extract(pages_from_text(text), document_id="d")
    assert extraction.organ == "rectum" and extraction.language == "de"
    assert extraction.findings == () and extraction.questions == ()
    assert extraction.reason == "organ_not_scored"


# In which language it is


def test_a_line_of_findings_is_german() -> None:
    assert language_of("Mammakarzinom NST, G2, ER 90 %, Her2 Score 1+, LK 0/3, R0") == "de"
    assert language_of("Breast carcinoma NST, G2, ER 90 %, Her2 score 1+, nodes 0/3, R0") == "en"


def test_english_is_not_told_anew() -> None:
    page = "FINAL DIAGNOSIS: Left breast, lumpectomy: invasive ductal carcinoma. ER positive."
    extraction = extract(pages_from_text(page), document_id="d")
    assert {finding.language for finding in extraction.findings} == {"en"}
    assert all("language" not in finding.to_json() for finding in extraction.findings)
    assert DOUBT not in page
