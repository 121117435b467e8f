"""What a thief of the disk finds: the files of the database themselves, its log, its free pages."""

import base64
from collections.abc import Callable, Iterable
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import Session

from local.embedded.postgres import SUPERUSER
from local.embedded.servers import EmbeddedServers
from models import Document, Mark, Patient
from models.database import transaction
from settings import Settings
from tests.web import erasing
from tests.web.parts import Visitor
from tests.web.test_erasure import SECRET
from tests.workflows.acts import SYNOPTIC
from tests.workflows.playing import Play
from workflows.cases.contacts import confirm_contact
from workflows.engine.lookup import patient_of
from workflows.engine.record import Recorder
from workflows.events import Actor


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhook_secrets": {"partner": SecretStr(SECRET)}})


def canary(kind: str) -> str:
    return f"Zyx{kind}{uuid4().hex}"


def lying(folder: Path, words: Iterable[str]) -> dict[str, int]:
    """Return in how many places of a server's files each word stands in clear."""
    found = dict.fromkeys(words, 0)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            for word in found:
                found[word] += content.count(word.encode())
    return found


def test_what_is_sealed_stands_nowhere_in_the_files_of_the_database(
    play: Play, visit: Callable[..., Visitor], servers: EmbeddedServers
) -> None:
    """Through a partner's hook, by hand and out of a paper; changed once, so that old rows lie."""
    phone, before = (f"+49{uuid4().int}"[:24] for _ in range(2))
    file_name = canary("paper")
    near, reason, open_word = canary("near"), canary("reason"), canary("open")
    data = {
        "patient": {"name": "Rosa Muster", "phone": before, "email": erasing.email_of(play)},
        "site": "breast",
        "documents": [
            {"file_name": f"{file_name}.pdf", "content": base64.b64encode(SYNOPTIC).decode()}
        ],
    }
    answer = erasing.hook(visit(), SECRET, "case.opened", data, "open-1")
    assert answer.status_code == 200, answer.text
    play.run()
    with transaction(play.world.engine) as session:
        play.case_id = session.scalars(select(Patient)).one().case_id
        patient = patient_of(session, play.case_id)
        assert patient.phone == before
        patient.phone, patient.intake = phone, {**patient.intake, "words": reason}
        recorder = Recorder(session, play.world.process, play.clock.now())
        ours, who = play.world.settings.mail_from, Actor("coordinator", "c1")
        address = f"{near}@family.example"
        confirm_contact(recorder, play.case_id, address, "family", who, ours=ours, name=near)
        recorder.flush()
    with Session(play.world.engine) as session:
        assert file_name in session.scalars(select(Document)).one().file_name
    with transaction(play.world.engine) as session:  # the search itself is seen to find
        session.add(Mark(name=open_word, at=play.clock.now()))
    connection = servers.postgres.connect("postgres", user=SUPERUSER)
    connection.autocommit = True
    connection.execute("CHECKPOINT")
    connection.close()
    own = (phone, before, file_name, near, reason)
    found = lying(servers.postgres.place.data, (*own, near.lower(), open_word))
    print({word[:9]: count for word, count in found.items()})
    assert found.pop(open_word) > 0
    assert set(found.values()) == {0}
