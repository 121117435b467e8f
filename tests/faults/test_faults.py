"""A seeded plan over a dozen cases: killed workers, restarted servers; nothing lost or leaked."""

from pathlib import Path

import pytest

from benchmarks.fault_plan.plan import BASIC, KINDS, drawn
from benchmarks.fault_plan.run import FaultRun
from benchmarks.faults import problems


@pytest.mark.servers
@pytest.mark.timeout(420)
def test_cases_live_through_every_fault_and_nothing_personal_escapes(tmp_path: Path) -> None:
    plan = drawn(seed=1, cases=12, faults=len(BASIC), every=3.0, kinds=BASIC)
    outcome = FaultRun(tmp_path / "var", plan, report=lambda _: None, beside=False).run()
    assert problems(outcome) == [], outcome
    assert len(outcome.made) == len(BASIC), outcome.not_made
    assert set(outcome.seen_in) <= {"document", "finding", "message"}


def test_a_plan_is_the_same_for_its_seed_and_has_every_kind() -> None:
    plan = drawn(seed=7, cases=300, faults=len(KINDS), every=10.0)
    assert plan == drawn(seed=7, cases=300, faults=len(KINDS), every=10.0)
    assert plan != drawn(seed=8, cases=300, faults=len(KINDS), every=10.0)
    assert {fault.kind for fault in plan.faults} == set(KINDS)
    assert all(0 <= fault.at <= plan.span for fault in plan.faults)
    assert sum(part == "whole" for part in plan.parts) > 0
