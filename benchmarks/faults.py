"""Cases run while workers are killed, Valkey is flushed and restarted, PostgreSQL is restarted.

    python benchmarks/faults.py [--cases 50] [--json FILE]

Real servers and the whole application under its own supervisor; played people take every case to
its enquiries. Each fault waits until there is something for it to break and must show that it
broke it. Afterwards: every case has settled, no letter is in a mailbox twice, no timeline has a
gap. The patients carry a marked name and diagnosis, which may be found in the tables meant for
them and in stored objects only (`Spy`).
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import redis
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from benchmarks.spying import DIAGNOSIS, NAME, Spy
from local.embedded import control
from local.embedded.environment import read_env_file
from local.embedded.paths import embedded_env_file
from local.embedded.servers import EmbeddedServers
from local.rehearsal.director import Rehearsal
from local.rehearsal.documents import breast_synoptic
from local.rehearsal.parts import Part
from local.rehearsal.people import hospital_addresses
from local.rehearsal.reports import ROSA
from models.database import transaction
from settings import Settings
from tasks.queues import QUEUES, WORKER_GROUPS
from workflows.engine.doorbell import RelayDoorbell
from workflows.engine.world import World

LEASE = "PT6S"
"""Short, so that a run waits seconds and not a minute for what a dead worker held."""
PART = Part(
    person=ROSA,
    report="breast-synoptic.pdf",
    site="breast",
    story="",
    technique="kv_iort",
    by_hand={"breast.cn": "cN0"},
    replies=("offer", "offer"),
    reason="the tumour board proposes it; what is open is asked together with the hospital",
    until="OUTREACH",
)


@dataclass
class Outcome:
    """What a run showed."""

    cases: int
    settled: int = 0
    seconds: float = 0.0
    faults: dict[str, str] = field(default_factory=dict)
    """By name: what the fault broke."""
    enquiries: int = 0
    delivered_once: int = 0
    delivered_twice: int = 0
    uncertain: int = 0
    """Letters whose fate a person is asked about."""
    lost: int = 0
    """Letters said to be sent that are in no mailbox."""
    gaps: int = 0
    parked: int = 0
    events: int = 0
    taken_over: int = 0
    """Rows that a second worker took up after the first was lost."""
    leaks: list[str] = field(default_factory=list)
    seen_in: list[str] = field(default_factory=list)
    """Tables that hold the marked name or diagnosis."""


Fault = Callable[[], str | None]


class FaultRun:
    """One run in one `var` folder."""

    def __init__(self, var: Path, cases: int, report: Callable[[str], None]) -> None:
        self.var, self.report = var, report
        self.outcome = Outcome(cases)
        self.faults: list[tuple[str, Fault]] = [
            ("worker-documents killed", lambda: self._kill("documents")),
            ("worker-cases killed", lambda: self._kill("cases")),
            ("Valkey flushed", self._flush_valkey),
            ("Valkey restarted", self._restart_valkey),
            ("worker-mail killed", lambda: self._kill("mail", "outreach.send_enquiry")),
            ("PostgreSQL restarted", self._restart_postgres),
        ]

    def run(self) -> Outcome:
        """Run it; always stops what it started."""
        os.environ["IORT_STEP_LEASE"] = LEASE
        try:
            control.up(self.var, lambda _: None)
            env = read_env_file(embedded_env_file(self.var))
            values: dict[str, Any] = {
                name.removeprefix("IORT_").lower(): value for name, value in env.items()
            }
            values["webhook_secrets"] = json.loads(values["webhook_secrets"])
            self.settings = Settings(_env_file=None, **values)
            self.world = World(self.settings)
            self.world.doorbell = RelayDoorbell(self.world.engine)
            broker_url = EmbeddedServers(self.var).valkey.url(admin=True)
            self.valkey: Any = redis.Redis.from_url(broker_url, socket_timeout=5)
            with Spy(self.settings, self.var, broker_url) as spy:
                self._play()
                self._check()
                spy.look(self.world.engine)
                self.outcome.leaks = sorted(spy.leaks)
                self.outcome.seen_in = sorted(spy.tables)
        finally:
            del os.environ["IORT_STEP_LEASE"]
            control.down(self.var)
        return self.outcome

    def _play(self) -> None:
        began = time.monotonic()
        rehearsal = Rehearsal(self.world)
        self.case_ids = []
        for number in range(self.outcome.cases):
            person = replace(ROSA, name=f"{NAME} Number{number}", record_number=f"CAN-{number:05d}")
            report = breast_synoptic(person, comment=f"{DIAGNOSIS} features are noted.")
            part = replace(PART, person=person)
            scene = rehearsal.open(part, report, f"{NAME} report {number}.pdf")
            self.case_ids.append(scene.case_id)
        end = time.monotonic() + 120 + 12 * self.outcome.cases
        next_fault = time.monotonic() + 1.5
        while time.monotonic() < end:
            if self.faults and time.monotonic() > next_fault:
                name, fault = self.faults[0]
                broken = self._tolerant(fault)
                if broken:
                    self.faults.pop(0)
                    self.outcome.faults[name] = broken
                    self.report(f"{time.monotonic() - began:6.1f} s  {name}: {broken}")
                    next_fault = time.monotonic() + 2.0
            # A person answers a few questions, then looks up: the run lasts long enough to break.
            self._tolerant(lambda: rehearsal.player.answer_all(most=4))
            if self._tolerant(self._settled):
                break
            time.sleep(0.02)
        self.outcome.seconds = round(time.monotonic() - began, 1)
        rehearsal.close()

    def _tolerant(self, act: Callable[[], Any]) -> Any:
        """Act; while PostgreSQL is away nothing happens, as for any user."""
        try:
            return act()
        except (DBAPIError, redis.RedisError):
            return None

    def _settled(self) -> bool:
        with transaction(self.world.engine) as session:
            values = {"cases": self.case_ids, "now": self.world.clock.now()}
            busy = session.execute(
                text(
                    "SELECT count(*) FROM step_run WHERE case_id = ANY(:cases) AND (state ="
                    " 'running' OR state = 'queued' AND due_at <= :now)"
                ),
                values,
            ).scalar_one()
            there = session.execute(
                text("SELECT count(*) FROM \"case\" WHERE id = ANY(:cases) AND state = 'OUTREACH'"),
                values,
            ).scalar_one()
            open_tasks = session.execute(
                text(
                    "SELECT count(*) FROM human_task WHERE case_id = ANY(:cases) AND"
                    " state = 'open' AND kind <> 'settle_message'"
                ),
                values,
            ).scalar_one()
        self.outcome.settled = there
        return not busy and not open_tasks and there == len(self.case_ids)

    # the faults: each returns what it broke, or None when there was nothing to break yet

    def _running(
        self, queues: tuple[str, ...], step: str | None = None
    ) -> tuple[int, int, str] | None:
        with transaction(self.world.engine) as session:
            row = session.execute(
                text(
                    "SELECT id, fence, name FROM step_run WHERE state = 'running'"
                    " AND split_part(name, '.', 1) = ANY(:queues) AND lease_until > now()"
                    " AND case_id IS NOT NULL AND (CAST(:step AS text) IS NULL OR name = :step)"
                    " ORDER BY lease_until DESC LIMIT 1"
                ),
                {"queues": list(queues), "step": step},
            ).first()
            return (row.id, row.fence, row.name) if row else None

    def _kill(self, group: str, step: str | None = None) -> str | None:
        """Kill a worker that holds a row; bitten when the row is left running."""
        pid = self._pid(f"worker-{group}")
        if pid is None:
            return None
        end = time.monotonic() + 0.5
        while (held := self._running(WORKER_GROUPS[group], step)) is None:
            if time.monotonic() > end:
                return None
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.2)
        row_id, fence, name = held
        with transaction(self.world.engine) as session:
            left = session.execute(
                text(
                    "SELECT 1 FROM step_run WHERE id = :id AND fence = :fence AND state = 'running'"
                ),
                {"id": row_id, "fence": fence},
            ).first()
        return f"{name} was left running with nobody at work" if left else None

    def _pid(self, name: str) -> int | None:
        state = control.read_state(self.var)
        found = [each for each in state.processes if each.name == name and each.ready]
        return found[0].pid if found else None

    def _flush_valkey(self) -> str | None:
        rings = sum(int(self.valkey.llen(queue)) for queue in QUEUES)
        if not rings:
            return None
        keys = int(self.valkey.dbsize())
        self.valkey.flushall()
        return f"{rings} rings and {keys} keys were gone"

    def _restart_valkey(self) -> str | None:
        before = dict(self.valkey.info("server"))
        if self._running(QUEUES) is None:
            return None
        pid = self._pid("valkey")
        if pid is None:
            return None
        os.kill(pid, signal.SIGKILL)
        after = self._wait_for(lambda: dict(self.valkey.info("server")))
        assert before["run_id"] != after["run_id"]
        return "killed and started anew while workers were connected"

    def _restart_postgres(self) -> str | None:
        held = self._running(QUEUES)
        if held is None:
            return None
        before = self._postmaster()
        control.restart(self.var, "postgres")
        after = self._wait_for(self._postmaster)
        assert before != after
        return f"{held[2]} was being worked; every connection was cut"

    def _postmaster(self) -> Any:
        with transaction(self.world.engine) as session:
            return session.execute(text("SELECT pg_postmaster_start_time()")).scalar_one()

    def _wait_for(self, ask: Callable[[], Any]) -> Any:
        end = time.monotonic() + 60
        while (answer := self._tolerant(ask)) is None:
            if time.monotonic() > end:
                raise SystemExit("a server did not come back in 60 s")
            time.sleep(0.2)
        return answer

    # what must hold afterwards

    def _check(self) -> None:
        outcome = self.outcome
        self._check_letters()
        with transaction(self.world.engine) as session:
            values = {"cases": self.case_ids}
            outcome.gaps = session.execute(
                text(
                    "SELECT count(*) FROM (SELECT case_id FROM case_event WHERE case_id ="
                    " ANY(:cases) GROUP BY case_id HAVING count(*) <> max(seq) OR min(seq) <> 1)"
                    " AS broken"
                ),
                values,
            ).scalar_one()
            outcome.events = session.execute(
                text("SELECT count(*) FROM case_event WHERE case_id = ANY(:cases)"), values
            ).scalar_one()
            outcome.parked = session.execute(
                text("SELECT count(*) FROM step_run WHERE state = 'dead'")
            ).scalar_one()
            outcome.taken_over = session.execute(
                text("SELECT count(*) FROM step_run WHERE case_id = ANY(:cases) AND fence > 1"),
                values,
            ).scalar_one()

    def _check_letters(self) -> None:
        outcome = self.outcome
        with transaction(self.world.engine) as session:
            letters = session.execute(
                text(
                    "SELECT message.id, message_id, message.state, EXISTS (SELECT 1 FROM human_task"
                    " t WHERE t.kind = 'settle_message' AND t.state = 'open'"
                    " AND (t.objects->>'message_id')::bigint = message.id) AS listed"
                    " FROM message WHERE template = 'M10' AND case_id = ANY(:cases)"
                ),
                {"cases": self.case_ids},
            ).all()
            addresses = hospital_addresses(session)
        rehearsal = Rehearsal(self.world)
        found: dict[str, int] = {}
        for address in addresses:
            for raw in rehearsal.post.mails(address):
                head = raw.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace")
                for letter in letters:
                    if letter.message_id in head.split("References:")[0]:
                        found[letter.message_id] = found.get(letter.message_id, 0) + 1
        rehearsal.close()
        outcome.enquiries = len(letters)
        for letter in letters:
            copies = found.get(letter.message_id, 0)
            outcome.delivered_once += copies == 1
            outcome.delivered_twice += copies > 1
            outcome.uncertain += letter.state == "uncertain" and letter.listed
            outcome.lost += copies == 0 and letter.state != "uncertain"


def problems(outcome: Outcome) -> list[str]:
    """Return what did not hold, in words; empty when everything did."""
    checks = {
        "cases did not settle": outcome.settled != outcome.cases,
        "a fault found nothing to break": len(outcome.faults) < 6,
        "a letter was delivered twice": outcome.delivered_twice > 0,
        "a letter was lost and is on no list": outcome.lost > 0,
        "not two enquiries per case": outcome.enquiries != 2 * outcome.cases,
        "a timeline has a gap": outcome.gaps > 0,
        "no row was taken over": outcome.taken_over == 0,
        "marked data where it must not be": bool(outcome.leaks),
        "the marked data were not found at all": "patient" not in outcome.seen_in,
    }
    return [words for words, broken in checks.items() if broken]


def main() -> int:
    """Run it and print the outcome; exit code 1 when something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=50)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is stopped
    with tempfile.TemporaryDirectory(prefix="iort-faults-") as folder:
        outcome = FaultRun(Path(folder) / "var", options.cases, print).run()
    shown = json.dumps(asdict(outcome), indent=1)
    print(shown)
    if options.json:
        options.json.write_text(shown + "\n")
    for words in problems(outcome):
        print(f"FAILED: {words}")
    return 1 if problems(outcome) else 0


if __name__ == "__main__":
    sys.exit(main())
