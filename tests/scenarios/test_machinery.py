"""Scenarios 6 and 15: a worker that dies, and a day of those who run and analyse the house.

What later issues bring: a queue of its own for reading pictures with an alarm by its oldest age,
where today one queue reads all documents (15); the share of waiting that reading makes, and files
in OCEL (19). Flower's own pages are searched by the run with killed workers (`tests/faults`).
"""

import csv
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as Connection
from celery import Celery

from adapters.mail_out import SmtpMailOut
from adapters.reader.types import ReadDocument, Turn
from benchmarks.bulk import fill
from local.embedded.postgres import SUPERUSER
from local.embedded.servers import EmbeddedServers
from settings import PROJECT_ROOT
from tasks.doorbell import CeleryDoorbell
from tests.adapters.peers import Relay, relay
from tests.fixtures.run import worker_number
from tests.scenarios.house import House
from tests.scenarios.people import People
from tests.scenarios.stories import inquiry, to_clinician
from workflows.steps import STEPS

SEND = "outreach.send_enquiry"


class Passing(Relay):
    """A mail relay that takes a letter, passes it on, and whose client dies before the answer."""

    def __init__(self, on: SmtpMailOut) -> None:
        super().__init__()
        self.on = on
        self.kill: int | None = None

    async def handle_DATA(self, server: SMTP, session: Connection, envelope: Envelope) -> str:
        raw, sender, to = envelope.content, envelope.mail_from or "", list(envelope.rcpt_tos)
        assert isinstance(raw, bytes)
        await server.loop.run_in_executor(None, self.on.deliver, raw, sender, to)
        if self.kill is not None:
            os.kill(self.kill, signal.SIGKILL)
        return await super().handle_DATA(server, session, envelope)


def worker(port: int) -> "subprocess.Popen[bytes]":
    """Start a worker for letters to hospitals that sends through the relay."""
    own = {"IORT_SMTP_PORT": str(port), "IORT_SMTP_SECURITY": "none", "IORT_SMTP_USER": "",
           "IORT_SMTP_HOST": "127.0.0.1", "IORT_STEP_LEASE": "PT1S"}  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "tests.scenarios.worker", SEND],
        cwd=PROJECT_ROOT,
        env={**os.environ, **own},
    )


def taken_over(house: House) -> None:
    """Ring until the lost worker's lease is over and another takes its row."""
    deadline = time.monotonic() + 30
    while not house.runner.drain(SEND):
        assert time.monotonic() < deadline
        threading.Event().wait(0.05)


def test_6_crash_in_the_middle(house: House, people: People) -> None:
    story = to_clinician(house, people)
    people.rao.signs(story.ref, "review_case", "suitable_for_outreach", "seen", technique="kv_iort")
    story.family.says("give", "hospitals", hospital=["H01"])
    people.amina.does(story.ref, "approve_shortlist", "approve", hospitals=["H01"])
    house.workers = False
    people.amina.does(story.ref, "approve_message", "approve")
    # The worker is killed after the mail server accepted M10 and before the commit.
    peer = Passing(house.world.mail_out)  # type: ignore[arg-type]
    with relay(peer) as port:
        first = worker(port)
        peer.kill = first.pid
        assert first.wait(60) == -signal.SIGKILL
        assert len(people.hospital("H01").letters(story.ref)) == 1
        # Another takes its place, and the ring comes again.
        peer.kill = None
        house.world.mail_out = SmtpMailOut(host="127.0.0.1", port=port, security="none")
        taken_over(house)
    house.world.mail_out = peer.on
    house.workers = True
    house.work()
    # The mailbox holds one message; a person is asked, and the timeline shows the truth.
    assert len(people.hospital("H01").letters(story.ref)) == 1 == len(peer.taken)
    assert "settle_message" in story.case.tasks()
    types = [one["type"] for one in story.case.events()]
    assert "message.uncertain" in types and "outreach.sent" not in types
    house.days(1)
    assert len(people.hospital("H01").letters(story.ref)) == 1
    people.amina.does(story.ref, "settle_message", "delivered")
    assert [one["type"] for one in story.case.events()].count("outreach.sent") == 1
    house.forward("4d")
    assert "approve_message" in story.case.tasks(), "the hospital is chased like any other"


class BrokenReader:
    """A worker whose engine for text in pictures is gone."""

    def read(
        self, content: bytes, *, password: str | None = None, turn: Turn | None = None
    ) -> ReadDocument:
        raise OSError("no engine; the page says Rosa Exempla, carcinoma")


@pytest.fixture
def broker(house: House, servers: EmbeddedServers) -> Iterator[Callable[[], bytes]]:
    """Rings are published to the real broker; return a function that gives all it holds."""
    app = Celery("rings", broker=house.world.settings.broker_url)
    house.world.doorbell = CeleryDoorbell(app, STEPS, house.world.settings.ring_batch)
    client: Any = servers.valkey.client(worker_number())

    def held() -> bytes:
        lists = [key for key in client.scan_iter("*") if client.type(key) == b"list"]
        return b"".join(b"".join(client.lrange(key, 0, -1)) for key in lists)

    yield held
    client.close()
    app.close()


def test_15_a_broken_reader(
    house: House, people: People, broker: Callable[[], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    working, house.world.reader = house.world.reader, BrokenReader()
    story = inquiry(house, people)
    for _ in range(5):
        house.forward("2h")
    # The queue shows its oldest age; what is dead lists the case and a plain reason.
    tom = people.desk("administrator", "tom")
    desk = tom.reads("/repair")
    assert "A document was not read" in desk and story.ref in desk and "Oldest due since" in desk
    assert "Its findings are missing, so the case cannot be weighed with them" in desk
    # Nobody's name, address or diagnosis is visible: desk, broker, timeline, logs.
    logs = capsys.readouterr().out
    assert "extraction.read_document" in logs and b"extraction.read_document" in broker()
    timeline = house.iort("timeline", story.ref, "--all", "--json")
    for seen in (desk, broker().decode(), timeline, logs):
        for personal in ("Exempla", "family.example", story.family.box.address, "carcinoma"):
            assert personal not in seen
    (row,) = [one for one in house.told("ask", "machine")
              if one["step"] == "extraction.read_document"]  # fmt: skip
    assert (row["dead"], row["cases_hit"]) == (1, 1)
    # Trying again is one command, and recorded.
    house.world.reader = working
    task = people.amina.task(story.ref, "repair_step")
    house.iort("do", str(task), "--choose", "retry")
    house.work()
    (document,) = story.case.shown["documents"]
    assert document["state"] == "proposed"
    (done,) = [one for one in story.case.events("human_task.completed")
               if one["payload"]["kind"] == "repair_step"]  # fmt: skip
    assert (done["actor_type"], done["payload"]["answer"]) == ("coordinator", "retry")


def test_15_sara_asks(house: House, servers: EmbeddedServers, tmp_path: Path) -> None:
    with house.world.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM hospital")
    database = house.world.engine.url.database or ""
    url = servers.postgres.url(database, user=SUPERUSER).replace("+psycopg", "")
    fill(url, cases=400, events=12_000, now=house.now)
    # Sara asks every question; each answers in less than two seconds.
    for question in house.told("ask"):
        began = time.perf_counter()
        house.told("ask", question["name"])
        assert time.perf_counter() - began < 2.0, question["name"]
    # Her files hold a row for every event, and nobody's name.
    told = house.told("export", "--out", str(tmp_path / "all.csv"))
    with (tmp_path / "all.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == told["events"] > 11_000 and told["cases"] == 400
    assert {"Case_ID", "Activity", "Event_end", "Resource"} <= set(rows[0])
    house.iort("export", "--out", str(tmp_path / "all.xes"), "--format", "xes")
    traces = [
        one for one in ElementTree.parse(tmp_path / "all.xes").iter() if one.tag[-5:] == "trace"
    ]
    assert len(traces) == 400
