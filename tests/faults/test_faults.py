"""A dozen cases live through killed workers and restarted servers; nothing is lost or leaked."""

from pathlib import Path

import pytest

from benchmarks.faults import FaultRun, problems


@pytest.mark.servers
@pytest.mark.timeout(420)
def test_cases_live_through_every_fault_and_nothing_personal_escapes(tmp_path: Path) -> None:
    outcome = FaultRun(tmp_path / "var", cases=12, report=lambda _: None).run()
    assert problems(outcome) == [], outcome
    assert outcome.delivered_once + outcome.uncertain >= outcome.enquiries
    assert set(outcome.seen_in) <= {"patient", "document", "finding", "message"}
