"""Tesseract as a child process: a grey image in, words with boxes and confidence out.

Nothing here draws or measures: whoever only asks for a reader loads no picture library.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from adapters.reader.types import GreyImage
from extractors.types import Box

DPI = 300
"""What Tesseract reads best."""

COLUMNS, ROWS, LINE, RAW_LINE = 3, 4, 7, 13
"""Tesseract's page modes: find columns, read rows across the page, or a picture of one line.

The last takes a line as it is: it looks for no words in it before, and finds them below a pen.
"""
DOUBTFUL = 0.55
"""Below this mean confidence the page may lie on its side or upside down: try the other ways."""
_JUNK_CONFIDENCE = 15.0


class OcrFailedError(Exception):
    """Tesseract did not answer: missing, killed, or out of time."""


@dataclass(frozen=True, slots=True)
class Tesseract:
    """Where the program and its language data are, and which languages to read."""

    command: str
    tessdata: str | None
    languages: str


@dataclass(frozen=True, slots=True)
class OcrWord:
    """A recognised word; `box` in pixels, confidence 0..100, `line` numbers its text line."""

    text: str
    box: Box
    confidence: float
    line: tuple[int, int, int]


class Recognised(NamedTuple):
    """Words as they stand on `image`, the page turned clockwise by `rotation` degrees."""

    words: list[OcrWord]
    image: GreyImage
    rotation: int


Render = Callable[[int, int], GreyImage]
"""(dpi, rotation clockwise in degrees) -> image; the dpi may come out lower (area limit)."""


def recognise(
    engine: Tesseract, image: GreyImage, *, seconds: float, layout: int = COLUMNS
) -> list[OcrWord]:
    """Return the words of an image in Tesseract's reading order; `layout` is its page mode.

    Raises OcrFailedError when the program fails or takes longer than `seconds`.
    """
    import subprocess  # most children never need it

    header = b"P5\n%d %d\n255\n" % (image.width, image.height)
    # More than one thread a page makes Tesseract slower, five times so under load.
    environment = {"OMP_THREAD_LIMIT": "1", "LANG": "C.UTF-8"}
    if engine.tessdata:
        environment["TESSDATA_PREFIX"] = engine.tessdata
    command = [engine.command, "stdin", "stdout", "-l", engine.languages]
    command += ["--dpi", str(image.dpi), "--psm", str(layout), "tsv"]
    try:
        answer = subprocess.run(
            command,
            input=header + image.pixels,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=seconds,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise OcrFailedError from error
    return parse_tsv(answer.stdout.decode("utf-8", "replace"))


def parse_tsv(table: str) -> list[OcrWord]:
    """Read Tesseract's TSV; rows that are not words, and specks, are left out."""
    words: list[OcrWord] = []
    for row in table.splitlines()[1:]:
        cells = row.split("\t", 11)
        if len(cells) != 12 or cells[0] != "5":
            continue
        text = "".join(cells[11].split())
        confidence = float(cells[10])
        speck = confidence < _JUNK_CONFIDENCE and not any(map(str.isalnum, text))
        if not text or confidence < 0 or speck:
            continue
        left, top, width, height = map(int, cells[6:10])
        box = (float(left), float(top), float(left + width), float(top + height))
        words.append(OcrWord(text, box, confidence, (int(cells[2]), int(cells[3]), int(cells[4]))))
    return words


def mean_confidence(words: Sequence[OcrWord]) -> float:
    """Return the mean confidence 0..1, longer words counting more."""
    letters = sum(len(word.text) for word in words)
    if not letters:
        return 0.0
    return sum(word.confidence * len(word.text) for word in words) / letters / 100
