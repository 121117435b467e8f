"""A file about two people states nothing; one person's pages stay together whatever a scan did."""

import random

import pytest

from extractors import Page, extract
from extractors.people import several_people
from extractors.reasons import SENTENCES

NAMES = ("Jane Example", "Susan Example", "Maria Okello", "Anna Lund", "Ines Pereira")
BIRTHS = ("1961-03-02", "1988-09-14", "1972-12-30", "1955-06-21", "1990-01-05")
REPORT = (
    "Specimen: left breast, lumpectomy\nFINAL DIAGNOSIS\nInvasive ductal carcinoma, grade {}.\n"
    "Estrogen receptor (ER): {}\nMargins: negative, closest margin 3 mm."
)


def pages(*texts: str) -> tuple[Page, ...]:
    return tuple(
        Page(number, 595, 842, "plain", "plain text", text, ())
        for number, text in enumerate(texts, 1)
    )


def head(name: str, born: str, record: str, draw: random.Random) -> str:
    """Return a head as one hospital or another prints it; the name may be turned or in capitals."""
    first, last = name.split()
    shown = draw.choice(
        (name, f"{last}, {first}", name.upper(), f"Mrs {name}", f"{first[0]}. {last}")
    )
    year, month, day = born.split("-")
    date = draw.choice((born, f"{day}.{month}.{year}", f"{day}/{month}/{year}"))
    lines = [f"Patient: {shown}"]
    if draw.random() < 0.8:
        lines.append(f"Date of birth: {date}")
    if draw.random() < 0.5:
        lines.append(f"MRN: {record}")
    return "\n".join(["SURGICAL PATHOLOGY REPORT", *lines])


def report(draw: random.Random, top: str) -> str:
    status = draw.choice(("positive", "negative"))
    return f"{top}\n{REPORT.format(draw.randint(1, 3), status)}"


@pytest.mark.parametrize("seed", range(30))
def test_pages_of_two_people_state_nothing_and_those_of_one_do(seed: int) -> None:
    draw = random.Random(seed)
    (one, born), (other, theirs) = draw.sample(list(zip(NAMES, BIRTHS, strict=True)), 2)
    count = draw.randint(1, 3)
    ours = [report(draw, head(one, born, "0001234", draw)) for _ in range(count)]
    stranger = report(draw, head(other, theirs, "0009876", draw))
    alone = extract(pages(*ours), document_id="1")
    assert alone.findings
    assert alone.reason is None
    at = draw.randrange(count + 1)
    mixed = extract(pages(*ours[:at], stranger, *ours[at:]), document_id="1")
    assert not mixed.findings
    assert not mixed.questions
    assert mixed.reason == "several_people"
    assert any((part.first, part.last) == (at + 1, at + 1) for part in mixed.parts)


def test_mother_and_daughter_of_one_name_are_told_apart_by_their_birth_dates() -> None:
    draw = random.Random(1)
    same = [report(draw, f"Patient: Jane Example\nDOB: {born}") for born in BIRTHS[:2]]
    assert several_people(pages(*same))


def test_pages_that_are_counted_on_are_two_peoples_all_the_same() -> None:
    tops = [
        f"Patient: {name}\nPage {at} of 2\nAccession: S26-1" for at, name in enumerate(NAMES[:2], 1)
    ]
    mixed = extract(
        pages(*(f"{top}\n{REPORT.format(2, 'positive')}" for top in tops)), document_id="1"
    )
    assert mixed.reason == "several_people"
    assert [(part.first, part.last) for part in mixed.parts] == [(1, 1), (2, 2)]


@pytest.mark.parametrize(
    "second",
    [
        "Patient: Jane Exarnple\nDOB: 1961-03-02",  # a scan's name
        "Patient: Jane Example\nDOB: 1961-03-08",  # a scan's digit
        "Patient: Jane Maria Example-Lund\nDOB: 1961-03-02",  # married
        "Patient: Other Name\nMRN: 0001234",  # the number says who it is
        "Patient: tolerated the procedure well",
        "Name: Dr Susan Smith",
        "Name of surgeon: Susan Smith",
        "Patient name: not stated",
        "Patient: 56 year old woman",
        "Referred by: Susan Smith",
        "Microscopy continued",
        "",
    ],
)
def test_other_words_in_a_head_are_nobody_else(second: str) -> None:
    first = "Patient: Jane Example\nDOB: 1961-03-02\nMRN: 0001234"
    assert not several_people(pages(f"{first}\n{REPORT}", f"{second}\n{REPORT}"))


def test_the_reason_has_a_sentence() -> None:
    assert "different people" in SENTENCES["several_people"]
