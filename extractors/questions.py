"""Questions: what a document leaves open and a person must settle, with the quotes."""

import re
from collections.abc import Iterator, Sequence

from extractors import doubts
from extractors.candidates import Candidate
from extractors.contradiction import Contradiction
from extractors.fields import earlier, margins, markers, nodes, place, read_all, size
from extractors.fields.names import fields_of
from extractors.forms.groups import Group, OpenGroup
from extractors.forms.labels import named_in, scanned_label
from extractors.forms.tumours import as_said
from extractors.judge import DERIVED, Disagreement
from extractors.reading import Reading
from extractors.settle import settle
from extractors.types import Page, Question, Quote, Value

_ANY_ANSWER = ("negative", "present", "2")
"""Answers of which a label of a field that we know makes a statement."""
_NO_VALUE = re.compile(
    r"\b(?:not (?:performed|applicable|known|assessed|done|stated|reported|tested|sent|available)|"
    r"unknown|n/?a|none|pending|indeterminate|cannot)\b",
    re.IGNORECASE,
)


def of_structures(reading: Reading, organ: str) -> Iterator[Question]:
    """Yield a question for each contradiction within margins, nodes, sizes or receptors."""
    for one in (
        *margins.contradictions(reading, organ),
        *nodes.contradictions(reading),
        *size.contradictions(reading, organ),
        *earlier.contradictions(reading, organ),
        *place.contradictions(reading, organ),
        *doubts.unsettled(reading),
        *(markers.contradictions(reading) if organ == "breast" else ()),
    ):
        yield from _of_spans(reading, one, organ)


def _of_spans(reading: Reading, one: Contradiction, organ: str) -> Iterator[Question]:
    # Only the name of the field is wanted: any value that the concept may have will do.
    example: Value = one.example or ("negative" if one.field.endswith("_status") else 1)
    for field, _ in list(fields_of(one.field, example, organ))[:1]:
        quotes = []
        for span in one.spans:
            page, start, end = reading.quote(*span)
            quotes.append(Quote(page.number, page.text[start:end], None))
        yield Question(field, one.reason, tuple(quotes))


def of_disagreements(
    reading: Reading, disagreements: Sequence[Disagreement], organ: str
) -> Iterator[Question]:
    """Yield a question with both quotes for each field that a contradiction leaves open.

    A size that its T cannot have leaves both open: whichever is right, the other is not lost.
    """
    asked: set[tuple[str, str]] = set()
    for one in disagreements:
        for field in [field for said in (one.first, one.second) for field in _lost(said, organ)]:
            if (field, one.reason) not in asked:
                asked.add((field, one.reason))
                quotes = (
                    _quote(reading, one.first, field, organ),
                    _quote(reading, one.second, field, organ),
                )
                yield Question(field, one.reason, quotes)


def _lost(said: Candidate, organ: str) -> Iterator[str]:
    """Yield the field that a statement would fill, and HER2 where that is computed from it.

    A concept that no field has asks for the first that is computed from it.
    """
    names = (said.concept, *DERIVED.get(said.concept, ()))
    fields = [field for name in names for field, _ in list(fields_of(name, said.value, organ))[:1]]
    yield from fields[:1]
    if "her2" in names:
        yield from (field for field, _ in fields_of("her2", said.value, organ))


def _quote(reading: Reading, candidate: Candidate, field: str, organ: str) -> Quote:
    """Return the words of a statement, with the value that it would give `field`, if any."""
    page, start, end = reading.quote(candidate.start, candidate.end)
    named = dict(fields_of(candidate.concept, candidate.value, organ))
    for derived in DERIVED.get(candidate.concept, ()):
        named = {**dict(fields_of(derived, candidate.value, organ)), **named}
    return Quote(page.number, page.text[start:end], named.get(field))


def of_forms(reading: Reading, organ: str) -> Iterator[Question]:
    """Yield a question for each group of options that the form leaves open and that we know.

    What each option would state is read from its label and its own words alone.
    """
    for page, group in reading.open_groups:
        yield from _of_group(reading, page, group, organ)
    for page, choice in reading.scanned_choices:
        yield from _of_choice(reading, page, choice, organ)


def _of_choice(reading: Reading, page: Page, group: Group, organ: str) -> Iterator[Question]:
    """Yield a question where the chosen answer of a scan says nothing that its label asks for.

    OCR then lost a part of it: `Grade: Grade [x]` has no number. "Not performed" is an answer.
    """
    chosen = [option for option in group.options if option.ticked]
    if group.label is None or len(chosen) != 1:
        return
    label = scanned_label(page.text[slice(*group.label)])
    words = page.text[chosen[0].start : chosen[0].end].strip(" \t\n/|;")
    if _NO_VALUE.search(words) or any(_would_state(page, as_said(label, words), organ)):
        return
    line = reading.printed(page, group.label[0], group.options[-1].end).strip()
    heads = [
        label,
        *named_in(page.text[page.text.rfind("\n", 0, group.label[0]) + 1 : group.options[-1].end]),
    ]
    asked = [field for head in heads for field in _asked_by(page, head, organ)]
    for field in asked[:1]:
        yield Question(field, "unclear_tick", (Quote(page.number, line, None),))


def _asked_by(page: Page, label: str, organ: str) -> list[str]:
    """Return the fields that a label asks for, the plainest first."""
    if not label:
        return []
    return [
        field
        for words in _ANY_ANSWER
        for field, _ in _would_state(page, f"{label}: {words}", organ)
    ]


def _of_group(reading: Reading, page: Page, one: OpenGroup, organ: str) -> Iterator[Question]:
    label = page.text[slice(*one.group.label)].strip() if one.group.label else ""
    label = scanned_label(label) if page.method == "ocr" else label
    quotes: dict[str, list[Quote]] = {}
    for option in one.group.options:
        words = page.text[option.start : option.end].strip(" \t\n/|")
        for field, value in _would_state(page, as_said(label, words), organ):
            printed = reading.printed(page, option.start, option.end).strip(" \t\n/|")
            quotes.setdefault(field, []).append(Quote(page.number, printed, value))
    if not quotes and one.group.label and one.reason == "unclear_tick":
        # A pen or a scan spoiled the answers: the label still says what was asked.
        line = reading.printed(page, one.group.label[0], one.group.options[-1].end).strip()
        for field in _asked_by(page, label, organ):
            quotes.setdefault(field, [Quote(page.number, line, None)])
    named = _named(page, one, organ) if page.method == "ocr" else []
    if not quotes and named:
        # A pen went into the label too, or its colon is lost.
        quotes = {field: list(quote) for field, quote in named[0].items()}
    if quotes:
        # One question a group: about what most options speak of, the plainer field of two.
        field = min(quotes, key=lambda name: (-len(quotes[name]), _is_measure(quotes[name]), name))
        yield Question(field, one.reason, tuple(quotes[field]))
        # Two lines in one: the other label asks too.
        for other in (fields for fields in named if field not in fields):
            yield from (Question(name, one.reason, tuple(other[name])) for name in [*other][:1])


def _named(page: Page, one: OpenGroup, organ: str) -> list[dict[str, list[Quote]]]:
    """Return, for each label of a group and on its line, the fields asked for, with the line."""
    first, last = one.group.options[0].start, one.group.options[-1].end
    line = page.text[page.text.rfind("\n", 0, first) + 1 : last].strip()
    label = page.text[slice(*one.group.label)] if one.group.label else ""
    names = dict.fromkeys((scanned_label(label), *named_in(line)))
    asked = [_asked_by(page, name, organ) for name in names]
    return [
        {field: [Quote(page.number, line, None)] for field in fields} for fields in asked if fields
    ]


def _is_measure(quotes: Sequence[Quote]) -> bool:
    return any(isinstance(quote.value, int | float | dict) for quote in quotes)


def _would_state(page: Page, text: str, organ: str) -> Iterator[tuple[str, Value]]:
    alone = Reading([Page(page.number, 0.0, 0.0, "plain", "plain text", text, ())])
    seen = set()
    for candidate, _ in settle(alone, read_all(alone, organ)):
        for field, value in fields_of(candidate.concept, candidate.value, organ):
            if field not in seen:
                seen.add(field)
                yield field, value
