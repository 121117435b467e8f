"""Letters that come and cases beside the one of a test: what tests of places share."""

import email.policy
from email.message import EmailMessage
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from models import Case
from models.database import transaction
from tests.workflows.playing import Play
from workflows.cases.intake import NewCase, NewPatient, open_case
from workflows.engine.record import Recorder
from workflows.letters.inbound import take_mail

STRANGER = "son@elsewhere.example"


def came(play: Play, text: str = "Can you help my mother?", **named: Any) -> int:
    """Bring a letter in as the gate does, and return its number; `file` is a PDF with it.

    It is attached `copies` times.
    """
    letter = EmailMessage(policy=email.policy.SMTP)
    letter["From"] = named.get("sender", STRANGER)
    letter["To"] = play.world.settings.mail_from
    letter["Subject"] = named.get("subject", "a question")
    letter["Message-ID"] = f"<{play.clock.now().timestamp()}-{len(text)}@elsewhere.example>"
    letter.set_content(text)
    pdf: dict[str, Any] = {"maintype": "application", "subtype": "pdf", "filename": "scan.pdf"}
    if content := named.get("file"):
        for _ in range(named.get("copies", 1)):
            letter.add_attachment(content, **pdf)
    number = take_mail(play.world, letter.as_bytes(), uid="", now=play.clock.now())
    assert number is not None
    return number


def rows(play: Play, table: Any, **by: object) -> list[Any]:
    with Session(play.world.engine) as session:
        found = session.scalars(select(table).order_by(table.id))
        return [row for row in found if all(getattr(row, k) == v for k, v in by.items())]


def another_case(play: Play, email: str = "other@patients.example") -> Case:
    with transaction(play.world.engine) as session:
        recorder = Recorder(session, play.world.process, play.clock.now())
        new = NewCase(NewPatient(name="Ana Example", email=email), site="breast")
        case = open_case(session, recorder, play.world, new)
        recorder.flush()
        session.expunge(case)
    return case
