"""The types that the reader, the extractors and their callers share."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

Box = tuple[float, float, float, float]
"""x0, top, x1, bottom in PDF points; origin at the top left of the page as shown (its CropBox)."""

ReadMethod = Literal["text_layer", "ocr", "plain", "blank", "unreadable"]
Value = str | int | float | bool | dict[str, float]


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its place on the page; `start:end` is its span in `Page.text`.

    `text` is the word as printed. It equals `Page.text[start:end]`, except that a hyphen that cut
    a word at a line's end is missing there: the two parts follow each other without a gap.
    """

    text: str
    box: Box
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it was read.

    `number` counts from 1, `width` and `height` are points, `reason` says why `method` was
    used ("text layer good", "no text, an image covers the page"). `words` are in the order of
    `text` and do not overlap; they are empty when the method is "plain". `doubtful` are places
    where two readings of the page differ: what is stated there is a question.
    """

    number: int
    width: float
    height: float
    method: ReadMethod
    reason: str
    text: str
    words: tuple[Word, ...]
    confidence: float = 1.0
    doubtful: tuple[Box, ...] = ()

    def box_of(self, start: int, end: int) -> Box | None:
        """Return the box around all words that share a character with `text[start:end]`.

        None when the page has no boxes there (plain text, or a span of white space only).
        """
        first = bisect_right(self.words, start, key=lambda word: word.end)
        boxes = []
        for word in self.words[first:]:
            if word.start >= end:
                break
            boxes.append(word.box)
        if not boxes:
            return None
        return (
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement of a document in the words of `playbooks/vocabularies/findings.yaml`.

    `value` may be an interval (`{"lt": 1}`), `source` is an evidence rank name, `date` is the
    report's ISO date if it states one. `quote` is an exact substring of the page's text: the whole
    clause, so that no denial stands outside it. `box` is around the words that the value is read
    from, and `language` the one that the quote is written in (BCP 47).
    """

    field: str
    value: Value
    unit: str | None
    source: str
    date: str | None
    document_id: str
    page: int
    box: Box | None
    quote: str
    section: str | None
    specimen: str | None
    confidence: float
    extractor_version: str
    language: str = "en"

    def to_json(self) -> dict[str, object]:
        """Return the finding with the keys that the command line prints.

        `language` is among them where the quote is not in English.
        """
        return {
            **({} if self.language == "en" else {"language": self.language}),
            "field": self.field,
            "value": self.value,
            "unit": self.unit,
            "source": self.source,
            "date": self.date,
            "document_id": self.document_id,
            "page": self.page,
            "box": None if self.box is None else [round(edge, 2) for edge in self.box],
            "quote": self.quote,
            "section": self.section,
            "specimen": self.specimen,
            "confidence": self.confidence,
            "extractor_version": self.extractor_version,
        }


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a page, and the value they would state; None where only the whole would be one."""

    page: int
    quote: str
    value: Value | None


@dataclass(frozen=True, slots=True)
class Question:
    """What a document leaves open about `field`; `reason` is a code.

    A form's options: `nothing_ticked`, `several_ticked`, `unclear_tick`, `not_struck_out`. Two
    statements that cannot both be true: the codes of `extractors.judge`. What is said and settles
    nothing: `not_settled`, and `ish_needs_ihc` of HER2's gene.
    """

    field: str
    reason: str
    quotes: tuple[Quote, ...]

    def to_json(self) -> dict[str, object]:
        """Return the question with the keys that the command line prints."""
        return {
            "field": self.field,
            "reason": self.reason,
            "quotes": [
                {"page": one.page, "quote": one.quote, "value": one.value} for one in self.quotes
            ],
        }


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a document says it is about: everything it states, nothing chosen."""

    names: tuple[str, ...] = ()
    birth_dates: tuple[str, ...] = ()
    sexes: tuple[str, ...] = ()
    record_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageLanguage:
    """A page's language (BCP 47, "und" when unsure) and script (ISO 15924, "Zyyy" when unsure)."""

    number: int
    language: str
    script: str


@dataclass(frozen=True, slots=True)
class Part:
    """One of the documents that a file holds: the pages `first` to `last`, both included.

    `label`, `confidence`, `organ` and `source` are as in `Extraction`, of these pages alone;
    `date` is the report's ISO date, if it states one, and `identity` whom these pages are about.
    """

    first: int
    last: int
    label: str
    confidence: float
    organ: str
    language: str
    script: str
    source: str
    date: str | None = None
    identity: Identity = Identity()


@dataclass(frozen=True, slots=True)
class Extraction:
    """Everything that was read out of one document.

    `label` is a document kind of `domain/intake.md` 6.4, `organ` the organ the document speaks
    of (breast, pancreas, rectum, colon, stomach, soft_tissue, gynaecological, other) and
    `language` a BCP 47 guess; `source` is the rank name of this kind of document, which
    `extractors.rank.source_for` turns into that of a field. `reason` is a code of
    `extractors.reasons` when there are no findings, and None when there are. A file that holds
    several documents has a part for each; label, organ, source and confidence are those of the
    part with most findings.
    """

    findings: tuple[Finding, ...]
    label: str
    label_confidence: float
    organ: str
    language: str
    identity: Identity
    extractor_version: str
    questions: tuple[Question, ...] = ()
    parts: tuple[Part, ...] = ()
    languages: tuple[PageLanguage, ...] = ()
    reason: str | None = None
    source: str = "clinic_letter"
    date: str | None = None
