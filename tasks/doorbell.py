"""The doorbell over Celery: one ring for a slow row, one for each batch of cheap ones."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from celery import Celery

from workflows.engine.doorbell import DueRow
from workflows.engine.work import Step

log = structlog.get_logger("doorbell")

MOST_HELD = 400
"""Rings that a queue may hold: what is beyond them the relay rings for when they are worked."""
QUIET = 2.0
"""Seconds without a try after a fault; as long as the try took, if that was longer."""


class CeleryDoorbell:
    """Publishes rings; a broker that is away costs a log line, the relay rings again."""

    def __init__(self, app: Celery, steps: Mapping[str, Step], batch: int) -> None:
        self._app = app
        self._steps = steps
        self._batch = batch
        self._quiet_until = 0.0

    def ring(self, rows: Sequence[DueRow]) -> None:
        """Publish the rings for `rows`; never raises for a broker's fault.

        A queue that nobody empties is not filled further: the broker is everybody's. After a fault
        nothing is tried for a while: a door that waits for a broker which vanished keeps a person
        waiting, and the relay rings for what was left out.
        """
        began = time.monotonic()
        if began < self._quiet_until:
            return
        cheap: dict[str, list[DueRow]] = {}
        rings: list[DueRow] = []
        for row in rows:
            step = self._steps.get(row.name)
            if step is not None and step.cheap is not None:
                cheap.setdefault(row.name, []).append(row)
            else:
                rings.append(row)
        for waiting in cheap.values():
            rings.extend(waiting[:: self._batch])
        if not rings:
            return
        try:
            with self._app.producer_pool.acquire(block=True, timeout=5) as producer:
                client = _client(producer)
                room = {queue: MOST_HELD - _length(client, queue) for queue in _queues(rings)}
                for row in rings:
                    queue = _queue(row.name)
                    if room[queue] <= 0:
                        continue
                    room[queue] -= 1
                    self._app.send_task(
                        row.name,
                        args=(row.id, row.root_id),
                        root_id=str(row.root_id),
                        producer=producer,
                        ignore_result=True,
                    )
        except Exception as error:
            log.warning("not rung; the relay will", rows=len(rings), error=type(error).__name__)
            ended = time.monotonic()
            self._quiet_until = ended + max(QUIET, ended - began)

    def held(self, queues: Iterable[str]) -> Counter[str]:
        """Return how many rings wait in these queues, by step; raises what the broker raises."""
        found: Counter[str] = Counter()
        with self._app.producer_pool.acquire(block=True, timeout=5) as producer:
            client = _client(producer)
            for queue in sorted(set(queues)):
                for message in client.lrange(queue, 0, -1):
                    found[json.loads(message)["headers"]["task"]] += 1
        return found


def _queue(name: str) -> str:
    return name.split(".", 1)[0]


def _queues(rows: Iterable[DueRow]) -> set[str]:
    return {_queue(row.name) for row in rows}


def _client(producer: Any) -> Any:
    """Return the broker's client: a queue is a list there; kombu does not show what it holds."""
    return producer.connection.default_channel.client


def _length(client: Any, queue: str) -> int:
    return int(client.llen(queue))
