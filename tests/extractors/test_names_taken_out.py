"""A name that a paper or a header does not state is not stated: it never contradicts."""

from typing import Any

import pytest

from extractors.identity import check_identity, contradict, identity_of_header, read_identity
from extractors.types import Identity

ROSA: dict[str, Any] = {"name": "Rosa Exempla", "birth_date": "1963-05-17", "sex": "female"}

TAKEN_OUT = [
    "Patient name: XXXXX",
    "Patient name: XXXX XXXXXX",
    "Patient: REDACTED",
    "Patient: [REDACTED]",
    "Name: Anonymous",
    "Patient name: Name Removed",
    "Patient: De-identified",
    "Patient name: Not stated",
    "Patient name: \u2588\u2588\u2588\u2588\u2588 \u2588\u2588\u2588",
    "Patient name: ______",
    "Patient name:",
]


@pytest.mark.parametrize("line", TAKEN_OUT)
def test_what_stands_where_a_name_was_is_no_name(line: str) -> None:
    person = read_identity(f"{line}\nSpecimen: left breast\nDiagnosis: carcinoma")
    assert person.names == ()
    assert check_identity(person, **ROSA).result == "unclear"


@pytest.mark.parametrize("name", ["Xenia Unknownova", "Anne Blank", "De Rosa", "Rosa Patient"])
def test_a_name_that_holds_such_a_word_is_a_name(name: str) -> None:
    assert read_identity(f"Patient name: {name}\n").names == (name,)


def header(name: str, born: str = "", sex: str = "", record: str = "") -> Identity:
    return identity_of_header(name=name, birth_date=born, sex=sex, record_number=record)


@pytest.mark.parametrize(
    ("person", "result"),
    [
        (header("Exempla^Rosa", "19630517", "F"), "match"),
        (header("EXEMPLA^ROSA MARIA^^^"), "match"),
        (header("Rosa Exempla"), "match"),
        (header("Other^Mary", "19630517", "F"), "mismatch"),
        (header("Exempla^Rosa", "19880605"), "mismatch"),
        (header("Exempla^Rosa", "19630517", "M"), "mismatch"),
        (header("Exempla^Rosa", "19000101", "O"), "match"),
        (header("", "19880605", "M"), "unclear"),
        (header("ANON^ANON", "19880605", "M"), "unclear"),
        (header("PAT-0042", "19880605", "M", "PAT-0042"), "unclear"),
        (header("\u738b^\u5c0f\u660e", "", "F"), "unclear"),
        (header("Exempla^Rosa", "1963"), "match"),
        (header("Exempla^Rosa", "19631399"), "match"),
    ],
)
def test_whom_a_header_names(person: Identity, result: str) -> None:
    assert check_identity(person, **ROSA).result == result


def test_a_record_number_agrees_and_never_contradicts() -> None:
    same = header("ANONYMOUS", record="FX-100201")
    assert check_identity(same, record_number="FX-100201", **ROSA).result == "match"
    assert check_identity(same, record_number="FX-7", **ROSA).result == "unclear"


def test_names_in_another_script_are_compared_with_names_of_that_script() -> None:
    ours = Identity(names=("\u738b\u5c0f\u660e",))
    known: dict[str, Any] = {"name": "Wang Xiaoming", "other_names": ("\u738b\u5c0f\u660e",)}
    assert check_identity(ours, **known).result == "match"
    theirs = Identity(names=("\u674e\u56db",))
    assert check_identity(theirs, **known).result == "mismatch"


def test_two_pages_contradict_only_in_what_both_state() -> None:
    rosa, mary = Identity(names=("Rosa Exempla",)), Identity(names=("Mary Other",))
    assert contradict(rosa, mary) and not contradict(rosa, Identity())
    assert not contradict(Identity(names=("R. Exempla",)), rosa)
    born = Identity(birth_dates=("1963-05-17", "1963-07-05"))
    assert not contradict(born, Identity(birth_dates=("1963-05-17",)))
    assert contradict(born, Identity(birth_dates=("1988-06-05",)))


@pytest.mark.parametrize(
    ("stated", "known"),
    [
        ("İSMAİL KILIÇ", "Ismail Kilic"), ("ISMAIL KILIC", "İsmail Kılıç"),
        ("ismaıl kılıc", "İsmail Kılıç"), ("Łucja Błażejewska", "LUCJA BLAZEJEWSKA"),
        ("Đorđe Sørensen", "DORDE SORENSEN"), ("Strauß Æsa", "STRAUSS AESA"),
        ("UELKUE OEZ", "Ülkü Öz"), ("Ülkü Öz", "Ulku Oz"), ("Søren Ødegård", "SOEREN OEDEGAARD"),
        ("DJORDJE DJURIC", "Đorđe Đurić"), ("GULTAN ALIYEVA", "Gültən Əliyeva"),
    ],
)  # fmt: skip
def test_a_name_without_its_letters_is_the_same_person(stated: str, known: str) -> None:
    person = read_identity(f"Patient name: {stated}")
    assert person.names and check_identity(person, name=known).result == "match"
    assert check_identity(person, name="Petra Otherwise").result == "mismatch"
