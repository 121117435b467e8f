"""The spy itself: it must find what was planted, or its silence would mean nothing."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from benchmarks.spying import DIAGNOSIS, NAME, Spy
from local.embedded.servers import EmbeddedServers
from models import Case, HumanTask, Patient
from models.base import require_id
from models.database import transaction
from settings import Settings


def test_a_command_to_the_broker_is_overheard_and_what_it_keeps_is_found(
    servers: EmbeddedServers, settings: Settings, tmp_path: Path
) -> None:
    client = servers.valkey.client(63)
    with Spy(settings, tmp_path, servers.valkey.url(63, admin=True)) as spy:
        end = time.monotonic() + 10
        while not spy.leaks and time.monotonic() < end:  # it needs a moment to be connected
            client.lpush("extraction", f'{{"args": ["{NAME}"]}}')
            time.sleep(0.05)
    client.flushdb()
    client.close()
    assert "a command to Valkey" in spy.leaks


def test_marked_data_are_found_in_logs_and_in_the_wrong_table(
    settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "worker.log").write_text(f'{{"error": "{DIAGNOSIS} features"}}')
    with transaction(engine) as session:
        now = datetime(2026, 11, 23, tzinfo=UTC)
        case = Case(ref="CFX-26-00001", state="INQUIRY", stage="inquiry", opened_at=now)
        session.add(case)
        session.flush()
        session.add(Patient(case_id=require_id(case.id), name=NAME))
        session.add(
            HumanTask(
                case_id=case.id,
                kind="read_letter",
                role="coordinator",
                due_at=now,
                opened_at=now,
                detail=NAME,
            )
        )
    spy = Spy(settings, tmp_path, settings.broker_url)
    spy.search(engine)
    assert spy.tables == {"human_task"} and spy.patients == 1
    assert spy.leaks == {"log worker.log", "table human_task"}


@pytest.mark.parametrize("mark", [NAME.upper(), DIAGNOSIS.lower()])
def test_case_does_not_hide_a_mark(settings: Settings, tmp_path: Path, mark: str) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "relay.log").write_text(mark)
    spy = Spy(settings, tmp_path, settings.broker_url)
    spy.read_logs()
    assert spy.leaks == {"log relay.log"}
