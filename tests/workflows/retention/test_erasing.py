"""An erasure part by part: killed anywhere it goes on, twice it does nothing, two are one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, select, text
from sqlmodel import Session, col

from adapters.storage import StorageError
from models import Document, ErasedObject, Erasure, InboundMail, Message, Patient
from models.database import transaction
from tests.workflows.acts import reply, to_outreach
from tests.workflows.playing import Play
from workflows.cases.reported_facts import FactRefused, report_fact
from workflows.decisions import DecisionRefused
from workflows.engine.recurring import ensure_recurring
from workflows.engine.runner import Runner
from workflows.engine.work import Work
from workflows.events import Actor
from workflows.letters.inbound import take_mail
from workflows.retention.state import ERASE, erasure_of
from workflows.steps import STEPS

COORDINATOR = Actor("coordinator", "c1")


class Killed(BaseException):
    """The worker is gone, as by `kill -9`: nothing after this runs."""


def looked(play: Play, **later: float) -> None:
    """Let the clock of retention look, and work what follows."""
    play.clock.move(timedelta(**later) if later else timedelta(minutes=16))
    ensure_recurring(play.world)
    play.run()


REPORT = b"A report of two lines.\nNothing that anybody has to read.\n"


def stopped(play: Play, *, asked: bool = False) -> None:
    """The patient sent a paper and wrote, and the family stopped; `asked`: a hospital was told."""
    if asked:
        to_outreach(play)
    else:
        play.open(REPORT)
        play.run()
    letter = EmailMessage()
    letter["From"], letter["Subject"] = play_email(play), "hello"
    letter.set_content("a question")
    letter.add_attachment("a list of medicines", filename="list.txt")
    take_mail(play.world, letter.as_bytes(), uid="7:1", now=play.clock.now())
    play.run()
    report_fact(play.world, play.case.ref, "patient.stopped", COORDINATOR)
    play.run()


def play_email(play: Play) -> str:
    with Session(play.world.engine) as session:
        query = select(col(Patient.email)).where(col(Patient.case_id) == play.case_id)
        return session.scalars(query).one() or ""


def decided(play: Play) -> None:
    report_fact(play.world, play.case.ref, "data.erasure_asked", COORDINATOR, {"by": "patient"})
    play.answer("confirm_erasure", "erase", identified_by="identity_paper")


def told(play: Play) -> None:
    """The hospital's letter leaves, and the hospital answers that it has deleted."""
    play.answer("approve_message", "approve")
    reply(play, "Dear colleagues,\n\nAll records of this case are deleted.\n\nRegards\n")
    play.answer("confirm_reply", "data_deletion_confirmed")


def erasure(play: Play) -> Erasure | None:
    with Session(play.world.engine) as session:
        return erasure_of(session, play.case_id)


def queued(play: Play) -> None:
    """Let the clock look, and leave the step that erases queued."""
    play.clock.move(timedelta(minutes=16))
    ensure_recurring(play.world)
    Runner(play.world, STEPS).drain("reminders.watch_retention")


def worked(play: Play) -> None:
    Runner(play.world, STEPS).drain(ERASE)


@contextmanager
def dying(
    monkeypatch: pytest.MonkeyPatch, play: Play, died: set[tuple[object, ...]]
) -> Iterator[list[str]]:
    """Kill the worker wherever it was not killed before: at a commit, an object, the letter.

    A place is how far the erasure is, what was about to be done, and for which time in this run.
    """
    seen: list[str] = []
    fenced, erase = Work._fenced, play.world.storage.erase
    deliver = play.world.mail_out.deliver

    def point(name: str) -> None:
        seen.append(name)
        found = erasure(play)
        place = (*sorted(found.parts if found else ()), name, min(seen.count(name), 4))
        if place not in died:
            died.add(place)
            raise Killed

    @contextmanager
    def commit(self: Work) -> Iterator[Any]:
        with fenced(self) as unit:
            yield unit
            point("before a commit")
        point("after a commit")

    def remove(beginning: str, *, whole: bool = True) -> int:
        point("before an object")
        count = erase(beginning, whole=whole)
        point("after an object")
        return count

    def hand(*given: Any, **more: Any) -> Any:
        answer = deliver(*given, **more)
        point("after the letter")
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(Work, "_fenced", commit)
        patched.setattr(play.world.storage, "erase", remove)
        patched.setattr(play.world.mail_out, "deliver", hand)
        yield seen


def resurrected(play: Play) -> None:
    """The lease of the killed worker ran out; whoever looks for rows finds it again."""
    with play.world.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE step_run SET lease_until = now() - interval '1 s', attempt = 0"
                " WHERE state = 'running'"
            )
        )


def orphans(play: Play, client: Any) -> list[str]:
    """Return the keys of the bucket that neither a row nor the list of the erasure names."""
    listed = client.list_objects_v2(Bucket=play.world.settings.s3_bucket).get("Contents", [])
    with Session(play.world.engine) as session:
        named = set(session.scalars(select(col(Document.object_key))))
        named |= set(session.scalars(select(col(Message.raw_object_key))))
        named |= set(session.scalars(select(col(InboundMail.object_key))))
        shas = [sha for sha in session.scalars(select(col(Document.sha256))) if sha]
        to_go = session.scalars(select(ErasedObject)).all()
    beginnings = tuple(
        [f"{kind}/{sha}-" for sha in shas for kind in ("text", "pages")]
        + [one.key for one in to_go if one.kind == "prefix"]
    )
    named |= {one.key for one in to_go if one.kind == "object"}
    keys = [entry["Key"] for entry in listed if not entry["Key"].startswith("criteria/")]
    keys = list(play.world.object_keys.names_of(keys).values()) + [
        key for key in keys if key not in play.world.object_keys.names_of(keys)
    ]
    left = [key for key in keys if key not in named and not key.startswith(beginnings or "-")]
    found = erasure(play)
    if found is None or not found.parts:
        return []  # what hung on a letter has no row before: it lies in the letter itself
    # The same bytes are put there again by the next worker, who then writes down where.
    frozen_anew = any(one.state == "draft" for one in play.messages(template="M38"))
    return [key for key in left if not (frozen_anew and key.startswith("letters/"))]


def test_a_worker_killed_at_any_point_leaves_nothing_and_is_gone_on_after(
    play: Play, monkeypatch: pytest.MonkeyPatch, bucket_client: Any
) -> None:
    stopped(play, asked=True)
    decided(play)
    told(play)
    queued(play)
    died: set[tuple[object, ...]] = set()
    letters, killed = 0, True
    while (found := erasure(play)) is not None and found.done_at is None:
        if not killed:  # the row was finished: the clock takes the erasure up again
            play.clock.move(timedelta(hours=1))
            queued(play)
        killed = False
        with dying(monkeypatch, play, died) as seen:
            try:
                worked(play)
            except Killed:
                killed = True
            letters += "after the letter" in seen
        assert orphans(play, bucket_client) == [], f"killed after {seen[-3:]}"
        resurrected(play)
    names = {(place[-2], len(place)) for place in died}
    assert {("after the letter", 5), ("before a commit", 2)} <= names
    assert len(died) > 40
    assert letters <= 1, "the patient is written to once at most"
    listed = bucket_client.list_objects_v2(Bucket=play.world.settings.s3_bucket)
    assert [e["Key"] for e in listed.get("Contents", []) if "criteria" not in e["Key"]] == []
    assert play_email(play) == ""
    assert len(play.events("data.erasure_begun")) == len(play.events("data.erased")) == 1
    with Session(play.world.engine) as session:
        assert session.scalars(select(ErasedObject)).all() == []
    assert found is not None and not found.patient_told, "it is not known, so it is not said"


def run_out(play: Play) -> Erasure:
    """Let the clock run until nothing of an erasure is left to do; return its row."""
    for _ in range(6):
        looked(play, minutes=31)
    found = erasure(play)
    assert found is not None
    return found


def test_an_hour_passes_before_it_is_said_to_be_done_and_again_does_nothing(play: Play) -> None:
    stopped(play)
    decided(play)
    looked(play)
    looked(play)
    found = erasure(play)
    assert found is not None and "forgotten" in found.parts and found.done_at is None
    assert run_out(play).done_at is not None
    seq, before = len(play.events()), erasure(play)
    with transaction(play.world.engine) as session:
        session.execute(text("UPDATE step_run SET state = 'done' WHERE state = 'dead'"))
    with play.world.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO step_run (case_id, name, state, wait, safety, due_at, attempt, fence,"
                " objects) VALUES (:case, :name, 'queued', false, false, now(), 0, 0, '{}')"
            ),
            {"case": play.case_id, "name": ERASE},
        )
    run_out(play)
    assert len(play.events()) == seq
    after = erasure(play)
    assert before is not None and after is not None and after.parts == before.parts


def test_of_two_workers_at_once_one_erases(play: Play) -> None:
    """Both hold a row of the step: the one whose row was overtaken commits nothing."""
    stopped(play)
    decided(play)
    queued(play)
    threads = [Thread(target=worked, args=[play]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert run_out(play).done_at is not None
    assert len(play.events("data.erasure_begun")) == len(play.events("data.erased")) == 1
    assert len(play.messages(template="M38", state="sent")) == 1


def test_two_people_decide_once(play: Play) -> None:
    stopped(play)
    decided(play)
    with pytest.raises(FactRefused, match="decided already"):
        report_fact(play.world, play.case.ref, "data.erasure_asked", COORDINATOR, {})
    assert len(play.events("data.erasure_approved")) == 1
    assert "confirm_erasure" not in [task.kind for task in play.tasks()]


def test_a_store_that_is_silent_stops_it_and_a_person_lets_it_go_on(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(play)
    decided(play)

    def silent(beginning: str, *, whole: bool = True) -> int:
        raise StorageError("timeout")

    with monkeypatch.context() as patched:
        patched.setattr(play.world.storage, "erase", silent)
        looked(play)
        for _ in range(6):
            looked(play, hours=6)
        found = erasure(play)
        assert found is not None and sorted(found.parts) == ["closed"]
        assert "repair_step" in [task.kind for task in play.tasks()]
        assert play_email(play), "rows go after the store"
    play.answer("repair_step", "retry")
    assert run_out(play).done_at is not None and not play_email(play)


def test_what_another_case_has_too_stays_for_that_one(play: Play, engine: Engine) -> None:
    stopped(play)
    first = play.case_id
    play.open(REPORT)
    play.run()
    second, play.case_id = play.case_id, first
    with Session(engine) as session:
        key = session.scalars(
            select(col(Document.object_key)).where(col(Document.case_id) == second)
        ).one()
    decided(play)
    looked(play)
    assert run_out(play).done_at is not None
    assert play.world.storage.exists(key)
    with Session(engine) as session:
        assert session.scalars(
            select(col(Patient.name)).where(col(Patient.case_id) == second)
        ).one()


def test_hospitals_have_their_days_and_then_it_goes_on_without_them(play: Play) -> None:
    stopped(play, asked=True)
    decided(play)
    assert [m.state for m in play.messages(template="M17")] == ["draft"]
    looked(play, days=13)
    assert play.case.erased_at is None
    looked(play, days=2)
    assert play.case.erased_at is not None
    assert run_out(play).done_at is not None
    (done,) = play.events("data.erased")
    assert (done.payload["hospitals_had"], done.payload["hospitals_asked"]) == (1, 0)
    (letter,) = play.messages(template="M38")
    assert letter.body == "", "it went, and its copy with it"


def test_nothing_begins_while_somebody_may_be_in_danger(play: Play) -> None:
    stopped(play)
    signs = {"symptom_codes": ["fever"], "reported_by": "family"}
    report_fact(play.world, play.case.ref, "clinical.red_flag_reported", COORDINATOR, signs)
    report_fact(play.world, play.case.ref, "data.erasure_asked", COORDINATOR, {})
    with pytest.raises(DecisionRefused, match="red flag is open"):
        play.decide_only("confirm_erasure", "erase", identified_by="call_back")
    assert erasure(play) is None


def test_opened_again_it_is_not_erased(play: Play) -> None:
    stopped(play)
    decided(play)
    asked = {"reason": "patient_asked"}
    report_fact(play.world, play.case.ref, "case.reopened", COORDINATOR, asked)
    looked(play, days=20)
    assert erasure(play) is None and play_email(play)
    (refused,) = play.events("data.erasure_refused")
    assert refused.payload == {"reason": "reopened"}
    assert play.case.erase_on is None


def test_after_a_death_no_letter_leaves(play: Play) -> None:
    play.open(REPORT)
    play.run()
    report_fact(play.world, play.case.ref, "patient.deceased", COORDINATOR)
    play.run()
    play.answer("finish_bereavement", "completed")
    decided(play)
    looked(play)
    assert run_out(play).done_at is not None
    assert play.messages(template="M38") == play.messages(template="M17", state="sent") == []
