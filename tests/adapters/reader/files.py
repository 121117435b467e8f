"""Files that the tests read, all made here: PDFs by ReportLab and by hand, scans, mails."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import pypdfium2
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

Draw = Callable[[canvas.Canvas], object]

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
LINES = (
    "SURGICAL PATHOLOGY REPORT",
    "Invasive carcinoma of the left breast, 14 mm",
    "Estrogen receptor positive, 90 percent",
    "All margins are free of tumour, closest 4 mm",
    "Two sentinel lymph nodes without metastasis",
)


def drawn(*pages: Draw, size: tuple[float, float] = A4, **options: Any) -> bytes:
    """Return a PDF whose pages are drawn by the given functions."""
    target = io.BytesIO()
    paper = canvas.Canvas(target, pagesize=size, **options)
    for draw in pages:
        paper.setFont("Helvetica", 11)
        draw(paper)
        paper.showPage()
    paper.save()
    return target.getvalue()


def written(
    lines: Sequence[str] = LINES, x: float = 72, top: float = 740, leading: float = 16
) -> Draw:
    """Draw lines from the top left."""

    def draw(paper: canvas.Canvas) -> None:
        for index, line in enumerate(lines):
            paper.drawString(x, top - leading * index, line)

    return draw


def report(pages: int = 1) -> bytes:
    """Return an ordinary report."""
    return drawn(*[written()] * pages)


def rendered(content: bytes, page: int = 0, dpi: int = 200) -> Image.Image:
    """Return a page as a grey picture."""
    document: Any = pypdfium2.PdfDocument(content)  # type: ignore[no-untyped-call]
    picture: Image.Image = document[page].render(scale=dpi / 72, grayscale=True).to_pil()
    return picture.convert("L")


def scan(content: bytes | None = None, turned: int = 0, dpi: int = 200) -> bytes:
    """Return a PDF with the picture of a page and no text; `turned` counter-clockwise."""
    picture = rendered(content or report(), dpi=dpi).rotate(turned, expand=True, fillcolor=255)
    size = (picture.width * 72 / dpi, picture.height * 72 / dpi)
    return drawn(lambda paper: paper.drawImage(ImageReader(picture), 0, 0, *size), size=size)


def image_bytes(picture: Image.Image, kind: str, **options: Any) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n" % (len(data), entries) + data + b"\nendstream"


def assembled(objects: Iterable[tuple[int, bytes]]) -> bytes:
    """Return a PDF of numbered objects; object 1 is the catalog."""
    content = b"%PDF-1.5\n"
    offsets: dict[int, int] = {}
    for number, body in objects:
        offsets[number] = len(content)
        content += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(content)
    last = max(offsets)
    table = b"".join(b"%010d 00000 n \n" % offsets.get(i, 0) for i in range(1, last + 1))
    return (
        content
        + b"xref\n0 %d\n0000000000 65535 f \n" % (last + 1)
        + table
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (last + 1, start)
    )


def by_hand(
    *contents: bytes,
    pages: int | None = None,
    media_box: bytes = b"[0 0 612 792]",
    page_entries: bytes = b"",
    resources: bytes = b"",
    catalog: bytes = b"",
    more: Sequence[tuple[int, bytes]] = (),
) -> bytes:
    """Return a PDF whose pages have the given content streams (the first one for all `pages`).

    A content that begins with `<<` is a whole stream object; others are wrapped into one.
    Objects from 50,000 on are free for `more`; font F1 is Helvetica.
    """
    count = pages or len(contents)
    kids = b" ".join(b"%d 0 R" % (100 + i) for i in range(count))
    objects = [
        (1, b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog),
        (2, b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count)),
        (3, FONT),
    ]
    for index, body in enumerate(contents):
        objects.append((10 + index, body if body.startswith(b"<<") else stream(body)))
    for index in range(count):
        at = 10 + (index if pages is None else 0)
        objects.append(
            (
                100 + index,
                b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents %d 0 R %s"
                b" /Resources << /Font << /F1 3 0 R >> %s >> >>"
                % (media_box, at, page_entries, resources),
            )
        )
    return assembled([*objects, *more])


def text(words: str, size: int = 12, x: int = 72, y: int = 700) -> bytes:
    """Return the content stream of one line."""
    return b"BT /F1 %d Tf %d %d Td (%s) Tj ET" % (size, x, y, words.encode("cp1252"))


def form(content: bytes, entries: bytes = b"") -> bytes:
    """Return a form XObject."""
    return stream(content, b"/Type /XObject /Subtype /Form /BBox [0 0 600 800] " + entries)


@lru_cache(maxsize=1)
def deflated_blanks(size: int) -> bytes:
    """Return `size` blanks, deflated."""
    packer = zlib.compressobj(9)
    block = b" " * (1 << 20)
    return b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()


def dicom(
    modality: str, study: str, series: str, *, patient: str = "", explicit: bool = True,
    image: str = "", charset: str = "", record: str = "", born: str = "", sex: str = "",
    removed: str = "",
) -> bytes:  # fmt: skip
    """Return the beginning of a DICOM file (PS3.10)."""
    encoding = {"ISO_IR 192": "utf-8", "GB18030": "gb18030"}.get(charset, "latin-1")

    def element(group: int, number: int, kind: bytes, value: str, plain: bool) -> bytes:
        data = value.encode(encoding)
        data += b"\0" * (len(data) % 2)
        head = struct.pack("<HH", group, number)
        return (
            head
            + (kind + struct.pack("<H", len(data)) if plain else struct.pack("<I", len(data)))
            + data
        )

    syntax = "1.2.840.10008.1.2.1" if explicit else "1.2.840.10008.1.2"
    body = element(2, 0x10, b"UI", syntax, True)
    for group, number, kind, value in (
        (0x08, 0x05, b"CS", charset),
        (0x08, 0x18, b"UI", image),
        (0x08, 0x60, b"CS", modality),
        (0x10, 0x10, b"PN", patient),
        (0x10, 0x20, b"LO", record),
        (0x10, 0x30, b"DA", born),
        (0x10, 0x40, b"CS", sex),
        (0x12, 0x62, b"CS", removed),
        (0x20, 0x0D, b"UI", study),
        (0x20, 0x0E, b"UI", series),
    ):
        body += element(group, number, kind, value, explicit)
    return b"\0" * 128 + b"DICM" + body + b"\0" * 500


def outlook_message(
    subject: str, body: str, attachments: Sequence[tuple[str, bytes]], shown: Sequence[str] = ()
) -> bytes:
    """Return a minimal Outlook message: an OLE file with MS-OXMSG streams, all above 4 kB.

    The attachments named in `shown` have the id by which the text shows them.
    """
    streams: list[tuple[str, str, bytes]] = [
        ("", "__properties_version1.0", b""),
        ("", "__substg1.0_0037001F", subject.encode("utf-16-le")),
        ("", "__substg1.0_1000001F", body.encode("utf-16-le")),
    ]
    for index, (name, data) in enumerate(attachments):
        folder = f"__attach_version1.0_#{index:08X}"
        streams.append((folder, "__substg1.0_3707001F", name.encode("utf-16-le")))
        if name in shown:
            streams.append((folder, "__substg1.0_3712001F", name.encode("utf-16-le")))
        streams.append((folder, "__substg1.0_37010102", data))
    return ole(streams)


def ole(streams: Sequence[tuple[str, str, bytes]]) -> bytes:
    """Write an OLE compound file (MS-CFB, version 3) without a mini stream."""
    folders = sorted({folder for folder, _, _ in streams if folder})
    sectors: list[bytes] = []
    chains: list[int] = []

    def store(data: bytes) -> tuple[int, int]:
        start = len(sectors)
        count = max(1, -(-len(data) // 512))
        for index in range(count):
            sectors.append(data[512 * index : 512 * index + 512].ljust(512, b"\0"))
            chains.append(start + index + 1 if index + 1 < count else 0xFFFFFFFE)
        return start, len(data)

    # Entries as right-leaning trees: valid enough for readers, which walk them.
    top = [("", name, data) for folder, name, data in streams if not folder]
    order: list[tuple[str, str, bytes | None]] = [(f, n, d) for f, n, d in top]
    order += [("", folder, None) for folder in folders]
    children = {folder: [s for s in streams if s[0] == folder] for folder in folders}
    total = 1 + len(order)
    table: list[list[Any]] = [["Root Entry", 5, 0xFFFFFFFF, 1, 0xFFFFFFFE, 0]]
    next_child = total
    for index, (_, name, data) in enumerate(order, 1):
        right = index + 1 if index < len(order) else 0xFFFFFFFF
        if data is None:
            table.append([name, 1, right, next_child, 0, 0])
            next_child += len(children[name])
        else:
            start, size = store(data.ljust(4096, b"\0") if len(data) < 4096 else data)
            table.append([name, 2, right, 0xFFFFFFFF, start, max(size, 4096)])
    for folder in folders:
        members = children[folder]
        for index, (_, name, data) in enumerate(members):
            right = len(table) + 1 if index + 1 < len(members) else 0xFFFFFFFF
            start, size = store(data.ljust(4096, b"\0") if len(data) < 4096 else data)
            table.append([name, 2, right, 0xFFFFFFFF, start, size])
    directory = b""
    for title, kind, right, child, start, size in table:
        raw = str(title).encode("utf-16-le") + b"\0\0"
        directory += (
            raw.ljust(64, b"\0")
            + struct.pack("<HBB", len(raw), kind, 1)
            + struct.pack("<III", 0xFFFFFFFF, right, child)
            + b"\0" * 36
            + struct.pack("<IQ", start, size)
        )
    directory_start, _ = store(directory)
    fat_sectors = -(-(len(sectors) + 2) // 128)
    fat_start = len(sectors)
    fat = chains + [0xFFFFFFFD] * fat_sectors
    packed = struct.pack(f"<{len(fat)}I", *fat).ljust(512 * fat_sectors, b"\xff")
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 16
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + b"\0" * 6
        + struct.pack(
            "<IIIIIIIII", 0, fat_sectors, directory_start, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0
        )
        + struct.pack(f"<{fat_sectors}I", *range(fat_start, fat_start + fat_sectors))
    ).ljust(512, b"\xff")
    return header + b"".join(sectors) + packed


def zipped(members: dict[str, bytes], **options: int) -> bytes:
    """Return a ZIP archive of files by name."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()
