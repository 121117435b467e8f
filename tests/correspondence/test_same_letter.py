"""One letter in copies of several servers and programs, and letters that only look like it."""

import pytest

from correspondence.same_letter import letter_hash

LETTER = (
    b"From: Ana <a@x.example>\r\nTo: us@y.example\r\nMessage-ID: <1@x.example>\r\n"
    b"Date: Mon, 5 Jan 2026 10:30:00 +0100\r\nSubject: a long\r\n subject\r\n\r\n"
    b"Hello,\r\nFrom now on I am well.\r\n"
)


@pytest.mark.parametrize(
    "copy",
    [
        LETTER.replace(b"\r\n", b"\n"),
        b"X-Mozilla-Status: 0001\r\nX-Gmail-Labels: Inbox\r\n" + LETTER,
        b"Received: from a by b\r\n\tfor c\r\nDelivered-To: us@y.example\r\n" + LETTER,
        LETTER.replace(b"\r\nFrom now", b"\r\n>From now"),
        LETTER.replace(b"a long\r\n subject", b"a long subject"),
        LETTER + b"\r\n\r\n",
        LETTER.replace(b"Hello,", b"Hello,  "),
        LETTER.replace(b"Message-ID", b"Message-Id").replace(b"To: us@y", b"To: other@y"),
    ],
)
def test_copies_are_one(copy: bytes) -> None:
    assert letter_hash(copy) == letter_hash(LETTER)


@pytest.mark.parametrize(
    "other",
    [
        LETTER.replace(b"well", b"ill"),
        LETTER.replace(b"<1@", b"<2@"),
        LETTER.replace(b"5 Jan", b"6 Jan"),
        LETTER.replace(b"a@x", b"b@x"),
        LETTER.replace(b"a long", b"another"),
        b"",
        b"\r\n\r\n",
    ],
)
def test_other_letters_are_others(other: bytes) -> None:
    assert letter_hash(other) != letter_hash(LETTER)


def test_what_is_no_letter_has_a_hash_too() -> None:
    assert len({letter_hash(raw) for raw in (b"x", b"y", b"\x00" * 99, b"From: a\n" * 9)}) == 4
