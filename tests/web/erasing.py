"""What tests of an erasure share: a case filled through its doors, and a look into every place."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

from imap_tools import MailBoxUnencrypted
from sqlalchemy import select, text
from sqlmodel import Session, SQLModel, col

from adapters.webhooks import sign
from local.rehearsal.reports import ROSA
from models import Case, Erasure
from models.base import require_id
from models.database import transaction
from models.sealed import Sealed
from tests.web.parts import Visitor, own_path
from tests.web.sending import Sender
from tests.workflows.acts import SIGNED, SYNOPTIC
from tests.workflows.playing import Play
from workflows.engine.recurring import FETCH_MAIL, ensure_recurring
from workflows.engine.runner import Runner
from workflows.portal.upload_tickets import ticket_for
from workflows.portal.uploads import Owner
from workflows.steps import STEPS

NAME, PHONE = ROSA.name, "+49 30 7771234567"
STREET, IN_MESSAGE = "Quittengasse 77", "the pelargonium stands in the window"
FILE_NAME, IN_UPLOAD = "zimtstern-befund", "Quendelhonig im Befund"
IN_MAIL, IN_ATTACHMENT, ATTACHED = "we miss the Sanddorn coast", "Holunderbluete", "moosbeere.txt"
IN_REPLY, IN_PARTNER_NOTE, IN_REASON = "Wacholderreply", "Schlehdorn wrote", "Kornelkirsche said so"
IN_UNMATCHED = "Eberesche asks again"
CANARIES = (
    NAME, PHONE, STREET, IN_MESSAGE, FILE_NAME, IN_UPLOAD, IN_MAIL, IN_ATTACHMENT,
    ATTACHED, IN_REPLY, IN_PARTNER_NOTE, IN_REASON, IN_UNMATCHED,
)  # fmt: skip


def email_of(play: Play) -> str:
    """Return the patient's address: a mailbox of this test alone."""
    return f"zq-{play.world.settings.mail_from}"


def hook(visitor: Visitor, secret: str, kind: str, data: dict[str, Any], number: str) -> Any:
    body = json.dumps({"type": kind, "data": data}).encode()
    headers = sign([secret], message_id=number, sent_at=datetime.now(UTC), body=body)
    return visitor.client.post("/hooks/partner", content=body, headers=headers)


def opening(play: Play, visitor: Visitor, secret: str) -> Any:
    """Deliver the partner's webhook that opens the case and carries a report."""
    report = base64.b64encode(SYNOPTIC).decode()
    patient = {
        "name": NAME,
        "phone": PHONE,
        "email": email_of(play),
        "birth_date": ROSA.birth_date.isoformat(),
    }
    documents = [{"file_name": f"{FILE_NAME}.pdf", "content": report}]
    data = {"patient": patient, "site": "breast", "documents": documents}
    return hook(visitor, secret, "case.opened", data, "open-1")


def opened(play: Play, visitor: Visitor, secret: str) -> None:
    """Open the case by a partner's webhook that carries a report."""
    answer = opening(play, visitor, secret)
    assert answer.status_code == 200, answer.text
    play.run()
    with Session(play.world.engine) as session:
        ref = answer.json()["case_ref"]
        case = session.scalars(select(Case).where(col(Case.ref) == ref)).one()
        play.case_id = require_id(case.id)
    play.run()


def to_hospital(play: Play) -> None:
    """Bring the case to a hospital that was told its findings."""
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.answer("record_consent", "granted", **SIGNED)
    play.confirm()
    play.answer("settle_completeness", "waive", reason=IN_REASON)
    play.answer("countersign_waiver", "agree", IN_REASON)
    play.sign("suitable_for_outreach", IN_REASON)
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01")
    play.answer("approve_message", "approve")


def filled(play: Play, visitor: Visitor, secret: str) -> None:
    """Put something of the patient into every kind of place, through the doors."""
    path = own_path(play)
    sent = visitor.send(f"{path}/message", {"text": f"{STREET}; {IN_MESSAGE}"}, path)
    assert sent.status_code == 303
    sender = Sender(visitor.client, ticket_for(play.world, Owner("case", play.case_id)))
    content = f"Pathology report. {IN_UPLOAD}".encode()
    began = sender.begin(len(content), name=f"{FILE_NAME}-2.txt")
    assert sender.put(began, 0, content).status_code == 204
    note = {"case_ref": play.case.ref, "text": IN_PARTNER_NOTE}
    assert hook(visitor, secret, "case.note", note, "note-1").status_code == 200
    play.run()
    mailed(play, IN_MAIL, attached=IN_ATTACHMENT)
    mailed(play, f"Dear colleagues, {IN_REPLY}.", answering=True)


def letter_to_us(play: Play, words: str, *, answering: bool = False) -> EmailMessage:
    """Return a mail of the patient, or a hospital's answer to the enquiry."""
    letter = EmailMessage()
    letter["To"] = play.world.settings.mail_from
    letter["Date"] = play.clock.now()
    if answering:
        (enquiry,) = play.messages(template="M10", state="sent")
        raw = play.world.storage.get(enquiry.raw_object_key or "")
        sent = BytesParser(policy=default).parsebytes(raw)
        letter["From"], letter["Reply-To"] = enquiry.address, enquiry.address
        letter["Subject"], letter["In-Reply-To"] = f"Re: {sent['Subject']}", sent["Message-ID"]
        letter["References"] = sent["Message-ID"]
    else:
        letter["From"], letter["Subject"] = f"{NAME} <{email_of(play)}>", "my case"
    letter["Message-ID"] = f"<{abs(hash(words))}@sender.example>"
    letter.set_content(words)
    return letter


def mailed(play: Play, words: str, *, attached: str = "", answering: bool = False) -> None:
    """Send a mail by SMTP, fetch it by IMAP, and work what follows."""
    letter = letter_to_us(play, words, answering=answering)
    if attached:
        letter.add_attachment(attached, filename=ATTACHED)
    deliver(play, letter)


def deliver(play: Play, letter: EmailMessage) -> None:
    ours = play.world.settings.mail_from
    play.world.mail_out.deliver(letter.as_bytes(), "somebody@sender.example", [ours])
    with play.world.engine.begin() as connection:
        connection.execute(text("DELETE FROM step_run WHERE name = 'ingestion.fetch_mail'"))
    ensure_recurring(play.world)
    Runner(play.world, STEPS).drain(FETCH_MAIL)
    play.run()


def looked(play: Play, **later: float) -> None:
    """Move the clock, let the clock of retention look, and work what follows."""
    play.clock.move(timedelta(**later) if later else timedelta(minutes=16))
    ensure_recurring(play.world)
    play.run()


def erased(play: Play) -> Erasure:
    """Let the clock run until the erasure is done; return its row."""
    for _ in range(8):
        looked(play, minutes=31)
    with Session(play.world.engine) as session:
        return session.scalars(select(Erasure).where(col(Erasure.case_id) == play.case_id)).one()


Look = Callable[[], dict[str, bytes]]


def tables(play: Play) -> dict[str, bytes]:
    """Return every table of the database, and what its statistics hold, as text."""
    found = {}
    with play.world.engine.connect() as connection:
        names = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        ).all()
        for name in names:
            rows = connection.scalars(text(f'SELECT t::text FROM "{name}" t')).all()
            found[f"table {name}"] = "\n".join((*rows, *_opened(play, name))).encode()
        rows = connection.scalars(text("SELECT s::text FROM pg_stats s")).all()
        found["statistics"] = "\n".join(rows).encode()
    return found


def _opened(play: Play, name: str) -> Iterator[str]:
    """Yield what is sealed in a table: as long as there is a key, who has it can read it."""
    table = SQLModel.metadata.tables.get(name)
    columns = [one for one in table.c if isinstance(one.type, Sealed)] if table is not None else []
    if columns:
        with transaction(play.world.engine) as session:
            yield from (str(tuple(row)) for row in session.execute(select(*columns)))


def objects(play: Play, client: Any) -> dict[str, bytes]:
    """Return every version of every object in the bucket, by its key."""
    bucket = play.world.settings.s3_bucket
    found: dict[str, bytes] = {}
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for one in page.get("Contents", ()):
            got = client.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
            name = play.world.object_keys.names_of([one["Key"]]).get(one["Key"])
            # As long as there is a key, who has it can read the object.
            found[f"object {one['Key']}"] = play.world.storage.get(name) if name else got
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            found.setdefault(f"object {one['Key']}", b"")
    return found


def mailbox(play: Play) -> dict[str, bytes]:
    """Return every mail that lies in our mailbox."""
    settings = play.world.settings
    box = MailBoxUnencrypted(settings.imap_host, settings.imap_port)
    password = settings.imap_password.get_secret_value()
    with box.login(settings.imap_user, password) as own:
        return {f"mail {m.uid}": m.obj.as_bytes() for m in own.fetch(mark_seen=False)}


def broker(client: Any) -> dict[str, bytes]:
    """Return what every key of the broker holds."""
    return {f"broker {key!r}": key + bytes(client.dump(key) or b"") for key in client.keys("*")}


def holding(places: dict[str, bytes], words: tuple[str, ...]) -> list[str]:
    """Return where one of the words stands, plain or as mails write it."""
    found = []
    for place, content in places.items():
        for word in words:
            kinds = (
                word.encode(),
                base64.b64encode(word.encode())[:-4],
                word.encode().hex().encode(),
            )
            if any(kind in content for kind in kinds):
                found.append(f"{word!r} in {place}")
    return found
