"""The console's benchmark runs, in a small form: its data fit the tables, its pages answer."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks import console
from benchmarks.bulk_lives import Walker
from benchmarks.console import FIRST_VIEW, run
from settings import PROJECT_ROOT
from workflows.stages import StateMachine

CASES, EVENTS = 300, 9000


@pytest.mark.servers
@pytest.mark.timeout(420)
def test_every_page_is_measured_beside_its_statements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "SAMPLES", 6)  # it runs here; figures want the twenty
    found = run(tmp_path, CASES, EVENTS, 1, durable=False)
    rows = found["filled"]["rows"]
    assert rows["case"] == CASES
    assert EVENTS <= rows["case_event"] < EVENTS * 1.05
    assert min(rows[table] for table in ("human_task", "document", "finding", "message")) > CASES
    assert len(found["pages"]) >= 20
    for name, figures in found["pages"].items():
        assert figures["statements"] and figures["sql_p50_ms"] > 0, name
        assert figures["p50_ms"] > figures["sql_p50_ms"] * 0.5, name
        assert figures["first_view_kb"] * 1000 < FIRST_VIEW, name


def test_lives_are_the_same_for_the_same_seed_and_end_or_go_on() -> None:
    machine = StateMachine.load(PROJECT_ROOT / "playbooks" / "state_machine.yaml")
    now = datetime(2026, 11, 23, tzinfo=UTC)

    def lives(seed: int) -> list[object]:
        walker = Walker(machine, random.Random(seed))
        return [walker.life(now - timedelta(days=400), now, closed=n % 2 == 0) for n in range(40)]

    assert lives(1) == lives(1) != lives(2)
    walker = Walker(machine, random.Random(3))
    for closed in (True, False):
        life = walker.life(now - timedelta(days=900), now, closed)
        assert life.closed is closed and (life.last.state in machine.terminal) is closed
        for before, after in zip(life.visits, life.visits[1:], strict=False):
            assert before.left_at == after.entered_at and before.left_at < now
