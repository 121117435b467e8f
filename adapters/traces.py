"""Traces for a collector, by OTLP over HTTP: what was asked of us, what we did, what others took.

Off unless a collector is named; then nothing of OpenTelemetry is imported. A span holds names of
our own, codes, counts and times, and `_word` lets nothing else in: no case, no row, no address, no
text of an error. Spans leave from a thread of their own. A collector that is away costs the spans
that find no room, and nobody waits for it.
"""

import atexit
import inspect
import logging
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast
from uuid import uuid4

import structlog

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
    from opentelemetry.trace import Span

T = TypeVar("T")
Kind = Literal["server", "client", "consumer"]
Fact = str | int | float | bool
log = structlog.get_logger("traces")

ROOM = 2048
"""Spans that may wait for the collector; what is beyond them is dropped."""
EVERY = 2.0
"""Seconds between two batches."""
PATIENCE = 5.0
"""Seconds that the collector may take for a batch."""
AT_THE_END = 2.0
"""Seconds that a process which ends gives its last spans."""
FOLLOWS_WITHIN = timedelta(hours=1)
"""What is due later begins a trace of its own: no trace lasts for years."""
MISSING = "IORT_TRACES_URL is set and its packages are not installed (requirements/traces.txt)"
SPANS = "application/x-protobuf"
"""How a batch is called on its way."""
NOT_CALLS = frozenset({"wait", "close"})
"""What an adapter does without asking anybody."""
_PLAIN = re.compile(r"[A-Za-z0-9 _.:/{}*-]{0,120}")
_started = False
"""Whether any spans are made in this process."""


class TracesMissing(RuntimeError):
    """A collector is named, and the packages that speak to it are not installed."""


class Seen:
    """One span that is being made; nothing, where none are made."""

    def __init__(self, span: "Span | None" = None) -> None:
        self._span = span

    def note(self, **facts: Fact) -> None:
        """Add facts: codes, counts, seconds. What could be anything else is left out."""
        if self._span is not None:
            for name, value in facts.items():
                self._span.set_attribute(f"iort.{name}", _plain(value))

    def asked(self, method: str, route: str, status: int) -> None:
        """Name the span of a request, by the template of its address."""
        if self._span is not None:
            self._span.update_name(_word(f"{method} {route}"))
            self._span.set_attribute("http.request.method", _word(method))
            self._span.set_attribute("http.route", _word(route))
            self._span.set_attribute("http.response.status_code", status)
            if status >= 500:
                self.fails()

    def fails(self) -> None:
        """Mark the span as one that went wrong; why is a fact, never a text."""
        if self._span is not None:
            from opentelemetry.trace import StatusCode

            self._span.set_status(StatusCode.ERROR)

    @contextmanager
    def current(self) -> Iterator[None]:
        """Have what is begun meanwhile be a part of this span."""
        if self._span is None:
            yield
            return
        from opentelemetry import context, trace

        token = context.attach(trace.set_span_in_context(self._span))
        try:
            yield
        finally:
            context.detach(token)

    def end(self) -> None:
        """Say that it is over."""
        if self._span is not None:
            self._span.end()


NOTHING = Seen()


class Traces:
    """The spans of one process, for the collector at `url`; none where there is no url.

    `share`, from 0 to 1, is how many of the traces are kept. Raises `TracesMissing`.
    """

    def __init__(self, url: str = "", share: float = 1.0) -> None:
        self._provider = _provider(url, share) if url else None
        self._tracer = self._provider.get_tracer("iort") if self._provider else None

    def begin(self, name: str, kind: Kind, *, of: str | None = None, **facts: Fact) -> Seen:
        """Begin a span, as part of the one that is current or of what `carried` gave before."""
        if self._tracer is None:
            return NOTHING
        from opentelemetry.trace import SpanKind

        parent = _propagator().extract({"traceparent": of}) if of else None
        seen = Seen(self._tracer.start_span(_word(name), parent, SpanKind[kind.upper()]))
        seen.note(**facts)
        return seen

    @contextmanager
    def span(self, name: str, kind: Kind, *, peer: str = "") -> Iterator[Seen]:
        """Make a span of what is done meanwhile; an error leaves the name of its class there."""
        seen = self.begin(name, kind, **({"peer": peer} if peer else {}))
        try:
            with seen.current():
                yield seen
        except BaseException as error:
            seen.note(outcome=type(error).__name__)
            seen.fails()
            raise
        finally:
            seen.end()

    def around(self, peer: str, it: T) -> T:
        """Return an adapter of which each call is a span: the kind of peer, what, how long."""
        unseen = self._tracer is None or it is None
        return it if unseen else cast(T, _Watched(self, peer, it))

    def flush(self) -> None:
        """Hand over what waits, now."""
        if self._provider is not None:
            self._provider.force_flush()

    def stop(self) -> None:
        """Hand over what waits, for a moment, and make no more."""
        if self._provider is not None:
            last = threading.Thread(target=self._provider.shutdown, daemon=True)
            last.start()
            last.join(AT_THE_END)


def can_be_made() -> bool:
    """Say whether the packages that traces need are installed."""
    return find_spec("opentelemetry.exporter.otlp.proto.http") is not None


def traces_for(url: str, share: float) -> Traces:
    """Return the spans of this process, which are handed over when it ends.

    Nothing stops because they cannot be made: where packages are missing there are none.
    """
    try:
        traces = Traces(url, share)
    except TracesMissing:
        log.warning(f"no traces are made: {MISSING}")
        return Traces()
    if url:
        atexit.register(traces.stop)
    return traces


def carried(after: timedelta) -> str | None:
    """Return by what a step that is due `after` so long follows the current span: random ids."""
    if not _started or after > FOLLOWS_WITHIN:
        return None
    found: dict[str, str] = {}
    _propagator().inject(found)
    return found.get("traceparent")


class _Watched:
    """Stands before an adapter."""

    def __init__(self, traces: Traces, peer: str, it: object) -> None:
        self._traces, self._peer, self._it = traces, peer, it

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._it, name)
        if name.startswith("_") or name in NOT_CALLS or not callable(found):
            return found
        return self._call(name, found)

    def _call(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            seen = self._traces.begin(f"{self._peer} {name}", "client", peer=self._peer)
            goes_on = False
            try:
                with seen.current():
                    result = act(*given, **named)
                goes_on = inspect.isgenerator(result)
            except BaseException as error:
                seen.note(outcome=type(error).__name__)
                seen.fails()
                raise
            finally:
                if not goes_on:
                    seen.end()
            return _followed(seen, result) if goes_on else result

        return call


def _followed(seen: Seen, items: Iterator[Any]) -> Iterator[Any]:
    """Pass on what comes bit by bit; the span ends with it."""
    try:
        yield from items
    except Exception as error:
        seen.note(outcome=type(error).__name__)
        seen.fails()
        raise
    finally:
        seen.end()


def _plain(value: Fact) -> Fact:
    return _word(value) if isinstance(value, str) else value


def _word(value: str) -> str:
    """Return a word as it is when it looks like ours; another in its place otherwise."""
    return value if _PLAIN.fullmatch(value) else "not shown"


def _propagator() -> Any:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator()


def _provider(url: str, share: float) -> "TracerProvider":
    global _started
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
    except ImportError:
        raise TracesMissing from None
    # It names the collector and says what it answered, again and again; we say it once.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(share)),
        # Nothing of the machine: no host, no process, no command line.
        resource=Resource({"service.name": "iort", "service.instance.id": uuid4().hex}),
        shutdown_on_exit=False,
    )
    exporter = _told_once(OTLPSpanExporter(endpoint=url, timeout=PATIENCE))
    provider.add_span_processor(
        BatchSpanProcessor(
            exporter,
            max_queue_size=ROOM,
            schedule_delay_millis=EVERY * 1000,
            max_export_batch_size=512,
        )
    )
    _started = True
    return provider


def _told_once(exporter: "SpanExporter") -> "SpanExporter":
    """Return an exporter that says when the collector stops answering, and when it does again."""
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class ToldOnce(SpanExporter):
        answers = True

        def export(self, spans: Sequence[Any]) -> "SpanExportResult":
            result = exporter.export(spans)
            answers = result is SpanExportResult.SUCCESS
            if answers != self.answers:
                log.warning(
                    "the collector of traces answers again"
                    if answers
                    else "the collector of traces does not answer: spans are lost, nothing else is"
                )
            self.answers = answers
            return result

        def shutdown(self) -> None:
            exporter.shutdown()

    return ToldOnce()
