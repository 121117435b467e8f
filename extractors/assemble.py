"""Pages in, findings out: routes the document, reads the statements and writes them up."""

import re
from collections.abc import Iterator, Sequence

from extractors.between import sections_differ
from extractors.candidates import Candidate
from extractors.doubts import standing, unanswered
from extractors.fields import clinical, read_all
from extractors.fields.names import fields_of
from extractors.identity import read_identity
from extractors.judge import judge
from extractors.kind import Kind, kind_of
from extractors.language import language_of
from extractors.ligatures import mended
from extractors.organ import MINIMUM, MINIMUM_OF_LETTERS, organ_of, organ_words, site_of
from extractors.questions import of_disagreements, of_forms, of_structures
from extractors.rank import source_for
from extractors.reading import Reading
from extractors.reasons import reason_for
from extractors.settle import settle
from extractors.tumours import apart
from extractors.types import Extraction, Finding, Page, Question
from extractors.version import EXTRACTOR_VERSION

# A place alone is a word, not a statement about a tumour.
_PLACES = {"laterality", "subsite", "depth"}
_PATHOLOGIC = {"tumour.pt", "tumour.pn", "breast.pn", "tumour.pm"}
_P = re.compile(r"p\s?[ymr]?\s?[tnm]|path")
# Only a pathologist's report proves the kind of a tumour; a letter only repeats it.
_PROOF = {"core_biopsy", "final_pathology"}


def pages_from_text(text: str) -> tuple[Page, ...]:
    """Return plain text as pages without boxes; a form feed starts a new page.

    Ligatures that were lost are put back (`extractors.ligatures`).
    """
    return tuple(
        Page(number, 0.0, 0.0, "plain", "plain text", part, ())
        for number, part in enumerate(mended(text).split("\f"), start=1)
    )


def extract_one(
    pages: Sequence[Page],
    *,
    document_id: str,
    language: str | None = None,
    reading: Reading | None = None,
    whole: Reading | None = None,
) -> Extraction:
    """Read every statement of pages that are one document (`extractors.extract` reads a file).

    `language` is that of the pages where it is known already, `reading` their working text where it
    is not simply theirs (`extractors.languages`). Of what kind and organ a document is, its `whole`
    text tells, where `reading` is a part of it. Returns an `Extraction` whose findings quote
    `pages` exactly. A document about an organ that is none of ours, or without text, yields no
    findings but the `reason`. Never raises.
    """
    readable = [page for page in pages if page.text.strip()]
    if not readable:
        return Extraction(
            findings=(),
            label="unreadable",
            label_confidence=1.0,
            organ="other",
            language="und",
            identity=read_identity(""),
            extractor_version=EXTRACTOR_VERSION,
            reason="no_text",
        )
    reading = reading or Reading(readable)
    whole = whole or reading
    kind = kind_of(whole)
    report = kind.source in _PROOF
    organ = organ_of(whole, MINIMUM if report else MINIMUM_OF_LETTERS)
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()
    if _is_ours(whole, organ):
        findings, questions = _read(reading, whole, organ, kind, document_id)
    elif not report:
        findings = tuple(_patient_facts(reading, kind, document_id))
    text = "\n\n".join(page.text for page in readable)
    language = language or language_of(text)
    return Extraction(
        findings=findings,
        label=kind.label,
        label_confidence=kind.confidence,
        organ=organ,
        language=language,
        identity=read_identity(text),
        extractor_version=EXTRACTOR_VERSION,
        questions=questions,
        source=kind.source,
        date=kind.date,
        reason=None if findings or questions else reason_for(reading, organ, kind.source, language),
    )


def _is_ours(reading: Reading, organ: str) -> bool:
    """Say whether the document concerns a disease of this service.

    Of gynaecological cancers only recurrences are treated here: a primary proposes nothing.
    """
    if organ == "gynaecological":
        return site_of(reading, organ) is not None
    return organ != "other"


def _read(
    reading: Reading, whole: Reading, organ: str, kind: Kind, document_id: str
) -> tuple[tuple[Finding, ...], tuple[Question, ...]]:
    found, differing = apart(reading, read_all(reading, organ))
    found, doubts = standing(reading, found)
    found, between = sections_differ(reading, found)
    settled, disagreements = judge(settle(reading, found), organ)
    disagreements += [*differing, *between, *unanswered(doubts, settled)]
    findings = tuple(_findings(reading, whole, settled, organ, kind, document_id))
    stated = {finding.field for finding in findings}
    asked = (
        *(
            one
            for one in of_disagreements(reading, disagreements, organ)
            if one.field not in stated
        ),
        *(one for one in of_structures(reading, organ) if one.field not in stated),
        *(one for one in of_forms(reading, organ) if one.field not in stated),
    )
    return findings, tuple(asked)


def _findings(
    reading: Reading,
    whole: Reading,
    settled: Sequence[tuple[Candidate, bool]],
    organ: str,
    kind: Kind,
    document_id: str,
) -> Iterator[Finding]:
    seen = set()
    if all(candidate.concept in _PLACES for candidate, _ in settled):
        return
    yield from _sites(whole, organ, kind, document_id)
    for candidate, amended in settled:
        for field, value in fields_of(candidate.concept, candidate.value, organ):
            if kind.source not in _PROOF and (
                field == "disease.histology_confirmed"
                or (field in _PATHOLOGIC and not _is_pathologic(reading, candidate))
            ):
                continue
            finding = _finding(reading, candidate, kind, document_id, field, value, amended)
            if finding is None or (field, repr(value), finding.source) in seen:
                continue
            seen.add((field, repr(value), finding.source))
            yield finding


def _is_pathologic(reading: Reading, candidate: Candidate) -> bool:
    """Say whether a stage in a letter has its p: without one it is clinical (UICC TNM)."""
    said = reading.low[max(0, candidate.start - 2) : candidate.end]
    return _P.search(said) is not None


def _sites(reading: Reading, organ: str, kind: Kind, document_id: str) -> Iterator[Finding]:
    """Yield the organ, and the site of the case where the organ alone settles it."""
    start, end = organ_words(reading, organ)
    candidate = Candidate("organ", organ, start, end, 1.0, 0.9)
    finding = _finding(reading, candidate, kind, document_id, "tumour.organ", organ, False)
    if finding:
        yield finding
    site = site_of(reading, organ)
    if site:
        finding = _finding(reading, candidate, kind, document_id, "disease.site", site, False)
        if finding:
            yield finding


def _patient_facts(reading: Reading, kind: Kind, document_id: str) -> Iterator[Finding]:
    """Yield what a letter about no particular organ says of the person (activity status)."""
    for candidate, amended in settle(reading, clinical.read(reading, "other")):
        field, value = candidate.concept, candidate.value
        finding = _finding(reading, candidate, kind, document_id, field, value, amended)
        if finding and field.startswith("patient."):
            yield finding


def _finding(
    reading: Reading,
    candidate: Candidate,
    kind: Kind,
    document_id: str,
    field: str,
    value: object,
    amended: bool,
) -> Finding | None:
    source = source_for(field, kind.source)
    if source is None:
        return None
    page, first, last = reading.place(candidate.start, candidate.end)
    _, start, end = reading.quote(candidate.start, candidate.end)
    if not page.text[start:end].strip():
        return None
    section = reading.section_at(candidate.start)
    specimen = reading.specimen_at(candidate.start)
    return Finding(
        field=field,
        value=value,  # type: ignore[arg-type]
        unit=candidate.unit,
        source="amended_report" if amended and kind.source in _PROOF else source,
        date=kind.date,
        document_id=document_id,
        page=page.number,
        box=page.box_of(first, last),
        quote=page.text[start:end],
        section=section.name,
        specimen=f"{specimen.label}: {specimen.title}" if specimen else None,
        confidence=round(min(0.99, candidate.confidence * page.confidence), 3),
        extractor_version=EXTRACTOR_VERSION,
    )
