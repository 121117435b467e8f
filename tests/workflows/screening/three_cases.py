"""Three cases brought to their paper by the people who answer: breast, pancreas, pelvic recurrence.

The reports are invented; what no report states is typed by the person who confirms.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from local.rehearsal.documents import _simple, _table
from tests.suitability.cases import base
from tests.workflows.acts import SIGNED
from tests.workflows.playing import Play
from workflows.cases.intake import NewPatient

Rows = Sequence[tuple[str, str]]


def report(title: str, person: NewPatient, rows: Rows) -> bytes:
    """Return an invented report as PDF: a head, and one labelled line a row."""
    assert person.birth_date is not None
    head = [
        (title, ""),
        ("Patient", person.name),
        ("Date of birth", person.birth_date.isoformat()),
        ("Sex", person.sex or ""),
    ]
    return _simple([_table([*head, *rows], (60, 105))])


JAN = NewPatient(
    name="Jan Probowski",
    birth_date=date(1967, 2, 3),
    sex="male",
    email="jan@family.example",
    time_zone="Europe/Warsaw",
    nationality="PL",
)
ADA = NewPatient(
    name="Ada Vzorova",
    birth_date=date(1965, 6, 1),
    sex="female",
    email="ada@family.example",
    time_zone="Asia/Almaty",
    nationality="KZ",
)
CARLA = NewPatient(
    name="Carla Muster",
    birth_date=date(1964, 3, 9),
    sex="female",
    email="carla@family.example",
    time_zone="Africa/Nairobi",
    nationality="KE",
)
PERSONS = {"breast": CARLA, "pancreas": JAN, "pelvic_recurrence": ADA}
BASES = {
    "breast": "low_risk_breast",
    "pancreas": "pancreas_borderline",
    "pelvic_recurrence": "pelvic_recurrent",
}
REPORTS: Mapping[str, tuple[str, Rows]] = {
    "breast": (
        "Surgical pathology report: core needle biopsy of the left breast",
        (
            ("Reported", "2026-11-02"),
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
            ("Reported", "2026-11-03"),
            ("Specimen", "Pancreatic head, endoscopic ultrasound guided core biopsy"),
            ("Diagnosis", "Ductal adenocarcinoma of the pancreas, moderately differentiated"),
            ("Signed by", "Dr Example, pathologist"),
        ),
    ),
    "pelvic_recurrence": (
        "Surgical pathology report: biopsy of a presacral mass",
        (
            ("Reported", "2026-11-04"),
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
    person: NewPatient | None = None,
    **changes: object,
) -> None:
    """Bring an invented case of a site to its pre-screen, as `play` answers."""
    patient = person or PERSONS[site]
    title, rows = REPORTS[site]
    play.open(report(title, patient, rows), site=site, patient=patient)
    play.run()
    play.answer("triage_inquiry", "in_scope", site=site)
    play.answer("record_consent", "granted", **SIGNED)
    given = {k: v for k, v in typed(site, **changes).items() if k not in without}
    play.answer("review_findings", "confirm", **given)
    play.answer("settle_completeness", "waive", reason="imaging is on its way")
    play.answer("countersign_waiver", "agree", "not needed yet")
