"""Many inbound webhooks, a third of them repeats, while workers and Valkey are killed: each once.

    python benchmarks/hooks_in.py [--hooks 20000] [--repeats 0.3] [--senders 8] [--workers 4]

Real servers and the whole application under its own supervisor, with some workers more (as one
scales them); the limit of calls is raised by its setting. Partners open cases and add notes to
them; what is not answered 200 is sent again, as partners do. Afterwards: one row a delivery, one
case or note each, nothing left waiting.
"""

import argparse
import http.client
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import redis
from sqlalchemy import select, text
from sqlmodel import col

from adapters.webhooks import sign
from local.embedded import control
from local.embedded.environment import read_env_file
from local.embedded.paths import embedded_env_file
from local.embedded.processes import worker
from local.embedded.servers import EmbeddedServers
from models import Message
from models.database import transaction
from settings import PROJECT_ROOT, Settings
from workflows.engine.world import World

CASES = 40
NEW_CASE_EVERY = 100
"""One delivery in so many opens a case of its own; the others are notes."""
SOURCE = "rehearsal"
TRIES = 60
FAULT_EVERY = 40.0
"""Seconds between two faults: a worker that was killed has to come up and work again."""


@dataclass
class Outcome:
    """What a run showed."""

    hooks: int
    unique: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    sending_seconds: float = 0.0
    worked_seconds: float = 0.0
    """From the first call to the last delivery worked."""
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0
    answers: dict[str, int] = field(default_factory=dict)
    other_answers: int = 0
    """Repeats that were answered otherwise than the first time."""
    rows: int = 0
    done: int = 0
    cases: int = 0
    notes: int = 0
    notes_twice: int = 0
    repairs: int = 0
    asked: int = 0


class Senders:
    """The partners' programs: threads that take from one list of deliveries."""

    def __init__(self, port: int, secret: str, jobs: list[tuple[str, bytes]]) -> None:
        self.port, self.secret, self.jobs = port, secret, jobs
        self.lock = threading.Lock()
        self.next = 0
        self.took: list[float] = []
        self.answers: dict[str, int] = {}
        self.told: dict[str, str] = {}
        self.other = 0

    def run(self, threads: int) -> None:
        """Send everything and return when the last was answered 200."""
        all_of_them = [threading.Thread(target=self._send_all) for _ in range(threads)]
        for one in all_of_them:
            one.start()
        for one in all_of_them:
            one.join()

    def _send_all(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while True:
            with self.lock:
                if self.next >= len(self.jobs):
                    return
                job = self.jobs[self.next]
                self.next += 1
            for _ in range(TRIES):
                status, body, seconds = self._post(connection, *job)
                with self.lock:
                    self.took.append(seconds)
                    self.answers[str(status)] = self.answers.get(str(status), 0) + 1
                    if status == 200:
                        self.other += self.told.setdefault(job[0], body) != body
                if status == 200:
                    break
                time.sleep(0.5)

    def _post(
        self, connection: http.client.HTTPConnection, message_id: str, body: bytes
    ) -> tuple[int, str, float]:
        headers = sign([self.secret], message_id=message_id, sent_at=datetime.now(UTC), body=body)
        began = time.monotonic()
        try:
            connection.request("POST", f"/hooks/{SOURCE}", body, headers)
            answer = connection.getresponse()
            said = answer.read().decode()
            return answer.status, said, time.monotonic() - began
        except (OSError, http.client.HTTPException):
            connection.close()
            return 0, "", time.monotonic() - began


class Run:
    """One run in one `var` folder."""

    def __init__(self, var: Path, outcome: Outcome, seed: int, workers: int) -> None:
        self.workers = workers
        self.children: dict[int, tuple[subprocess.Popen[bytes], dict[str, str]]] = {}
        self.var, self.outcome, self.random = var, outcome, random.Random(seed)

    def run(self, repeats: float, senders: int) -> None:
        """Run it; always stops what it started."""
        os.environ["IORT_HOOK_CALLS_PER_MINUTE"] = "10000000"
        os.environ["IORT_STEP_LEASE"] = "PT6S"
        try:
            control.up(self.var, lambda _: None)
            env = read_env_file(embedded_env_file(self.var))
            values: dict[str, Any] = {
                name.removeprefix("IORT_").lower(): value for name, value in env.items()
            }
            secrets = values["webhook_secrets"] = json.loads(values["webhook_secrets"])
            self.settings = Settings(_env_file=None, **values)
            self.world = World(self.settings)
            for number in range(self.workers):
                self._start_worker(number, env)
            broker_url = EmbeddedServers(self.var).valkey.url(admin=True)
            self.valkey: Any = redis.Redis.from_url(broker_url, socket_timeout=5)
            refs = self._cases(secrets[SOURCE])
            jobs = self._jobs(refs, repeats)
            partners = Senders(self.settings.web_port, secrets[SOURCE], jobs)
            began = time.monotonic()
            stop = threading.Event()
            faults = threading.Thread(target=self._faults, args=(stop,))
            faults.start()
            args = (partners, began, stop)
            threading.Thread(target=self._progress, args=args, daemon=True).start()
            partners.run(senders)
            self.outcome.sending_seconds = round(time.monotonic() - began, 1)
            self._wait(lambda: self._count("state = 'received'") == 0, 1500, stop)
            stop.set()
            faults.join()
            self._wait(lambda: self._count("state = 'received'") == 0, 300, None)
            self.outcome.worked_seconds = round(time.monotonic() - began, 1)
            self._figures(partners)
        finally:
            os.environ.pop("IORT_HOOK_CALLS_PER_MINUTE", None)
            os.environ.pop("IORT_STEP_LEASE", None)
            for child, _ in self.children.values():
                child.kill()
                child.wait()
            control.down(self.var)

    def _start_worker(self, number: int, env: dict[str, str]) -> None:
        """Start a worker of our own for what came in; beside the one of the supervisor."""
        command = [*worker(f"more-{number}", ("ingestion",)).command]
        child = subprocess.Popen(
            [sys.executable, *command], env={**os.environ, **env}, cwd=PROJECT_ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.children[number] = (child, env)

    def _kill_worker(self, number: int) -> None:
        child, env = self.children[number]
        child.kill()
        child.wait()
        self._start_worker(number, env)

    def _cases(self, secret: str) -> list[str]:
        """Open the cases that the notes are about; return their references."""
        jobs = [(f"open-{n}", _opened(n)) for n in range(CASES)]
        first = Senders(self.settings.web_port, secret, jobs)
        first.run(4)
        self._wait(lambda: self._count("state = 'done'") == CASES, 120, None)
        return [json.loads(told)["case_ref"] for told in first.told.values()]

    def _jobs(self, refs: list[str], repeats: float) -> list[tuple[str, bytes]]:
        unique = round(self.outcome.hooks * (1 - repeats))
        self.outcome.unique = unique
        jobs = []
        for number in range(unique):
            if number % NEW_CASE_EVERY == 0:
                jobs.append((f"case-{number}", _opened(1000 + number)))
            else:
                note = {"case_ref": self.random.choice(refs), "text": f"Note number {number}."}
                jobs.append((f"note-{number}", _body("case.note", note)))
        again = self.random.choices(jobs, k=self.outcome.hooks - unique)
        for job in again:  # anywhere: before the first is worked, or long after
            jobs.insert(self.random.randrange(len(jobs)), job)
        return jobs

    def _faults(self, stop: threading.Event) -> None:
        """Kill a worker or Valkey, or flush it, every few seconds."""
        names = ("worker-documents", "valkey", "worker of ours", "flush", "worker of ours", "relay")
        turn = 0
        while not stop.wait(FAULT_EVERY):
            name = names[turn % len(names)]
            turn += 1
            if name == "worker of ours":
                if not self.children:
                    continue
                self._kill_worker(turn % len(self.children))
            elif name == "flush":
                try:
                    self.valkey.flushall()
                except redis.RedisError:
                    continue
            else:
                state = control.read_state(self.var)
                pid = next((one.pid for one in state.processes if one.name == name), None)
                if pid is None:
                    continue
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue  # it is just being started anew
            self.outcome.faults[name] = self.outcome.faults.get(name, 0) + 1

    def _progress(self, partners: Senders, began: float, stop: threading.Event) -> None:
        """Say now and then how far it is."""
        while not stop.wait(20):
            waiting = self._count("state = 'received'")
            told = f"{partners.next} of {len(partners.jobs)} sent, {waiting} wait"
            print(f"{time.monotonic() - began:6.0f} s  {told}", file=sys.stderr, flush=True)

    def _wait(
        self, settled: Callable[[], bool], seconds: float, stop: threading.Event | None
    ) -> None:
        """Wait until it is so. In the last part of a long wait nothing is killed any more."""
        end = time.monotonic() + seconds
        while not settled():
            left = end - time.monotonic()
            if left < 0:
                return
            if stop is not None and left < seconds / 2:
                stop.set()
            time.sleep(0.5)

    def _count(self, where: str, table: str = "inbound_webhook") -> int:
        with transaction(self.world.engine) as session:
            query = f"SELECT count(*) FROM {table} WHERE {where}"
            return int(session.scalar(text(query)) or 0)

    def _figures(self, partners: Senders) -> None:
        outcome = self.outcome
        cuts = statistics.quantiles(partners.took, n=100)
        outcome.p50_ms, outcome.p95_ms, outcome.p99_ms = (
            round(cuts[place] * 1000, 1) for place in (49, 94, 98)
        )
        outcome.answers, outcome.other_answers = partners.answers, partners.other
        outcome.rows = self._count("true") - CASES
        outcome.done = self._count("state = 'done'") - CASES
        outcome.cases = self._count("true", '"case"') - CASES
        with transaction(self.world.engine) as session:
            letters = session.execute(select(col(Message.subject), col(Message.body)))
            notes = Counter(body for subject, body in letters if subject == "Note of a partner")
        outcome.notes = notes.total()
        outcome.notes_twice = sum(count > 1 for count in notes.values())
        outcome.repairs = self._count("state = 'dead'", "step_run")
        outcome.asked = self._count("kind = 'look_at_hook'", "human_task")


def _opened(number: int) -> bytes:
    patient = {"name": f"Patient {number}", "email": f"p{number}@family.example"}
    return _body("case.opened", {"patient": patient, "site": "breast", "residence_country": "KE"})


def _body(type: str, data: dict[str, Any]) -> bytes:
    return json.dumps({"type": type, "data": data}).encode()


def problems(outcome: Outcome) -> list[str]:
    """Return what did not hold, in words; empty when everything did."""
    new_cases = len(range(0, outcome.unique, NEW_CASE_EVERY))
    checks = {
        "not one row a delivery": outcome.rows != outcome.unique,
        "a delivery was not worked": outcome.done != outcome.unique,
        "not one case each": outcome.cases != new_cases,
        "not one note each": outcome.notes != outcome.unique - new_cases,
        "a note stands twice": outcome.notes_twice > 0,
        "a repeat was answered otherwise": outcome.other_answers > 0,
        "nothing was killed": not outcome.faults,
        "a step was parked": outcome.repairs > 0,
        "a person was asked": outcome.asked > 0,
    }
    return [words for words, broken in checks.items() if broken]


def main() -> int:
    """Run it and print the outcome; exit code 1 when something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hooks", type=int, default=20_000)
    parser.add_argument("--repeats", type=float, default=0.3)
    parser.add_argument("--senders", type=int, default=8)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=20261130)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is stopped
    outcome = Outcome(options.hooks)
    with tempfile.TemporaryDirectory(prefix="iort-hooks-") as folder:
        run = Run(Path(folder) / "var", outcome, options.seed, options.workers)
        run.run(options.repeats, options.senders)
    shown = json.dumps(asdict(outcome), indent=1)
    print(shown)
    if options.json:
        options.json.write_text(shown + "\n")
    for words in problems(outcome):
        print(f"FAILED: {words}")
    return 1 if problems(outcome) else 0


if __name__ == "__main__":
    sys.exit(main())
