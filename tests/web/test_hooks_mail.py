"""Mail providers: signed hooks with raw messages, through the gate of the mailbox, each once."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from unittest.mock import patch

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from httpx2 import Response
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import Session, col

from models import InboundMail, InboundWebhook, Message
from settings import Settings
from tests.web.parts import Visitor
from tests.web.test_hooks import SECRET, count, worked
from tests.workflows.playing import PATIENT, Play
from workflows.engine.world import World
from workflows.letters.inbound import take_mail

Visit = Callable[..., Visitor]
KEY = "a-key-of-the-provider"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    secrets = {name: SecretStr(KEY) for name in ("mailgun", "postmark", "ses")}
    secrets |= {"partner": SecretStr(SECRET)}
    return settings.model_copy(update={"webhook_secrets": secrets})


def row(world: World) -> InboundWebhook:
    with Session(world.engine) as session:
        query = select(InboundWebhook).order_by(col(InboundWebhook.id).desc())
        return session.scalars(query).first() or pytest.fail("nothing was kept")


def letters(world: World) -> int:
    """Return how many letters there are, however many deliveries brought them."""
    with Session(world.engine) as session:
        came = select(col(Message.id)).where(col(Message.direction) == "in")
        return len(session.scalars(came).all())


def letter(text: str = "I send the report tomorrow.", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = PATIENT.email or "", "cases@coordination.example"
    mail["Subject"], mail["Date"] = "my papers", "Mon, 23 Nov 2026 08:00:00 +0000"
    mail["Message-ID"] = headers.pop("message_id", "<one@family.example>")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def mailgun(raw: bytes, *, token: str = "t" * 50, age: timedelta = timedelta()) -> Any:
    moment = str(int((datetime.now(UTC) - age).timestamp()))
    mark = hmac.new(KEY.encode(), f"{moment}{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "timestamp": moment, "token": token, "signature": mark, "recipient": "cases@x.example",
        "body-mime": raw.decode(),
    }  # fmt: skip


def provide(visitor: Visitor, provider: str, raw: bytes, **how: Any) -> Response:
    """Post a message as a provider does."""
    at = f"/hooks/mail/{provider}"
    if provider == "mailgun":
        fields = mailgun(raw, **how)
        return visitor.client.post(at, files={name: (None, one) for name, one in fields.items()})
    if provider == "postmark":
        return visitor.client.post(at, json={"RawEmail": raw.decode()}, auth=("hook", KEY))
    return visitor.client.post(at, content=sns(raw), headers={"content-type": "text/plain"})


SIGNER = rsa.generate_private_key(65537, 2048)


def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(SIGNER.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    )  # fmt: skip
    return made.sign(SIGNER, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def sns(raw: bytes, **change: str) -> bytes:
    message = {
        "notificationType": "Received",
        "receipt": {"action": {"type": "SNS", "encoding": "BASE64"}},
        "content": base64.b64encode(raw).decode(),
    }  # fmt: skip
    said = {
        "Type": "Notification", "MessageId": "sns-1", "Message": json.dumps(message),
        "TopicArn": "arn:aws:sns:eu-central-1:000000000000:inbound-mail",
        "Timestamp": "2026-11-23T08:00:00.000Z", "SignatureVersion": "2",
        "SigningCertURL": "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem",
    }  # fmt: skip
    names = sorted(("Message", "MessageId", "Timestamp", "TopicArn", "Type"))
    content = "".join(f"{name}\n{said[name]}\n" for name in names).encode()
    mark = SIGNER.sign(content, padding.PKCS1v15(), hashes.SHA256())
    return json.dumps({**said, "Signature": base64.b64encode(mark).decode(), **change}).encode()


@pytest.fixture(autouse=True)
def amazon() -> Iterator[None]:
    with patch("workflows.hooks.genuine.get_public", return_value=certificate()):
        yield


@pytest.mark.parametrize("provider", ["mailgun", "postmark", "ses"])
def test_a_letter_by_a_provider_and_by_the_mailbox_is_one_letter(
    visit: Visit, world: World, play: Play, provider: str
) -> None:
    play.open()
    raw = letter().as_bytes()
    answer = provide(visit(), provider, raw)
    assert answer.status_code == 200, answer.text
    worked(world)
    by_mailbox = b"Received: from a.example by b.example\r\nDelivered-To: cases\r\n" + raw.replace(
        b"\n", b"\r\n"
    )
    assert take_mail(world, by_mailbox, uid="1:1", now=world.clock.now()) is None
    with Session(world.engine) as session:
        mail, copy = session.scalars(select(InboundMail).order_by(col(InboundMail.id))).all()
        (message,) = session.scalars(select(Message).where(col(Message.direction) == "in")).all()
    assert (mail.state, copy.state, message.case_id) == ("matched", "copy", play.case_id)
    assert world.storage.get(mail.object_key) == raw, "as the provider had it"
    assert (row(world).state, row(world).object_key) == ("done", ""), "the wrapping is not kept"


def test_the_mailbox_first_and_a_provider_later_is_one_letter_too(
    visit: Visit, world: World, play: Play
) -> None:
    play.open()
    assert take_mail(world, letter().as_bytes(), uid="1:1", now=world.clock.now()) is not None
    provide(visit(), "mailgun", letter(X_Mailgun_Sid="abc").as_bytes())
    worked(world)
    assert letters(world) == 1 and row(world).state == "done"


def test_another_text_under_the_same_message_id_is_another_letter(
    visit: Visit, world: World, play: Play
) -> None:
    play.open()
    visitor = visit()
    provide(visitor, "mailgun", letter().as_bytes())
    provide(visitor, "mailgun", letter("Something else.").as_bytes(), token="u" * 50)
    worked(world)
    assert letters(world) == 2


def test_a_provider_that_cannot_prove_itself_brings_nothing(visit: Visit, world: World) -> None:
    visitor, raw = visit(), letter().as_bytes()
    at = "/hooks/mail/"
    forged = {**mailgun(raw), "signature": "0" * 64}
    answers = [
        visitor.client.post(f"{at}mailgun", data=forged),
        provide(visitor, "mailgun", raw, age=timedelta(hours=13)),
        visitor.client.post(f"{at}mailgun", data={**mailgun(raw), "token": "v" * 50}),
        visitor.client.post(f"{at}postmark", json={"RawEmail": "x"}, auth=("hook", "no")),
        visitor.client.post(f"{at}postmark", json={"RawEmail": "x"}),
        visitor.client.post(f"{at}ses", content=sns(raw, MessageId="sns-2")),
        visitor.client.post(f"{at}ses", content=sns(raw, TopicArn="arn:aws:sns:eu:1:other")),
        visitor.client.post(
            f"{at}ses", content=sns(raw, SigningCertURL="https://sns.evil.example/x.pem")
        ),
        visitor.client.post(
            f"{at}ses",
            content=sns(
                raw, SigningCertURL="https://sns.eu-west-1.amazonaws.com@evil.example/a.pem"
            ),
        ),
        visitor.client.post(f"{at}partner", content=raw),
        visitor.client.post(f"{at}nobody", content=raw),
    ]
    assert [answer.status_code for answer in answers] == [401] * len(answers)
    assert count(world, InboundWebhook) == 0


def test_a_captured_signature_of_mailgun_carries_no_second_letter(
    visit: Visit, world: World, play: Play
) -> None:
    """Mailgun signs no body: whoever heard a signature could put another letter under it."""
    visitor = visit()
    fields = mailgun(letter().as_bytes())
    parts = {name: (None, one) for name, one in fields.items()}
    assert visitor.client.post("/hooks/mail/mailgun", files=parts).status_code == 200
    other = {**fields, "body-mime": letter("Send the money.").as_bytes().decode()}
    answer = visitor.client.post("/hooks/mail/mailgun", data=other)
    assert answer.status_code == 409
    assert [task.detail for task in play.tasks() if task.kind == "look_at_hook"] == ["other_body"]


def test_a_delivery_without_a_message_is_refused_and_a_person_hears_of_it(
    visit: Visit, world: World, play: Play
) -> None:
    answer = visit().client.post(
        "/hooks/mail/postmark", json={"TextBody": "hello"}, auth=("hook", KEY)
    )
    assert answer.status_code == 422 and "raw MIME" in answer.json()["detail"]
    assert [task.detail for task in play.tasks() if task.kind == "look_at_hook"] == ["no_mail"]
