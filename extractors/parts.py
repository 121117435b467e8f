"""Where one file holds several documents: the page ranges, by the signs of a new report's head.

No single weak sign splits a file, since running heads repeat a letterhead, a title and numbers on
every page. A report number or a person that changes, or page counters that begin again, do; of
the rest two must agree. In doubt pages stay together, as if the file were one document.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from extractors.identity import check_identity, iso_dates, read_identity
from extractors.kind import Kind, kind_of
from extractors.languages.heads import head_in_english
from extractors.people import HEAD_LINES, PATIENT_LINE, Person, differ, person_of, says_who
from extractors.reading import Reading
from extractors.types import Identity, Page

_ENOUGH = 3.0
_SURE = 0.6
_EDGE_LINES = 6
_TITLE_LINES = 12

_COUNTER = re.compile(
    r"^\s*(?P<page>\d{1,3})\s*(?:of|de|von|di|из|sur)\s*(?P<pages>\d{1,3})\s*$|"
    r"\b(?:page|pg\.?|seite|página|pagina|sayfa|стр\w*\.?)\s*(?P<page2>\d{1,3})"
    r"(?:\s*(?:of|de|von|di|из|sur|/)\s*(?P<pages2>\d{1,3}))?\b|"
    r"第\s*(?P<page3>\d{1,3})\s*页(?:\D{0,4}(?P<pages3>\d{1,3})\s*页)?",
    re.IGNORECASE,
)
# A label with a capital: "accession 12-345" within a sentence speaks of another report.
_NUMBER = re.compile(
    r"\b(?:A(?i:ccession)|(?=[A-Z])(?i:accession|case|specimen|lab(?:oratory)?|report|"
    r"exam(?:ination)?|study|request|requisition|path(?:ology)?|surgical(?: pathology)?|biopsy|"
    r"order) ?(?i:no\b\.?|num(?:ber)?\b\.?|nr\b\.?|id\b|#|№)) ?[:#.]? ?"
    r"(?P<number>[A-Z]{0,5}[-/ ]?\d[\w/-]{2,19})"
)
_ELSEWHERE = re.compile(r"\b(?:previous|prior|earlier|outside|see|refer|compar|cf)", re.I)
_END = re.compile(
    r"end of (?:the )?report|\*{3} ?end|electronically signed|signed out by|yours (?:sincerely|"
    r"faithfully)|(?:kind|best) regards|fin (?:del informe|du rapport)|конец заключения",
    re.IGNORECASE,
)
_TITLES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (family, re.compile(words, re.IGNORECASE))
    for family, words in (
        (
            "pathology",
            r"(?:surgical |anatomic(?:al)? |histo)?patholog(?:y|ical)\b.{0,25}\b(?:report|"
            r"consultation|diagnosis)|(?:histo(?:patho)?logy|cytology|biopsy|"
            r"immunohistochemistry|fish|biomarker) report|addendum (?:to |report)",
        ),
        (
            "imaging",
            r"(?:radiology|imaging|mammogra\w+|ultraso\w+|sonogra\w+|mri|ct|pet[-/ ]?ct|x-?ray|"
            r"magnetic resonance\w*|computed tomography|bone scan|scan)\b.{0,40}\breport|"
            r"^\W{0,3}(?:mri|ct|cect|pet[-/ ]?ct|ultrasound|usg|mammogra(?:m|phy)|"
            r"magnetic resonance imaging|computed tomography)\b(?! (?:guided|showed|shows))",
        ),
        ("operative_note", r"operat(?:ive|ion) (?:note|report|record)"),
        ("discharge_summary", r"discharge (?:summary|letter|report)"),
        (
            "lab",
            r"(?:laboratory|blood|ha?ematology|biochemistry|tumou?r markers?)\b.{0,20}\breport",
        ),
        (
            "radiotherapy_plan_or_summary",
            r"radi(?:otherapy|ation)\b.{0,20}\b(?:summary|plan|record|report)",
        ),
        ("letter", r"^\W{0,3}dear (?:dr|doctor|prof|colleague|sir)|referral letter|to whom it may"),
        ("passport", r"^\W{0,3}passport\b"),
        ("visa", r"^\W{0,3}(?:e-?)?visa\b"),
        ("invoice", r"^\W{0,3}(?:proforma )?invoice\b"),
        ("prescription", r"^\W{0,3}prescription\b"),
        ("consent_form", r"\bconsent form\b"),
    )
)
_TITLE_WIDTH = 90


def _family(label: str) -> str:
    """Return the kind of head that documents with `label` have in common."""
    if label.startswith(("pathology_", "cytology", "ihc_", "ish_", "genomic_")):
        return "pathology"
    if label.startswith("imaging_"):
        return "imaging"
    if label in {"lab_blood", "tumour_marker"}:
        return "lab"
    if label in {"consultation_letter", "referral_letter", "correspondence"}:
        return "letter"
    return label


@dataclass(frozen=True, slots=True)
class _Head:
    """What one page says of the document it belongs to."""

    numbers: frozenset[str]
    person: Identity
    names: tuple[str, ...]
    counter: tuple[int, int | None] | None
    title: str | None
    ends: bool
    kind: Kind
    whom: Person


@dataclass(slots=True)
class _Part:
    """The part under way: everything its pages have said so far."""

    first: int
    numbers: set[str] = field(default_factory=set)
    names: list[str] = field(default_factory=list)
    births: set[str] = field(default_factory=set)
    records: set[str] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)
    dates: set[str] = field(default_factory=set)
    families: set[str] = field(default_factory=set)
    whom: list[Person] = field(default_factory=list)
    last: _Head | None = None
    pages: int = 0

    def take(self, head: _Head) -> None:
        self.numbers |= head.numbers
        self.names += [name for name in head.names if name not in self.names]
        self.births.update(head.person.birth_dates)
        self.records.update(head.person.record_numbers)
        if head.title:
            self.titles.add(head.title)
        if head.kind.date:
            self.dates.add(head.kind.date)
        if head.kind.confidence >= _SURE and head.kind.label != "other":
            self.families.add(_family(head.kind.label))
        if head.whom not in self.whom and says_who(head.whom):
            self.whom.append(head.whom)
        self.last = head
        self.pages += 1


def split(pages: Sequence[Page]) -> tuple[tuple[int, int], ...]:
    """Return the parts of a file as spans of `pages`: start and end index, the end excluded.

    Together the spans cover all pages in order; pages without text go with the part before them.
    A file of one document, or without pages, has one span or none.
    """
    readable = [index for index, page in enumerate(pages) if page.text.strip()]
    if len(readable) < 2:
        return ((0, len(pages)),) if pages else ()
    part = _Part(0)
    starts = [0]
    for index in readable:
        head = _head_of(pages[index])
        if part.last is not None and _signs(part, head) >= _ENOUGH:
            part = _Part(index)
            starts.append(index)
        part.take(head)
    return tuple(zip(starts, [*starts[1:], len(pages)], strict=True))


def _head_of(page: Page) -> _Head:
    lines = [line for line in head_in_english(page.text).split("\n") if line.strip()]
    top = lines[:HEAD_LINES]
    return _Head(
        numbers=frozenset(_numbers([*top, *lines[HEAD_LINES:][-_EDGE_LINES:]])),
        person=read_identity("\n".join(top)),
        names=read_identity("\n".join(filter(PATIENT_LINE.match, top))).names,
        counter=page_counter(page),
        title=_title(lines[:_TITLE_LINES]),
        ends=any(_END.search(line) for line in lines[-_EDGE_LINES:]),
        kind=kind_of(Reading([page])),
        whom=person_of(top),
    )


def _numbers(lines: Sequence[str]) -> list[str]:
    found = []
    for line in lines:
        away = _ELSEWHERE.search(line)
        for match in _NUMBER.finditer(line):
            if away and match.start() >= away.end():
                break
            number = re.sub(r"\W", "", match["number"]).upper()
            if not iso_dates(match["number"]):
                found.append(number)
    return found


def page_counter(page: Page) -> tuple[int, int | None] | None:
    """Return the number that a page bears and of how many, where its first or last lines say so."""
    lines = [line for line in page.text.split("\n") if line.strip()]
    edges = [*lines[:_EDGE_LINES], *lines[_EDGE_LINES:][-_EDGE_LINES:]]
    return next((counter for counter in map(_counter, edges) if counter), None)


def _counter(line: str) -> tuple[int, int | None] | None:
    match = _COUNTER.search(line)
    if match is None:
        return None
    page = int(match["page"] or match["page2"] or match["page3"])
    pages = match["pages"] or match["pages2"] or match["pages3"]
    if page == 0 or (pages and page > int(pages)):
        return None
    return page, int(pages) if pages else None


def _title(lines: Sequence[str]) -> str | None:
    for line in lines:
        if len(line) <= _TITLE_WIDTH:
            for family, words in _TITLES:
                if words.search(line):
                    return family
    return None


def _signs(part: _Part, head: _Head) -> float:
    """Return how much speaks for a new document at the page with `head`."""
    if any(differ(person, head.whom) for person in part.whom):
        return _ENOUGH  # two people never share a document, whatever its pages are counted as
    return (
        _sign_of_numbers(part, head)
        + _sign_of_person(part, head)
        + _sign_of_counter(part, head)
        + _sign_of_title(part, head)
        + _sign_of_kind(part, head)
        + (1.0 if part.last and part.last.ends else 0.0)
        + (1.0 if part.dates and head.kind.date and head.kind.date not in part.dates else 0.0)
    )


def _sign_of_numbers(part: _Part, head: _Head) -> float:
    if not part.numbers or not head.numbers:
        return 0.0
    # An addendum under the report's own number belongs with it: it overrides what stands there.
    return -3.0 if part.numbers & head.numbers else 3.0


def _sign_of_person(part: _Part, head: _Head) -> float:
    sign = 0.0
    if part.names and head.names:
        named = Identity(names=head.names)
        check = check_identity(named, name=part.names[0], other_names=part.names[1:])
        sign += 3.0 if check.result == "mismatch" else 0.0
    if part.births and head.person.birth_dates and part.births.isdisjoint(head.person.birth_dates):
        sign += 3.0
    numbers = head.person.record_numbers
    if part.records and numbers and part.records.isdisjoint(numbers):
        sign += 2.0
    return sign


def _sign_of_counter(part: _Part, head: _Head) -> float:
    if head.counter is None:
        return 0.0
    before = part.last.counter if part.last else None
    page, pages = head.counter
    if page == 1:
        # A template's "1 of 1" stands on a second page too, when the text ran over.
        return 3.0 if before or (pages and pages > 1) else 2.0
    if before and page == before[0] + 1 and pages == before[1]:
        return -2.0
    return -1.0


def _sign_of_title(part: _Part, head: _Head) -> float:
    if head.title is None or not part.last:
        return 0.0
    if head.title not in part.titles:
        return 2.0 if part.titles else 1.0
    if part.last.title is None:
        return 2.0
    # After one page only, a running title cannot be told from the next report's.
    return 1.0 if part.pages == 1 else 0.0


def _sign_of_kind(part: _Part, head: _Head) -> float:
    if head.kind.label == "other" or head.kind.confidence < _SURE or not part.families:
        return 0.0
    return 0.0 if _family(head.kind.label) in part.families else 2.0
