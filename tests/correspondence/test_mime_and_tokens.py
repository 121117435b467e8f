"""Composing is deterministic and reversible; reply tokens prove a thread."""

import email
import email.policy
import hashlib
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correspondence import (
    Letter,
    compose_mime,
    message_id_for,
    parse_inbound,
    reply_address,
    reply_token,
    verify_reply_token,
)
from correspondence.tokens import Named, TokenKind, named_in, tokens_in
from keys import Marks
from tests.fixtures.keys import MARKS, OTHER_RING, RING

DATE = datetime(2027, 3, 1, 9, 30, tzinfo=timezone(timedelta(hours=3)))
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")))


def compose(letter: Letter, **changes: object) -> bytes:
    given_: dict[str, object] = {
        "message_id": "<m1@coordination.example>",
        "from_address": "cases@coordination.example",
        "to_address": "ipd@hospital.example",
        "date": DATE,
    }
    return compose_mime(letter, **{**given_, **changes})  # type: ignore[arg-type]


def letter(subject: str = "Subject", body: str = "Body\n") -> Letter:
    return Letter(subject, body, "M10", "1", "en", "hospital")


def test_equal_arguments_give_equal_bytes() -> None:
    files = [("a.pdf", "application/pdf", b"%PDF")]
    assert compose(letter(), attachments=files) == compose(letter(), attachments=files)
    assert compose(letter()) != compose(letter(), message_id="<m2@coordination.example>")


def test_the_headers_say_what_they_were_told() -> None:
    raw = compose(
        letter("[CFX-26-00017] IORT case review – breast"),
        from_name="IORT case coordination",
        reply_to="cases+7.abc@coordination.example",
        in_reply_to="<b@x.example>",
        references=["<a@x.example>", "<b@x.example>"],
        auto_submitted="auto-generated",
    )
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert message["Subject"] == "[CFX-26-00017] IORT case review – breast"
    assert message["From"] == "IORT case coordination <cases@coordination.example>"
    assert message["Reply-To"] == "cases+7.abc@coordination.example"
    assert message["References"].split() == ["<a@x.example>", "<b@x.example>"]
    assert message["In-Reply-To"] == "<b@x.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == DATE
    assert message["Message-ID"] == "<m1@coordination.example>"
    assert not message.defects


def test_a_letter_that_a_person_approved_is_not_called_automatic() -> None:
    assert b"Auto-Submitted" not in compose(letter())


@given(subject=TEXT, body=st.text(st.characters(codec="utf-8", exclude_characters="\r\x00")))
def test_every_text_comes_back_as_it_was(subject: str, body: str) -> None:
    raw = compose(letter(subject, body))
    raw.decode("ascii")
    message = email.message_from_bytes(raw, policy=email.policy.default)
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == body
    assert parse_inbound(raw).subject == " ".join(subject.split())[:1000]


@given(body=st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=3000))
def test_no_line_is_longer_than_mail_servers_take(body: str) -> None:
    for line in compose(letter(body=body)).split(b"\r\n"):
        assert len(line) <= 998
        assert b"\n" not in line


def test_a_mostly_chinese_letter_is_base64() -> None:
    assert b"Content-Transfer-Encoding: base64" in compose(letter(body="请提供病理切片。\n" * 10))


@pytest.mark.parametrize(
    "name", ["to_address", "from_address", "reply_to", "message_id", "in_reply_to"]
)
def test_a_line_break_makes_no_second_header(name: str) -> None:
    with pytest.raises(ValueError, match="one line") as error:
        compose(letter(), **{name: "a@x.example\r\nBcc: b@x.example"})
    assert "b@x.example" not in str(error.value)


def test_a_naive_date_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        compose(letter(), date=datetime(2027, 3, 1))  # noqa: DTZ001 - naive on purpose


def test_attachments_come_back_byte_for_byte() -> None:
    content = bytes(range(256)) * 30
    raw = compose(
        letter(body="See the file.\n"),
        attachments=[("../отчёт 1.pdf", "application/pdf", content), ("b.txt", "text/plain", b"x")],
    )
    inbound = parse_inbound(raw)
    assert inbound.text == "See the file."
    assert inbound.attachments == (
        ("1.pdf", "application/pdf", content),
        ("b.txt", "text/plain", b"x"),
    )


def test_the_message_id_is_the_same_for_the_same_letter_and_says_nothing() -> None:
    one = message_id_for("CFX-26-00017:M10:thread-7", "coordination.example", MARKS)
    assert one == message_id_for("CFX-26-00017:M10:thread-7", "coordination.example", MARKS)
    assert one != message_id_for("CFX-26-00017:M10:thread-8", "coordination.example", MARKS)
    assert re.fullmatch(r"<[0-9a-f]{40}@coordination\.example>", one)


def test_nobody_says_a_message_id_beforehand_without_the_key() -> None:
    one = message_id_for("message-17", "coordination.example", MARKS)
    assert one != message_id_for("message-17", "coordination.example", Marks(b"another key"))
    plain = hashlib.sha256(b"message-id:v1:message-17").hexdigest()
    assert plain[:40] not in one
    with pytest.raises(ValueError, match="key"):
        Marks(b"")


@pytest.mark.parametrize("kind", ["case", "letter", "alarm", "draft"])
def test_a_token_of_one_kind_is_none_of_another(kind: TokenKind) -> None:
    token = reply_token(17, RING, kind)
    assert verify_reply_token(token, RING, kind) == 17
    assert verify_reply_token(token, RING) is None
    assert verify_reply_token(token[1:], RING) is None, "the sign is proven with the number"
    address = reply_address("cases@coordination.example", token)
    assert named_in([address.upper()] * 2, RING) == (Named(kind, 17),)
    assert named_in([address], OTHER_RING) == ()


@given(st.integers(min_value=0, max_value=10**17))
def test_a_token_proves_its_thread_whatever_mail_servers_do_to_its_case(thread_id: int) -> None:
    token = reply_token(thread_id, RING)
    assert verify_reply_token(token, RING) == thread_id
    assert verify_reply_token(token.upper(), RING) == thread_id
    assert verify_reply_token(token, OTHER_RING) is None
    address = reply_address("cases@coordination.example", token)
    assert len(address.split("@")[0]) <= 64
    assert tokens_in([f"Cases <{address.upper()}>"]) == [token]


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_the_tag_of_one_thread_is_not_anothers(one: int, other: int) -> None:
    tag = reply_token(one, RING).split(".", 1)[1]
    verified = verify_reply_token(f"{other}.{tag}", RING)
    assert verified == (other if one == other else None)


@given(st.text())
def test_any_other_text_is_no_token(text: str) -> None:
    assert verify_reply_token(text, RING) is None


def test_a_token_needs_a_plain_mailbox() -> None:
    with pytest.raises(ValueError, match="plain"):
        reply_address("cases+x@coordination.example", "t")
    with pytest.raises(ValueError, match="plain"):
        reply_address("nobody", "t")


def test_a_moment_is_written_in_its_own_zone() -> None:
    assert b"Date: Mon, 01 Mar 2027 09:30:00 +0300" in compose(letter())
    assert b"Date: Mon, 01 Mar 2027 06:30:00 +0000" in compose(letter(), date=DATE.astimezone(UTC))
