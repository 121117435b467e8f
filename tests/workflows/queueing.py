"""Queues a step by its name alone: tests of the runner need steps that no table names."""

from collections.abc import Mapping
from typing import Any

from workflows.engine.record import Cause, Recorder
from workflows.plan import QueueStep


def queue_step(
    recorder: Recorder, name: str, case_id: int | None, objects: Mapping[str, Any] | None = None
) -> None:
    """Queue one run of step `name`, due now."""
    recorder._schedule(case_id, QueueStep(name, recorder.now, objects or {}), Cause())
