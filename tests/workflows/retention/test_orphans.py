"""Bytes of a killed worker, which no row names, leave the store; nothing half done does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import text
from sqlmodel import Session

from adapters import storage
from models.database import transaction
from tests.workflows.acts import to_outreach
from tests.workflows.playing import Play
from tests.workflows.retention.test_erasing import decided, run_out, stopped
from workflows.cases.intake import store_original
from workflows.engine.recurring import ensure_recurring
from workflows.engine.work import Work
from workflows.letters import decisions as letters
from workflows.letters.freezing import freeze
from workflows.letters.inbound import take_mail
from workflows.retention import orphans


def swept(play: Play, after: timedelta = timedelta()) -> None:
    """Let the sweep of the store run, for which things are old after this time."""
    process = play.world.process
    play.world.process = replace(process, policy=replace(process.policy, orphans_after=after))
    play.clock.move(timedelta(days=1, minutes=1))
    ensure_recurring(play.world)
    play.run()


def keys(play: Play, beginning: str) -> set[str]:
    with transaction(play.world.engine) as session:
        now = session.scalar(text("SELECT clock_timestamp() + interval '1 hour'"))
    return set(play.world.storage.older(beginning, now))


class Killed(BaseException):
    """The worker is gone before its commit."""


def test_a_letter_frozen_by_a_killed_worker_goes_and_the_others_stay(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_outreach(play)
    play.move(3)
    stay = keys(play, "letters/") | keys(play, "originals/") | keys(play, "text/")

    def killed(*given: object) -> None:
        freeze(*given)  # type: ignore[arg-type]
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(letters, "freeze", killed)
        with pytest.raises(Killed):
            play.answer("approve_message", "approve")
    left = keys(play, "letters/") - stay
    assert left, "its bytes are there, and no row names them"
    swept(play, timedelta(hours=1))
    assert keys(play, "letters/") >= left, "younger than any work that may still name it"
    swept(play)
    assert not keys(play, "letters/") & left
    assert [key for key in stay if not play.world.storage.exists(key)] == []
    play.answer("approve_message", "approve")
    play.move(2)  # over the weekend: a hospital's letter leaves in its hours
    assert play.messages(template="M11", state="sent")


def test_what_a_cut_off_delivery_left_goes(play: Play) -> None:
    stopped(play)
    lost = [f"{kind}/{'a' * 64}{end}" for kind, end in
            (("webhooks", ""), ("mail", ""), ("text", "-1"), ("pages", "-1-2.png"))]  # fmt: skip
    for key in lost:
        play.world.storage.put(key, b"Rosa Exempla", "text/plain")
    _, original = store_original(play.world, b"Rosa Exempla's report")
    others = ["criteria/x", "uploads/y/1", "hospitals/z"]
    for key in others:
        play.world.storage.put(key, b"x", "text/plain")
    before = keys(play, "mail/") | keys(play, "originals/") - {original}
    swept(play)
    assert [key for key in (*lost, original) if play.world.storage.exists(key)] == []
    left = [key for key in (*others, *before) if not play.world.storage.exists(key)]
    assert set(left) <= set(lost)
    decided(play)
    assert run_out(play).done_at is not None, "an erasure goes on beside it"


def test_a_file_on_a_letter_that_nobody_has_matched_stays(play: Play) -> None:
    letter = EmailMessage()
    letter["From"], letter["Subject"] = "somebody@else.example", "papers"
    letter.set_content("for you")
    letter.add_attachment("a report", filename="report.txt")
    take_mail(play.world, letter.as_bytes(), uid="7:9", now=play.clock.now())
    play.run()
    before = keys(play, "originals/")
    swept(play)
    assert keys(play, "originals/") == before


def test_bytes_that_come_again_while_the_sweep_is_at_them_stay(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker was killed over a report, and a week later the same report comes again."""
    stopped(play)
    report = b"Rosa Exempla's report"
    _, key = store_original(play.world, report)
    monkeypatch.setattr(storage, "_STALE", timedelta())
    named = orphans._named

    def meanwhile(work: Work, session: Session, beginning: str, keys: Sequence[str]) -> set[str]:
        found = named(work, session, beginning, keys)
        if key in keys:
            now = session.scalar(text("SELECT clock_timestamp()"))
            for _ in range(2_000):  # the store counts whole seconds
                store_original(play.world, report)
                if key not in play.world.storage.older(key, now):
                    break
        return found

    monkeypatch.setattr(orphans, "_named", meanwhile)
    swept(play)
    assert play.world.storage.get(key) == report
    monkeypatch.undo()
    swept(play)
    assert not play.world.storage.exists(key), "nobody named it after all"
