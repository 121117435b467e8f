"""A PDF whose end is missing: find its pages again and give them a new page tree."""

import re

_OBJECT = re.compile(rb"(?:^|[\s>])(\d{1,9})[ \t\r\n]+(\d{1,5})[ \t\r\n]+obj\b")
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_PAGES = re.compile(rb"/Type\s*/Pages(?![A-Za-z])")
_MEDIA_BOX = re.compile(rb"/MediaBox\s*\[[^\]]{3,100}\]")
_MAX_OBJECTS = 200_000
_LOOK_AHEAD = 20_000


def rebuilt(content: bytes) -> bytes | None:
    """Return the PDF with a new catalog, page tree and cross-reference table behind its bytes.

    For files that were cut off while being sent, whose catalog (often the last object) is gone.
    Pages inside compressed object streams are not found. None when no page object is left.
    """
    offsets: dict[int, int] = {}
    pages: list[int] = []
    media_box = b""
    matches = []
    for match in _OBJECT.finditer(content):
        matches.append(match)
        if len(matches) >= _MAX_OBJECTS:
            break
    for index, match in enumerate(matches):
        number = int(match.group(1))
        offsets[number] = match.start(1)
        following = matches[index + 1].start(1) if index + 1 < len(matches) else len(content)
        head = content[match.end() : min(following, match.end() + _LOOK_AHEAD)]
        head = head.partition(b"stream")[0]
        if _PAGE.search(head) and b"/Pages" not in head.partition(b"/Parent")[0][:40]:
            if number not in pages:
                pages.append(number)
        elif _PAGES.search(head) and not media_box:
            found = _MEDIA_BOX.search(head)
            media_box = found.group() if found else b""
    if not pages:
        return None
    catalog, tree = max(offsets) + 1, max(offsets) + 2
    kids = b" ".join(b"%d 0 R" % number for number in pages)
    parts = [content, b"\nendstream\nendobj\n"]
    length = len(content) + len(parts[1])
    for number, body in (
        (catalog, b"<< /Type /Catalog /Pages %d 0 R >>" % tree),
        (tree, b"<< /Type /Pages /Count %d /Kids [%s] %s >>" % (len(pages), kids, media_box)),
    ):
        offsets[number] = length
        written = b"%d 0 obj\n%s\nendobj\n" % (number, body)
        parts.append(written)
        length += len(written)
    parts.append(b"xref\n0 1\n0000000000 65535 f \n")
    for number in sorted(offsets):
        parts.append(b"%d 1\n%010d 00000 n \n" % (number, offsets[number]))
    trailer = b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    parts.append(trailer % (tree + 1, catalog, length))
    return b"".join(parts)
