"""The last look: what of the identity can still be read when everything was covered."""

from collections.abc import Iterator, Sequence

from deidentify.dates import dates_in
from deidentify.found import tables
from deidentify.known import KnownNumbers
from deidentify.lines import lines_of
from deidentify.names import names_in
from deidentify.types import Identity, Kind, Survivor, Word


def survivors(identity: Identity, words: Sequence[Word]) -> list[Survivor]:
    """Return what is left of the identity among the words of a redacted document.

    It looks with looser eyes than `find`: more letters may differ, sounds may be fewer, numbers
    may be misread or cut. What it returns blocks the release; one that is not `certain` is a word
    that also means something else, which a person may let pass.
    """
    lines = lines_of(words)
    found = [*_names(identity, lines, words), *_numbers(identity, lines, words)]
    for line in lines:
        for span in dates_in(line.text, identity.births):
            if span.kind == "birth":
                indices = line.at(span.start, span.end)
                text = line.text[span.start : span.end]
                found.append(_survivor("birth", indices, text, True, span.why, words))
    return list({(one.page, one.boxes): one for one in found}.values())


def _names(identity: Identity, lines: Sequence, words: Sequence[Word]) -> Iterator[Survivor]:  # type: ignore[type-arg]
    for kind, table in tables(identity):
        for found in names_in(lines, table, loose=True):
            sure = not found.doubt and found.how in ("exact", "ending", "spelling")
            why = "common_word" if found.doubt else f"name_{found.how}"
            yield _survivor(kind, found.words, found.text, sure, why, words)


def _numbers(identity: Identity, lines: Sequence, words: Sequence[Word]) -> Iterator[Survivor]:  # type: ignore[type-arg]
    for place in KnownNumbers(identity).places(lines, loose=True):
        yield _survivor(place.kind, place.words, place.text, place.exact, "known_number", words)


def _survivor(
    kind: Kind, indices: Sequence[int], text: str, certain: bool, why: str, words: Sequence[Word]
) -> Survivor:
    boxes = tuple(words[index].box for index in indices)
    return Survivor(kind, words[indices[0]].page, boxes, text, certain, why)
