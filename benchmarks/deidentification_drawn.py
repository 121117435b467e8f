"""Sheets drawn as files: text layers, scans, scans with text under them; and what came of them.

What is planted counts as removed only where the new page is black. Fonts and OCR data are the
machine's: a script without a font is left out and said so.
"""

import io
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import segno
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from adapters.redaction.asking import Redactor
from adapters.redaction.types import covers_of
from benchmarks.deidentification import Told
from benchmarks.deidentification_sheets import Sheet, drawn_sheet

LAYERS = ("text", "scan", "photo", "scan with text")
_DPI = 200
_WIDTH, _HEIGHT = 595.0, 842.0
_FONTS = {
    "devanagari": ("/usr/share/fonts/truetype/noto/NotoSansDevanagari-Regular.ttf",),
    "chinese": ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",),
    "arabic": (
        "/usr/share/fonts/truetype/noto/NotoNaskhArabic-Regular.ttf",
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    ),
    "": ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",),
}
_BLACK_SHARE = 0.9
_OCR = {
    "cyrillic": "rus",
    "arabic": "ara",
    "devanagari": "hin",
    "chinese": "chi_sim",
    "greek": "ell",
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A word on the page: box in points, what it is, which piece it is of; turned in the margin."""

    text: str
    box: tuple[float, float, float, float]
    kind: str
    piece: int
    turned: bool = False


def _script_of(text: str) -> str:
    for sign in text:
        if "\u0590" <= sign <= "\u06ff":
            return "arabic"
        if "\u0900" <= sign <= "\u097f":
            return "devanagari"
        if sign >= "\u2e80":
            return "chinese"
    return ""


@cache
def font_of(script: str, size: int) -> ImageFont.FreeTypeFont:
    """Return the font that a script is drawn with. Raises OSError when there is none."""
    for path in _FONTS[script]:
        if Path(path).exists():
            return ImageFont.truetype(path, size)
    raise OSError(f"no font for {script}")


def laid_out(sheet: Sheet, chance: random.Random) -> list[Drawn]:
    """Return the words of a sheet with their places; some of the name stands in the margin too."""
    scale, piece_number = _DPI / 72, 0
    drawn: list[Drawn] = []
    size = chance.choice((9, 10, 11))
    for row, line in enumerate(sheet.lines):
        x, top = 45.0, 60.0 + row * size * 2.1
        begin, glued = len(drawn), False
        for piece in line:
            if piece.text == "\t":
                x += 28
                continue
            parts = piece.text.split()
            for at, part in enumerate(parts):
                font = font_of(_script_of(part), round(size * scale))
                wide = font.getlength(part) / scale
                if at or not glued or piece.text[:1].isspace():
                    x += size * 0.32
                box = (x, top, x + wide, top + size * 1.3)
                drawn.append(Drawn(part, box, piece.kind, piece_number))
                x += wide
            glued = bool(parts) and not piece.text[-1].isspace()
            piece_number += 1
        letters = "".join(word.text for word in drawn[begin:])
        arabic = sum(_script_of(sign) == "arabic" for sign in letters)
        if 2 * arabic > sum(map(str.isalpha, letters)):
            drawn[begin:] = [_mirrored(word) for word in drawn[begin:]]
    if chance.random() < 0.5:
        drawn.append(_in_margin(sheet, size, piece_number))
    return drawn


def _mirrored(word: Drawn) -> Drawn:
    x0, top, x1, bottom = word.box
    return Drawn(word.text, (_WIDTH - x1, top, _WIDTH - x0, bottom), word.kind, word.piece)


def _in_margin(sheet: Sheet, size: int, number: int) -> Drawn:
    text = sheet.person.family[-1].split()[0].upper()
    long = font_of("", round(size * _DPI / 72)).getlength(text) * 72 / _DPI
    return Drawn(
        text, (572.0, 400.0 - long, 572.0 + size * 1.3, 400.0), "name", number, turned=True
    )


def picture_of(words: Sequence[Drawn], size: int, code: str = "") -> Image.Image:
    """Return the page as a picture."""
    scale = _DPI / 72
    picture = Image.new("L", (round(_WIDTH * scale), round(_HEIGHT * scale)), 255)
    pencil = ImageDraw.Draw(picture)
    for word in words:
        font = font_of(_script_of(word.text), round(size * scale))
        if word.turned:
            wide, high = word.box[3] - word.box[1], word.box[2] - word.box[0]
            strip = Image.new("L", (round(wide * scale) + 4, round(high * scale) + 4), 255)
            ImageDraw.Draw(strip).text((0, 0), word.text, font=font, fill=0)
            place = (round(word.box[0] * scale), round(word.box[1] * scale) - 4)
            picture.paste(strip.rotate(90, expand=True), place)
        else:
            foot = (word.box[0] * scale, (word.box[3] - size * 0.25) * scale)
            pencil.text(foot, word.text, font=font, fill=0, anchor="ls")
    if code:
        target = io.BytesIO()
        segno.make(code).save(target, kind="png", scale=5, border=2)
        picture.paste(Image.open(target).convert("L"), (round(450 * scale), round(720 * scale)))
    return picture


def file_of(layer: str, words: Sequence[Drawn], size: int, code: str) -> bytes:
    """Return the bytes of a page in one of `LAYERS`."""
    picture = picture_of(words, size, code)
    target = io.BytesIO()
    if layer == "scan":
        picture = picture.filter(ImageFilter.GaussianBlur(0.5))
        picture.save(target, "PNG", dpi=(_DPI, _DPI))
        return target.getvalue()
    if layer == "photo":
        noise = Image.effect_noise(picture.size, 18).point(lambda level: level // 4)
        picture = Image.blend(picture, noise.convert("L"), 0.08)
        picture.convert("RGB").save(target, "JPEG", quality=75, dpi=(_DPI, _DPI))
        return target.getvalue()
    canvas = Canvas(target, pagesize=(_WIDTH, _HEIGHT))
    canvas.setTitle("report of somebody")
    shaped = any(_script_of(word.text) for word in words)
    if shaped or layer == "scan with text":
        canvas.drawImage(ImageReader(picture), 0, 0, _WIDTH, _HEIGHT)
    elif code:
        picture = picture_of([], size, code)
        canvas.drawImage(ImageReader(picture), 0, 0, _WIDTH, _HEIGHT)
    for word in words:
        text = canvas.beginText()
        text.setFont(_registered(_script_of(word.text)), size)
        text.setTextRenderMode(3 if shaped or layer == "scan with text" else 0)
        if word.turned:
            text.setTextTransform(0, 1, -1, 0, word.box[2] - size * 0.25, _HEIGHT - word.box[3])
        else:
            text.setTextOrigin(word.box[0], _HEIGHT - word.box[3] + size * 0.25)
        text.textOut(word.text)
        canvas.drawText(text)
    canvas.save()
    return target.getvalue()


@cache
def _registered(script: str) -> str:
    name = f"of-{script or 'all'}"
    path = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
    if script == "devanagari":
        path = _FONTS[script][0]
    pdfmetrics.registerFont(TTFont(name, path))
    return name


def by_pages(script: str, layer: str, pages: int, chance: random.Random, languages: str) -> Told:
    """Return what came of pages that were drawn, redacted and looked at."""
    told = Told()
    own = f"eng+{_OCR[script]}" if languages == "own" and script in _OCR else "eng"
    redactor = Redactor(ocr_languages=own)
    for _ in range(pages):
        sheet = drawn_sheet(script, chance)
        size = 10
        state = chance.getstate()
        words = laid_out(sheet, chance)
        chance.setstate(state)
        size = chance.choice((9, 10, 11))
        code = sheet.person.record if chance.random() < 0.5 else ""
        content = file_of(layer, words, size, code)
        told.add(_one(redactor, sheet, words, content, layer, code))
    return told


def _one(
    redactor: Redactor, sheet: Sheet, words: Sequence[Drawn], content: bytes, layer: str, code: str
) -> Told:
    began = time.monotonic()
    found = redactor.find(content, sheet.identity)
    hits = [replace(hit, instead="") for page in found.pages for hit in page.hits]
    covers = covers_of(hits)  # nothing printed on them, so that black can be measured
    made = redactor.redact(content, covers, sheet.identity)
    told = Told(pages=1, seconds=time.monotonic() - began)
    after = _page_of(made.content, made.media_type)
    page = found.pages[0]
    kept_back = [box for one in made.survivors for box in one.boxes]
    kept_back += [look.box for look in page.looks]
    across = after.width / page.width
    pieces: dict[int, list[Drawn]] = {}
    for word in words:
        pieces.setdefault(word.piece, []).append(word)
    for held in pieces.values():
        kind = held[0].kind
        gone = [_is_black(after, word.box, across, turned=word.turned) for word in held]
        if kind == "clinical":
            told.clinical += len(held)
            told.over += sum(gone)
        elif not kind:
            told.neutral += len(held)
            told.neutral_over += sum(gone)
        else:
            both = zip(held, gone, strict=True)
            left = [word for word, black in both if not black and _tells(word.text)]
            told.kinds[kind] += 1
            if not left:
                told.removed += 1
            elif all(_on(word.box, kept_back) for word in left) or made.blocked:
                told.caught += 1
            else:
                told.leaked += 1
                shown, known = [word.text for word in left], sheet.identity.names
                told.leaks.append(f"{sheet.script} {layer} {kind}: left {shown} known {known}")
    if code:
        black = _is_black(after, (455.0, 725.0, 480.0, 750.0), across)
        told.kinds["code"] += 1
        told.removed += black
        told.leaked += not black
        told.leaks += [] if black else [f"{sheet.script} {layer} code"]
    return told


def _tells(text: str) -> bool:
    plain = text.strip(".,:;'’\"()-").lower()
    return plain not in {"", "mrs", "her", "sister", "dr", "prof", "д-р", "د", "डॉ", "श्रीमती", "s"}


def _page_of(content: bytes, kind: str) -> Image.Image:
    if kind == "application/pdf":
        document: Any = pypdfium2.PdfDocument(content)  # type: ignore[no-untyped-call]
        picture: Image.Image = document[0].render(scale=_DPI / 72).to_pil().convert("L")
        return picture
    return Image.open(io.BytesIO(content)).convert("L")


def _is_black(
    picture: Image.Image,
    box: tuple[float, float, float, float],
    across: float,
    *,
    turned: bool = False,
) -> bool:
    """Say whether the middle of a place is black nearly everywhere."""
    x0, top, x1, bottom = (edge * across for edge in box)
    high = bottom - top
    if turned:
        place = picture.crop((round(x0) + 8, round(top) + 4, round(x1) - 8, round(bottom) - 4))
        return sum(place.histogram()[:60]) >= _BLACK_SHARE * place.width * place.height
    right = max(round(x1) - 1, round(x0) + 2)
    inner = (round(x0) + 1, round(top + 0.3 * high), right, round(bottom - 0.25 * high))
    place = picture.crop(inner)
    dark = sum(place.histogram()[:60])
    return dark >= _BLACK_SHARE * place.width * place.height


def _on(box: tuple[float, float, float, float], places: Sequence[tuple[float, ...]]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(p[0] - 4 < x < p[2] + 4 and p[1] - 4 < y < p[3] + 4 for p in places)
