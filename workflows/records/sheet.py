"""The data sheet of a case: confirmed values in words, and what nobody has stated."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from babel import Locale
from sqlalchemy import select
from sqlmodel import Session, col

from correspondence.data_sheet import Stated, fill
from models import Case, FindingRecord
from models.base import require_id
from models.case import SITES
from models.finding import ACCEPTED
from suitability.report import Report
from suitability.report_blocks import Block, Grid, Section, Text
from suitability.report_pdf import draw_report
from suitability.values import Interval, Value
from suitability.vocabulary import Field
from suitability.words import in_words
from workflows.documents.imaging import imaging_of
from workflows.engine.lookup import patient_of
from workflows.engine.words import in_words as code_in_words
from workflows.engine.world import World
from workflows.outreach.enquiries import SEXES, age_band
from workflows.screening.assessments import age_years, current_review

NOT_STATED = "not stated"
TITLE = "Data sheet"
STANDING = (
    "Values that a person has checked in the documents. What is “not stated” is unknown, not "
    "negative. No name, no date of birth, no day finer than a month."
)


def sheet_of(session: Session, world: World, case: Case) -> dict[str, Any]:
    """Return the sheet as JSON keeps it: {case, as_of, site, head, blocks, imaging}.

    `head` is [[label, words]], `blocks` [[title, [[label, [[value, source]]]]]]; no value of an
    empty list was stated.
    """
    case_id, today = require_id(case.id), world.clock.now().date()
    patient = patient_of(session, case_id)
    site = case.site if case.site in SITES else None
    review = current_review(session, case_id)
    years = age_years(patient, case, today)
    filled = fill(
        world.playbooks.data_sheet,
        site or "other",
        _stated(session, world, case_id),
        {name: one.label for name, one in world.playbooks.criteria.vocabulary.fields.items()},
    )
    return {
        "case": case.ref,
        "as_of": today.isoformat(),
        "head": [
            ["Site", code_in_words(site) if site else NOT_STATED],
            ["Age", f"{age_band(years)} years" if years is not None else NOT_STATED],
            ["Sex", patient.sex if patient.sex in SEXES else NOT_STATED],
            ["Country of residence", _country(case.residence_country)],
            ["Technique asked about", _technique(review.technique if review else None)],
        ],
        "blocks": [
            [title, [[row.label, [[one.value, one.source] for one in row.values]] for row in rows]]
            for title, rows in filled.blocks
        ],
        "imaging": [
            [", ".join(sorted(study.modalities)) or "DICOM", study.series, study.count]
            for study in imaging_of(session, case_id)
        ],
    }


def _country(code: str | None) -> str:
    return str(Locale("en").territories.get(code, code)) if code else NOT_STATED


def _technique(code: str | None) -> str:
    return code_in_words(code) if code else NOT_STATED


def _stated(session: Session, world: World, case_id: int) -> Mapping[str, list[Stated]]:
    """Return by field what was confirmed, each value once with the kinds of its documents."""
    known = world.playbooks.criteria.vocabulary.fields
    rows = session.scalars(
        select(FindingRecord)
        .where(col(FindingRecord.case_id) == case_id, col(FindingRecord.state).in_(ACCEPTED))
        .order_by(col(FindingRecord.id))
    ).all()
    found: dict[str, list[Stated]] = {}
    for row in rows:
        field = known.get(row.field)
        if field is None or row.value is None:
            continue
        one = Stated(field.label, _words(field, row), _source(row))
        if one not in found.setdefault(row.field, []):
            found[row.field].append(one)
    return found


def _source(row: FindingRecord) -> str:
    """Return the kind of document and its month: days stay with us."""
    month = (row.report_date or "")[:7]
    return f"{code_in_words(row.source)}{f', {month}' if month else ''}"


def _words(field: Field, row: FindingRecord) -> str:
    try:
        said = in_words(field, _value(row.value))
    except (TypeError, ValueError):
        return str(row.value)
    other = row.unit if row.unit and field.unit and row.unit != field.unit else ""
    return f"{said} (as written: {other})" if other else said


def _value(raw: Any) -> Value:
    if isinstance(raw, dict):
        return Interval.from_bounds(raw)
    return frozenset(raw) if isinstance(raw, list) else raw


def not_stated(sheet: Mapping[str, Any]) -> list[str]:
    """Return the labels of a kept sheet that nobody stated."""
    rows = [row for _, block in sheet.get("blocks", ()) for row in block]
    return [label for label, values in rows if not values]


def sheet_pdf(sheet: Mapping[str, Any]) -> bytes:
    """Return a kept sheet as a PDF: the same sheet gives the same bytes."""
    day = date.fromisoformat(str(sheet["as_of"]))
    sections = [
        Section("In short", (Text(STANDING, "small"), _grid(("", ""), sheet["head"]))),
        *(
            Section(title, (_grid(("", "stated", "by"), _lines(rows)),))
            for title, rows in sheet["blocks"]
        ),
        Section("Imaging", _imaging(sheet)),
        Section("Not stated", (Text("; ".join(not_stated(sheet)) or "–"),)),
    ]
    return draw_report(Report(TITLE, str(sheet["case"]), day, tuple(sections)))


def _imaging(sheet: Mapping[str, Any]) -> tuple[Block, ...]:
    rows = [[kinds, str(series), str(count)] for kinds, series, count in sheet["imaging"]]
    if not rows:
        return (Text("No pictures (DICOM) are in the file."),)
    return (_grid(("Kind", "Series", "Pictures"), rows),)


def _lines(rows: Any) -> list[list[str]]:
    return [
        [label, "; ".join(value for value, _ in values) or NOT_STATED,
         "; ".join(dict.fromkeys(source for _, source in values if source))]
        for label, values in rows
    ]  # fmt: skip


def _grid(head: tuple[str, ...], rows: Any) -> Grid:
    widths = {2: (0.4, 0.6), 3: (0.34, 0.36, 0.3)}[len(head)]
    return Grid(head, tuple(tuple(str(cell) for cell in row) for row in rows), widths)
