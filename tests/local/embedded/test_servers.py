"""The embedded servers answer, come back on their data after a crash, and leave nothing behind."""

import imaplib
import smtplib
from email.message import EmailMessage
from typing import Any

import pytest
from kombu import Connection
from sqlalchemy import Engine, text
from sqlmodel import Session

from adapters.storage import S3Storage
from local.embedded.postgres import OWNER
from local.embedded.servers import EmbeddedServers
from settings import Settings, get_settings


def test_settings_point_at_the_servers_and_reach_get_settings(settings: Settings) -> None:
    assert settings.embedded
    assert get_settings() == settings


@pytest.mark.parametrize("round_number", [1, 2])
def test_every_test_has_an_empty_migrated_database(
    session: Session, engine: Engine, owner_engine: Engine, round_number: int
) -> None:
    assert session.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1
    with owner_engine.begin() as owner:
        owner.execute(text("CREATE TABLE left_behind (round int)"))
    with engine.connect() as other:
        assert other.execute(text("SELECT count(*) FROM left_behind")).scalar_one() == 0


@pytest.mark.parametrize("round_number", [1, 2])
def test_every_test_has_an_empty_bucket(storage: S3Storage, round_number: int) -> None:
    assert not storage.exists("left-behind")
    storage.put("left-behind", b"content", "text/plain")
    assert storage.get("left-behind") == b"content"


def test_mail_is_delivered_by_envelope_byte_for_byte(
    servers: EmbeddedServers, settings: Settings
) -> None:
    message = EmailMessage()
    message["From"] = "a@hospital.example"
    message["To"] = "Somebody Else <other@hospital.example>"
    message["Subject"] = "Grüße"
    message.set_content("Line one\n\n.dot\nLäst")
    raw = message.as_bytes().replace(b"\n", b"\r\n")
    local, _, domain = settings.mail_from.partition("@")
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port) as client:
        client.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        client.sendmail("bounce@hospital.example", [f"{local}+token@{domain}"], raw)
    with imaplib.IMAP4(settings.imap_host, settings.imap_port) as mailbox:
        mailbox.login(settings.imap_user, settings.imap_password.get_secret_value())
        mailbox.select("INBOX")
        _, found = mailbox.search(None, "ALL")
        assert found[0].split() == [b"1"]
        _, parts = mailbox.fetch("1", "(BODY.PEEK[])")
    assert isinstance(parts[0], tuple)
    stored = parts[0][1]
    assert stored.endswith(raw)
    assert b"Delivered-To: " + f"{local}+token@{domain}".encode() in stored


def test_mail_refuses_a_wrong_password(settings: Settings) -> None:
    with smtplib.SMTP(settings.smtp_host, settings.smtp_port) as client:
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login(settings.smtp_user, "wrong")
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.sendmail("a@b.example", ["c@d.example"], b"Subject: no\r\n\r\n")


def test_servers_come_back_on_their_data_after_a_crash(private_servers: EmbeddedServers) -> None:
    postgres, valkey, s3 = private_servers.postgres, private_servers.valkey, private_servers.s3
    with postgres.connect(user=OWNER) as connection:
        connection.execute("CREATE TABLE kept (value int)")
        connection.execute("INSERT INTO kept VALUES (7)")
    client = valkey.client()
    client.set("kept", "7")
    s3.client().put_object(Bucket="iort-case-files", Key="kept", Body=b"7")

    for server in private_servers:
        server.kill()
        assert not server.alive()
        server.start()

    with postgres.connect(user=OWNER) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (7,)
    assert client.get("kept") == b"7"
    client.close()
    body = s3.client().get_object(Bucket="iort-case-files", Key="kept")["Body"]
    assert body.read() == b"7"


def test_the_applications_user_may_take_back_what_a_dead_worker_held(settings: Settings) -> None:
    """Celery looks for it every few minutes, under a lock that it releases by a script."""
    with Connection(settings.broker_url) as connection:
        queue: Any = connection.SimpleQueue("held")
        queue.put({"ring": 1})
        queue.get(timeout=5)  # and never acknowledged
        qos = queue.channel.qos
        qos.visibility_timeout = -1
        for _ in range(2):
            qos.restore_visible(interval=1)
        assert queue.get(timeout=5).payload == {"ring": 1}
        queue.close()
