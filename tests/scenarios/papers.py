"""The papers of the scenarios: real PDF files of invented people, with what a scenario changes."""

from collections.abc import Mapping, Sequence
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from local.rehearsal import reports
from local.rehearsal.reports import LABORATORY, ROSA, Person

Rows = Sequence[tuple[str, str]]


def paper(title: str, person: Person, rows: Rows, *, dates: Rows = (), text: str = "") -> bytes:
    """Return a PDF with the patient's particulars, a table of two columns, and a sentence."""
    styles = getSampleStyleSheet()
    body, buffer = styles["BodyText"], BytesIO()
    head = (("Patient name", person.name), ("Date of birth", person.birth_date.isoformat()),
            ("Sex", person.sex.capitalize()), ("MRN", person.record_number), *dates)  # fmt: skip
    story: list[Flowable] = [Paragraph(LABORATORY, body), Paragraph(title, styles["Title"])]
    story += [Paragraph(f"{name}: {value}", body) for name, value in head]
    story += [Spacer(1, 10)]
    if text:
        story += [Paragraph(text, body)]
    if rows:
        story += [Table([[Paragraph(cell, body) for cell in row] for row in rows])]
    SimpleDocTemplate(buffer, pagesize=A4, invariant=1).build(story)
    return buffer.getvalue()


def biopsy(
    person: Person = ROSA,
    *,
    without: Sequence[str] = (),
    changed: Mapping[str, str] | None = None,
    diagnosis: str = reports.BREAST_BIOPSY_DIAGNOSIS,
) -> bytes:
    """Return a core biopsy report of the breast; rows may be left out or say something else."""
    rows = [*reports.BREAST_BIOPSY_SYNOPTIC]
    rows += [
        (name, f"{result}, {more}") for name, result, more in reports.BREAST_BIOPSY_MARKERS[1:]
    ]
    said = [(name, (changed or {}).get(name, value)) for name, value in rows]
    dates = (("Date collected", "2026-12-14"), ("Date reported", "2026-12-17"))
    kept = [row for row in said if row[0] not in without]
    return paper("Surgical Pathology Report", person, kept, dates=dates, text=diagnosis)


def final(
    person: Person,
    collected: str,
    reported: str,
    *,
    changed: Mapping[str, str] | None = None,
    diagnosis: str = reports.BREAST_FINAL_DIAGNOSIS,
) -> bytes:
    """Return the report on the operation's specimen; rows may say something else."""
    rows = [(n, (changed or {}).get(n, value)) for n, value in reports.BREAST_FINAL_SYNOPTIC]
    dates = (("Date collected", collected), ("Date reported", reported))
    return paper("Surgical Pathology Report - Final", person, rows, dates=dates, text=diagnosis)


def pancreas(person: Person) -> bytes:
    """Return a cytology report of the pancreas."""
    rows = (
        ("Specimen", "Pancreas, head, endoscopic ultrasound-guided fine needle biopsy"),
        ("Histologic type", "Ductal adenocarcinoma"),
        ("Histologic grade", "Grade 2, moderately differentiated"),
    )
    dates = (("Date collected", "2026-12-09"), ("Date reported", "2026-12-14"))
    text = "Pancreas, head, needle biopsy: ductal adenocarcinoma, moderately differentiated."
    return paper("Surgical Pathology Report", person, rows, dates=dates, text=text)
