"""Eight events to a healthy partner beside a slow, a trickling and a dead one: how long it waits.

    python benchmarks/hooks_out.py [--events 8] [--give-up 420] [--json FILE]

Real servers and the whole application under its own supervisor. The slow partner answers after
14 s, the trickling one sends a byte of its header at a time, the dead one takes the connection and
says nothing. Time runs from the commit of the events to the healthy partner's last one.
"""

import argparse
import json
import signal
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import text

from local.embedded import control
from local.embedded.environment import read_env_file
from local.embedded.paths import embedded_env_file
from models.database import transaction
from settings import Settings
from workflows.cases.intake import NewCase, open_case
from workflows.engine.doorbell import RelayDoorbell
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Event

SLOW_SECONDS = 14.0
NAMES = ("slow", "trickling", "dead", "healthy")


class Peer(ThreadingHTTPServer):
    """A partner's computer: what it got, and how it behaves."""

    daemon_threads = True

    def __init__(self, behaviour: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behaviour = behaviour
        self.stopped = threading.Event()
        self.got: list[tuple[float, str]] = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/{self.behaviour}"


class _Handler(BaseHTTPRequestHandler):
    server: Peer

    def do_POST(self) -> None:
        """Behave as told."""
        self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((time.monotonic(), self.headers["webhook-id"]))
        behaviour, stopped = self.server.behaviour, self.server.stopped
        try:
            if behaviour == "dead":
                stopped.wait(60)
                return
            if behaviour == "slow":
                stopped.wait(SLOW_SECONDS)
            if behaviour == "trickling":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nx: ")
                while not stopped.wait(0.5):
                    self.wfile.write(b"y")
                    self.wfile.flush()
                return
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
        except OSError:
            return

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def run(var: Path, events: int, give_up: float) -> dict[str, Any]:
    """Run it once; return the figures."""
    peers = {name: Peer(name) for name in NAMES}
    try:
        control.up(var, lambda _: None)
        env = read_env_file(embedded_env_file(var))
        values: dict[str, Any] = {
            name.removeprefix("IORT_").lower(): value for name, value in env.items()
        }
        values["webhook_secrets"] = json.loads(values["webhook_secrets"])
        world = World(Settings(_env_file=None, **values))
        world.doorbell = RelayDoorbell(world.engine)
        case_id = _case(world)
        with transaction(world.engine) as session:
            for name in NAMES:
                session.execute(
                    text(
                        "INSERT INTO webhook_endpoint (name, url, secret, active)"
                        " VALUES (:name, :url, :secret, true)"
                    ),
                    {"name": name, "url": peers[name].url, "secret": f"whsec_{'a' * 43}="},
                )
        for number in range(events):
            _happens(world, case_id, number)
        began = time.monotonic()
        healthy = peers["healthy"].got
        while len(healthy) < events and time.monotonic() - began < give_up:
            time.sleep(0.05)
        at = [round(moment - began, 2) for moment, _ in healthy]
        return {
            "events": events,
            "healthy_got": len({one for _, one in healthy}),
            "healthy_twice": len(healthy) - len({one for _, one in healthy}),
            "first_seconds": at[0] if at else None,
            "last_seconds": at[-1] if at else None,
            "gave_up_after": None if len(healthy) >= events else give_up,
            "tries": {name: len(peer.got) for name, peer in peers.items()},
        }
    finally:
        for peer in peers.values():
            peer.stopped.set()
        control.down(var)
        for peer in peers.values():
            peer.shutdown()
            peer.server_close()


def _case(world: World) -> int:
    """Open a case and wait until its own steps are done."""
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        case = open_case(session, recorder, world, NewCase(site="breast"))
        due = recorder.flush()
        case_id = case.id or 0
    world.doorbell.ring(due)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with transaction(world.engine) as session:
            busy = session.scalar(
                text(
                    "SELECT count(*) FROM step_run WHERE case_id = :case AND (state = 'running' OR"
                    " state = 'queued' AND due_at <= now())"
                ),
                {"case": case_id},
            )
        if not busy:
            break
        time.sleep(0.2)
    return case_id


def _happens(world: World, case_id: int, number: int) -> None:
    """Record something that starts nothing else, as any worker would."""
    with transaction(world.engine) as session:
        recorder = Recorder(session, world.process, world.clock.now())
        about = {"task_id": 10_000 + number}
        recorder.record(case_id, Event("human_task.cancelled", {**about, "kind": "x"}, about))
        due = recorder.flush()
    world.doorbell.ring(due)


def main() -> int:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=8)
    parser.add_argument("--give-up", type=float, default=420)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is stopped
    with tempfile.TemporaryDirectory(prefix="iort-hooks-") as folder:
        figures = run(Path(folder) / "var", options.events, options.give_up)
    shown = json.dumps(figures, indent=1)
    print(shown)
    if options.json:
        options.json.write_text(shown + "\n")
    return 0 if figures["healthy_got"] == options.events else 1


if __name__ == "__main__":
    sys.exit(main())
