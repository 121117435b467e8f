"""How long answers take, by the template of their address; and all metrics as text."""

import time
from collections.abc import Iterable
from threading import Lock

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import Metric
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from views.metrics import measured
from workflows.engine.world import World

KEPT_SECONDS = 5.0
"""So long the numbers are given again: who asks more often gets the same."""
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Another word in its place may be anything."""
NO_ROUTE = "none"
"""Stands for addresses that are none of ours, and for files."""


class Measures:
    """The times of this process's answers, and the text that tells everything."""

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        self._http = Histogram(
            "iort_http_seconds",
            "how long an answer took, by the template of its address",
            ["route", "status"],
            buckets=BUCKETS,
            registry=self._own,
        )
        self._lock = Lock()
        self._text = b""
        self._until = float("-inf")

    def note(self, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._http.labels(route, f"{status // 100}xx").observe(seconds)

    def text(self, world: World) -> bytes:
        """Return all metrics in Prometheus' text format."""
        with self._lock:
            if time.monotonic() > self._until:
                registry = CollectorRegistry()
                registry.register(_Once(measured(world)))
                self._text = generate_latest(registry) + generate_latest(self._own)
                self._until = time.monotonic() + KEPT_SECONDS
            return self._text


class _Once:
    """Metrics that were read already, as a registry asks for them."""

    def __init__(self, found: Iterable[Metric]) -> None:
        self._found = list(found)

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        return self._found


class Measuring:
    """ASGI middleware: notes how long each answer took, and makes its span."""

    def __init__(self, app: ASGIApp, *, measures: Measures, world: World) -> None:
        self._app = app
        self._measures = measures
        self._traces = world.traces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note its end."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self._traces.span("request", "server") as seen:
            try:
                await self._app(scope, receive, noting)
            finally:
                route = getattr(scope.get("route"), "path", NO_ROUTE)
                seen.asked(
                    scope["method"] if scope["method"] in METHODS else "other", route, status
                )
                self._measures.note(route, status, time.perf_counter() - began)
