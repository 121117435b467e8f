"""Rehearsal keeps to itself: embedded servers only; the hospital answers where it was asked."""

from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from local.rehearsal.director import Rehearsal
from local.rehearsal.hospital import HospitalPost, offer, read_enquiry
from settings import Settings
from workflows.engine.world import World


def test_a_rehearsal_is_refused_outside_embedded_mode() -> None:
    settings = Settings(_env_file=None, embedded=False)
    with pytest.raises(ValueError, match="embedded"):
        Rehearsal(World(settings))
    with pytest.raises(ValueError, match="embedded"):
        HospitalPost(settings)


def enquiry() -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Coordination <cases@coordination.example>"
    mail["Reply-To"] = "cases+t1-abc@coordination.example"
    mail["Subject"] = "[CFX-26-00007] IORT case review - reply by 2026-12-01"
    mail["Message-ID"] = "<message-9@coordination.example>"
    mail.set_content("...")
    return mail


def test_an_enquiry_is_answered_to_the_address_with_its_token() -> None:
    read = read_enquiry("ipd@sahyadri.example", enquiry().as_bytes())
    assert read is not None
    assert (read.ref, read.reply_to) == ("CFX-26-00007", "cases+t1-abc@coordination.example")
    assert read.message_id == "<message-9@coordination.example>"


def test_a_letter_about_no_case_is_not_answered() -> None:
    mail = enquiry()
    mail.replace_header("Subject", "Season's greetings")
    assert read_enquiry("ipd@sahyadri.example", mail.as_bytes()) is None


def test_the_hospital_reads_its_mail_and_writes_into_the_thread(settings: Settings) -> None:
    post = HospitalPost(settings)
    hospital = f"ward-{settings.mail_from}"
    sender = World(settings).mail_out
    sender.deliver(enquiry().as_bytes(), settings.mail_from, [hospital])
    (raw,) = post.mails(hospital)
    read = read_enquiry(hospital, raw)
    assert read is not None and post.mails(hospital) == []

    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    post.write(replace(read, reply_to=settings.mail_from), offer(now), now)
    mailbox = World(settings).open_mailbox()
    (reply,) = mailbox.fetch()
    mailbox.close()
    post.close()
    assert b"In-Reply-To: <message-9@coordination.example>" in reply.raw
    assert b"USD 7,800 to 9,100" in reply.raw
