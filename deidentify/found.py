"""Everything that has to go from a document's words."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

from deidentify.clinical import clinical_spans, is_clinical
from deidentify.dates import dates_in
from deidentify.known import KnownNumbers
from deidentify.labelled import labelled_in, misread_in
from deidentify.lines import Line, lines_of
from deidentify.marks import marks_in
from deidentify.name_parts import NameTable, table_of
from deidentify.names import names_in
from deidentify.people import people_in, streets_in
from deidentify.spans import Span
from deidentify.types import Hit, Identity, Kind, Word

_FIRST: tuple[Kind, ...] = ("name", "birth", "relative", "number", "email", "phone", "fax")
"""What a word is called that several rules found."""
_UNSURE = 0.65
"""A word that OCR read less surely may be a name that lost more of its letters."""


def find(identity: Identity, words: Sequence[Word]) -> list[Hit]:
    """Return what of the words has to go, in the order of the pages; one hit a place.

    Everything that is known of the person goes wherever it stands. What merely looks like somebody
    goes too and is not `certain`. Measures, grades, scores, codes of diagnoses and antibodies stay.
    """
    lines = lines_of(words)
    hits: list[Hit] = []
    for kind, table in tables(identity):
        hits += _names(kind, table, lines, words)
    for place in KnownNumbers(identity).places(lines):
        hits.append(_hit(words, place.words, place.kind, place.text, True, "known_number"))
    for number, line in enumerate(lines):
        for at, span in chain(labelled_in(lines, number), misread_in(lines, number)):
            hits += _spanned(lines[at], span, words)
        kept = clinical_spans(line.text)
        for span in _looks(line, identity):
            if span.certain or not is_clinical(span.start, span.end, kept):
                hits += _spanned(line, span, words)
    hits += _across(lines, identity, words)
    return merged(hits)


def tables(identity: Identity) -> Iterator[tuple[Kind, NameTable]]:
    """Yield the names of the patient and of the others."""
    if identity.names:
        yield "name", table_of(identity.names)
    if identity.others:
        yield "relative", table_of(identity.others)


def _looks(line: Line, identity: Identity) -> Iterator[Span]:
    yield from dates_in(line.text, identity.births)
    yield from marks_in(line.text)
    yield from people_in(line.text)
    yield from streets_in(line.text)


def _names(
    kind: Kind, table: NameTable, lines: Sequence[Line], words: Sequence[Word]
) -> Iterator[Hit]:
    unsure = frozenset(at for at, word in enumerate(words) if word.sure < _UNSURE)
    for found in names_in(lines, table, unsure=unsure):
        line = lines[found.line]
        if found.doubt and _is_other_word(line, found.start, found.end, found.text):
            continue
        why = "common_word" if found.doubt else f"name_{found.how}"
        yield _hit(words, found.words, kind, found.text, not found.doubt, why)


def _is_other_word(line: Line, start: int, end: int, text: str) -> bool:
    """Say whether a word that is also a name is the other thing here: small, or with a value."""
    behind = line.text[end:].lstrip(" :=-").lower()
    before = line.text[:start].rstrip()
    if text.islower():
        return True
    if behind[:1].isdigit() or behind.startswith(("i ", "ii", "iv", "score", "grade", "numeral")):
        return True
    begins = not before or before[-1] in ".:;\t•-"
    if begins and not text.isupper():
        return True
    caps = [word for word in line.text.split() if word.isalpha() and len(word) > 2]
    return text.isupper() and sum(map(str.isupper, caps)) > 2


def _across(lines: Sequence[Line], identity: Identity, words: Sequence[Word]) -> Iterator[Hit]:
    """Yield dates and addresses of the net that a line's end cuts in two."""
    for first, second in pairwise(lines):
        same = (first.page, first.reading, first.turn) == (second.page, second.reading, second.turn)
        if not same:
            continue
        tail, head = first.text.rsplit("\t", 1)[-1][-24:], second.text.split("\t", 1)[0][:24]
        offset = len(first.text) - len(tail)
        text = tail + " " + head
        for span in (*dates_in(text, identity.births), *marks_in(text)):
            if span.start < len(tail) - 1 and span.end > len(tail) + 1 and span.kind != "number":
                found = first.at(offset + span.start, len(first.text))
                found += second.at(0, span.end - len(tail) - 1)
                yield _hit(
                    words, found, span.kind, text[span.start : span.end], span.certain, span.why
                )


def _spanned(line: Line, span: Span, words: Sequence[Word]) -> Iterator[Hit]:
    found = line.at(span.start, span.end)
    if found:
        text = line.text[span.start : span.end]
        yield _hit(words, found, span.kind, text, span.certain, span.why, span.instead)


def _hit(
    words: Sequence[Word], found: Iterable[int], kind: Kind, text: str, certain: bool, why: str,
    instead: str = "",
) -> Hit:  # fmt: skip
    indices = tuple(found)
    boxes = tuple(words[index].box for index in indices)
    page = words[indices[0]].page
    return Hit(kind, page, indices, boxes, text, certain, why, instead)


def merged(hits: Iterable[Hit]) -> list[Hit]:
    """Return the hits without those whose words lie all within another one's."""
    order = {kind: at for at, kind in enumerate(_FIRST)}
    ranked = sorted(
        hits, key=lambda hit: (not hit.certain, order.get(hit.kind, len(order)), -len(hit.words))
    )
    taken: dict[int, set[int]] = {}
    kept: list[Hit] = []
    for hit in ranked:
        held = taken.setdefault(hit.page, set())
        if hit.words and set(hit.words) <= held:
            continue
        held.update(hit.words)
        kept.append(hit)
    return sorted(kept, key=lambda hit: (hit.page, min(hit.words, default=0)))
