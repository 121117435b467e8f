"""A second reading of one page by pdfplumber itself, for pages that the fast reading cannot take.

Slower by far, and read by code that many documents have tried: better than losing the page.
"""

from io import BufferedReader
from typing import BinaryIO, NamedTuple, cast

from extractors.pages.words import PlacedWord


class SecondReading(NamedTuple):
    """What pdfplumber read: size in points, words from left to right, count of characters."""

    width: float
    height: float
    words: list[PlacedWord]
    characters: int


def read_again(stream: BinaryIO, number: int, password: str = "") -> SecondReading | None:
    """Return page `number` (1-based) as pdfplumber reads it, or None when it cannot either.

    MemoryError passes through. The page is closed after use: an open one keeps its characters.
    """
    import pdfplumber  # takes a third of a second to import, and most documents never need it

    position = stream.tell()
    try:
        with pdfplumber.open(
            cast(BufferedReader, stream), pages=[number], password=password
        ) as document:
            page = document.pages[0]
            left, top, right, bottom = (float(edge) for edge in page.cropbox)
            words = [
                PlacedWord(
                    word["text"],
                    (
                        max(float(word["x0"]) - left, 0.0),
                        max(float(word["top"]) - top, 0.0),
                        min(float(word["x1"]), right) - left,
                        min(float(word["bottom"]), bottom) - top,
                    ),
                    0,
                )
                for word in page.extract_words()
                if left < float(word["x1"])
                and float(word["x0"]) < right
                and top < float(word["bottom"])
                and float(word["top"]) < bottom
            ]
            reading = SecondReading(right - left, bottom - top, words, len(page.chars))
            page.close()
            return reading
    except MemoryError:
        raise
    except Exception:
        return None
    finally:
        stream.seek(position)
