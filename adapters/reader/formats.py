"""Inside the child: everything that is neither a PDF nor an image."""

import zipfile
from collections.abc import Sequence
from xml.etree.ElementTree import ParseError

from adapters.reader import mail, media, messages, office
from adapters.reader.archive import read_zip
from adapters.reader.context import Child
from adapters.reader.dicom import read_header, summary
from adapters.reader.dicom_report import report_text, wrapped_document
from adapters.reader.office import LockedError, TooMuchError
from adapters.reader.tar import read_tar
from adapters.reader.types import Attachment
from extractors.types import Page

MAX_CHARACTERS = 3_000_000
"""Text behind this is not read: a thousand pages, and no report."""

_DAMAGED = (
    zipfile.BadZipFile,
    ParseError,
    EOFError,
    KeyError,
    NotImplementedError,
    OSError,
    RecursionError,
    ValueError,
)


def read_other(content: bytes, media_type: str, child: Child) -> None:
    """Read a text, office, mail, archive or DICOM file, or say that it is none that we read."""
    if media_type == media.ZIP:
        read_zip(content, child)
        return
    if media_type == media.TAR:
        read_tar(content, child)
        return
    if media_type == media.DICOM:
        _read_dicom(content, child)
        return
    try:
        found = _text_of(content, media_type, child)
    except LockedError:
        child.done("encrypted", messages.ENCRYPTED)
        return
    except TooMuchError:
        child.done("too_large", messages.ARCHIVE_LIMITS)
        return
    except _DAMAGED as error:
        child.done("corrupt", messages.CORRUPT, {"error": type(error).__name__})
        return
    if found is None:
        other = dict.fromkeys(media.SEALED, messages.ARCHIVE_OF_OTHER_KIND)
        other |= {"application/msword": messages.OLD_WORD, media.XLSX: messages.SPREADSHEET}
        child.done("unsupported", other.get(media_type, messages.NOT_A_DOCUMENT))
    else:
        _send(*found, child)


def _read_dicom(content: bytes, child: Child) -> None:
    """Read a report in DICOM form; imaging is kept and said to be imaging."""
    header = read_header(content)
    if header.is_report:
        document = wrapped_document(content)
        inside = [Attachment("document in DICOM form", document)] if document else []
        text = "" if inside else report_text(content)
        if text or inside:
            _send(text, "text of a DICOM report", inside, child)
            return
    child.done("no_text", messages.DICOM_KEPT, {"dicom": summary([header])})


def _text_of(
    content: bytes, media_type: str, child: Child
) -> tuple[str, str, Sequence[Attachment]] | None:
    """Return the text, what it was read from, and the files found inside."""
    limits = child.limits
    if media_type == media.TEXT:
        return media.decode_text(content) or "", "plain text", ()
    if media_type == media.HTML:
        return mail.html_text(media.decode_text(content) or ""), "text of a web page", ()
    if media_type == media.DOCX:
        inside = list(office.pictures(content, "word/media/", limits))
        return office.docx_text(content, limits), "text of a Word document", inside
    if media_type == media.ODT:
        inside = list(office.pictures(content, "Pictures/", limits))
        return office.odt_text(content, limits), "text of an OpenDocument file", inside
    if media_type == media.RTF:
        return office.rtf_text(content), "text of an RTF document", ()
    if media_type == media.EML:
        text, attachments = mail.read_eml(content, limits)
        return text, "text of a mail", attachments
    if media_type == media.MSG:
        text, attachments = mail.read_msg(content, limits)
        return text, "text of a mail", attachments
    return None


def _send(text: str, reason: str, attachments: Sequence[Attachment], child: Child) -> None:
    """Send text without a layout as plain pages (form feeds part them), and the attachments."""
    cut = len(text) > MAX_CHARACTERS
    text = text[:MAX_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    parts = [part.strip("\n") for part in text.split("\f") if part.strip()]
    limit = child.limits.max_pages
    for number, part in enumerate(parts[:limit], 1):
        child.send_page(Page(number, 595.0, 842.0, "plain", reason, part, ()))
    for attachment in attachments:
        child.send_attachment(attachment)
    details = {"attachments": len(attachments)} if attachments else {}
    if cut:
        child.done("too_large", messages.OUT_OF_LIMITS, details)
    elif len(parts) > limit:
        child.done("too_many_pages", messages.TOO_MANY_PAGES.format(limit=limit), details)
    elif parts or attachments:
        child.done("read", "", details)
    else:
        child.done("empty", messages.EMPTY_FILE)
