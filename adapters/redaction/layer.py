"""Every word of a PDF page's text layer, seen or not; runs in the sandbox only.

What the reader leaves out on purpose (struck, hidden, white) counts here: one place more is
blackened, and nothing else comes of it.
"""

import ctypes
import math
from typing import Any

from extractors.types import Box

_FINE = 100
_APART = 0.6

LayerWord = tuple[str, Box, int]
"""Text, box in points of the page as shown, by how many degrees the page is turned to read it."""


def layer_words(page: Any) -> list[LayerWord]:
    """Return the words of a page of PDFium's with their boxes."""
    import pypdfium2.raw

    pdfium: Any = pypdfium2.raw

    text = page.get_textpage()
    width, height = page.get_size()
    words: list[LayerWord] = []
    signs: list[str] = []
    boxes: list[Box] = []
    turn = 0

    def close() -> None:
        if signs:
            around = (
                min(b[0] for b in boxes), min(b[1] for b in boxes),
                max(b[2] for b in boxes), max(b[3] for b in boxes),
            )  # fmt: skip
            words.append(("".join(signs), around, turn))
        signs.clear()
        boxes.clear()

    for at in range(text.count_chars()):
        sign = chr(pdfium.FPDFText_GetUnicode(text.raw, at) or 32)
        if sign.isspace() or sign in "\x00\x02\ufffe":
            if sign != "\x02" and sign != "\ufffe":
                close()
            continue
        box = _box(pdfium, page, text, at, width, height)
        if box is None:
            continue
        angle = (
            round(math.degrees(max(0.0, pdfium.FPDFText_GetCharAngle(text.raw, at))) / 90) % 4 * 90
        )
        if boxes and (angle != turn or _is_far(boxes[-1], box)):
            close()
        turn = angle
        signs.append(sign)
        boxes.append(box)
    close()
    return words


def _box(pdfium: Any, page: Any, text: Any, at: int, width: float, height: float) -> Box | None:
    found = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetLooseCharBox(text.raw, at, found):
        return None
    xs, ys = [], []
    for x, y in ((found.left, found.top), (found.right, found.bottom)):
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(
            page.raw, 0, 0, round(width * _FINE), round(height * _FINE), 0, x, y, across, down
        )
        xs.append(across.value / _FINE)
        ys.append(down.value / _FINE)
    return (min(xs), min(ys), max(xs), max(ys))


def _is_far(one: Box, other: Box) -> bool:
    """Say whether two signs that follow each other stand apart, or on two lines."""
    high = max(min(one[3] - one[1], other[3] - other[1]), min(one[2] - one[0], other[2] - other[0]))
    across = max(other[0] - one[2], one[0] - other[2], 0.0)
    down = max(other[1] - one[3], one[1] - other[3], 0.0)
    return across > _APART * high or down > _APART * high
