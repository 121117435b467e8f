"""Whom a German report is about is read from its labels, as it is printed."""

import pytest

from extractors import extract, pages_from_text
from extractors.identity import check_identity, read_identity
from extractors.languages.heads import head_in_english

REPORT = (
    "Pathologischer Befund\n{head}\nStanzbiopsie Mamma links: Invasives Karzinom NST, {said}.\n"
)


@pytest.mark.parametrize(
    "head",
    [
        "Patientin: Erika Klein, geb. 12.03.1967",
        "Patient: Klein, Erika, geb. am 12.03.1967, weiblich",
        "Name: Klein  Vorname: Erika  Geburtsdatum: 12.03.1967",
        "Vorname: Erika, Nachname: Klein, Geb.-Datum: 12.03.1967",
        "Frau Erika Klein, geboren am 12.3.1967",
        "Pat.: Klein, Erika *12.03.1967",
    ],
)
def test_name_and_birth_date(head: str) -> None:
    stated = read_identity(REPORT.format(head=head, said="G2"))
    assert check_identity(stated, name="Erika Klein", birth_date="1967-03-12").result == "match"
    assert check_identity(stated, name="Anna Sommer").result == "mismatch"
    assert check_identity(stated, name="Erika Klein", birth_date="1980-01-30").result == "mismatch"


@pytest.mark.parametrize(
    ("head", "sex"),
    [
        ("Patient: männlich, 68 Jahre", "male"),
        ("Pat.: weiblich, 61 J.", "female"),
        ("Geschlecht: w", "female"),
    ],
)
def test_a_sex_is_no_name(head: str, sex: str) -> None:
    stated = read_identity(REPORT.format(head=head, said="G2"))
    assert stated.names == ()
    assert stated.sexes == (sex,)


def test_the_date_of_a_biopsy_behind_a_star_is_no_birth_date() -> None:
    stated = read_identity("Befund\n* 12.03.2024 Stanzbiopsie der Mamma\n")
    assert stated.birth_dates == ()


def test_reports_of_two_people_state_nothing() -> None:
    one = REPORT.format(head="Patientin: Erika Klein, geb. 12.03.1967", said="ER positiv")
    other = REPORT.format(head="Patientin: Sabine Krause, geb. 02.11.1955", said="ER negativ")
    extraction = extract(pages_from_text(one + "\f" + other), document_id="d")
    assert extraction.reason == "several_people"
    assert extraction.findings == ()


def test_two_reports_by_their_numbers_are_two_documents() -> None:
    one = REPORT.format(head="Journalnummer: 24-1001", said="G2")
    other = REPORT.format(head="Journalnummer: 24-2002", said="G3")
    extraction = extract(pages_from_text(one + "\f" + other), document_id="d")
    assert [(part.first, part.last) for part in extraction.parts] == [(1, 1), (2, 2)]


def test_an_english_head_stays_as_it_is() -> None:
    head = "Patient: Jane Example\nDate of birth: 03/04/1970\nSurgical pathology report"
    assert head_in_english(head) is head
