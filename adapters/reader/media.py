"""What a file is, by its content. Names and declared types are never looked at."""

import io
import re
import zipfile

from adapters.reader.code_pages import decode_text
from adapters.reader.dicom import is_dicom
from adapters.reader.exports.kinds import CDA, FHIR_JSON, FHIR_XML, HL7, export_type

PDF = "application/pdf"
ZIP = "application/zip"
TAR = "application/x-tar"
TEXT = "text/plain"
HTML = "text/html"
RTF = "application/rtf"
EML = "message/rfc822"
MSG = "application/vnd.ms-outlook"
DICOM = "application/dicom"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ODF = "application/vnd.oasis.opendocument."
ODT = f"{_ODF}text"
IWORK = "application/vnd.apple.pages"
OLE = "application/x-ole-storage"
PACKAGE = "application/vnd.openxmlformats-package"
"""An office file of another kind than those above: slides, drawings. It is no archive of papers."""
UNKNOWN = "application/octet-stream"
SEALED = frozenset(
    {
        "application/gzip",
        "application/x-bzip2",
        "application/x-xz",
        "application/zstd",
        "application/x-7z-compressed",
        "application/vnd.rar",
    }
)
"""Archives that are told from other files but not opened."""
IMAGES = frozenset(
    {"image/jpeg", "image/png", "image/tiff", "image/webp", "image/heic", "image/bmp", "image/gif"}
    | {"image/jp2"}
)

_HEAD, _TEXT_HEAD = 4096, 256 * 1024
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"MM\x00+", "image/tiff"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xff\x4f\xff\x51\0", "image/jp2"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"{\\rtf", RTF),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
)
_IWORK_MEMBERS = {"Index/Document.iwa", "Index.zip", "index.apxl", "buildVersionHistory.plist"}
_TYPES = "[Content_Types].xml"
_MAIN_PARTS = (
    (re.compile(rb"word(processingml)?\.[a-zA-Z.]*main\+xml"), DOCX),
    (re.compile(rb"(spreadsheetml|ms-excel)\.[a-zA-Z.]*main\+xml"), XLSX),
)
_TAR_HEADER, _TAR_SUM = 512, slice(148, 156)
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"})
_HEADER_LINE = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,40}:[ \t]?[^\r\n]*\r?\n")
_MAIL_HEADERS = (b"from:", b"to:", b"subject:", b"date:", b"message-id:", b"received:")
_MAIL_MARKS = frozenset(_MAIL_HEADERS)
_DRAWINGS = (
    (
        re.compile(
            r"(?:<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE\s+svg[^>\[]*(?:\[[^\]]*\])?\s*>|\s)*"
            r"<(?:\w+:)?svg[\s>]",
            re.S | re.I,
        ),
        "image/svg+xml",
    ),
    (re.compile(r"\x04?%!PS"), "application/postscript"),
    (re.compile(r"\s*(?:999\s+[^\n]*\s+)*0\s+SECTION\s+2\s+[A-Z]+\s"), "image/vnd.dxf"),
    (re.compile(r"/\* XPM \*/"), "image/x-xpixmap"),
    (re.compile(r"P[1-3]\s(?:\s*#[^\n]*\n)*\s*\d+\s+\d+\s"), "image/x-portable-anymap"),
)
"""Drawings that are written as text: their letters say how to draw, not what is stated."""
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:!doctype html|html|head|body)\b", re.I | re.S
)


def media_type_of(content: bytes) -> str:
    """Return the media type that the bytes themselves show.

    What a file begins with decides; only bytes that begin like none of the known formats are
    searched for a PDF behind them, so that what lies uncompressed in an archive or mail is not
    taken for the whole. Office formats are told apart by the members of their ZIP container.
    Bytes that are none of the known formats and not text are `application/octet-stream`.
    """
    head = content[:_HEAD]
    # Before all others: the 128 bytes before the mark may be another format's head (PS3.10, 7.1).
    if head[128:132] == b"DICM" and b"%PDF-" not in head[:1024]:
        return DICOM
    began = _by_start(content, head)
    if began:
        return began
    # Readers accept a PDF header within the first kilobyte (ISO 32000-1, annex H.3.4.1).
    if b"%PDF-" in head[:1024]:
        return PDF
    if is_dicom(head):
        return DICOM
    text = decode_text(content[:_TEXT_HEAD])
    if text is not None:
        drawing = next((kind for begins, kind in _DRAWINGS if begins.match(text)), None)
        export = export_type(text if text.lstrip()[:1] not in ("{", "[") else _whole(content, text))
        return drawing or export or (HTML if _HTML.match(text) else TEXT)
    return _by_magic(head)


def _whole(content: bytes, text: str) -> str:
    """Return all of a text whose kind may stand behind a long value."""
    return text if len(content) <= _TEXT_HEAD else decode_text(content) or text


def _by_start(content: bytes, head: bytes) -> str | None:
    """Name the format whose structure stands at the beginning of the file."""
    for start, media_type in _STARTS:
        if head.startswith(start):
            if media_type == ZIP:
                return _inside_zip(content)
            return _inside_ole(content) if media_type == OLE else media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "image/heic"
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and head[14:18] in (b"\x28\0\0\0",):
        return "image/bmp"
    if _looks_like_tar(head):
        return TAR
    return EML if looks_like_mail(head) else None


def _looks_like_tar(head: bytes) -> bool:
    """Check the sum of a TAR header's bytes, which old archives without `ustar` have too.

    The sum is an octal number; it is made with blanks in its own place (POSIX.1-1988, 10.1.1).
    """
    header = head[:_TAR_HEADER]
    if len(header) < _TAR_HEADER or not header[0]:
        return False
    try:
        stated = int(header[_TAR_SUM].split(b"\0")[0].strip() or b"0", 8)
    except ValueError:
        return False
    return stated == sum(header) - sum(header[_TAR_SUM]) + 8 * ord(" ")


def _by_magic(head: bytes) -> str:
    """Name a type that we do not read, for the message to the sender."""
    import puremagic  # its table of signatures takes time to load and is rarely needed

    try:
        found = puremagic.from_string(head, mime=True)
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    # One of our own formats without its signature is not that format.
    known = {PDF, ZIP, TAR, RTF, EML, MSG, DICOM, DOCX, XLSX, ODT, IWORK, TEXT, HTML}
    known |= IMAGES | SEALED | {CDA, FHIR_JSON, FHIR_XML, HL7}
    return UNKNOWN if not found or found in known else str(found)


def _inside_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist()[:2000])
            if "word/document.xml" in names:
                return DOCX
            if "xl/workbook.xml" in names:
                return XLSX
            if names & _IWORK_MEMBERS:
                return IWORK
            if _TYPES in names and archive.getinfo(_TYPES).file_size < 1024 * 1024:
                # The main part may have any name (ISO/IEC 29500-2, 10.1.2).
                stated_types = archive.read(_TYPES)
                for mark, media_type in _MAIN_PARTS:
                    if mark.search(stated_types):
                        return media_type
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                stated = archive.read("mimetype").decode("ascii", "replace").strip()
                if stated.startswith(_ODF):
                    return ODT if stated.startswith(f"{_ODF}text") else stated
            if _TYPES in names and "_rels/.rels" in names:
                return PACKAGE
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, KeyError):
        return ZIP
    return ZIP


def _inside_ole(content: bytes) -> str:
    """Tell an Outlook message from other OLE files by its streams' names (UTF-16)."""
    marker = "__properties_version1.0".encode("utf-16-le")
    if marker in content:
        return MSG
    return "application/msword" if "WordDocument".encode("utf-16-le") in content else OLE


def looks_like_mail(head: bytes) -> bool:
    """Say whether the bytes begin with a block of mail headers."""
    if head.startswith(b"From "):
        head = head.partition(b"\n")[2]
    names: set[bytes] = set()
    position = 0
    while match := _HEADER_LINE.match(head, position):
        names.add(match.group().partition(b":")[0].lower() + b":")
        position = match.end()
        while head[position : position + 1] in (b" ", b"\t"):
            position = head.find(b"\n", position) + 1 or len(head)
    strong = {b"message-id:", b"received:", b"mime-version:", b"return-path:", b"dkim-signature:"}
    return len(names & _MAIL_MARKS) >= 3 and bool(names & strong)
