"""The Celery application: `celery -A tasks.app worker -Q <queues>`.

Celery carries wake-ups only: no results, no ETA, no chains, nothing that may not be thrown away.
Task events and remote control stay on for Flower; they show task names and ids.
"""

import socket
from typing import Any

from celery import Celery
from celery.signals import celeryd_init
from kombu import Queue
from kombu.transport.redis import Transport

from adapters.broker_address import Sentinels
from adapters.sandbox.hiding import hide
from safety import safe
from settings import Settings, get_settings
from tasks.logs import configure_logs
from tasks.queues import QUEUES
from tasks.readiness import watch_worker

_KEEPALIVE = {
    socket.TCP_KEEPIDLE: 5,
    socket.TCP_KEEPINTVL: 3,
    socket.TCP_KEEPCNT: 3,
    socket.TCP_USER_TIMEOUT: 10_000,
}
"""Seconds and counts; the last in milliseconds. A worker that waits at a broker which vanished (its
host is cut off, no word comes) notices within a quarter of a minute, and asks where it is now."""
_ASKED_ANEW = 5
"""Seconds that one question for rings waits at the broker; shorter than `socket_timeout`."""


def make_app(settings: Settings) -> Celery:
    """Return the configured application."""
    app = Celery("iort")
    sentinels = Sentinels.of(settings.broker_url)
    app.conf.update(
        broker_url=sentinels.url if sentinels else settings.broker_url,
        broker_use_ssl=(sentinels.tls or None) if sentinels else None,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=4,
        broker_transport_options={
            # A ring that a dead worker held is rung again by the relay long before this.
            "visibility_timeout": 900,
            # Without it a publish on a half-open connection waits for ever (kombu 842).
            "socket_timeout": 4,
            "socket_connect_timeout": 2,
            "socket_keepalive": True,
            "socket_keepalive_options": _KEEPALIVE,
            "health_check_interval": 15,
            **(_known_by(sentinels) if sentinels else {}),
        },
        result_backend=None,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        # Acknowledged at the start: the row, not the message, remembers the work.
        task_acks_late=False,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_eta_task_limit=10,
        task_create_missing_queues=False,
        task_queues=[Queue(name) for name in QUEUES],
        task_default_queue="reminders",
        task_routes=(_route,),
        task_serializer="json",
        accept_content=["json"],
        result_accept_content=["json"],
        worker_send_task_events=True,
        task_send_sent_event=True,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_max_tasks_per_child=None,
        timezone="UTC",
        enable_utc=True,
        include=["tasks.steps"],
    )
    return app


def _known_by(sentinels: Sentinels) -> dict[str, Any]:
    return {"master_name": sentinels.master, "sentinel_kwargs": sentinels.asking(1)}


def _route(name: str, *_: object, **__: object) -> dict[str, str] | None:
    queue = name.split(".", 1)[0]
    return {"queue": queue} if queue in QUEUES else None


def _begin_worker(**_: object) -> None:
    """End a worker before it takes anything, where production would be unsafe."""
    safe(get_settings())


hide()
configure_logs()
setattr(Transport, "brpop_timeout", _ASKED_ANEW)  # noqa: B010 - its own is one second
celeryd_init.connect(_begin_worker, weak=False)
app = make_app(get_settings())
watch_worker(get_settings().hung_after.total_seconds())
