"""The child that draws, reads and blackens; `asking.Redactor` says what it can be asked."""

import io
import os
from collections.abc import Callable, Sequence
from typing import Any

from PIL import Image, ImageOps

from adapters.reader.engine import OcrFailedError, Tesseract
from adapters.redaction.blackening import CoverRow, as_jpeg, as_small, blackened, without
from adapters.redaction.codes import codes_on
from adapters.redaction.drawing import Locked, Source
from adapters.redaction.looks import looks_on
from adapters.redaction.reading import ReadWord, has_ink, read_picture
from adapters.sandbox.answering import Answer, answer_once

_SURELY = 0.4
_READ_DPI, _LEAVE_DPI, _SHOWN_DPI = 300, 200, 110


def main() -> int:
    """Do the one task that is asked; what cannot be done is answered by nothing."""
    return answer_once(lambda task, contents: _WAYS[task["what"]](task, contents))


def _count(task: dict[str, Any], contents: Sequence[bytes]) -> Answer:
    try:
        return {"pages": Source(contents[0], task["password"]).count()}, []
    except Locked:
        return {"pages": 0, "locked": True}, []


def _page(task: dict[str, Any], contents: Sequence[bytes]) -> Answer:
    """Answer with everything that a page shows or hides, and its picture."""
    number = int(task["number"])
    source = Source(contents[0], task["password"])
    size = source.size(number)
    words: list[list[Any]] = []
    if source.is_pdf:
        from adapters.redaction.layer import layer_words

        words += [
            [text, *box, turn, 0, 1.0] for text, box, turn in layer_words(source.page(number))
        ]
    picture = source.draw(number, _READ_DPI)
    told: dict[str, Any] = {"size": size, "codes": codes_on(picture, size)}
    told["read"], read = _read(task, picture, size)
    told["words"] = words + [_row(word) for word in read]
    if not any(word.sure > _SURELY for word in read) and has_ink(picture):
        told["blind"] = True
    told["looks"] = [[*box, why] for box, why in looks_on(picture, size, read, told["codes"])]
    return told, [as_small(picture)]


def _black(task: dict[str, Any], contents: Sequence[bytes]) -> Answer:
    """Answer with a page's new picture, and what can be read on it."""
    number = int(task["number"])
    source = Source(contents[0], task["password"])
    size = source.size(number)
    covers: list[CoverRow] = []
    for x0, top, x1, bottom, instead in task["covers"]:
        covers.append(((float(x0), float(top), float(x1), float(bottom)), str(instead)))
    made = as_jpeg(blackened(source.draw(number, _LEAVE_DPI), size, covers))
    with Image.open(io.BytesIO(made)) as leaving:
        leaving.load()
        # Black places are plain paper for OCR, which makes words of their edges.
        read, words = _read(task, _larger(without(leaving, size, covers), size), size)
        told = {"size": size, "read": read, "words": [_row(word) for word in words]}
        return told, [made, as_small(leaving)]


def _larger(picture: Image.Image, size: tuple[float, float]) -> Image.Image:
    """Return the picture as fine as Tesseract reads best."""
    scale = size[0] * _READ_DPI / 72 / picture.width
    if scale <= 1.05:
        return picture
    scale = min(scale, 3.0)
    return picture.resize((round(picture.width * scale), round(picture.height * scale)))


def _bind(task: dict[str, Any], contents: Sequence[bytes]) -> Answer:
    """Answer with a PDF of pictures, one a page, each as large as its page."""
    from adapters.redaction.binding import bound

    return {}, [bound(contents, [tuple(size) for size in task["page_sizes"]])]


def _imaging(task: dict[str, Any], contents: Sequence[bytes]) -> Answer:
    """Answer with an image's file without who it is of, and what is left in it to be read."""
    from adapters.redaction.dicom import NotAnImage, cleaned, words_in, written
    from adapters.redaction.dicom_pixels import frames_of

    try:
        dataset = cleaned(contents[0], task["alias"], task["secret"], task["shift_days"])
    except NotAnImage:
        return {"pixels": "none"}, []
    frames = frames_of(dataset)
    told: dict[str, Any] = {"header": list(words_in(dataset)), "words": []}
    told["pixels"] = "not_decoded" if not frames else "no_words"
    for number, frame in enumerate(frames or (), 1):
        size = (float(frame.width), float(frame.height))
        read, words = _read(task, frame, size)
        again, light = _read(task, ImageOps.invert(frame), size)
        told["words"] += [[*_row(word), number] for word in (*words, *light)]
        if not (read and again):
            told["pixels"] = "not_read"
    shown = as_small(frames[0]) if frames else b""
    return told, [written(dataset), shown]


def _read(
    task: dict[str, Any], picture: Image.Image, size: tuple[float, float]
) -> tuple[bool, list[ReadWord]]:
    engine = Tesseract(**task["tesseract"]) if task["tesseract"] else None
    if engine is None or not os.access(engine.command, os.X_OK):
        return False, []
    try:
        return True, read_picture(engine, picture, size)
    except OcrFailedError:
        return False, []


def _row(word: ReadWord) -> list[Any]:
    box = [round(edge, 2) for edge in word.box]
    return [word.text, *box, word.turn, word.reading, round(word.sure, 3)]


_WAYS: dict[str, Callable[[dict[str, Any], Sequence[bytes]], Answer]] = {
    "count": _count,
    "page": _page,
    "black": _black,
    "bind": _bind,
    "imaging": _imaging,
}
