"""Asking for what is on pages, and for pages without it. Everything is drawn in the sandbox.

The identity stays here: the process that parses a stranger's file is never told whom to look for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from typing import Any, TypeVar

from adapters.reader.engine import Tesseract
from adapters.reader.installed import find_tesseract
from adapters.reader.media import IMAGES, PDF, media_type_of
from adapters.reader.places import Places
from adapters.redaction.types import (
    Cover,
    Covers,
    Found,
    Imaging,
    Look,
    NotRedacted,
    PageFound,
    PageRedacted,
    Pixels,
    Redacted,
)  # fmt: skip
from adapters.sandbox.asking import ask
from adapters.sandbox.parser import LocalSandbox, Sandbox
from deidentify import Box, Hit, Identity, Word, find, survivors

SECONDS_OF_A_PAGE = 180
MOST_PAGES = 300
_MOST_OF_A_PAGE = 64 * 1024 * 1024
_MOST_OF_A_FILE = 512 * 1024 * 1024
_CHILD = "adapters.redaction.child"
_UNREAD, _POOR, _FOREIGN = 0.4, 0.7, 0.05
_NOWHERE: Box = (0.0, 0.0, 0.0, 0.0)
_SURE_LETTERS, _SURE_WORD = 3, 0.6
_PIXELS: dict[str, Pixels] = {
    "no_words": "no_words",
    "not_decoded": "not_decoded",
    "not_read": "not_read",
}
_Done = TypeVar("_Done")


class Redactor:
    """Asks parsers; each page is a process of its own, so that a bad one costs itself alone."""

    def __init__(
        self,
        sandbox: Sandbox | None = None,
        *,
        tesseract: Tesseract | None = None,
        ocr_languages: str = "eng",
        places: Places | None = None,
    ) -> None:
        """Let pages be read in `sandbox`, as many at once as there are `places` (2)."""
        self._sandbox = sandbox or LocalSandbox()
        self._tesseract = tesseract or find_tesseract(ocr_languages)
        self._places = places or Places(2)

    def find(
        self,
        content: bytes,
        identity: Identity,
        *,
        pages: Sequence[int] | None = None,
        password: str | None = None,
    ) -> Found:
        """Return what of a PDF or picture has to go, page by page (`pages`: 1-based, all if None).

        A page that could not be drawn or read says so in its `problem`; nothing is raised for bad
        files. `hits` go by default; `looks` are for a person.
        """
        kind = media_type_of(content[:4096])
        if kind != PDF and kind not in IMAGES:
            return Found(kind, problem="unsupported")
        try:
            numbers = self._numbers(content, pages, password)
        except NotRedacted as error:
            return Found(kind, problem=error.problem)
        found = self._each(lambda number: self._look(content, number, password), numbers)
        return Found(kind, tuple(judged(page, codes, identity) for page, codes in found))

    def redact(
        self,
        content: bytes,
        covers: Covers,
        identity: Identity,
        *,
        pages: Sequence[int] | None = None,
        password: str | None = None,
    ) -> Redacted:
        """Return a new file with the places of `covers` black and only `pages`, as they are given.

        A PDF, or a picture of several pages, becomes a PDF of pictures; a picture a JPEG. Each new
        page is read by OCR, and what of the identity is still there is in `survivors`. Raises
        NotRedacted when a page cannot be drawn, or cannot be read anew.
        """
        kind = media_type_of(content[:4096])
        if kind != PDF and kind not in IMAGES:
            raise NotRedacted("unsupported")
        numbers = self._numbers(content, pages, password)
        made = self._each(
            lambda number: self._black(content, number, covers.get(number, ()), password), numbers
        )
        shown = tuple(page for page, _ in made)
        pictures = [picture for _, picture in made]
        words = [word for page in shown for word in page.words]
        left = tuple(survivors(identity, words))
        if kind != PDF and len(numbers) == 1:
            return Redacted(pictures[0], "image/jpeg", shown, left)
        sizes = [[page.width, page.height] for page in shown]
        task = {"what": "bind", "page_sizes": sizes}
        _, parts = self._asked(task, pictures, _MOST_OF_A_FILE)
        if len(parts) != 1 or not parts[0].startswith(b"%PDF"):
            raise NotRedacted("damaged")
        return Redacted(parts[0], PDF, shown, left)

    def imaging(
        self,
        content: bytes,
        identity: Identity,
        *,
        alias: str,
        secret: str,
        shift_days: int | None = None,
    ) -> Imaging:
        """Return a DICOM image without who it is of (PS3.15, Basic Profile).

        `alias` stands for name and number. Identifiers of study, series and image become others,
        always the same for one `secret`. Days move by `shift_days`, which keeps intervals; without
        it they go. Raises NotRedacted: `unsupported` for reports, documents and lists of files.
        """
        task = {"what": "imaging", "alias": alias, "secret": secret, "shift_days": shift_days}
        told, parts = self._asked({**task, **self._engine()}, [content], _MOST_OF_A_FILE)
        if told.get("pixels") == "none":
            raise NotRedacted("unsupported")
        try:
            made, frame = parts
            words = [word for row in told["words"] for word in _words([row[:8]], int(row[8]))]
            header = [Word(str(text), _NOWHERE, 0) for text in told["header"]]
            pixels = _PIXELS[told["pixels"]]
        except (KeyError, TypeError, ValueError, IndexError):
            raise NotRedacted("damaged") from None
        if pixels == "no_words" and any(map(_is_print, words)):
            pixels = "words"
        left = [*survivors(identity, words)]
        for word in header:
            left += survivors(identity, [word])
        return Imaging(made, frame, pixels, tuple(words), tuple(left))

    def _numbers(
        self, content: bytes, pages: Sequence[int] | None, password: str | None
    ) -> list[int]:
        told, _ = self._asked({"what": "count", "password": password}, [content], 0)
        if told.get("locked"):
            raise NotRedacted("locked")
        count = told.get("pages")
        if not isinstance(count, int) or count < 1:
            raise NotRedacted("damaged")
        numbers = list(range(1, count + 1)) if pages is None else list(dict.fromkeys(pages))
        if len(numbers) > MOST_PAGES:
            raise NotRedacted("too_many_pages")
        if not numbers or not all(1 <= number <= count for number in numbers):
            raise NotRedacted("damaged")
        return numbers

    def _look(
        self, content: bytes, number: int, password: str | None
    ) -> tuple[PageFound, list[Box]]:
        task = {"what": "page", "number": number, "password": password, **self._engine()}
        try:
            told, parts = self._asked(task, [content], _MOST_OF_A_PAGE)
            width, height = _size(told)
            words = _words(told["words"], number)
            codes = [_box(one) for one in told["codes"]]
            looks = tuple(Look(_box(row[:4]), row[4]) for row in told["looks"])
            if told.get("blind"):  # there is ink, and OCR made no word of it
                looks = (Look((0.0, 0.0, width, height), "unread"), *looks)
            (before,) = parts
        except (NotRedacted, KeyError, TypeError, ValueError, IndexError):
            return PageFound(number, 595.0, 842.0, problem="not_drawn"), []
        problem = "" if told["read"] is True else "no_ocr"
        page = PageFound(number, width, height, words, (), looks, before, problem)  # type: ignore[arg-type]
        return page, codes

    def _black(
        self, content: bytes, number: int, covers: Iterable[Cover], password: str | None
    ) -> tuple[PageRedacted, bytes]:
        rows = [[*cover.box, cover.instead] for cover in covers]
        task = {"what": "black", "number": number, "covers": rows, "password": password}
        try:
            told, parts = self._asked({**task, **self._engine()}, [content], _MOST_OF_A_PAGE)
            width, height = _size(told)
            words = _words(told["words"], number)
            picture, after = parts
        except (NotRedacted, KeyError, TypeError, ValueError, IndexError):
            raise NotRedacted("not_drawn", number) from None
        if told["read"] is not True:
            raise NotRedacted("no_ocr", number)
        return PageRedacted(number, width, height, after, words), picture

    def _engine(self) -> dict[str, Any]:
        return {"tesseract": asdict(self._tesseract) if self._tesseract else None}

    def _asked(
        self, task: Mapping[str, Any], contents: Sequence[bytes], most: int
    ) -> tuple[dict[str, Any], list[bytes]]:
        found = ask(
            self._sandbox, _CHILD, dict(task), contents, seconds=SECONDS_OF_A_PAGE, most=most
        )
        if found is None:
            raise NotRedacted("damaged")
        return found

    def _each(self, work: Callable[[int], _Done], numbers: Sequence[int]) -> list[_Done]:
        """Do the work for every page, as many at once as there are places."""

        def placed(number: int) -> _Done:
            self._places.take()
            try:
                return work(number)
            finally:
                self._places.give_back()

        with ThreadPoolExecutor(max_workers=4) as threads:
            return list(threads.map(placed, numbers))


def judged(page: PageFound, codes: Sequence[Box], identity: Identity) -> PageFound:
    """Return the page with what of it has to go."""
    hits = find(identity, page.words)
    taken = {index for hit in hits for index in hit.words}
    hits += [Hit("code", page.number, (), (box,), "", True, "code") for box in codes]
    looks = list(page.looks)
    poorly = _is_poorly_read(page.words)
    if poorly or _is_foreign(page.words):
        looks.append(Look((0.0, 0.0, page.width, page.height), "unread"))
    for at, word in enumerate(page.words):
        if word.sure < _UNREAD and at not in taken and sum(map(str.isalnum, word.text)) > 1:
            if poorly:
                hit = Hit("unread", page.number, (at,), (word.box,), word.text, False, "unread")
                hits.append(hit)
            elif word.reading == 1:
                looks.append(Look(word.box, "unread"))
    return replace(page, hits=tuple(hits), looks=tuple(looks))


def _is_print(word: Word) -> bool:
    """Say whether a word read on a frame is print, not the grain of tissue."""
    return word.sure >= _SURE_WORD and sum(map(str.isalnum, word.text)) >= _SURE_LETTERS


def _is_foreign(words: Sequence[Word]) -> bool:
    """Say whether OCR read much of another script than Latin: it is wrong there, and sure of it.

    A text layer of the page with the same letters makes that good.
    """
    read = [word for word in words if word.reading == 1]
    signs = [sign for word in read for sign in word.text if sign.isalpha()]
    foreign = sum(sign >= "\u0370" for sign in signs)
    layer = sum(sign >= "\u0370" for word in words if not word.reading for sign in word.text)
    return foreign > _FOREIGN * len(signs) and layer < foreign / 2


def _is_poorly_read(words: Sequence[Word]) -> bool:
    """Say whether OCR could make little of a page: another script, a blurred copy."""
    read = [word for word in words if word.reading == 1]
    letters = sum(len(word.text) for word in read)
    return letters > 0 and sum(w.sure * len(w.text) for w in read) < _POOR * letters


def _size(told: Mapping[str, Any]) -> tuple[float, float]:
    width, height = map(float, told["size"])
    if not (0 < width < 20_000 and 0 < height < 20_000):
        raise ValueError("impossible size")
    return width, height


def _words(rows: Sequence[Sequence[Any]], page: int) -> tuple[Word, ...]:
    return tuple(
        Word(str(row[0]), _box(row[1:5]), page, int(row[5]), int(row[6]), float(row[7]))
        for row in rows
    )


def _box(row: Sequence[Any]) -> Box:
    x0, top, x1, bottom = map(float, row)
    return (x0, top, x1, bottom)
