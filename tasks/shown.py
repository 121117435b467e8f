"""Shows Flower the steps that were worked without a message of their own: one task each.

All of them go out as one message of task events. Like every event of Celery they hold a name and
ids; one that is lost costs a line in Flower.
"""

from collections.abc import Sequence
from typing import Any

import structlog
from celery import Celery, current_task
from celery.utils import uuid

from workflows.engine.fusing import Followed

log = structlog.get_logger("shown")


class Shown:
    """Tells the events of steps that the worker of the present task worked with it."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def __call__(self, worked: Sequence[Followed]) -> None:
        """Tell that these were received and done; never raises for a broker's fault."""
        node = current_task.request.hostname if current_task else None
        if not worked or node is None:
            return
        try:
            with self._app.producer_pool.acquire(block=True, timeout=5) as producer:
                events = self._app.events.Dispatcher(
                    producer.connection,
                    node,
                    channel=producer.channel,
                    buffer_while_offline=False,
                    buffer_group={"task"},
                    buffer_limit=2 * len(worked) + 1,
                )
                for one in worked:
                    _tell(events, one)
                events.flush()
        except Exception as error:
            log.warning("not shown in Flower", steps=len(worked), error=type(error).__name__)


def _tell(events: Any, one: Followed) -> None:
    task, row = uuid(), one.row
    events.send(
        "task-received", uuid=task, name=row.name, args=repr((row.id, row.root_id)), kwargs="{}",
        root_id=str(row.root_id), retries=0, timestamp=one.began,
    )  # fmt: skip
    # When it was started is told with its end: for Flower that is one event less to take in.
    events.send(
        "task-succeeded", uuid=task, started=one.began, result="None", runtime=one.seconds,
        timestamp=one.began + one.seconds,
    )  # fmt: skip
