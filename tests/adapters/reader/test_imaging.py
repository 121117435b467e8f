"""DICOM files: counted by study whatever stands before them; reports in DICOM form are read."""

import struct

import pytest
from PIL import Image

from adapters.reader import media_type_of, read_tree
from tests.adapters.reader import files
from tests.adapters.reader.pages import READER, read

CT = "1.2.840.10008.5.1.4.1.1.2"
TEXT_REPORT = "1.2.840.10008.5.1.4.1.1.88.11"
ENCAPSULATED_PDF = "1.2.840.10008.5.1.4.1.1.104.1"
DIRECTORY = "1.2.840.10008.1.3.10"
LONG = (b"OB", b"UT", b"SQ")


def element(group: int, number: int, kind: bytes, value: bytes, explicit: bool = True) -> bytes:
    value += (b" " if kind not in (b"OB", b"UI") else b"\0") * (len(value) % 2)
    head = struct.pack("<HH", group, number)
    if not explicit:
        return head + struct.pack("<I", len(value)) + value
    if kind in LONG:
        return head + kind + b"\0\0" + struct.pack("<I", len(value)) + value
    return head + kind + struct.pack("<H", len(value)) + value


def item(content: bytes) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(content)) + content


def named(name: str, number: int, value: bytes, kind: bytes, explicit: bool) -> bytes:
    """A node of a structured report: what the value is called, and the value."""
    concept = item(element(0x08, 0x104, b"LO", name.encode(), explicit))
    return item(
        element(0x40, 0xA043, b"SQ", concept, explicit)
        + element(0x40, number, kind, value, explicit)
    )


def dicom(
    sop_class: str, modality: str, body: bytes = b"", *, before: bytes | None = bytes(128),
    explicit: bool = True, study: str = "1.2.3",
) -> bytes:  # fmt: skip
    """A DICOM file; `before` is its preamble, None for a file that begins with its elements."""
    syntax = b"1.2.840.10008.1.2.1" if explicit else b"1.2.840.10008.1.2"
    meta = element(2, 0x10, b"UI", syntax) if before is not None else b""
    content = (
        element(0x08, 0x16, b"UI", sop_class.encode(), explicit)
        + element(0x08, 0x60, b"CS", modality.encode(), explicit)
        + element(0x10, 0x10, b"PN", b"Exempla^Rosa", explicit)
        + element(0x10, 0x30, b"DA", b"19630517", explicit)
        + element(0x20, 0x0D, b"UI", study.encode(), explicit)
        + element(0x20, 0x0E, b"UI", study.encode() + b".1", explicit)
        + body
    )
    return (before + b"DICM" if before is not None else b"") + meta + content


BEFORE = {"zeros": bytes(128), "a TIFF head": b"II*\0\x08\0\0\0".ljust(128, b"\0"), "nothing": None}


@pytest.mark.parametrize("explicit", [True, False])
@pytest.mark.parametrize("before", BEFORE)
def test_imaging_is_known_whatever_stands_before_it(before: str, explicit: bool) -> None:
    content = dicom(CT, "CT", bytes(300), before=BEFORE[before], explicit=explicit)
    document = read(content)
    assert (document.media_type, document.status) == ("application/dicom", "no_text")
    (study,) = document.details["dicom"]["studies"]  # type: ignore[index]
    assert study["modalities"] == ["CT"] and study["study"]
    assert "Rosa" not in repr(document.details)


def test_a_tiff_and_a_file_of_numbers_are_no_imaging() -> None:
    assert media_type_of(b"II*\0" + bytes(400)) == "image/tiff"
    assert media_type_of(b"\x08\0\x16\0" + bytes(400)) != "application/dicom"


@pytest.mark.parametrize("explicit", [True, False])
def test_a_structured_report_is_read_with_the_names_of_its_values(explicit: bool) -> None:
    body = element(
        0x40,
        0xA730,
        b"SQ",
        named("Finding", 0xA160, b"Mass in the left breast, 14 mm", b"UT", explicit)
        + named("Impression", 0xA160, b"BI-RADS 6", b"UT", explicit),
        explicit,
    )
    document = read(dicom(TEXT_REPORT, "SR", body, explicit=explicit))
    (page,) = document.pages
    assert document.status == "read"
    assert page.text == (
        "Patient: Rosa Exempla\nDate of birth: 1963-05-17\n"
        "Finding: Mass in the left breast, 14 mm\nImpression: BI-RADS 6"
    )


def test_a_report_wrapped_in_dicom_is_unpacked() -> None:
    padding = element(0x42, 0x10, b"ST", b"pathology report " * 60)
    body = padding + element(0x42, 0x11, b"OB", files.report())
    _, inside = read_tree(READER, "report.dcm", dicom(ENCAPSULATED_PDF, "DOC", body))
    assert (inside.document.media_type, inside.document.status) == ("application/pdf", "read")


def test_a_cut_structured_report_does_not_fall() -> None:
    body = element(0x40, 0xA730, b"SQ", named("Finding", 0xA160, b"14 mm", b"UT", True))
    whole = dicom(TEXT_REPORT, "SR", body)
    for length in range(140, len(whole), 7):
        assert read_quietly(whole[:length])


def read_quietly(content: bytes) -> bool:
    from adapters.reader.dicom_report import report_text, wrapped_document

    return isinstance(report_text(content), str) and isinstance(wrapped_document(content), bytes)


def disc(slices: int = 40, programs: int = 230) -> dict[str, bytes]:
    """A disc as hospitals hand it out: images, their list, a viewer with all that it needs."""
    members = {f"DICOM/IM{n:05d}": dicom(CT, "CT", b"\0" * (n + 1) * 2) for n in range(slices)}
    members["DICOMDIR"] = dicom(DIRECTORY, "", b"")
    members["AUTORUN.INF"] = b"[autorun]\r\nopen=VIEWER\\VIEWER.EXE\r\n"
    members["README.TXT"] = b"Start the viewer by a double click.\r\n"
    members["VIEWER/VIEWER.EXE"] = b"MZ\x90\0" + bytes(3000)
    kinds = (
        (".dll", b"MZ\x90\0" + bytes(200)),
        (".png", b"\x89PNG\r\n\x1a\n" + bytes(300)),
        (".html", b"<html><body>How to measure a length</body></html>"),
        (".txt", b"The text of a menu"),
        (".dat", bytes(range(256))),
        (".jar", files.zipped({"a.class": b"\xca\xfe\xba\xbe" + bytes(60)})),
    )
    for number in range(programs - 3):
        ending, content = kinds[number % len(kinds)]
        members[f"VIEWER/lib/file{number}{ending}"] = content + b"%d" % number
    return members


def test_a_disc_with_a_viewer_is_counted_and_its_programs_are_set_aside() -> None:
    written = {"REPORT.PDF": files.report(), "befund.txt": b"Mass of 14 mm in the left breast."}
    document = read(files.zipped({**disc(), **written}))
    assert {one.name for one in document.attachments} == set(written)
    (study,) = document.details["dicom"]["studies"]  # type: ignore[index]
    assert (study["files"], study["series"]) == (40, 1)
    assert document.details["set_aside"] == 231


KEPT = {
    "README.pdf": files.report(),
    "licence.txt": b"Patient: Rosa Exempla\nThe mass in the left breast measures 14 mm.",
    "index.html": b"<html><body><p>Patient: Rosa Exempla</p><p>Mass of 14 mm</p></body></html>",
    "papers.jar": files.zipped({"biopsy.pdf": files.report()}),
    "setup.ini": b"Mass of 14 mm in the left breast, seen before.",
}
PROGRAMS = {
    "report.txt": b"[viewer]\r\nlanguage=en\r\nzoom=2\r\n",
    "befund.txt": b"To install the software, close all other windows.",
    "report.html": b"<html><body>Choose a series in the menu on the left.</body></html>",
    "papers.zip": files.zipped({"META-INF/MANIFEST.MF": b"x", "a.class": b"\xca\xfe\xba\xbe"}),
    "photo.jpg": files.image_bytes(Image.new("L", (40, 40)), "JPEG"),
    "scan.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><text>Mass of 14 mm</text></svg>",
}


def test_what_a_file_of_a_disc_holds_decides_and_not_its_name() -> None:
    document = read(files.zipped({**disc(2, 6), **KEPT, **PROGRAMS}))
    assert {one.name for one in document.attachments} == set(KEPT)


def test_programs_without_imaging_are_files_of_the_sender() -> None:
    document = read(files.zipped({"setup.exe": b"MZ\x90\0" + bytes(300), "a.ini": b"[a]\r\n"}))
    assert len(document.attachments) == 2 and "set_aside" not in document.details
