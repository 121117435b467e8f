"""Three cases brought to their paper by the people who answer: breast, pancreas, pelvic recurrence.

The reports are invented; what no report states is typed by the person who confirms.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from local.rehearsal.documents import _simple, _table, _top
from local.rehearsal.reports import Person, head
from tests.suitability.cases import base
from tests.workflows.acts import SIGNED
from tests.workflows.playing import Play
from workflows.cases.intake import NewPatient

Rows = Sequence[tuple[str, str]]

PERSONS = {
    "breast": Person(
        "Carla Muster", date(1964, 3, 9), "female", "FX-1", "KE", "Africa/Nairobi", "c@f.example"
    ),
    "pancreas": Person(
        "Jan Probowski", date(1967, 2, 3), "male", "FX-2", "PL", "Europe/Warsaw", "j@f.example"
    ),
    "pelvic_recurrence": Person(
        "Ada Vzorova", date(1965, 6, 1), "female", "FX-3", "KZ", "Asia/Almaty", "a@f.example"
    ),
}


def report(title: str, person: Person, rows: Rows) -> bytes:
    """Return an invented report as PDF: a head, and one labelled line a row."""
    top = head(person, accession="FS-26-09000", collected="2026-10-30", reported="2026-11-02")
    return _simple([*_top(top, title), _table(rows, (60, 105))])


def as_patient(person: Person) -> NewPatient:
    """Return the person as the inquiry states them."""
    return NewPatient(
        name=person.name,
        birth_date=person.birth_date,
        sex=person.sex,
        email=person.email,
        time_zone=person.time_zone,
        nationality=person.country,
    )


BASES = {
    "breast": "low_risk_breast",
    "pancreas": "pancreas_borderline",
    "pelvic_recurrence": "pelvic_recurrent",
}
REPORTS: Mapping[str, tuple[str, Rows]] = {
    "breast": (
        "Surgical pathology report: core needle biopsy of the left breast",
        (
            ("Specimen", "Left breast, core needle biopsy"),
            ("Diagnosis", "Invasive carcinoma of no special type (NST)"),
            ("Histologic grade", "Grade 2 (Nottingham score 6)"),
            ("Estrogen receptor", "Positive, 95 %"),
            ("Progesterone receptor", "Positive, 60 %"),
            ("HER2", "Negative (IHC score 1+)"),
            ("Ki-67", "12 %"),
            ("Tumour size", "13 mm"),
            ("Signed by", "Dr Example, pathologist"),
        ),
    ),
    "pancreas": (
        "Surgical pathology report: biopsy of the head of the pancreas",
        (
            ("Specimen", "Pancreatic head, endoscopic ultrasound guided core biopsy"),
            ("Diagnosis", "Ductal adenocarcinoma of the pancreas, moderately differentiated"),
            ("Signed by", "Dr Example, pathologist"),
        ),
    ),
    "pelvic_recurrence": (
        "Surgical pathology report: biopsy of a presacral mass",
        (
            ("Specimen", "Presacral soft tissue, CT guided core biopsy"),
            ("Diagnosis", "Adenocarcinoma, recurrence of the known rectal carcinoma"),
            ("Signed by", "Dr Example, pathologist"),
        ),
    ),
}
_OF_THE_CASE = ("disease.site", "patient.age_years", "patient.sex", "surgery.resection_actual")


def typed(site: str, **changes: object) -> dict[str, str]:
    """Return the values that a person types beside what the report states."""
    said = base(BASES[site], **changes)
    text = {True: "true", False: "false"}
    return {
        name: text[value] if isinstance(value, bool) else str(value)
        for name, value in said.items()
        if name not in _OF_THE_CASE
    }


def bring(
    play: Play,
    site: str,
    *,
    without: Sequence[str] = (),
    person: Person | None = None,
    **changes: object,
) -> None:
    """Bring an invented case of a site to its pre-screen, as `play` answers."""
    patient = person or PERSONS[site]
    title, rows = REPORTS[site]
    play.open(report(title, patient, rows), site=site, patient=as_patient(patient))
    play.run()
    play.answer("triage_inquiry", "in_scope", site=site)
    play.answer("record_consent", "granted", **SIGNED)
    given = {k: v for k, v in typed(site, **changes).items() if k not in without}
    play.confirm(**given)
    play.answer("settle_completeness", "waive", reason="imaging is on its way")
    play.answer("countersign_waiver", "agree", "not needed yet")
