"""Reading a document of another language: told in English, quoted as it is printed.

A clause with a word that the glossary does not know states nothing. The document is read twice:
with those clauses and without. What both readings state is a value; what only the clauses with
unknown words say, or say otherwise, is a question with the printed words.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from extractors.assemble import extract_one
from extractors.languages.glossary import Glossary
from extractors.languages.rendering import Rendered, render, render_page, touches
from extractors.reading import QUOTE_LIMIT, Reading, whole_words
from extractors.types import Extraction, Finding, Page, Question, Quote

# What bounds a clause here: a sentence's end, a blank line, a bullet, a line with a label.
_CLAUSE_ENDS = re.compile(
    r"[.;!?](?=\s|$)|\n[ \t]*\n|"
    r"\n(?=[ \t]*(?:[-*•#]|\(?[A-Za-z0-9]{1,2}[.)]\s|[A-Z][\w /()-]{1,80}:))"
)
# A line that names what the lines below it are about, and where that ends.
_HEADING = re.compile(r"[^\n:;.]{3,60}:[ \t]*")
_BELOW = re.compile(r"\n[ \t]*\n|\n[A-Z][^\n:]{2,60}:")
_OTHERS = re.compile(
    r"\b(?:status post|previous|history of|prior report|mother|father|sister|brother|aunt|uncle|"
    r"grandmother|grandfather|daughter|cousin|family history)\b",
    re.IGNORECASE,
)
_TREATMENT = re.compile(r"\b(?:\w*therapy|\w*radiotherapy|neoadjuvant)\b", re.IGNORECASE)
# No letter, and no space either: pages of white space are slow to match.
_BLANK = "\u00b7"
_LETTER_OR_DIGIT = re.compile(r"[^\s.;!?]")


class ToldReading(Reading):
    """The working text of pages told in English; places and quotes are those of the print."""

    def __init__(self, pages: Sequence[Page], told: Sequence[Rendered]) -> None:
        """Join `pages`, each told by the rendering of the same place in `told`."""
        super().__init__([render_page(page, one) for page, one in zip(pages, told, strict=True)])
        self._printed = {page.number: (page, one) for page, one in zip(pages, told, strict=True)}

    def place(self, start: int, end: int) -> tuple[Page, int, int]:
        """Return the printed page that holds `start` and the span within its text."""
        shown, first, last = super().place(start, end)
        page, told = self._printed[shown.number]
        begin, until = whole_words(page.text, *told.span(first, last))
        if until - begin > QUOTE_LIMIT:
            until = begin + QUOTE_LIMIT
            space = page.text.rfind(" ", begin + QUOTE_LIMIT // 2, until)
            until = space if space > 0 else until
        return page, begin, until

    def printed(self, page: Page, start: int, end: int) -> str:
        """Return what is printed where the told text of `page` has `start:end`."""
        shown, told = self._printed[page.number]
        return shown.text[slice(*told.span(start, end))]


def read_told(
    pages: Sequence[Page], *, document_id: str, language: str, glossary: Glossary
) -> Extraction:
    """Return what pages in `language` state, its words known from `glossary`. Never raises."""
    readable = [page for page in pages if page.text.strip()]
    told = [render(page.text, glossary) for page in readable]

    everything = ToldReading(readable, told)

    def read(renderings: Sequence[Rendered]) -> Extraction:
        return extract_one(
            pages,
            document_id=document_id,
            language=language,
            reading=ToldReading(readable, renderings),
            whole=everything,
        )

    hers = [without_others(one) for one in told]
    whole = read(hers)
    known = read([without_unknown(one) for one in hers])
    findings = tuple(_agreed(known.findings, whole))
    questions = tuple(_open(known, whole, {finding.field for finding in findings}))
    reason = whole.reason or known.reason
    return replace(
        whole,
        findings=tuple(replace(one, language=language) for one in findings),
        questions=questions,
        reason=None if findings or questions else reason or "nothing_stated",
    )


def without_others(told: Rendered) -> Rendered:
    """Return a rendering with blanks for what is said of relatives and of earlier tumours.

    A clause that speaks of an earlier treatment stays: that is looked for.
    """
    return _blanked(
        told,
        lambda start, end: (
            _OTHERS.search(told.text, start, end) is not None
            and _TREATMENT.search(told.text, start, end) is None
        ),
    )


def _blanked(told: Rendered, is_out: Callable[[int, int], bool]) -> Rendered:
    """Return a rendering with blanks for the clauses that are out, of the same length."""
    bounds = [0, *(match.end() for match in _CLAUSE_ENDS.finditer(told.text)), len(told.text)]
    clauses = [
        _LETTER_OR_DIGIT.sub(_BLANK, told.text[start:end])
        if is_out(start, end)
        else told.text[start:end]
        for start, end in pairwise(bounds)
    ]
    return replace(told, text="".join(clauses))


def without_unknown(told: Rendered) -> Rendered:
    """Return a rendering with blanks for each clause that has an unknown word.

    Where it is in a heading, all that stands below that goes too, down to the next one.
    """
    below = list(_below_unknown_headings(told))
    return _blanked(
        told,
        lambda start, end: (
            touches(told.unknown, start, end) or any(a < end and start < b for a, b in below)
        ),
    )


def _below_unknown_headings(told: Rendered) -> Iterator[tuple[int, int]]:
    for start, end in told.unknown:
        first, last = told.text.rfind("\n", 0, start) + 1, told.text.find("\n", end)
        if last >= 0 and _HEADING.fullmatch(told.text, first, last):
            below = _BELOW.search(told.text, last + 1)
            yield start, below.start() if below else len(told.text)


def _values(findings: Sequence[Finding]) -> dict[str, list[object]]:
    values: dict[str, list[object]] = {}
    for finding in findings:
        if finding.value not in values.setdefault(finding.field, []):
            values[finding.field].append(finding.value)
    return values


def _agreed(findings: Sequence[Finding], whole: Extraction) -> Iterator[Finding]:
    """Yield the findings of known clauses that the whole document states too."""
    values = _values(whole.findings)
    asked = {question.field for question in whole.questions}
    alone = _values(findings)
    for finding in findings:
        if finding.field not in asked and values.get(finding.field) == alone[finding.field]:
            yield finding


def _open(known: Extraction, whole: Extraction, stated: set[str]) -> Iterator[Question]:
    """Yield what is asked in any case, and what a clause with an unknown word would state."""
    seen = set()
    for question in (*whole.questions, *known.questions):
        if question.field not in stated and (question.field, question.reason) not in seen:
            seen.add((question.field, question.reason))
            yield question
    asked = {field for field, _ in seen}
    would: dict[str, dict[object, Quote]] = {}
    for finding in (*whole.findings, *known.findings):
        if finding.field not in stated | asked:
            quotes = would.setdefault(finding.field, {})
            quotes.setdefault(
                repr(finding.value), Quote(finding.page, finding.quote, finding.value)
            )
    for field, quotes in would.items():
        yield Question(field, "unknown_word", tuple(quotes.values()))
