"""What can be read on a picture of a page, whichever way it stands; runs in the sandbox only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image, ImageDraw

from adapters.reader.engine import (
    COLUMNS,
    DOUBTFUL,
    DPI,
    OcrWord,
    Tesseract,
    mean_confidence,
    recognise,
)  # fmt: skip
from adapters.reader.placing import turned_back
from adapters.reader.types import GreyImage
from adapters.redaction.drawing import in_points
from extractors.types import Box

SPARSE = 11
"""Tesseract's page mode for text that stands about anyhow."""
_PREVIEW, _FEW, _KNOWN = 0.5, 4, 60.0
_SECONDS = 45.0
_ONE_LANGUAGE = 10
"""The first number of readings in one language."""
_REST_CELLS = 12
_CELL = 12
_DARK = 150
_PALE, _SPECKS = 225, 0.0005
_LIKE_PRINT = (10, 210)


@dataclass(frozen=True, slots=True)
class ReadWord:
    """A word read off a picture: box in points of the page, turn as in `deidentify.Word`, 0..1."""

    text: str
    box: Box
    turn: int
    reading: int
    sure: float


def read_picture(
    engine: Tesseract, picture: Image.Image, size: tuple[float, float]
) -> list[ReadWord]:
    """Return the words of a page's picture; `size` is that of the page in points.

    It is read as it lies, or turned when it reads better so; then what is left of its ink is
    looked at from three sides, since names stand in margins too.
    """
    grey = picture.convert("L")
    dpi = max(70, round(grey.width * 72 / max(size[0], 1.0)))
    turn, words = _best_way(engine, grey, dpi)
    found = _placed(words, grey, size, turn, 1)
    languages = engine.languages.split("+")
    for number, language in enumerate(languages if len(languages) > 1 else (), _ONE_LANGUAGE):
        # Each language alone reads better what is of it: digits and addresses amid Arabic.
        alone = replace(engine, languages=language)
        again = recognise(alone, _grey(grey, turn, dpi), seconds=_SECONDS, layout=COLUMNS)
        found += _placed(again, grey, size, turn, number)
    rest = _without(grey, words, turn)
    if _has_print(rest):
        for number, more in enumerate((0, 90, 270, 180), 2):
            way = (turn + more) % 360
            again = recognise(engine, _grey(rest, way, dpi), seconds=_SECONDS, layout=SPARSE)
            found += _placed(again, grey, size, way, number)
            if more == 0:
                rest = _without(rest, again, way)
                if not _has_print(rest):
                    break
    return found


def _best_way(engine: Tesseract, grey: Image.Image, dpi: int) -> tuple[int, list[OcrWord]]:
    words = recognise(engine, _grey(grey, 0, dpi), seconds=_SECONDS, layout=COLUMNS)
    if mean_confidence(words) >= DOUBTFUL and len(words) >= _FEW:
        return 0, words
    small = grey.resize((max(1, int(grey.width * _PREVIEW)), max(1, int(grey.height * _PREVIEW))))
    best, most = 0, _score(words)
    for turn in (90, 180, 270):
        preview = _grey(small, turn, round(dpi * _PREVIEW))
        score = _score(recognise(engine, preview, seconds=_SECONDS))
        if score > 1.5 * most + 20:
            best, most = turn, score
    if best:
        words = recognise(engine, _grey(grey, best, dpi), seconds=_SECONDS, layout=COLUMNS)
    return best, words


def _score(words: Sequence[OcrWord]) -> float:
    return sum(len(w.text) for w in words if w.confidence > _KNOWN and w.text.isalpha())


def _grey(picture: Image.Image, turn: int, dpi: int) -> GreyImage:
    image = picture.rotate(-turn, expand=True, fillcolor=255) if turn else picture
    return GreyImage(image.tobytes(), image.width, image.height, min(dpi, 2 * DPI))


def _placed(
    words: Sequence[OcrWord],
    picture: Image.Image,
    size: tuple[float, float],
    turn: int,
    reading: int,
) -> list[ReadWord]:
    found = []
    for word in words:
        box = turned_back(word.box, turn, (float(picture.width), float(picture.height)))
        placed = in_points(box, picture, size)
        found.append(ReadWord(word.text, placed, turn, reading, word.confidence / 100))
    return found


def _without(picture: Image.Image, words: Sequence[OcrWord], turn: int) -> Image.Image:
    """Return the picture with paper where words were read surely."""
    rest = picture.copy()
    pencil = ImageDraw.Draw(rest)
    for word in words:
        if word.confidence >= _KNOWN and any(map(str.isalnum, word.text)):
            x0, top, x1, bottom = turned_back(
                word.box, turn, (float(picture.width), float(picture.height))
            )
            pencil.rectangle((x0 - 2, top - 2, x1 + 2, bottom + 2), fill=255)
    return rest


def has_ink(picture: Image.Image) -> bool:
    """Say whether anything is drawn on a picture, however pale or blurred."""
    counts = picture.convert("L").histogram()
    return sum(counts[:_PALE]) > _SPECKS * sum(counts)


def _has_print(picture: Image.Image) -> bool:
    """Say whether enough of a picture is about as dark as print is."""
    dark = picture.point(lambda level: 255 if level < _DARK else 0)
    columns, rows = max(1, dark.width // _CELL), max(1, dark.height // _CELL)
    shares = dark.resize((columns, rows), Image.Resampling.BOX).tobytes()
    low, high = _LIKE_PRINT
    return sum(low <= share <= high for share in shares) >= _REST_CELLS
