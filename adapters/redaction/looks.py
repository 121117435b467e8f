"""Places of a page that a person must look at: photos, and ink by hand; runs in the sandbox only.

Nobody here knows a face. Whatever is toned like a photo is shown to a person, and so is ink that is
neither print nor the lines of a form: signatures, stamps, notes.
"""

from collections.abc import Sequence

from PIL import Image, ImageDraw

from adapters.reader.ink_pieces import Piece, pieces
from adapters.redaction.drawing import in_points
from adapters.redaction.reading import ReadWord
from extractors.types import Box

_DPI = 150
_DARK = 175
_PALER = 18
"""How much darker than the paper a watermark is at least."""
_MOST_RUNS = 60_000
_TALL, _WIDE = 15, 50
"""Pixels at `_DPI`: a signature is taller than a line of small print and wider than a word."""
_THIN = (0.015, 0.4)
_STRAIGHT, _RULED = 0.5, 0.35
_TILE = 18
_TONES = (40, 215)
_FEWEST_TILES, _SHARE_OF_BOX = 24, 0.35

LookRow = tuple[Box, str]


def looks_on(
    picture: Image.Image, size: tuple[float, float], words: Sequence[ReadWord], codes: Sequence[Box]
) -> list[LookRow]:
    """Return the places in points, each with why: `photo` or `handwriting`."""
    scale = size[0] * _DPI / 72 / picture.width
    small = picture.convert("L")
    if scale < 1:
        small = small.resize(
            (max(1, round(small.width * scale)), max(1, round(small.height * scale)))
        )
    rest = _without(small, size, [word.box for word in words if word.sure > 0.3], codes)
    found = [(in_points(box, small, size), "photo") for box in _photos(rest)]
    for level in (_DARK, _ground(small) - _PALER):
        for one in _by_hand(rest, level):
            box = in_points(one, small, size)
            if not any(_within(box, other) for other, _ in found):
                found.append((box, "handwriting"))
    return found


def _ground(picture: Image.Image) -> int:
    """Return the level that most points of a page have: its paper."""
    counts = picture.histogram()
    return max(range(128, 256), key=lambda level: counts[level])


def _without(
    picture: Image.Image, size: tuple[float, float], words: Sequence[Box], codes: Sequence[Box]
) -> Image.Image:
    rest = picture.copy()
    pencil = ImageDraw.Draw(rest)
    across, down = picture.width / size[0], picture.height / size[1]
    for x0, top, x1, bottom in (*words, *codes):
        place = (x0 * across - 1, top * down - 1, x1 * across + 1, bottom * down + 1)
        pencil.rectangle(place, fill=255)
    return rest


def _by_hand(rest: Image.Image, dark: int) -> list[Box]:
    mask = rest.point(lambda level: 255 if level < dark else 0)
    return [
        tuple(map(float, piece.box))  # type: ignore[misc]
        for piece in pieces(mask, most=_MOST_RUNS)
        if _is_written(piece)
    ]


def _is_written(piece: Piece) -> bool:
    left, top, right, bottom = piece.box
    wide, high = right - left, bottom - top
    if wide < _WIDE or high < _TALL:
        return False
    if not _THIN[0] < piece.area / (wide * high) < _THIN[1]:
        return False
    long = sum(end - begin for _, begin, end in piece.runs if end - begin > _STRAIGHT * wide)
    edge = sum(
        end - begin <= 3 for _, begin, end in piece.runs if begin <= left + 3 or end >= right - 3
    )
    return long < _RULED * piece.area and edge < 1.2 * high


def _photos(picture: Image.Image) -> list[Box]:
    """Return the box around tiles with the tones of a photo, where they are many and together."""
    columns, rows = max(1, picture.width // _TILE), max(1, picture.height // _TILE)
    tones = picture.resize((columns, rows), Image.Resampling.BOX)
    mask = tones.point(lambda level: 255 if _TONES[0] < level < _TONES[1] else 0)
    found: list[Box] = []
    for piece in pieces(mask):
        left, top, right, bottom = piece.box
        area = (right - left) * (bottom - top)
        if (
            piece.area >= _FEWEST_TILES
            and piece.area >= _SHARE_OF_BOX * area
            and _toned(tones, piece)
        ):
            box = (left * _TILE, top * _TILE, right * _TILE, bottom * _TILE)
            found.append(tuple(map(float, box)))  # type: ignore[arg-type]
    return found


def _toned(tones: Image.Image, piece: Piece) -> bool:
    """Say whether a piece has many tones: dense print and grey fields have few."""
    left, top, right, bottom = piece.box
    held = tones.crop((left, top, right, bottom)).histogram()
    return (
        sum(count > 0 for count in held[_TONES[0] : _TONES[1]]) >= 20
        and min(right - left, bottom - top) >= 4
    )


def _within(box: Box, other: Box) -> bool:
    return (
        other[0] - 2 <= box[0] and other[1] - 2 <= box[1]
        and box[2] <= other[2] + 2 and box[3] <= other[3] + 2
    )  # fmt: skip
