"""Reading what comes in: nothing raises, nothing a machine wrote passes for a person."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correspondence import match_thread, parse_inbound
from correspondence.classify import classify_reply
from correspondence.incoming.bodies import LARGEST_TEXT
from correspondence.incoming.letter import MAX_PARTS
from tests.correspondence import mails
from tests.fixtures.growth import must_stay_linear
from tests.fixtures.keys import RING


def test_a_simple_reply_is_read() -> None:
    letter = parse_inbound(
        mails.mail(
            "We will review.\n",
            extra=f"In-Reply-To: {mails.OURS}\nReferences: <a@x.example>\n {mails.OURS}\n"
            "Delivered-To: Cases+Token@coordination.example\n",
        )
    )
    assert letter.message_id == "<in1@jinjiang.example>"
    assert (letter.from_name, letter.from_address) == ("Liu Min", "liaison@jinjiang.example")
    assert letter.to_addresses == ("cases@coordination.example", "cases+token@coordination.example")
    assert letter.subject == "Re: [CFX-26-00017] IORT case review"
    assert letter.date == mails.DATE
    assert letter.in_reply_to == mails.OURS
    assert letter.references == ("<a@x.example>", mails.OURS)
    assert letter.machine is None
    assert letter.new_text == letter.text == "We will review."
    assert letter.defects == ()


def test_the_plain_part_is_the_text_and_the_file_keeps_no_path() -> None:
    letter = parse_inbound(mails.WITH_FILE)
    assert letter.text == "Please find the estimate attached."
    assert letter.attachments == (("estimate.pdf", "application/pdf", b"%PDF-1.4\n"),)
    assert letter.date == datetime(2027, 3, 2, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize("raw", [mails.OUTLOOK_HTML, mails.GMAIL_HTML])
def test_html_is_read_without_what_was_quoted(raw: bytes) -> None:
    letter = parse_inbound(raw)
    assert "cannot treat" not in letter.new_text
    assert "color" not in letter.text
    assert letter.new_text.startswith(("Dear Amina", "Yes, we will review by 12 March 2027."))


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (mails.BOUNCE, "bounce"),
        (mails.DELAYED, "delayed"),
        (mails.QMAIL_BOUNCE, "bounce"),
        (mails.OUTLOOK_AWAY, "out_of_office"),
        (mails.mail("x", extra="Auto-Submitted: auto-replied (vacation)\n"), "auto_reply"),
        (mails.mail("x", extra="X-Autoreply: yes\n"), "auto_reply"),
        (mails.mail("x", extra="Return-Path: <>\n"), None),
        (mails.mail("x", extra="Precedence: auto_reply\n"), "auto_reply"),
        (mails.mail("x", subject="=?utf-8?b?6Ieq5Yqo5Zue5aSN77ya?= hi"), "auto_reply"),
        (mails.mail("x", extra="List-Id: <news.example>\n"), "list"),
        (mails.mail("x", extra="Precedence: bulk\n"), "list"),
        (mails.mail("x", extra="Auto-Submitted: no\n"), None),
        (mails.mail("x", extra="X-Auto-Response-Suppress: All\n"), None),
        (mails.mail("x", subject="Re: out of hospital office hours"), None),
        (mails.mail("x", sender="postmaster@hospital.example"), None),
    ],
)
def test_machines_are_told_from_people(raw: bytes, kind: str | None) -> None:
    assert parse_inbound(raw).machine == kind


def test_a_bounce_tells_its_status_and_which_letter_came_back() -> None:
    hard, soft, old = (
        parse_inbound(raw).report for raw in (mails.BOUNCE, mails.DELAYED, mails.QMAIL_BOUNCE)
    )
    assert hard is not None
    assert (hard.status, hard.permanent, hard.delayed) == ("5.1.1", True, False)
    assert hard.original_message_id == mails.OURS
    assert soft is not None
    assert (soft.status, soft.permanent, soft.delayed) == ("4.4.1", False, True)
    assert old is not None
    assert (old.status, old.permanent, old.original_message_id) == (None, True, mails.OURS)
    assert mails.OURS in parse_inbound(mails.BOUNCE).references


def test_what_a_bounce_quotes_is_not_what_was_written_to_us() -> None:
    assert "Dear team" not in parse_inbound(mails.BOUNCE).text


def test_chinese_text_in_the_smaller_announced_set_is_read() -> None:
    raw = mails.mail("PLACE", content_type="text/plain; charset=gb2312")
    letter = parse_inbound(raw.replace(b"PLACE", "请提供病理切片，镕".encode("gb18030")))
    assert letter.text == "请提供病理切片，镕"
    assert letter.defects == ()


@pytest.mark.parametrize("charset", ["no-such-set", "utf-8", "ascii", ""])
def test_a_wrong_charset_is_a_defect_and_still_a_text(charset: str) -> None:
    raw = mails.mail("PLACE", content_type=f"text/plain; charset={charset}")
    letter = parse_inbound(raw.replace(b"PLACE", b"caf\xe9 ok"))
    assert "ok" in letter.text
    assert "charset" in letter.defects


def test_two_from_fields_are_neither_believed() -> None:
    letter = parse_inbound(mails.mail("x", extra="From: other@x.example\n"))
    assert letter.from_address == ""
    assert "from_ambiguous" in letter.defects


def test_nul_bytes_and_lone_surrogates_do_not_reach_the_database() -> None:
    raw = mails.mail("a\x00b").replace(b"Liu Min", b"Liu \xff\x00Min")
    letter = parse_inbound(raw)
    everything = "".join(
        (letter.text, letter.new_text, letter.subject, letter.from_name, letter.from_address)
    )
    assert "\x00" not in everything
    everything.encode("utf-8")


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        (b"", "no_body"),
        (b"\x00\xff\xfe", "from_missing"),
        (b"Subject: only a head", "no_body"),
        (
            mails.mail("x", extra="Date: the day before\n").replace(b"\nDate: Tue", b"\nX: Tue"),
            "date",
        ),
        (
            mails.mail("--B\nContent-Type: text/plain\n\nhi", content_type="multipart/mixed"),
            "NoBoundaryInMultipartDefect",
        ),
        (mails.mail("x", sender="a@x.example, b@x.example"), "from_ambiguous"),
        (b"From: a@x.example\nX: " + b"y" * 200_000 + b"\n\nhi", "headers_cut"),
    ],
)
def test_broken_mail_is_read_and_its_defect_listed(raw: bytes, defect: str) -> None:
    assert defect in parse_inbound(raw).defects


def test_endless_nesting_costs_little_and_is_a_defect() -> None:
    def nested(levels: int) -> bytes:
        part = b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n'
        return b"From: a@x.example\n" + b"".join(part % (n, n) for n in range(levels))

    must_stay_linear(lambda levels: parse_inbound(nested(levels)), 375)
    assert parse_inbound(nested(3000)).defects


@pytest.mark.parametrize(("levels", "text"), [(10, "hi"), (30, "hi"), (51, "")])
def test_fifty_levels_are_read_and_one_more_is_a_defect(levels: int, text: str) -> None:
    raw = b"From: a@x.example\n"
    for depth in range(levels):
        raw += b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (depth, depth)
    letter = parse_inbound(raw + b"Content-Type: text/plain\n\nhi")
    assert letter.text == text
    assert ("nested_too_deeply" in letter.defects) is (text == "")


def test_a_server_that_still_tries_has_not_given_up() -> None:
    report = parse_inbound(mails.BOUNCE.replace(b"Action: failed", b"Action: delayed")).report
    assert report is not None
    assert (report.delayed, report.permanent) == (True, False)


def test_thousands_of_parts_are_cut() -> None:
    part = b"--B\nContent-Type: application/x\n\nx\n"
    raw = b'From: a@x.example\nContent-Type: multipart/mixed; boundary="B"\n\n' + part * 3000
    letter = parse_inbound(raw + b"--B--\n")
    assert "too_many_parts" in letter.defects
    assert len(letter.attachments) <= MAX_PARTS


def test_a_very_long_text_is_cut_and_says_so() -> None:
    letter = parse_inbound(mails.mail("word " * 200_000))
    assert len(letter.text) == LARGEST_TEXT
    assert "text_cut" in letter.defects


@given(st.binary(max_size=3000))
def test_no_bytes_whatever_raise(raw: bytes) -> None:
    letter = parse_inbound(raw)
    classify_reply(letter)
    match_thread(letter, [], RING)


SAMPLES = [
    mails.BOUNCE,
    mails.QMAIL_BOUNCE,
    mails.OUTLOOK_AWAY,
    mails.OUTLOOK_HTML,
    mails.GMAIL_HTML,
    mails.WITH_FILE,
]


@given(st.sampled_from(SAMPLES), st.integers(0, 2**32), st.integers(1, 30))
def test_no_damage_to_a_real_mail_raises(raw: bytes, seed: int, changes: int) -> None:
    dice = random.Random(seed)
    damaged = bytearray(raw)
    for _ in range(changes):
        start = dice.randrange(len(damaged))
        kind = dice.randrange(3)
        if kind == 0:
            damaged[start] = dice.randrange(256)
        elif kind == 1:
            del damaged[start : start + dice.randrange(40)]
        else:
            end = start + dice.randrange(60)
            damaged[start:start] = damaged[start:end]
        if not damaged:
            return
    letter = parse_inbound(bytes(damaged))
    classify_reply(letter)
    for text in (letter.text, letter.new_text, letter.subject, letter.from_name):
        text.encode("utf-8")
        assert "\x00" not in text
