"""What Outlook packs into a winmail.dat is unpacked like any other attachment."""

import random
import struct
from email.message import EmailMessage

import pytest

from correspondence import InboundLetter, parse_inbound
from correspondence.incoming.winmail import SIGNATURE, unpack

PDF = b"%PDF-1.7 report"


def attribute(number: int, value: bytes, level: int = 2) -> bytes:
    head = struct.pack("<BII", level, number, len(value))
    return head + value + struct.pack("<H", sum(value) & 0xFFFF)


def prop(number: int, kind: int, raw: bytes, name: str = "") -> bytes:
    """Return one property of varying length; `name` makes it one with a name of its own."""
    own = b""
    if name:
        words = (name + "\0").encode("utf-16-le")
        own = bytes(16) + struct.pack("<II", 1, len(words)) + words + bytes(-len(words) % 4)
    counted = struct.pack("<II", 1, len(raw)) + raw + bytes(-len(raw) % 4)
    return struct.pack("<HH", kind, number) + own + counted


def properties(*given: bytes) -> bytes:
    fixed = struct.pack("<HHi", 0x03, 0x3705, 1)
    return struct.pack("<I", len(given) + 1) + fixed + b"".join(given)


def file(title: str, content: bytes, *given: bytes) -> bytes:
    described = attribute(0x69005, properties(*given)) if given else b""
    return (
        attribute(0x69002, bytes(14))
        + attribute(0x18010, title.encode("cp1252") + b"\0")
        + attribute(0x6800F, content)
        + described
    )


def stream(*parts: bytes, body: str = "") -> bytes:
    said = attribute(0x2800C, body.encode() + b"\0", level=1) if body else b""
    return SIGNATURE + b"\x01\x00" + said + b"".join(parts)


def letter(content: bytes, text: str = "see attached", name: str = "winmail.dat") -> InboundLetter:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ipd@h.example", "cases@c.example", "Re: case"
    mail.set_content(text)
    mail.add_attachment(content, maintype="application", subtype="ms-tnef", filename=name)
    return parse_inbound(mail.as_bytes())


LONG = "Befund Müller 病理.pdf"


def test_the_files_come_with_their_names() -> None:
    wide = prop(0x3707, 0x1F, LONG.encode("utf-16-le") + b"\0\0")
    media = prop(0x370E, 0x1E, b"application/pdf\0")
    strange = prop(0x8001, 0x1F, "x\0".encode("utf-16-le"), name="Keywords")
    found = letter(stream(file("BEFUND~1.PDF", PDF, strange, media, wide), file("b.txt", b"two")))
    assert found.attachments == (
        (LONG, "application/pdf", PDF), ("b.txt", "application/octet-stream", b"two")
    )  # fmt: skip
    assert found.text == "see attached"
    assert found.defects == ()


def test_the_text_counts_where_there_is_no_other() -> None:
    assert letter(stream(body="We accept the case."), text="").text == "We accept the case."
    assert letter(stream(body="We accept the case."), text="my own").text == "my own"


def test_bytes_that_stand_among_the_properties_and_a_message_inside() -> None:
    inner = stream(file("scan.pdf", PDF), body="the doctor's words")
    held = attribute(0x69005, properties(prop(0x3701, 0x0D, bytes(16) + inner)))
    outer = stream(attribute(0x69002, bytes(14)) + held)
    assert [one[0] for one in letter(outer).attachments] == ["message.txt", "scan.pdf"]
    assert letter(outer).defects == ()


@pytest.mark.parametrize(
    "content",
    [stream(file("a.pdf", PDF))[:-9], stream(attribute(0x69002, bytes(14))), stream(b"\0" * 5)],
)
def test_what_cannot_be_unpacked_stays_a_file_and_is_said(content: bytes) -> None:
    found = letter(content)
    assert "winmail_cut" in found.defects
    assert found.attachments[-1] == ("winmail.dat", "application/ms-tnef", content)


def test_a_name_alone_makes_no_stream_and_a_path_no_name() -> None:
    assert letter(PDF).attachments[0][0] == "winmail.dat"
    assert letter(stream(file("..\\..\\a.pdf", PDF))).attachments[0][0] == "a.pdf"


def test_no_bytes_whatever_raise_or_take_long() -> None:
    good = stream(file("a.pdf", PDF, prop(0x3707, 0x1E, b"a.pdf\0")), body="text")
    rng = random.Random(7)
    for _ in range(2_000):
        bad = bytearray(good[: rng.randrange(len(good))] if rng.random() < 0.3 else good)
        for _ in range(rng.randrange(1, 6)):
            if bad:
                bad[rng.randrange(len(bad))] = rng.randrange(256)
        unpack(bytes(bad))
    nested = good
    for _ in range(50):
        nested = stream(file("m", nested))
    unpack(nested)
