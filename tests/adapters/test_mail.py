"""Mail out and in against the run's real SMTP and IMAP server."""

import email
import itertools
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from adapters.mail_in import FetchedMail, ImapMailIn, MailInError
from adapters.mail_out import SmtpMailOut
from correspondence import Letter, compose_mime
from local.embedded.servers import EmbeddedServers
from settings import Settings
from tests.fixtures.run import worker_name

_numbers = itertools.count(1)


@pytest.fixture
def mail_out(settings: Settings) -> SmtpMailOut:
    return SmtpMailOut(
        host=settings.smtp_host,
        port=settings.smtp_port,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        security=settings.smtp_security,
    )


@pytest.fixture
def address() -> str:
    """An address that no other test uses."""
    return f"ipd-{worker_name()}-{os.getpid()}-{next(_numbers)}@hospital.example"


@pytest.fixture
def open_box(settings: Settings, address: str) -> Iterator[Callable[..., ImapMailIn]]:
    boxes: list[ImapMailIn] = []

    def open_one(**changes: object) -> ImapMailIn:
        given: dict[str, object] = {
            "host": settings.imap_host,
            "port": settings.imap_port,
            "user": address,
            "password": settings.imap_password.get_secret_value(),
            "security": settings.imap_security,
        }
        boxes.append(ImapMailIn(**{**given, **changes}))  # type: ignore[arg-type]
        return boxes[-1]

    yield open_one
    for box in boxes:
        box.close()


def letter_to(address: str, body: str, message_id: str = "<one@coordination.example>") -> bytes:
    letter = Letter("Betreff – ключ", body, "M10", "1", "en", "hospital")
    return compose_mime(
        letter,
        message_id=message_id,
        from_address="cases@coordination.example",
        to_address=address,
        date=datetime(2027, 3, 1, tzinfo=UTC),
    )


def text_of(mail: FetchedMail) -> str:
    message = email.message_from_bytes(mail.raw)
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def test_a_letter_arrives_with_its_text_and_its_id(
    mail_out: SmtpMailOut, open_box: Callable[..., ImapMailIn], address: str
) -> None:
    body = "Dear team,\n.\n.one dot\n..two dots\nüñ 锦江\n"
    delivered = mail_out.deliver(letter_to(address, body), "cases@coordination.example", [address])
    assert delivered.code == 250
    (mail,) = open_box().fetch()
    assert text_of(mail).replace("\r\n", "\n") == body
    assert email.message_from_bytes(mail.raw)["Message-ID"] == "<one@coordination.example>"
    assert not mail.truncated


def test_a_fetched_letter_stays_unseen_until_it_is_marked(
    mail_out: SmtpMailOut, open_box: Callable[..., ImapMailIn], address: str
) -> None:
    mail_out.deliver(letter_to(address, "one\n"), "c@coordination.example", [address])
    box = open_box()
    (first,) = box.fetch()
    box.close()
    (again,) = open_box().fetch()
    assert (again.uid, again.uid_validity) == (first.uid, first.uid_validity)
    other = open_box()
    assert other.mark_seen(again)
    assert list(other.fetch()) == []
    assert list(open_box().fetch()) == []


def test_what_arrives_while_connected_is_seen_by_the_next_fetch(
    mail_out: SmtpMailOut, open_box: Callable[..., ImapMailIn], address: str
) -> None:
    box = open_box()
    assert list(box.fetch()) == []
    mail_out.deliver(letter_to(address, "late\n"), "c@coordination.example", [address])
    assert len(list(box.fetch())) == 1


def test_letters_come_oldest_first_and_no_more_than_asked(
    mail_out: SmtpMailOut, open_box: Callable[..., ImapMailIn], address: str
) -> None:
    for number in range(4):
        raw = letter_to(address, f"{number}\n", f"<{number}@coordination.example>")
        mail_out.deliver(raw, "c@coordination.example", [address])
    fetched = list(open_box().fetch(limit=3))
    assert [text_of(mail).strip() for mail in fetched] == ["0", "1", "2"]


def test_a_letter_beyond_the_limit_is_cut_and_says_so(
    mail_out: SmtpMailOut, open_box: Callable[..., ImapMailIn], address: str
) -> None:
    mail_out.deliver(letter_to(address, "x" * 5000 + "\n"), "c@coordination.example", [address])
    (mail,) = open_box(largest_message=1000).fetch()
    assert mail.truncated
    assert len(mail.raw) == 1000
    assert mail.size > 5000


def test_a_renumbered_mailbox_marks_nothing(
    mail_out: SmtpMailOut, open_box: Callable[..., ImapMailIn], address: str
) -> None:
    mail_out.deliver(letter_to(address, "one\n"), "c@coordination.example", [address])
    box = open_box()
    (mail,) = box.fetch()
    renumbered = FetchedMail(mail.uid_validity + 1, mail.uid, mail.raw, mail.size, False)
    assert not box.mark_seen(renumbered)
    assert len(list(box.fetch())) == 1


def test_a_wrong_password_names_neither_address_nor_password(
    open_box: Callable[..., ImapMailIn], address: str
) -> None:
    with pytest.raises(MailInError) as refused:
        list(open_box(password="not-the-password").fetch())
    assert address not in str(refused.value)
    assert "not-the-password" not in str(refused.value)


def test_a_mailbox_that_is_away_is_an_error_and_can_be_closed() -> None:
    box = ImapMailIn(host="127.0.0.1", port=9, user="u", password="p", security="none")
    with pytest.raises(MailInError):
        list(box.fetch())
    box.close()


def test_mail_to_our_token_address_reaches_our_mailbox(
    mail_out: SmtpMailOut,
    open_box: Callable[..., ImapMailIn],
    settings: Settings,
    servers: EmbeddedServers,
) -> None:
    local, _, domain = settings.mail_from.partition("@")
    to = f"{local}+7.abcdefghijklmnopqrstuvwxyz@{domain}"
    mail_out.deliver(letter_to(to, "reply\n"), "ipd@hospital.example", [to])
    assert len(list(open_box(user=settings.mail_from).fetch())) == 1
