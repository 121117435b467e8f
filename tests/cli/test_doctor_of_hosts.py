"""The doctor says whose clock is wrong, and what hangs."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import Engine, text

from adapters.health import Unwell
from cli.doctor_database import database_checks
from models.database import transaction
from settings import Settings

ASK = {name: ask for name, ask, _ in database_checks()}


@pytest.mark.parametrize(("days", "word"), [(3, "ahead of"), (-3, "behind")])
@pytest.mark.usefixtures("engine")
def test_a_host_whose_clock_is_wrong_is_told(settings: Settings, days: int, word: str) -> None:
    assert "differ by 0 s" in ASK["clock"](settings)
    wrong = datetime.now(UTC) + timedelta(days=days)
    with time_machine.travel(wrong, tick=True), pytest.raises(Unwell, match=f"s {word} the"):
        ASK["clock"](settings)


def test_what_was_not_heard_of_is_told_with_its_moment(engine: Engine, settings: Settings) -> None:
    marks = {"relay": 30, "worker_hooks": 30}
    with transaction(engine) as session:
        for name, seconds in marks.items():
            session.execute(
                text("INSERT INTO mark VALUES (:name, now() - make_interval(secs => :s))"),
                {"name": name, "s": seconds},
            )
    assert "2 of 9" in ASK["at work"](settings)
    with transaction(engine) as session:
        session.execute(text("UPDATE mark SET at = now() - interval '2 hours'"))
    with pytest.raises(Unwell, match=r"hung or gone: relay since .* UTC, worker_hooks since"):
        ASK["at work"](settings)
