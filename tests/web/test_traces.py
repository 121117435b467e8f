"""Traces: a request, the steps it started and what they asked of others; of nobody a word."""

import base64
import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import Session

from models import Case, Document, StepRun
from settings import Settings
from tests.fixtures.collector import Collector, collecting
from tests.web.parts import Visitor
from tests.web.test_hooks import SECRET, opened, send
from tests.workflows.acts import SYNOPTIC
from tests.workflows.playing import Play
from workflows.engine.world import World
from workflows.letters.inbound import take_mail

Visit = Callable[..., Visitor]
CANARY = "Zzcanary"
MAIL = f"{CANARY.lower()}@family.example"
FACTS = {
    "http.request.method", "http.route", "http.response.status_code",
    "iort.step", "iort.room", "iort.outcome", "iort.tries", "iort.waited_seconds", "iort.together",
    "iort.peer",
}  # fmt: skip
"""All that a span may say."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as kept:
        yield kept


@pytest.fixture
def settings(settings: Settings, collector: Collector) -> Settings:
    secrets = {"partner": SecretStr(SECRET)}
    return settings.model_copy(update={"traces_url": collector.url, "webhook_secrets": secrets})


def lived(world: World, visit: Visit, play: Play) -> str:
    """Let a case come by a partner and by mail, be read, answered and looked at; return its ref."""
    del world.bucket  # the product's own, as it is wired
    content = base64.b64encode(SYNOPTIC).decode()
    patient = {"name": f"{CANARY} Rosa", "email": MAIL, "phone": "+254 700 424242"}
    body = opened(documents=[{"file_name": f"{CANARY}.pdf", "content": content}])
    body["data"]["patient"] = patient
    ref = str(send(visit(), body).json()["case_ref"])
    play.run()
    with Session(world.engine) as session:
        play.case_id = session.scalars(select(Case)).one().id or 0
        document = session.scalars(select(Document)).one().id
    letter = EmailMessage()
    letter["From"], letter["To"] = f"{CANARY} <{MAIL}>", world.settings.mail_from
    letter["Subject"], letter["Message-ID"] = f"about {CANARY}", f"<{CANARY}@mail.example>"
    letter.set_content(f"Is there news for {CANARY}?")
    take_mail(world, letter.as_bytes(), uid="1:1", now=play.clock.now())
    play.run()
    staff = visit("coordinator")
    for path in (f"/cases/{ref}/overview", f"/cases/{ref}/documents", f"/documents/{document}",
                 f"/cases?q={CANARY}", f"/{CANARY}/nothing", f"/cases/{CANARY}"):  # fmt: skip
        staff.get(path)
    staff.client.request(CANARY.upper(), "/")
    world.traces.flush()
    return ref


def test_a_case_leaves_spans_and_none_holds_anything_of_it(
    world: World, visit: Visit, play: Play, collector: Collector
) -> None:
    ref = lived(world, visit, play)
    names = {one.name for one in collector.spans}
    assert {"POST /hooks/{source}", "GET /cases/{ref}/{tab}", "step ingestion.take_hook",
            "step ingestion.store_document", "store write", "smtp deliver"} <= names  # fmt: skip
    facts = {name for one in collector.spans for name in one.facts}
    assert facts <= FACTS and facts == FACTS, "all that may be said is said, and nothing else"
    assert set(collector.resource) == {"service.name", "service.instance.id"}
    words = " ".join(word for one in collector.spans for word in one.words)
    for secret in (CANARY, "Rosa", ref, "@", "424242", "family.example", "127.0.0.1", ".pdf"):
        assert secret.lower() not in words.lower(), secret
    # A template has no number in it, nor has the name of a step or a peer.
    assert not [one for one in names if re.search(r"\d{2,}", one)]
    with Session(world.engine) as session:
        carried = [row.trace for row in session.scalars(select(StepRun)) if row.trace]
    assert carried and all(
        re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[13]", one) for one in carried
    )


def test_a_step_belongs_to_the_request_that_started_it_and_its_calls_to_the_step(
    world: World, visit: Visit, play: Play, collector: Collector
) -> None:
    lived(world, visit, play)
    (door,) = collector.named("POST /hooks/{source}")
    (taken,) = collector.named("step ingestion.take_hook")
    assert (taken.trace, taken.parent) == (door.trace, door.id)
    assert taken.facts["iort.outcome"] == "done" and taken.facts["iort.tries"] == 1
    assert taken.facts["iort.room"] == "ingestion" and taken.facts["iort.waited_seconds"] >= 0
    stored = collector.named("step ingestion.store_document")
    assert {one.trace for one in stored} == {door.trace} and stored[0].parent == taken.id
    calls = [one for one in collector.spans if one.parent == taken.id and "iort.peer" in one.facts]
    assert {one.name for one in calls} >= {"store write"}
    sent = collector.named("smtp deliver")[0]
    assert any(one.id == sent.parent and "notices." in one.name for one in collector.spans)
    assert {one.facts["http.response.status_code"] for one in collector.named("GET none")} == {404}


def test_what_goes_wrong_is_a_code(
    world: World, play: Play, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Storage:
        def get(self, key: str) -> bytes:
            raise ValueError(f"the file of {CANARY} at {MAIL}")

    play.open(SYNOPTIC)
    monkeypatch.setattr(world, "storage", world.traces.around("store", Storage()))
    play.run()
    world.traces.flush()
    failed = [one for one in collector.spans if one.failed]
    said = {(one.name, one.facts["iort.outcome"]) for one in failed}
    assert ("store get", "ValueError") in said
    assert ("step ingestion.store_document", "failed: ValueError") in said
    assert CANARY not in str(failed)


def test_nothing_waits_for_a_collector_that_never_answers(
    world: World, visit: Visit, play: Play, settings: Settings
) -> None:
    """It hangs from the first batch to the end; every step is worked, and the process ends."""
    with collecting(answers=False) as silent:
        world.settings = settings.model_copy(update={"traces_url": silent.url})
        world.__dict__.pop("traces", None)
        for _ in range(5000):
            world.traces.begin("step x.y", "consumer").end()
        assert silent.asked.wait(60)
        ref = send(visit(), opened()).json()["case_ref"]
        play.run()
        page = visit("coordinator").get(f"/cases/{ref}/overview")
        assert page.status_code == 200, page.headers
        world.traces.stop()
        assert not silent.answers.is_set()


def test_without_a_collector_nothing_is_made_or_kept(settings: Settings, world: World) -> None:
    world.settings = settings.model_copy(update={"traces_url": ""})
    world.__dict__.pop("traces", None)
    bucket = object()
    assert world.traces.around("store", bucket) is bucket
    with world.traces.span("store get", "client") as seen:
        seen.note(outcome="done")
    world.traces.flush()
    world.traces.stop()
