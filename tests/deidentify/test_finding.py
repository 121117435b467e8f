"""What goes from a report that somebody wrote, and what has to stay."""

from datetime import date

import pytest

from deidentify import Identity, Word, find, survivors
from tests.deidentify.told import BLACK, blackened, left, words_of

AMARA = Identity(
    names=("Amara Nkechi Okoye",),
    others=("Chidi Okoye",),
    births=(date(1971, 3, 14),),
    phones=("+234 803 555 0142",),
    emails=("amara.okoye71@example.org",),
    addresses=("14 Palm Grove Road, Lekki, Lagos 105102",),
    numbers=("A04512377", "MRN-556712", "CFX-26-00017"),
)
REPORT = """CITY HISTOPATHOLOGY LABORATORY\tTel: +234 1 555 0100
Patient Name : MRS. AMARA N. OKOYE\tAge/Sex : 55Y / F\tLab No : S-24/10233
Address: 14 Palm Grove Road, Lekki\tDOB: 14/03/1971\tMRN: 556712
Referred by : Dr. Tunde Bakare\tCollected : 02-Nov-2026 10:35 AM
Diagnosis: Invasive ductal carcinoma, Grade 2, Nottingham score 6/9.
Tumour size 18 x 15 x 12 mm. pT1c pN0 (sn). ER 95% PR 80% HER2 1+ Ki-67 14%.
ICD-O 8500/3. C50.4 CPT 88305. Clones SP1, 1D5, 4B5. Nodes 0/3.
Margins clear by 4 mm. Slides A1-A4. p63, CK5/6.
The patient's husband Chidi brought the slides on 3 November 2026.
amara.okoye71@example.org wrote from 0803 555 0142, passport A04512377
Electronically signed by Dr T Bakare"""
CLINICAL = (
    "Invasive ductal carcinoma, Grade 2, Nottingham score 6/9.",
    "18 x 15 x 12 mm. pT1c pN0 (sn). ER 95% PR 80% HER2 1+ Ki-67 14%.",
    "ICD-O 8500/3. C50.4 CPT 88305. Clones SP1, 1D5, 4B5. Nodes 0/3.",
    "Margins clear by 4 mm. Slides A1-A4. p63, CK5/6.",
)
GONE = (
    "AMARA", "OKOYE", "S-24/10233", "Palm", "14/03/1971", "556712", "Bakare", "02-Nov-2026",
    "10:35", "Chidi", "November", "example.org", "0142", "A04512377", "0100",
)  # fmt: skip


def test_a_report_loses_who_it_is_about_and_keeps_what_it_says() -> None:
    shown = blackened(AMARA, REPORT)
    assert [word for word in GONE if word in shown] == []
    assert [line for line in CLINICAL if line not in shown] == []
    assert "55Y / F" in shown


def test_nothing_of_the_person_is_left_for_the_last_look() -> None:
    words = words_of(REPORT)
    assert survivors(AMARA, left(words, find(AMARA, words))) == []


def test_a_day_leaves_its_month_and_the_birth_date_leaves_nothing() -> None:
    words = words_of("Collected: 02-Nov-2026\nBorn 14 March 1971\nSeen 03/04/2026")
    instead = {hit.text.strip(): (hit.kind, hit.instead) for hit in find(AMARA, words)}
    assert instead["02-Nov-2026"] == ("date", "2026-11")
    assert instead["14 March 1971"] == ("birth", "")
    # The third of April, or the fourth of March: nobody can tell.
    assert instead["03/04/2026"] == ("date", "2026")


@pytest.mark.parametrize(
    "text",
    [
        "Okoye, Amara", "OKOYE AMARA", "A. Okoye", "Okoye's daughter", "Name:Okoye", "NameOkoye55F",
        "Amara-Nkechi", "0koye", "Okoyc", "Arnara Okoye", "A m a r a", "Амара Окойе", "Амаре Окойе",
        "seen today: OkoyeAmara", "MRN556712", "MRN 55 67 12", "A045 12377", "CFX 26 00017",
    ],
)  # fmt: skip
def test_a_spelling_of_the_person_goes(text: str) -> None:
    words = words_of(f"The report of {text} was read")
    gone = blackened(AMARA, f"The report of {text} was read")
    assert BLACK in gone
    assert survivors(AMARA, left(words, find(AMARA, words))) == []


@pytest.mark.parametrize(
    "text", ["Okoye", "0koye", "Okcye", "Amare", "556712", "5S67l2", "14.3.71"]
)
def test_what_was_missed_blocks(text: str) -> None:
    assert survivors(AMARA, words_of(f"was read by {text} and kept"))


@pytest.mark.parametrize("name", ["Grace Stern", "Grade Roman", "Rose Hill"])
def test_a_name_that_is_also_a_word_goes_with_the_rest_of_the_name_alone(name: str) -> None:
    identity = Identity(names=(name,))
    last = name.split()[1]
    text = (
        f"Patient {name} seen. Mrs {last} agreed.\n"
        "Histological Grade 2 with stern fibrosis, Roman II."
    )
    shown = blackened(identity, text)
    assert shown.startswith(f"Patient {BLACK} {BLACK} seen. ")
    assert f"{BLACK} agreed." in shown
    assert "Grade 2" in shown
    assert "stern" in shown


def test_a_word_that_may_be_the_name_is_left_for_a_person_to_judge() -> None:
    found = survivors(Identity(names=("Anna Grade",)), words_of("Histological Grade 2"))
    assert [(one.text, one.certain) for one in found] == [("Grade", False)]


def test_a_name_once_in_forty_pages_goes_and_blocks() -> None:
    words = [word for page in range(1, 41) for word in words_of(REPORT.splitlines()[4], page)]
    words += words_of("and Mrs Okoye of the second floor", 33)
    assert {hit.page for hit in find(AMARA, words)} == {33}
    assert {one.page for one in survivors(AMARA, words)} == {33}


def test_another_patient_of_the_same_family_name_goes_too() -> None:
    shown = blackened(AMARA, "Not to be confused with Bukola Okoye, seen on the same day")
    assert shown == f"Not to be confused with {BLACK} {BLACK} seen on the same day"


def test_a_line_from_right_to_left_loses_its_numbers_in_either_order() -> None:
    identity = Identity(names=("Fatima Al-Khatib",), phones=("+962 79 555 0142",))
    row = ["الخطيب", "فاطمة", "المريضة:", "هاتف:", "+962", "79", "555", "0142"]
    for order in (row, [*row[:4], *row[:3:-1]]):
        words = [
            Word(text, (700 - 60 * at, 10, 750 - 60 * at, 20)) for at, text in enumerate(order)
        ]
        gone = {words[index].text for hit in find(identity, words) for index in hit.words}
        assert gone >= {"الخطيب", "فاطمة", "+962", "79", "555", "0142"}


@pytest.mark.parametrize("label", ["latpdc:", "latpoc:"])
def test_a_greek_or_russian_label_that_ocr_read_as_latin_is_one(label: str) -> None:
    shown = blackened(AMARA, f"{label} Marinos Petrakis\tER 95 %")
    assert "Petrakis" not in shown
    assert "ER 95 %" in shown


def test_a_name_cut_by_the_end_of_a_line_goes() -> None:
    shown = blackened(AMARA, "the slides were brought by Mrs Oko-\nye on that day")
    assert "Oko-" not in shown
    assert "ye on" not in shown
