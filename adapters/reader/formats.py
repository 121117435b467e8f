"""Inside the child: everything that is neither a PDF nor an image."""

from adapters.reader import media, messages
from adapters.reader.context import Child
from extractors.types import Page


def read_other(content: bytes, media_type: str, child: Child) -> None:
    """Read a text, office, mail, archive or DICOM file, or say that it is none that we read."""
    if media_type == media.TEXT:
        text = media.decode_text(content)
        send_text(text or "", "plain text", child)
    else:
        child.done("unsupported", messages.NOT_A_DOCUMENT)


def send_text(text: str, reason: str, child: Child) -> None:
    """Send text without a layout as plain pages; form feeds part them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    parts = [part for part in text.split("\f") if part.strip()]
    limit = child.limits.max_pages
    for number, part in enumerate(parts[:limit], 1):
        child.send_page(Page(number, 595.0, 842.0, "plain", reason, part.strip("\n"), ()))
    if not parts:
        child.done("empty", messages.EMPTY_FILE)
    elif len(parts) > limit:
        child.done("too_many_pages", messages.TOO_MANY_PAGES.format(limit=limit))
    else:
        child.done("read")
