"""Inside the child: the text of DOCX, ODT and RTF files, without their layout."""

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

from adapters.reader.types import Attachment, ReaderLimits

MIN_PICTURE_BYTES = 20_000
"""Smaller pictures in a document are logos and signatures, not pasted reports."""

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


class TooMuchError(Exception):
    """A part inside the file unpacks to more than the limits allow."""


class LockedError(Exception):
    """A part inside the file is encrypted."""


def read_part(archive: zipfile.ZipFile, name: str | zipfile.ZipInfo, limits: ReaderLimits) -> bytes:
    """Return a member's bytes. Raises TooMuchError above the limits, LockedError when locked."""
    info = name if isinstance(name, zipfile.ZipInfo) else archive.getinfo(name)
    if info.flag_bits & 1:
        raise LockedError
    ratio = info.file_size / max(info.compress_size, 1)
    if info.file_size > limits.archive_bytes:
        raise TooMuchError
    if ratio > limits.archive_ratio and info.file_size > 10 * 1024 * 1024:
        raise TooMuchError
    with archive.open(info) as member:
        content = member.read(limits.archive_bytes + 1)
    if len(content) > limits.archive_bytes:
        raise TooMuchError
    return content


def docx_text(content: bytes, limits: ReaderLimits) -> str:
    """Return the text of a Word document: headers, body, notes, footers.

    Cells of a table row are parted by tabs, page breaks become form feeds. Deleted text of
    tracked changes is left out.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        order = sorted(name for name in names if re.fullmatch(r"word/header\d*\.xml", name))
        order.append("word/document.xml")
        order += [n for n in ("word/footnotes.xml", "word/endnotes.xml") if n in names]
        order += sorted(name for name in names if re.fullmatch(r"word/footer\d*\.xml", name))
        parts = []
        for name in order:
            root = ElementTree.fromstring(read_part(archive, name, limits))  # noqa: S314
            parts.append("".join(_word_pieces(root)).strip("\n"))
    return "\n\n".join(part for part in parts if part)


def _word_pieces(element: ElementTree.Element) -> Iterator[str]:
    for child in element:
        tag = child.tag
        if tag == _FALLBACK:
            continue
        if tag == _WORD + "t":
            yield child.text or ""
        elif tag in (_WORD + "tab", _WORD + "ptab"):
            yield "\t"
        elif tag in (_WORD + "br", _WORD + "cr"):
            yield "\f" if child.get(_WORD + "type") == "page" else "\n"
        elif tag == _WORD + "noBreakHyphen":
            yield "-"
        elif tag == _WORD + "tr":
            cells = [
                " ".join("".join(_word_pieces(cell)).split()) for cell in child.iter(_WORD + "tc")
            ]
            yield "\t".join(cells) + "\n"
        else:
            yield from _word_pieces(child)
            if tag == _WORD + "p":
                yield "\n"


def pictures(content: bytes, folder: str, limits: ReaderLimits) -> Iterator[Attachment]:
    """Yield the larger pictures of a Word or OpenDocument file: pasted scans and photos."""
    total = 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist()[: 10 * limits.archive_members]:
            if info.filename.startswith(folder) and info.file_size >= MIN_PICTURE_BYTES:
                total += info.file_size
                if total > limits.archive_bytes:
                    raise TooMuchError
                name = info.filename.rpartition("/")[2]
                yield Attachment(name, read_part(archive, info.filename, limits))


def odt_text(content: bytes, limits: ReaderLimits) -> str:
    """Return the text of an OpenDocument text; table cells are parted by tabs."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if b"manifest:encryption-data" in _optional(archive, "META-INF/manifest.xml", limits):
            raise LockedError
        root = ElementTree.fromstring(read_part(archive, "content.xml", limits))  # noqa: S314
    return "".join(_odt_pieces(root)).strip("\n")


def _optional(archive: zipfile.ZipFile, name: str, limits: ReaderLimits) -> bytes:
    return read_part(archive, name, limits) if name in archive.namelist() else b""


def _odt_pieces(element: ElementTree.Element) -> Iterator[str]:
    tag = element.tag
    if tag == _TEXT + "s":
        yield " " * min(int(element.get(_TEXT + "c", "1")), 100)
    elif tag == _TEXT + "tab":
        yield "\t"
    elif tag == _TEXT + "line-break":
        yield "\n"
    elif tag == _TEXT + "tracked-changes":
        return
    elif tag == _TABLE + "table-row":
        cells = (
            " ".join("".join(_odt_pieces(cell)).split())
            for cell in element
            if cell.tag == _TABLE + "table-cell"
        )
        yield "\t".join(cells) + "\n"
        return
    in_text = tag.startswith(_TEXT)
    if in_text and element.text:
        yield element.text
    for child in element:
        yield from _odt_pieces(child)
        if in_text and child.tail:
            yield child.tail
    if tag in (_TEXT + "p", _TEXT + "h"):
        yield "\n"


_RTF = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})?[ ]?"  # 1 word, 2 number
    rb"|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])"  # 3 byte, 4 symbol, 5 brace
    rb"|[\r\n]+|([^\\{}\r\n]+)"  # 6 text
)
_RTF_SKIP = frozenset(
    b"fonttbl colortbl stylesheet info pict object themedata datastore latentstyles generator "
    b"listtable listoverridetable rsidtbl xmlnstbl fldinst filetbl revtbl nonshppict".split()
)
_RTF_TEXT = {
    b"par": "\n",
    b"line": "\n",
    b"row": "\n",
    b"sect": "\n",
    b"page": "\f",
    b"tab": "\t",
    b"cell": "\t",
    b"emdash": "—",
    b"endash": "–",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"bullet": "•",
}


def rtf_text(content: bytes) -> str:
    """Return the text of an RTF file (code page of `\\ansicpg`, Unicode of `\\u`)."""
    pieces: list[str] = []
    stack: list[tuple[bool, int]] = []
    skipping, after_unicode, to_skip = False, 1, 0
    encoding = "cp1252"
    for match in _RTF.finditer(content):
        word, number, hexadecimal, symbol, brace, text = match.groups()
        if brace == b"{":
            if len(stack) < 2000:
                stack.append((skipping, after_unicode))
        elif brace == b"}":
            if stack:
                skipping, after_unicode = stack.pop()
            to_skip = 0
        elif word is not None:
            if word in _RTF_SKIP:
                skipping = True
            elif word == b"ansicpg" and number:
                encoding = _code_page(int(number))
            elif word == b"uc" and number:
                after_unicode = int(number)
            elif word == b"u" and number and not skipping:
                pieces.append(chr(int(number) % 0x10000))
                to_skip = after_unicode
            elif not skipping:
                pieces.append(_RTF_TEXT.get(word, ""))
        elif symbol == b"*":
            skipping = True
        elif skipping:
            continue
        elif hexadecimal is not None:
            if to_skip:
                to_skip -= 1
            else:
                pieces.append(bytes.fromhex(hexadecimal.decode()).decode(encoding, "replace"))
        elif symbol is not None:
            pieces.append(
                {b"~": "\u00a0", b"_": "-", b"-": "\u00ad", b"\n": "\n"}.get(
                    symbol, symbol.decode("latin-1") if symbol in b"\\{}" else ""
                )
            )
        elif text is not None:
            decoded = text.decode(encoding, "replace")
            pieces.append(decoded[to_skip:])
            to_skip = max(0, to_skip - len(decoded))
    joined = "".join(pieces)
    # Characters beyond the basic plane come as two surrogates.
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip("\n")


def _code_page(number: int) -> str:
    name = f"cp{number}"
    try:
        b"".decode(name)
    except LookupError:
        return "cp1252"
    return name
