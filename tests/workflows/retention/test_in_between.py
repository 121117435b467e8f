"""What arrives, or is asked, in between is neither left behind nor overheard."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update
from sqlmodel import Session, col

from accounts.audit import note
from models import AuditEntry, Case, Erasure, Message, RateCount
from models.database import transaction
from tests.workflows.acts import reply
from tests.workflows.playing import Play
from tests.workflows.retention.test_erasing import decided, looked, play_email, run_out, stopped
from workflows.engine.world import World
from workflows.letters.fields import patient_fields
from workflows.retention import erasing
from workflows.retention.blanking import forget_address
from workflows.retention.found import Found, found_of

START = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)


def raw_keys(play: Play) -> list[str]:
    with Session(play.world.engine) as session:
        rows = session.scalars(
            select(col(Message.raw_object_key)).where(
                col(Message.case_id) == play.case_id, col(Message.raw_object_key).is_not(None)
            )
        )
        return [row for row in rows if row]


def test_a_letter_that_comes_while_the_list_is_made_does_not_stay_in_the_store(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(play, asked=True)
    decided(play)
    look, came = found_of, list[str]()

    def slowly(world: World, session: Session, case_id: int) -> list[Found]:
        found = look(world, session, case_id)
        if not came:
            reply(play, "Dear colleagues,\n\nWacholder is in our archive.\n\nRegards\n")
            came.extend(raw_keys(play))
        return found

    monkeypatch.setattr(erasing, "found_of", slowly)
    looked(play, days=15)
    assert came
    assert run_out(play).done_at is not None
    assert [key for key in came if play.world.storage.exists(key)] == []


@pytest.mark.parametrize(
    ("told", "confirmed", "words"),
    [
        ([], [], "Not one of them has had a letter from us with the request to delete it."),
        (["B"], [], "B has had a letter from us with the request to delete it (1 of 3)."),
        (["A", "B"], ["B"], "This hospital has answered that it is deleted: B."),
        (["A", "B", "C"], ["A", "C"], "These hospitals have answered that it is deleted: A, C."),
    ],
)
def test_the_last_letter_promises_nothing_and_counts_no_zeros(
    play: Play, told: list[str], confirmed: list[str], words: str
) -> None:
    play.open()
    with transaction(play.world.engine) as session:
        case = session.get_one(Case, play.case_id)
        fields = patient_fields(session, play.world, case, "M38", {})
    fields |= {"deleted_on": date(2027, 3, 21), "still_here": False, "papers": 0, "letters": 0}
    fields |= {"had_summary": ["A", "B", "C"], "told": told, "confirmed": confirmed}
    text = " ".join(play.world.playbooks.letters.render("M38", fields).body.split())
    assert words in text and "we deleted what we held about you." in text
    assert " yet " not in text and " 0 " not in text, "nothing more is sent after this letter"


def test_limits_of_an_address_stay_while_another_case_has_it(play: Play) -> None:
    play.open()
    first, who = play.case_id, play.world.keys.marks.of("account", play_email(play))[:32]
    play.open()
    second = play.case_id

    def forgotten(case_id: int) -> tuple[int, int]:
        with transaction(play.world.engine) as session:
            session.execute(update(Case).where(col(Case.id) == case_id).values(erased_at=START))
            session.add(
                Erasure(
                    case_id=case_id, why="asked", policy_version="1", decided_by="c1",
                    decided_at=START, wait_until=START.date(),
                )
            )  # fmt: skip
            session.flush()
            forget_address(play.world, session, case_id)
        with Session(play.world.engine) as session:
            counts = session.scalars(select(RateCount)).all()
            entries = session.scalars(select(col(AuditEntry.object_ref))).all()
        return len(counts), sum(entry == who for entry in entries)

    with transaction(play.world.engine) as session:
        session.add(RateCount(key=f"portal.link:{who}", began_at=START, tries=3))
        note(session, actor_ref="somebody", action="login.attempt", at=START, object_ref=who)
    assert forgotten(first) == (1, 1), "the other case's limit counts on"
    assert forgotten(second) == (0, 0)
