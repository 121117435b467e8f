"""A case is erased through its doors: nothing of the patient is left, the timeline's counts are."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from sqlmodel import Session, col

from adapters.webhooks import new_secret
from analytics.questions import answer, questions
from local.embedded.servers import EmbeddedServers
from models import FindingRecord, HumanTask, InboundWebhook, Message
from settings import Settings
from tests.fixtures.run import RUN_FOLDER, worker_number
from tests.web import erasing
from tests.web.erasing import CANARIES, email_of, erased, filled, holding, looked, mailed
from tests.web.parts import Visitor, own_path, seen
from tests.web.sending import Sender
from tests.workflows.playing import Play
from workflows.decisions import DecisionRefused, decide
from workflows.events import Actor
from workflows.portal.upload_tickets import ticket_for
from workflows.portal.uploads import Owner

Visit = Callable[..., Visitor]
SECRET = new_secret()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhook_secrets": {"partner": SecretStr(SECRET)}})


def counts(play: Play) -> Counter[str]:
    return Counter(event.type for event in play.events())


def quotes(play: Play) -> tuple[str, ...]:
    """Return what was read from the papers, in their own words."""
    with Session(play.world.engine) as session:
        rows = session.scalars(
            select(col(FindingRecord.quote)).where(col(FindingRecord.case_id) == play.case_id)
        ).all()
    return tuple(row for row in rows if row and len(row) > 12)


def asked_and_decided(play: Play, visit: Visit, path: str) -> None:
    """The patient asks on the page; a coordinator makes certain who it is, and decides."""
    visitor = visit()
    page = f"{path}/data"
    assert visitor.send(page, {"what": "erasure"}, page).status_code == 422, "the box is not ticked"
    assert visitor.send(page, {"what": "erasure", "sure": "yes"}, page).status_code == 303
    assert "You have asked for the deletion" in seen(visitor.get(page).text)
    (task,) = [task for task in play.tasks() if task.kind == "confirm_erasure"]
    coordinator = visit("coordinator")
    address = f"/tasks/{task.id}"
    refused = coordinator.send(address, {"answer": "erase"}, address)
    assert refused.status_code == 422 and "how you know" in refused.text
    form = {"answer": "erase", "set:identified_by": "call_back"}
    taken = coordinator.send(address, form, address)
    assert taken.status_code == 303, seen(taken.text)
    play.run()


def test_nothing_of_a_patient_is_left_anywhere(
    visit: Visit,
    play: Play,
    servers: EmbeddedServers,
    bucket_client: Any,
    capfd: pytest.CaptureFixture[str],
) -> None:
    erasing.opened(play, visit(), SECRET)
    erasing.to_hospital(play)
    filled(play, visit(), SECRET)
    words = (*CANARIES, email_of(play), *quotes(play))
    assert len(words) > len(CANARIES) + 1
    before = {**erasing.tables(play), **erasing.objects(play, bucket_client)}
    mails = erasing.mailbox(play)
    told = " ".join(holding({**before, **mails}, words))
    missing = [word for word in CANARIES if word != erasing.IN_UNMATCHED and word not in told]
    assert missing == [], "each stands somewhere before"
    path = own_path(play)
    ticket = ticket_for(play.world, Owner("case", play.case_id))
    asked_and_decided(play, visit, path)
    assert play.case.state == "WITHDRAWAL_WRAPUP", "an open case ends with it"
    looked(play)
    assert play.events("data.erasure_begun") == [], "the hospital is asked first"
    play.answer("approve_message", "approve")
    play.answer("finish_withdrawal", "completed")
    mailed(play, erasing.IN_UNMATCHED)
    assert "match_mail" in [task.kind for task in play.tasks()], "its case is closed"
    looked(play, days=15)
    assert play.case.erased_at is None, "somebody is still to read that letter"
    play.answer("match_mail", "ignore", "its case is closed")
    timeline = counts(play)
    looked(play)
    row = erased(play)
    assert row.done_at is not None and row.patient_told and row.objects > 5
    left = {
        **erasing.tables(play),
        **erasing.objects(play, bucket_client),
        **erasing.mailbox(play),
        **erasing.broker(servers.valkey.client(worker_number())),
        "log": "".join(capfd.readouterr()).encode(),
        **files(),
    }
    assert holding(left, words) == []
    keys = [place for place in left if place.startswith("object ")]
    ours = ("criteria/", "/heads/")  # texts of the criteria; what history is signed by: hashes
    assert [key for key in keys if not any(part in key for part in ours)] == []
    assert timeline <= counts(play), "no event is gone"
    (done,) = play.events("data.erased")
    assert done.payload["hospitals_had"] == done.payload["hospitals_asked"] == 1
    assert done.payload["hospitals_confirmed"] == 0
    closed_doors(play, visit, path, ticket)
    after = erasing.objects(play, bucket_client)
    with Session(play.world.engine) as session:
        late = session.scalars(
            select(InboundWebhook).where(col(InboundWebhook.external_id) == "note-2")
        ).one()
    assert (late.state, late.case_id) == ("refused", None)
    own = play.world.object_keys.stored_of(late.object_key) or "nowhere"
    known = (*ours, own)
    assert [key for key in after if not any(one in key for one in known)] == [], (
        "what came after the erasure is kept for a person, beside the case"
    )


def files() -> dict[str, bytes]:
    """Return the files of the run's folder, but for the servers' own."""
    folder = Path(os.environ[RUN_FOLDER]) / "var"
    own = ("postgres", "s3", "seaweed", "valkey", "mail")
    return {
        f"file {path.name}": path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.relative_to(folder).parts[0].startswith(own)
    }


def closed_doors(play: Play, visit: Visit, path: str, ticket: str) -> None:
    """Nobody can act on an erased case, and everybody is told so."""
    ref, lead = play.case.ref, visit("lead")
    page = seen(lead.get(f"/cases/{ref}/overview").text)
    assert "The data of this case were erased" in page and "The patient asked for it." in page
    assert "Decided by" in page and "told by letter yes" in page
    for tab in ("messages", "consent", "hospitals"):
        assert "were erased" in seen(lead.get(f"/cases/{ref}/{tab}").text)
    for address in (f"/cases/{ref}/documents", "/documents/1", "/documents/1/original"):
        assert lead.get(address).status_code == 410, address
    assert lead.get(f"/cases/{ref}/timeline").status_code == 200
    assert lead.get(f"/cases/{ref}/audit").status_code == 200
    seq, rows = len(play.events()), len(play.messages())
    forms = {
        "red-flag": {"sign": "fever"},
        "data/asked": {"what": "erasure"},
        "copy": {},
        "consent": {"scope": "research", "signed_by": "patient", "method": "paper"},
    }
    for name, form in forms.items():
        taken = lead.send(f"/cases/{ref}/{name}", form, f"/cases/{ref}/timeline")
        assert taken.status_code in (404, 410, 422), (name, taken.status_code)
    assert visit().get(path).status_code == 404
    sender = Sender(visit().client, ticket)
    assert sender.create(3).status_code in (401, 403, 404)
    note = {"case_ref": ref, "text": "Schlehdorn again"}
    assert erasing.hook(visit(), SECRET, "case.note", note, "note-2").status_code == 200
    play.run()  # the step refuses it: a person looks
    with Session(play.world.engine) as session:
        task = session.scalars(select(HumanTask).where(col(HumanTask.case_id) == play.case_id))
        old = [row.id for row in task]
    with pytest.raises(DecisionRefused, match="were erased"):
        decide(play.world, old[0] or 0, answer="done", actor=Actor("lead", "l"))
    assert [task.kind for task in play.tasks() if task.case_id == play.case_id] == []
    assert (len(play.events()), len(play.messages())) == (seq, rows)


def test_what_comes_later_makes_no_new_row_in_the_case(
    visit: Visit, play: Play, bucket_client: Any
) -> None:
    """A hospital answers an erased case, and its patient writes: a person gets both as unknown."""
    erasing.opened(play, visit(), SECRET)
    erasing.to_hospital(play)
    late = erasing.letter_to_us(play, "Wacholder is deleted", answering=True)
    path = own_path(play)
    asked_and_decided(play, visit, path)
    play.answer("approve_message", "approve")
    play.answer("finish_withdrawal", "completed")
    looked(play, days=15)
    assert erased(play).done_at is not None
    seq, rows = len(play.events()), len(play.messages())
    erasing.deliver(play, late)
    mailed(play, "I write once more")
    assert [task.kind for task in play.tasks()].count("match_mail") == 2
    assert (len(play.events()), len(play.messages())) == (seq, rows)
    with Session(play.world.engine) as session:
        unknown = session.scalars(select(Message).where(col(Message.case_id).is_(None))).all()
        thread = play.events("outreach.sent")[0].objects["thread_id"]
    assert len(unknown) == 2
    with pytest.raises(LookupError, match="were erased"):
        play.decide_only("match_mail", "attach", thread=str(thread))
    assert len(play.messages()) == rows
    again = erasing.opening(play, visit(), SECRET)
    assert again.status_code == 200
    play.run()
    left = erasing.objects(play, bucket_client)
    assert [key for key in left if "webhooks/" in key or "originals/" in key] == []


def test_analysts_count_what_they_counted_before(visit: Visit, play: Play) -> None:
    erasing.opened(play, visit(), SECRET)
    erasing.to_hospital(play)
    play.move(3.1)
    asked_and_decided(play, visit, own_path(play))
    play.answer("approve_message", "approve")
    play.answer("finish_withdrawal", "completed")
    before = answers(play)
    looked(play, days=15)
    assert erased(play).done_at is not None
    after = answers(play)
    assert len(before) > 15
    # What the erasure itself is: its question, its events, its steps.
    own = {"late_tasks", "automated_share", "machine"}
    assert [name for name in before if before[name] != after[name] and name not in own] == []


def answers(play: Play) -> dict[str, list[tuple[Any, ...]]]:
    """Return every question of the analysts with its answer."""
    found = {}
    with play.world.engine.connect() as connection:
        for name in questions():
            found[name] = [tuple(row) for row in answer(connection, name).rows]
    return found
