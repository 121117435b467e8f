"""The doorbell over Celery: one ring for a slow row, one for each batch of cheap ones."""

from collections.abc import Mapping, Sequence

import structlog
from celery import Celery

from workflows.engine.doorbell import DueRow
from workflows.engine.work import Step

log = structlog.get_logger("doorbell")


class CeleryDoorbell:
    """Publishes rings; a broker that is away costs a log line, the relay rings again."""

    def __init__(self, app: Celery, steps: Mapping[str, Step], batch: int) -> None:
        self._app = app
        self._steps = steps
        self._batch = batch

    def ring(self, rows: Sequence[DueRow]) -> None:
        """Publish the rings for `rows`; never raises for a broker's fault."""
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
                for row in rings:
                    self._app.send_task(
                        row.name,
                        args=(row.id, row.root_id),
                        root_id=str(row.root_id),
                        producer=producer,
                        ignore_result=True,
                    )
        except Exception as error:
            log.warning("not rung; the relay will", rows=len(rings), error=type(error).__name__)
