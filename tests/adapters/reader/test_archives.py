"""Archives are unpacked, whatever lies open in them; what begins like one is never a PDF."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from adapters.reader import media_type_of, read_tree
from tests.adapters.reader import files
from tests.adapters.reader.pages import READER, read

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REPORTS: dict[str, bytes] = {
    "biopsy.pdf": files.report(),
    "addendum.pdf": files.drawn(files.written(["Addendum: 14 mm"])),
}
_MAIL_OF_BYTES = (
    b"From: ward@hospital.example\r\nTo: cases@coordination.example\r\nSubject: report\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
    b'Content-Type: application/pdf; name="biopsy.pdf"\r\n'
    b"Content-Disposition: attachment\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    + files.report()
    + b"\r\n--b--\r\n"
)


def stored(members: dict[str, bytes]) -> bytes:
    """A ZIP archive whose members are not compressed: their own first bytes stand in it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def tarred(members: dict[str, bytes], kind: int = tarfile.PAX_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=kind) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


def without_mark(archive: bytes) -> bytes:
    """The archive with the first header as TAR wrote it before there was a mark (`ustar`)."""
    header = bytearray(archive[:512])
    header[257:512] = bytes(255)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + archive[512:]


HOLDERS: dict[str, tuple[Callable[[dict[str, bytes]], bytes], str]] = {
    "stored zip": (stored, "application/zip"),
    "tar": (tarred, "application/x-tar"),
    "gnu tar": (lambda m: tarred(m, tarfile.GNU_FORMAT), "application/x-tar"),
    "ustar": (lambda m: tarred(m, tarfile.USTAR_FORMAT), "application/x-tar"),
    "tar of before ustar": (lambda m: without_mark(tarred(m)), "application/x-tar"),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_reports_that_lie_open_in_an_archive_are_all_found(holder: str) -> None:
    make, media_type = HOLDERS[holder]
    content = make(REPORTS)
    assert b"%PDF-" in content[:1024]
    archive, *found = read_tree(READER, "both", content)
    assert (archive.document.media_type, archive.document.status) == (media_type, "read")
    assert {file.path[-1]: file.content for file in found} == REPORTS
    assert [(f.document.media_type, f.document.status) for f in found] == [
        ("application/pdf", "read")
    ] * 2


SEALED = {
    "gzip": gzip.compress(files.report(), compresslevel=0),
    "bzip2": bz2.compress(files.report()),
    "xz": lzma.compress(files.report()),
    "7z": b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(24) + files.report(),
    "rar 4": b"Rar!\x1a\x07\x00" + bytes(20) + files.report(),
    "rar 5": b"Rar!\x1a\x07\x01\x00" + bytes(20) + files.report(),
    "zstd": b"\x28\xb5\x2f\xfd\x20\x00" + files.report(),
}


@pytest.mark.parametrize("kind", SEALED)
def test_an_archive_that_is_not_opened_is_kept_and_its_files_asked_for(kind: str) -> None:
    document = read(SEALED[kind])
    assert document.status == "unsupported"
    assert document.media_type != "application/pdf"
    assert document.pages == ()
    assert "one by one, or as a ZIP archive" in document.message


def test_a_stored_office_file_or_a_mail_with_a_pdf_in_it_is_not_that_pdf() -> None:
    word = {"word/embeddings/report.pdf": files.report(), "word/document.xml": b"<w/>"}
    sheet = {"xl/embeddings/report.pdf": files.report(), "xl/workbook.xml": b"<w/>"}
    for members, media_type in ((word, DOCX_TYPE), (sheet, XLSX_TYPE)):
        content = stored(members)
        assert b"%PDF-" in content[:1024]
        assert media_type_of(content) == media_type
    assert b"%PDF-" in _MAIL_OF_BYTES[:1024]
    letter, attachment = read_tree(READER, "mail.eml", _MAIL_OF_BYTES)
    assert letter.document.media_type == "message/rfc822"
    assert (attachment.path[-1], attachment.document.status) == ("biopsy.pdf", "read")


@pytest.mark.parametrize(
    "junk",
    [
        b"\r\n\r\n",
        b"\xef\xbb\xbf",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n",
        b"<br />\n<b>Warning</b>: something in line 7<br />\n",
        bytes(128),  # a MacBinary header without its name
        b"\x00\x0areport.pdf" + bytes(116),
        bytes(1019),
    ],
)
def test_a_pdf_behind_junk_is_a_pdf(junk: bytes) -> None:
    assert media_type_of(junk + files.report()) == "application/pdf"


def test_a_pdf_wrapped_in_an_imaging_file_is_still_read() -> None:
    image = files.dicom("DOC", "1.2.3", "1.2.3.4", patient="Jane", explicit=True)
    assert media_type_of(image[:600] + files.report()) == "application/pdf"


def test_a_tar_keeps_to_the_limits_of_archives() -> None:
    many = read(tarred({f"{n}.txt": b"x" for n in range(201)}))
    assert (many.status, many.attachments) == ("too_large", ())
    big = read(tarred({f"{n}.bin": bytes(40 << 20) for n in range(3)}))
    assert (big.status, big.attachments) == ("too_large", ())


def test_a_file_with_holes_in_a_tar_counts_whole() -> None:
    """A GNU sparse file of four gigabytes that takes one block."""
    info = tarfile.TarInfo("holes.bin")
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[386:410] = b"00000000000\0" + b"00000000000\0"
    header[483:495] = b"%011o\0" % (1 << 32)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    document = read(bytes(header) + bytes(1024))
    assert (document.status, document.attachments) == ("too_large", ())


def test_a_damaged_tar_is_said_to_be_damaged() -> None:
    whole = tarred(REPORTS)
    cut = read(whole[: len(REPORTS["biopsy.pdf"]) // 2])
    assert (cut.media_type, cut.status) == ("application/x-tar", "corrupt")


def test_a_tar_hands_out_files_only() -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        for name in ("../up.txt", "._up.txt", "__MACOSX/x"):
            info = tarfile.TarInfo(name)
            info.size = 5
            archive.addfile(info, io.BytesIO(b"14 mm"))
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    document = read(target.getvalue())
    assert [(a.name, a.content) for a in document.attachments] == [("../up.txt", b"14 mm")]


def test_imaging_files_in_a_tar_are_counted() -> None:
    members = {f"{n}": files.dicom("CT", "1.2.1", "1.2.1.1") for n in range(3)}
    document = read(tarred({**members, "report.txt": b"see images"}))
    assert [attachment.name for attachment in document.attachments] == ["report.txt"]
    assert document.details["dicom"]["files"] == 3  # type: ignore[index]
