"""Fonts with a ToUnicode map that is read at once and looked up lazily.

pdfminer expands every range of a ToUnicode map into a dictionary entry per code, 65,536 for the
identity map that many scanners write: two thirds of the time on some real reports, and no end
on a range made to hurt. Here a long range stays a range.
"""

import re
from collections.abc import Mapping

from pdfminer.cmapdb import UnicodeMap
from pdfminer.pdffont import PDFCIDFont, PDFFont, PDFSimpleFont
from pdfminer.pdfinterp import PDFResourceManager
from pdfminer.pdftypes import PDFStream, resolve1
from pdfminer.psparser import LIT, literal_name
from pdfminer.utils import nunpack

_SECTION = re.compile(
    rb"begin(bfchar|bfrange|cidchar|cidrange)\b(.*?)(?:end(?:bfchar|bfrange|cidchar|cidrange)\b|\Z)",
    re.DOTALL,
)
_OPERAND = re.compile(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])|(\d+)|/([^\s<>\[\]/]+)")
_EXPAND_UP_TO = 16
_EMPTY_MAP = PDFStream({}, b"")

_Operand = bytes | int | list["_Operand"] | None


class ToUnicode(UnicodeMap):
    """The content of a ToUnicode stream: code -> text, with ranges kept as ranges."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._entries = 0
        self._single: dict[int, tuple[int, str]] = {}
        self._ranges: list[tuple[int, int, int, bytes]] = []
        for section in _SECTION.finditer(data):
            kind = section.group(1)
            operands = _operands(section.group(2))
            if kind == b"bfchar":
                self._add_characters(zip(operands[::2], operands[1::2], strict=False))
            elif kind == b"cidchar":
                self._add_characters(zip(operands[1::2], operands[::2], strict=False))
            else:
                triples = zip(operands[::3], operands[1::3], operands[2::3], strict=False)
                for first, last, target in triples:
                    if kind == b"bfrange":
                        self._add_range(first, last, target)
                    elif isinstance(target, int) and isinstance(first, bytes):
                        size = nunpack(last if isinstance(last, bytes) else first) - nunpack(first)
                        self._add_span(target, target + size, first)

    def _add_characters(self, pairs: "zip[tuple[_Operand, _Operand]]") -> None:
        for code, text in pairs:
            if isinstance(code, bytes):
                code = nunpack(code)
            if isinstance(code, int) and isinstance(text, bytes):
                self._set(code, text)

    def _add_range(self, first: _Operand, last: _Operand, target: _Operand) -> None:
        if not isinstance(first, bytes) or not isinstance(last, bytes) or len(first) != len(last):
            return
        if isinstance(target, list):
            for code, text in zip(range(nunpack(first), nunpack(last) + 1), target, strict=False):
                if isinstance(text, bytes):
                    self._set(code, text)
        elif isinstance(target, bytes):
            self._add_span(nunpack(first), nunpack(last), target)

    def _add_span(self, first: int, last: int, target: bytes) -> None:
        if last - first < _EXPAND_UP_TO:
            for code in range(first, last + 1):
                self._set(code, _shifted(target, code - first))
        else:
            self._entries += 1
            self._ranges.append((self._entries, first, last, target))

    def _set(self, code: int, encoded: bytes) -> None:
        text = encoded.decode("utf-16-be", "ignore")
        # Some fonts give the space a second time as a no-break space (pdfminer's rule).
        if text == "\u00a0" and self._look_up(code) == " ":
            return
        self._entries += 1
        self._single[code] = (self._entries, text)

    def _look_up(self, code: int) -> str | None:
        """Return what the last entry for a code says, as pdfminer's dictionary would."""
        entry, text = self._single.get(code, (0, None))
        for range_entry, first, last, target in reversed(self._ranges):
            if range_entry < entry:
                break
            if first <= code <= last:
                return _shifted(target, code - first).decode("utf-16-be", "ignore")
        return text

    def get_unichr(self, cid: int) -> str:
        """Return the text of a code; KeyError when the map does not say."""
        text = self._look_up(cid)
        if text is None:
            raise KeyError(cid)
        return text


def _shifted(target: bytes, offset: int) -> bytes:
    variable = target[-4:]
    size = 8 * len(variable)
    value = (nunpack(variable) + offset) & ((1 << size) - 1)
    return target[:-4] + value.to_bytes(len(variable), "big")


def _operands(section: bytes) -> list[_Operand]:
    operands: list[_Operand] = []
    inner: list[_Operand] | None = None
    for match in _OPERAND.finditer(section):
        kind = match.lastindex
        if kind == 2:
            inner = []
            continue
        if kind == 3:
            if inner is not None:
                operands.append(inner)
            inner = None
            continue
        value: _Operand = None
        if kind == 1:
            digits = bytes(match.group(1)).translate(None, b" \t\r\n\x0c\x0b")
            value = bytes.fromhex((digits + b"0" if len(digits) % 2 else digits).decode("ascii"))
        elif kind == 4:
            value = int(match.group(4)[:18])
        (operands if inner is None else inner).append(value)
    return operands


class FontResources(PDFResourceManager):
    """pdfminer's font cache, with `ToUnicode` in the place of pdfminer's map."""

    def get_font(self, objid: object, spec: Mapping[str, object]) -> PDFFont:
        """Return the font of a font dictionary, cached by object id."""
        if objid and objid in self._cached_fonts:
            return self._cached_fonts[objid]
        stream = resolve1(spec.get("ToUnicode"))
        if not isinstance(stream, PDFStream) or _is_composite(spec):
            return super().get_font(objid, spec)
        font = super().get_font(objid, {**spec, "ToUnicode": _EMPTY_MAP})
        if isinstance(font, PDFSimpleFont | PDFCIDFont):
            font.unicode_map = ToUnicode(stream.get_data())
        return font


def _is_composite(spec: Mapping[str, object]) -> bool:
    return literal_name(resolve1(spec.get("Subtype", LIT("Type1")))) == "Type0"
