"""What arrives, or is asked, in between is neither left behind nor overheard."""

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import Message
from tests.workflows.acts import reply
from tests.workflows.playing import Play
from tests.workflows.retention import test_erasing
from tests.workflows.retention.test_erasing import decided, looked, run_out, stopped
from workflows.engine.world import World
from workflows.retention import erasing
from workflows.retention.found import Found

play = test_erasing.play


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
    look, came = erasing.found_of, list[str]()

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
