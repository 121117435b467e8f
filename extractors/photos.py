"""Photos of one paper, each read by itself: whether they belong together, their order and turn.

Nothing is guessed: photos whose pages speak of different people stay apart, a page that is there
twice is known by exactly the same numbers, and the order printed on the paper wins.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise

from extractors.identity import contradict, read_identity
from extractors.pages import turning
from extractors.parts import page_counter
from extractors.similarity import fingerprint, is_near
from extractors.types import Box, Page, Word

WIDTH = 595.0
"""Points: every page of joined photos is as wide as A4."""
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it was read: one page as it lies, its file's name, when it was taken if known.

    `name` is personal data.
    """

    number: int
    page: Page
    name: str = field(default="", repr=False)
    taken: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """Photos in the order of the paper, and those left out with the photo that shows the same."""

    photos: tuple[Photo, ...]
    again: tuple[tuple[Photo, Photo], ...] = ()


def join(photos: Sequence[Photo], *, anyway: bool = False) -> Joined | None:
    """Return the photos as one document; None when they speak of different people.

    `anyway` is a person's word that they belong together.
    """
    people = [read_identity(photo.page.text) for photo in photos]
    if not anyway and any(contradict(one, other) for one, other in combinations(people, 2)):
        return None
    kept, again = _without_twins(photos)
    return Joined(tuple(in_order(kept)), tuple(again))


def _without_twins(photos: Sequence[Photo]) -> tuple[list[Photo], list[tuple[Photo, Photo]]]:
    """Set aside photos of a page that another photo shows better."""
    kept: list[Photo] = []
    again: list[tuple[Photo, Photo]] = []
    for photo in photos:
        twin = next((one for one in kept if _same_page(one.page, photo.page)), None)
        if twin is None:
            kept.append(photo)
        elif photo.page.confidence > twin.page.confidence:
            kept[kept.index(twin)] = photo
            again = [(left, photo if by is twin else by) for left, by in again] + [(twin, photo)]
        else:
            again.append((photo, twin))
    return kept, again


def _same_page(one: Page, other: Page) -> bool:
    if one.text.split() == other.text.split():
        return True
    first, second = fingerprint([one]), fingerprint([other])
    if page_counter(one) != page_counter(other) or first is None or second is None:
        return False
    return is_near(first, second)


def in_order(photos: Sequence[Photo]) -> list[Photo]:
    """Return the photos in the order of the paper.

    What is printed ("page 2 of 3") wins, where every page has a place of its own; then numbers in
    the files' names, then the time at which they were taken, then the order in which they came.
    """
    came = _by_name(photos) or _by_time(photos) or list(photos)
    counters = [page_counter(photo.page) for photo in came]
    printed = [counter for counter in counters if counter and counter[1]]
    if len(printed) == len(came) and len(set(printed)) == len(came):
        reports = list(dict.fromkeys(counter[1] for counter in printed))
        places = {photo.number: counter for photo, counter in zip(came, printed, strict=True)}
        return sorted(
            came, key=lambda photo: (reports.index(places[photo.number][1]), places[photo.number])
        )
    return _around_printed(came, counters)


def _around_printed(
    came: list[Photo], counters: Sequence[tuple[int, int | None] | None]
) -> list[Photo]:
    """Give pages of one report their printed places; those without a number fill what is free."""
    printed = [counter for counter in counters if counter and counter[1]]
    totals = {counter[1] for counter in printed}
    if len(set(printed)) < len(printed) or totals != {len(came)}:
        return came
    rest = [photo for photo, counter in zip(came, counters, strict=True) if counter not in printed]
    places = {
        counter[0]: photo for photo, counter in zip(came, counters, strict=True) if counter
        and counter in printed
    }  # fmt: skip
    waiting = iter(rest)
    return [places.get(number) or next(waiting) for number in range(1, len(came) + 1)]


def _by_name(photos: Sequence[Photo]) -> list[Photo] | None:
    """Order by the numbers in names that differ in nothing else."""
    if len({_DIGITS.sub("#", photo.name.lower()) for photo in photos}) != 1:
        return None
    numbers = {
        photo.number: tuple(int(number) for number in _DIGITS.findall(photo.name))
        for photo in photos
    }
    if len(set(numbers.values())) < len(photos):
        return None
    return sorted(photos, key=lambda photo: numbers[photo.number])


def _by_time(photos: Sequence[Photo]) -> list[Photo] | None:
    if not all(photo.taken for photo in photos):
        return None
    return sorted(photos, key=lambda photo: photo.taken)


def turn_of(page: Page) -> int:
    """Return by how many degrees clockwise a page must be turned for its lines to run right."""
    return turning.turn_of(
        (before.box, word.box)
        for before, word in pairwise(page.words)
        if "\n" not in page.text[before.end : word.start]
    )


def turned(page: Page, turn: int) -> Page:
    """Return the page turned clockwise by 0, 90, 180 or 270 degrees, with its words' boxes."""
    width, height = (page.height, page.width) if turn in (90, 270) else (page.width, page.height)
    return replace(
        page,
        width=width,
        height=height,
        words=tuple(_moved(word, _turned(word.box, turn, page)) for word in page.words),
        doubtful=tuple(_turned(box, turn, page) for box in page.doubtful),
    )


def _turned(box: Box, turn: int, page: Page) -> Box:
    x0, top, x1, bottom = box
    if turn == 90:
        return (page.height - bottom, x0, page.height - top, x1)
    if turn == 180:
        return (page.width - x1, page.height - bottom, page.width - x0, page.height - top)
    if turn == 270:
        return (top, page.width - x1, bottom, page.width - x0)
    return box


def cut_to(page: Page, area: Box, number: int) -> Page:
    """Return what `area` shows of the page as page `number`, `WIDTH` points wide."""
    left, top, right, bottom = area
    scale = WIDTH / (right - left)
    width, height = WIDTH, (bottom - top) * scale

    def place(box: Box) -> Box:
        x0, y0, x1, y1 = (
            (edge - start) * scale for edge, start in zip(box, (left, top, left, top), strict=True)
        )
        return (max(x0, 0.0), max(y0, 0.0), min(x1, width), min(y1, height))

    return replace(
        page,
        number=number,
        width=width,
        height=height,
        words=tuple(_moved(word, place(word.box)) for word in page.words),
        doubtful=tuple(place(box) for box in page.doubtful),
    )


def _moved(word: Word, box: Box) -> Word:
    return replace(word, box=box)
