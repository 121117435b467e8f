"""The operator's clock: moved forward for a rehearsal, never where cases are real."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import typer
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from cli import clock as command
from cli.clock import span
from cli.errors import CommandError
from models import AuditEntry
from settings import Settings
from workflows.engine.business_clock import ShiftedClock
from workflows.engine.world import World


@pytest.fixture
def here(engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The worker's servers, as those of an embedded instance."""
    ours = settings.model_copy(update={"embedded": True})
    monkeypatch.setattr(command, "make_world", lambda: World(ours, engine=engine))
    return ours


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    answer: dict[str, object] = json.loads(capsys.readouterr().out)
    return answer


@pytest.mark.usefixtures("here")
def test_three_days_forward_for_every_process(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    command.clock(forward="3d", as_json=True)
    now = datetime.now(UTC)
    answer = told(capsys)
    assert answer["ahead_seconds"] == 3 * 86400
    shown = datetime.fromisoformat(str(answer["now"]))
    assert abs(shown - now - timedelta(days=3)) < timedelta(minutes=1)
    assert ShiftedClock(engine).now() >= shown

    command.clock(forward="12h", as_json=True)
    assert told(capsys)["ahead_seconds"] == 3 * 86400 + 12 * 3600
    with Session(engine) as session:
        moves = session.scalars(
            select(col(AuditEntry.object_ref)).where(col(AuditEntry.action) == "clock.moved")
        ).all()
    assert sorted(moves) == ["259200 s", "43200 s"]


@pytest.mark.usefixtures("here")
def test_to_look_moves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    command.clock()
    assert "the world's own time" in capsys.readouterr().out


def test_where_cases_are_real_it_does_not_move(
    engine: Engine, here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = here.model_copy(update={"embedded": False})
    monkeypatch.setattr(command, "make_world", lambda: World(real, engine=engine))
    with pytest.raises(CommandError, match="embedded servers only"):
        command.clock(forward="3d")
    assert ShiftedClock(engine).now() < datetime.now(UTC) + timedelta(minutes=1)


@pytest.mark.parametrize(
    "given", ["", "-3d", "3", "d", "0d", "3 days", "367d", "1d2w", "٣d", "3d;"]
)
def test_what_is_no_span_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(typer.BadParameter, match="such as 3d"):
        span(given)


def test_spans_add_up() -> None:
    assert span("1w2d3h4m") == timedelta(weeks=1, days=2, hours=3, minutes=4)
    assert span("90M") == timedelta(minutes=90)
