"""Inside the child: everything that is neither a PDF nor an image."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

from adapters.reader import mail, media, messages, office
from adapters.reader.archive import read_zip
from adapters.reader.code_pages import decode_text
from adapters.reader.context import Child
from adapters.reader.dicom import people_in, read_header, summary
from adapters.reader.dicom_report import report_text, wrapped_document
from adapters.reader.exports.cda import read_cda
from adapters.reader.exports.fhir import read_fhir
from adapters.reader.exports.hl7 import read_hl7
from adapters.reader.exports.kinds import CDA, FHIR_JSON, FHIR_XML, HL7
from adapters.reader.office import LockedError, TooMuchError
from adapters.reader.rich_text import rtf_parts
from adapters.reader.tar import read_tar
from adapters.reader.types import UNSURE, Attachment
from adapters.reader.web_page import decode_html, html_parts
from adapters.reader.word import docx_text, embedded
from extractors.ligatures import mended
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


_NOT_READ = {
    **dict.fromkeys(media.SEALED, messages.ARCHIVE_OF_OTHER_KIND),
    "application/msword": messages.OLD_WORD,
    media.XLSX: messages.SPREADSHEET,
    media.IWORK: messages.PAGES_APP,
}


@dataclass(frozen=True, slots=True)
class _Words:
    """Text without a layout, what it was read from, and the files found with it.

    `unsure` are the numbers of pages whose statements may still change.
    """

    text: str
    reason: str
    inside: Sequence[Attachment] = ()
    set_aside: int = 0
    unsure: frozenset[int] = frozenset()


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
    except TooMuchError:
        child.done("too_large", messages.ARCHIVE_LIMITS)
    except _DAMAGED as error:
        child.done("corrupt", messages.CORRUPT, {"error": type(error).__name__})
    else:
        if found is None:
            child.done("unsupported", _NOT_READ.get(media_type, messages.NOT_A_DOCUMENT))
        else:
            _send(found, child)


def _read_dicom(content: bytes, child: Child) -> None:
    """Read a report in DICOM form; imaging is kept and said to be imaging."""
    header = read_header(content)
    if header.is_report:
        document = wrapped_document(content)
        inside = [Attachment("document in DICOM form", document)] if document else []
        text = "" if inside else report_text(content)
        if text or inside:
            _send(_Words(text, "text of a DICOM report", inside), child)
            return
    child.send_people(people_in([header]))
    child.done("no_text", messages.DICOM_KEPT, {"dicom": summary([header])})


def _text_of(content: bytes, media_type: str, child: Child) -> _Words | None:
    """Return the words of a file, or None for one of a kind that is not read."""
    limits = child.limits
    if media_type == media.TEXT:
        return _Words(decode_text(content) or "", "plain text")
    if media_type in _EXPORTS:
        return _export_of(content, media_type)
    if media_type == media.HTML:
        text, inside = html_parts(decode_html(content))
        return _Words(text, "text of a web page", inside)
    if media_type == media.DOCX:
        inside = [*office.pictures(content, "word/media/", limits), *embedded(content, limits)]
        return _Words(docx_text(content, limits), "text of a Word document", inside)
    if media_type == media.ODT:
        inside = list(office.pictures(content, "Pictures/", limits))
        return _Words(office.odt_text(content, limits), "text of an OpenDocument file", inside)
    if media_type == media.RTF:
        text, inside = rtf_parts(content)
        return _Words(text, "text of an RTF document", inside)
    if media_type == media.IWORK:
        preview = office.preview(content, limits)
        return _Words("", "an Apple document", [preview]) if preview else None
    if media_type in (media.EML, media.MSG):
        read = mail.read_eml if media_type == media.EML else mail.read_msg
        letter = read(content, limits)
        return _Words(letter.text, "text of a mail", letter.attachments, letter.set_aside)
    return None


_EXPORTS = {
    FHIR_JSON: "results of a record system (FHIR)",
    FHIR_XML: "results of a record system (FHIR)",
    CDA: "document of a record system (CDA)",
    HL7: "results of a record system (HL7)",
}


def _export_of(content: bytes, media_type: str) -> _Words:
    """Return the lines of what a record system exported, a page for each person."""
    if media_type == CDA:
        export = read_cda(content)
    elif media_type == HL7:
        export = read_hl7(content)
    else:
        export = read_fhir(content, decode_text(content) or "", xml=media_type == FHIR_XML)
    pages = [page.text.replace("\f", "\n") for page in export.pages]
    unsure = frozenset(n for n, page in enumerate(export.pages, 1) if page.unsure)
    return _Words("\f".join(pages), _EXPORTS[media_type], export.inside, unsure=unsure)


def _send(words: _Words, child: Child) -> None:
    """Send text without a layout as plain pages (form feeds part them), and the attachments."""
    text, attachments = words.text, words.inside
    cut = len(text) > MAX_CHARACTERS
    text = text[:MAX_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    text = mended(text)
    parts = [part.strip("\n") for part in text.split("\f") if part.strip()]
    limit = child.limits.max_pages
    for number, part in enumerate(parts[:limit], 1):
        sure = UNSURE if number in words.unsure else 1.0
        child.send_page(Page(number, 595.0, 842.0, "plain", words.reason, part, (), sure))
    for attachment in attachments:
        child.send_attachment(attachment)
    details = {"attachments": len(attachments)} if attachments else {}
    if words.set_aside:
        details["set_aside"] = words.set_aside
    if cut:
        child.done("too_large", messages.OUT_OF_LIMITS, details)
    elif len(parts) > limit:
        child.done("too_many_pages", messages.TOO_MANY_PAGES.format(limit=limit), details)
    elif parts or attachments:
        child.done("read", "", details)
    else:
        child.done("empty", messages.EMPTY_FILE)
