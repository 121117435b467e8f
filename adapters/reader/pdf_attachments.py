"""Inside the child: the files that were put into a PDF (portfolios, attachments)."""

from typing import Any, BinaryIO

from adapters.reader.context import Child, PageTimeoutError
from adapters.reader.types import Attachment

_MARK = b"/EmbeddedFile"
_PACKED = b"/ObjStm"
_CHUNK = 1 << 20


def send_attachments(stream: BinaryIO, child: Child) -> None:
    """Send the files inside a PDF; one that cannot be taken out is sent as damaged.

    Once for a file: a child that goes on behind a lost page sends nothing again.
    """
    if child.config.first_page == 1 and _may_hold_files(stream):
        stream.seek(0)
        try:
            with child.time_limit():
                found = _attachments(stream.read(), child)
        except PageTimeoutError:
            found = [Attachment("attachment", b"", "too_large")]
        for attachment in found:
            child.send_attachment(attachment)
    stream.seek(0)


def _may_hold_files(stream: BinaryIO) -> bool:
    """Say whether the names of embedded files, or objects packed in streams, stand in the file."""
    before = b""
    while chunk := stream.read(_CHUNK):
        if _MARK in before + chunk or _PACKED in before + chunk:
            return True
        before = chunk[-len(_MARK) :]
    return False


def _attachments(content: bytes, child: Child) -> list[Attachment]:
    import pypdfium2

    limits = child.limits
    found: list[Attachment] = []
    total = 0
    try:
        document: Any = pypdfium2.PdfDocument(  # type: ignore[no-untyped-call]
            content, password=child.config.password or None
        )
        count = document.count_attachments()
    except pypdfium2.PdfiumError:
        return []  # locked or damaged: the reading of its pages says so
    for number in range(min(count, limits.archive_members)):
        try:
            attachment = document.get_attachment(number)
            name, data = attachment.get_name(), bytes(attachment.get_data())
        except pypdfium2.PdfiumError:
            found.append(Attachment("attachment", b"", "corrupt"))
            continue
        total += len(data)
        if total > limits.archive_bytes:
            found.append(Attachment(name or "attachment", b"", "too_large"))
            break
        if data:
            found.append(Attachment(name or "attachment", data))
    return found
