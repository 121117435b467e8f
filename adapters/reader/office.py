"""Inside the child: the parts of office files, and the text of OpenDocument files."""

import io
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

from adapters.reader.types import Attachment, ReaderLimits

MIN_PICTURE_BYTES = 20_000
"""Smaller pictures in a document are logos and signatures, not pasted reports."""

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


def preview(content: bytes, limits: ReaderLimits) -> Attachment | None:
    """Return the PDF that older Apple documents carry of all their pages, if this one does."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        name = "QuickLook/Preview.pdf"
        if name not in archive.namelist():
            return None
        return Attachment("Preview.pdf", read_part(archive, name, limits))


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
