"""One process that has loaded the program and becomes, by forking, whichever process is asked for.

`python -m local.embedded.preloaded DESCRIPTOR PADDING` is started by the supervisor
(`local.embedded.forking`) and told over a socket what to start. What is loaded is in memory once
for all, and a process that died is back without loading anything.

It holds no secret: a child reads its settings, from a descriptor that comes with the request, after
it was forked. It has one thread, no connection and no settings, and loads nothing that reads them.
The processes that read strangers' files are not forked; they are started anew, as everywhere.
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import boto3
import sqlalchemy.orm

from settings import PROJECT_ROOT, Settings

PAGES = PROJECT_ROOT / "web" / "pages"
LOADED = (
    "workflows.steps", "workflows.engine.runner", "web.app", "tasks.doorbell", "tasks.listener",
    "tasks.logs", "tasks.queues", "tasks.readiness",
    "alembic.command", "alembic.config", "billiard.pool", "botocore.config",
    "celery.app.routes", "celery.apps.worker", "celery.bin.celery", "celery.bin.worker",
    "celery.concurrency.solo", "celery.concurrency.thread", "celery.events.state",
    "celery.worker.consumer", "celery.worker.heartbeat", "celery.worker.loops",
    "celery.worker.pidbox", "flower.command", "flower.views.monitor", "kombu.matcher",
    "kombu.pidbox", "kombu.transport.redis", "sqlalchemy.dialects.postgresql.psycopg",
    "tornado.platform.asyncio", "uvicorn.lifespan.on", "uvicorn.loops.asyncio",
    "uvicorn.loops.auto", "uvicorn.protocols.http.auto",
)  # fmt: skip
"""What the processes load, but `tasks.app` and what needs it: that reads the settings."""
_LARGEST = 1 << 16


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be started. `descriptors` are the log and the environment (JSON)."""

    argv: tuple[str, ...]
    """The interpreter, "-m", a module and what follows it."""
    folder: str
    parent: int
    """Who is to be its parent: it ends when that one does."""
    death_signal: int
    descriptors: tuple[int, int]


def serve(line: socket.socket) -> Request | None:
    """Fork for each request; return a request in the child that it is for, None at the end."""
    _load()
    known = stamps()
    line.send(json.dumps({"ready": True}).encode())
    while True:
        told, descriptors, _, _ = socket.recv_fds(line, _LARGEST, 2)
        if not told:
            return None
        asked = json.loads(told)
        asked["argv"] = tuple(asked["argv"])
        request = Request(descriptors=(descriptors[0], descriptors[1]), **asked)
        if stamps() != known:
            answer: dict[str, object] = {"stale": True}
        else:
            pid = _fork(request)
            if pid is None:
                line.close()
                return request
            answer = {"pid": pid}
        for descriptor in descriptors:
            os.close(descriptor)
        line.send(json.dumps(answer).encode())


def _load() -> None:
    gc.disable()
    for name in (*LOADED, *_pages()):
        importlib.import_module(name)
    sqlalchemy.orm.configure_mappers()
    # What is known of S3 stays with the session; this client is of nobody and asks nobody.
    boto3.client("s3", region_name="us-east-1", aws_access_key_id="-", aws_secret_access_key="-")  # noqa: S106 - of nobody
    _read_playbooks()
    if threading.active_count() > 1:
        raise SystemExit("what was loaded has begun a thread: nothing can be forked")
    gc.collect()
    gc.freeze()  # a collection in a child would write to each page, and so copy it
    gc.enable()


def playbooks() -> Path:
    """Return the folder of playbooks, as the environment names it."""
    return Path(
        os.environ.get("IORT_PLAYBOOKS_DIR") or Settings.model_fields["playbooks_dir"].default
    )


def _read_playbooks() -> None:
    """Read them as each process does when it starts, and keep them as that does: once for all.

    A file that is refused is left to the processes, which name it. One with other settings (`.env`
    is not read here) reads its own.
    """
    from workflows.engine.playbooks import REFUSED, playbooks_of
    from workflows.engine.world import process_of
    from workflows.hooks.sources import load_sources
    from workflows.steps import SENT_BY_STEPS

    zone = Settings.model_fields["coordinator_time_zone"].default
    with contextlib.suppress(*REFUSED):
        process = process_of(playbooks(), os.environ.get("IORT_COORDINATOR_TIME_ZONE") or zone)
        playbooks_of(playbooks()).load((*process.letters, *SENT_BY_STEPS))
        load_sources(playbooks())


def _pages() -> list[str]:
    return [f"web.pages.{each.name}" for each in pkgutil.iter_modules([str(PAGES)])]


def stamps() -> dict[str, tuple[int, int]]:
    """Return when each file that was read was changed, and its size: an upgrade changes some."""
    found = {}
    modules = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    for name in (*modules, *(str(path) for path in playbooks().rglob("*"))):
        if name:
            try:
                known = os.stat(name)  # noqa: PTH116 - two thousand of them for each start
            except OSError:
                found[name] = (0, 0)
            else:
                found[name] = (known.st_mtime_ns, known.st_size)
    return found


def _fork(request: Request) -> int | None:
    """Fork twice, so that whoever watches becomes the parent; return the id, None in the child."""
    told, tell = os.pipe()
    between = os.fork()
    if between == 0:
        child = os.fork()
        if child:
            os.write(tell, str(child).encode())
            os._exit(0)
        os.close(told)
        os.close(tell)
        return None
    os.close(tell)
    pid = int(os.read(told, 32) or b"0")
    os.close(told)
    os.waitpid(between, 0)
    return pid


def become(request: Request) -> None:
    """Make this child what a started process would be: parent, session, files, settings, name."""
    from adapters.sandbox import kernel
    from adapters.sandbox.hiding import hide

    end = time.monotonic() + 10
    while os.getppid() != request.parent and time.monotonic() < end:
        time.sleep(0.001)  # the one between is about to end
    kernel.control(kernel.PR_SET_PDEATHSIG, request.death_signal)
    if os.getppid() != request.parent:
        os._exit(1)
    hide()
    os.setsid()
    log, environment = request.descriptors
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(nothing)
    os.close(log)
    with os.fdopen(environment, "rb") as handle:
        handle.seek(0)
        settings = json.load(handle)
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(settings)
    sys.argv = list(request.argv[2:])
    sys.orig_argv[:] = request.argv
    _rename(request.argv)


def _rename(argv: tuple[str, ...]) -> None:
    """Show this process under its own command line, in the place of the one it was forked from."""
    import ctypes

    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[45]), int(fields[46])
    if not 0 < start < end:
        return
    text = b"\0".join(word.encode() for word in argv)[: end - start - 1]
    ctypes.memmove(start, text.ljust(end - start, b"\0"), end - start)


def main() -> None:
    """Serve; in each child run its module as `python -m` would."""
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    if request is not None:
        become(request)
        runpy.run_module(request.argv[2], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
