"""A whole file: its documents, each read on its own, and what they say together."""

from collections.abc import Sequence
from dataclasses import replace

from extractors.assemble import extract_one
from extractors.language import language_of, proposes_values
from extractors.languages import glossary_of
from extractors.parts import split
from extractors.people import several_people
from extractors.script import implausible, languages_of, script_of
from extractors.types import Box, Extraction, Finding, Identity, Page, Part

DOUBTED = 0.5
"""The confidence of a statement in a place that two readings of the page read differently."""


def extract(pages: Sequence[Page], *, document_id: str) -> Extraction:
    """Read every statement of one file, which may hold several documents.

    Each document is read by itself, with the rank, date and organ of its own report, so that one
    never amends or outweighs the other; `parts` names their pages. A file about several people
    states nothing and has the reason `several_people`: the pages of one may be read by themselves.
    Findings quote `pages` exactly. A document about an organ that is none of ours, or without
    text, yields none. Never raises on any text.
    """
    pages = tuple(pages)
    spans = split(pages)
    if len(spans) < 2:
        whole = _read(pages, document_id)
        parts = (_part(pages, whole),) if pages else ()
        return replace(whole, parts=parts, languages=languages_of(pages))
    read = [(pages[start:end], _read(pages[start:end], document_id)) for start, end in spans]
    if several_people(pages):
        read = [
            (part, replace(extraction, findings=(), questions=(), reason="several_people"))
            for part, extraction in read
        ]
    main = max((extraction for _, extraction in read), key=lambda e: len(e.findings))
    return replace(
        main,
        findings=tuple(finding for _, extraction in read for finding in extraction.findings),
        questions=tuple(one for _, extraction in read for one in extraction.questions),
        reason=None if main.findings else main.reason,
        language=language_of("\n\n".join(page.text for page in pages)),
        identity=_together([extraction.identity for _, extraction in read]),
        parts=tuple(_part(part, extraction) for part, extraction in read),
        languages=languages_of(pages),
    )


def _read(pages: tuple[Page, ...], document_id: str) -> Extraction:
    """Read one document; what cannot be read for certain states nothing.

    That is a language that the reading was not scored in, and text that cannot be text. One that
    it was scored in is read in English words (`extractors.languages`).
    """
    language = language_of("\n\n".join(page.text for page in pages if page.text.strip()))
    glossary = glossary_of(language)
    if glossary is not None and proposes_values(language):
        from extractors.languages.telling import read_told

        read = read_told(pages, document_id=document_id, language=language, glossary=glossary)
    else:
        read = extract_one(pages, document_id=document_id, language=language)
    if not proposes_values(language):
        return replace(read, findings=(), questions=(), reason=read.reason or "other_language")
    if not proposes_values(language, read.organ):
        return replace(read, findings=(), questions=(), reason=read.reason or "organ_not_scored")
    if implausible("\n".join(page.text for page in pages)):
        return replace(read, findings=(), questions=(), reason=read.reason or "no_text")
    if any(page.doubtful for page in pages):
        return replace(read, findings=_doubted(read.findings, pages))
    return read


def _doubted(findings: Sequence[Finding], pages: Sequence[Page]) -> tuple[Finding, ...]:
    """Return findings with those less sure that stand where two readings of a page differ."""
    doubtful = {page.number: page.doubtful for page in pages}
    return tuple(
        replace(finding, confidence=min(finding.confidence, DOUBTED))
        if finding.box and any(_overlap(finding.box, box) for box in doubtful[finding.page])
        else finding
        for finding in findings
    )


def _overlap(one: Box, other: Box) -> bool:
    return min(one[2], other[2]) > max(one[0], other[0]) and min(one[3], other[3]) > max(
        one[1], other[1]
    )


def _part(pages: Sequence[Page], extraction: Extraction) -> Part:
    return Part(
        first=pages[0].number,
        last=pages[-1].number,
        label=extraction.label,
        confidence=extraction.label_confidence,
        organ=extraction.organ,
        language=extraction.language,
        script=script_of("\n".join(page.text for page in pages)),
        source=extraction.source,
        date=extraction.date,
        identity=extraction.identity,
    )


def _together(people: Sequence[Identity]) -> Identity:
    return Identity(
        tuple(dict.fromkeys(name for person in people for name in person.names)),
        tuple(dict.fromkeys(date for person in people for date in person.birth_dates)),
        tuple(dict.fromkeys(sex for person in people for sex in person.sexes)),
        tuple(dict.fromkeys(number for person in people for number in person.record_numbers)),
    )
