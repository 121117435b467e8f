"""Throw what no good program sends at every door: no answer of 500, no crash, nothing lost or told.

    python benchmarks/fuzz_doors.py [--requests 80000] [--hooks 15000] [--mails 5000] [--seed N]
        [--json FILE]

The whole application under its own supervisor on loopback. Requests go to every address it has, as
a stranger and as each role, with wrong parameters, forms, headers and bytes; deliveries are rightly
signed and wrong inside; mails are laid
into the mailbox and fetched from it. Afterwards: no
answer from 500 on, no text of an error of the program in an answer or a log, no process started
anew, a marked patient's name in no log, every mail taken or set aside. Files have their own
fuzzer, `fuzz_reading.py`. What failed is written to a folder that is named at the end.
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import imaplib
import json
import os
import random
import re
import socket
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import text

from accounts.users import ROLES, add_user
from benchmarks import fuzz_doors_inputs as inputs
from benchmarks.machine import ran_on
from local.embedded import control
from local.embedded.environment import read_env_file
from local.embedded.paths import embedded_env_file
from models.database import transaction
from settings import Settings
from web.page_router import PageRoute
from web.pages import page_routers
from workflows.engine.world import World

CANARY = "Zyxcanary"
PASSWORD = "a long enough password of a fuzzer"
SOURCE = "rehearsal"
TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
TOLD = re.compile(rb"Traceback \(most recent|psycopg|sqlalchemy|site-packages|InternalServerError")
SIGN_IN_AGAIN = 400
KEPT = 40


@dataclass
class Outcome:
    """What a run showed."""

    seed: int
    requests: int = 0
    raw: int = 0
    hooks: int = 0
    mails: int = 0
    mails_not_laid_in: int = 0
    """Those that the local mail server itself would not take."""
    answers: dict[str, int] = field(default_factory=dict)
    hook_answers: dict[str, int] = field(default_factory=dict)
    errors: int = 0
    told: int = 0
    no_answer: int = 0
    restarts: int = 0
    tracebacks: int = 0
    canaries: int = 0
    mails_kept: int = 0
    steps_parked: int = 0
    seconds: float = 0.0


class Visitor:
    """Somebody at the web: a connection, cookies, the form's token."""

    def __init__(self, port: int, role: str | None) -> None:
        self.port, self.role = port, role
        self.cookies: dict[str, str] = {}
        self.token = ""
        self.asked = 0
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Return status and body; status 0 when the connection ended without an answer."""
        if self.cookies:
            headers = {**headers, "cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        kept = self.connection.sock is not None
        try:
            self.connection.request(method, target, body or None, headers)
            answer = self.connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            # A server may close a connection that was idle: that is no answer to this request.
            return self.ask(method, target, headers, body) if kept else (0, b"")
        for line in answer.headers.get_all("set-cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, said

    def enter(self) -> None:
        """Sign in, and remember a token of the session's forms."""
        self.cookies = {}
        page = self.ask("GET", "/login", {}, b"")[1].decode("utf-8", "replace")
        found = TOKEN.search(page)
        if self.role is None or found is None:
            self.token = found.group(1) if found else ""
            return
        form = f"user_name=fuzz-{self.role}&password={PASSWORD.replace(' ', '+')}&csrf={found[1]}"
        kind = {"content-type": inputs.TYPES[0]}
        self.ask("POST", "/login", kind, form.encode())
        page = self.ask("GET", "/account", {}, b"")[1].decode("utf-8", "replace")
        found = TOKEN.search(page)
        self.token = found.group(1) if found else ""


class Run:
    """One run in one `var` folder."""

    def __init__(self, var: Path, seed: int, folder: Path, told: Path | None = None) -> None:
        """`told`: a file that says now and then, and at the end, what was found so far."""
        self.var, self.folder, self.outcome, self.told = var, folder, Outcome(seed), told
        self.rng = random.Random(seed)
        self.lock = threading.Lock()

    def run(self, requests: int, hooks: int, mails: int) -> None:
        """Run it; always stops what it started."""
        os.environ["IORT_HOOK_CALLS_PER_MINUTE"] = "10000000"
        os.environ["IORT_MAIL_POLL"] = "PT1S"
        began = time.monotonic()
        try:
            control.up(self.var, lambda _: None)
            env = read_env_file(embedded_env_file(self.var))
            values: dict[str, Any] = {
                name.removeprefix("IORT_").lower(): value for name, value in env.items()
            }
            values["webhook_secrets"] = json.loads(values["webhook_secrets"])
            self.secret = values["webhook_secrets"][SOURCE]
            self.settings = Settings(_env_file=None, **values)
            self.world = World(self.settings)
            self._people()
            before = {one.name: one.pid for one in control.read_state(self.var).processes}
            self._cases()
            sending = threading.Thread(target=self._mails, args=(mails,))
            sending.start()
            parts = [
                threading.Thread(target=self._requests, args=(requests // 2, self.rng.random()))
                for _ in range(2)
            ]
            for one in parts:
                one.start()
            for one in parts:
                one.join()
            self._hooks(hooks)
            sending.join()
            self._settle(self.outcome.mails)
            after = {one.name: one.pid for one in control.read_state(self.var).processes}
            self.outcome.restarts = sum(after.get(name) != pid for name, pid in before.items())
            self._logs()
            self.outcome.seconds = round(time.monotonic() - began, 1)
        finally:
            control.down(self.var)

    def tell(self) -> None:
        """Write what was found so far."""
        if self.told:
            self.told.write_text(json.dumps(ran_on() | asdict(self.outcome), indent=1) + "\n")

    def _people(self) -> None:
        with transaction(self.world.engine) as session:
            for role in sorted(ROLES):
                add_user(session, user_name=f"fuzz-{role}", role=role, password=PASSWORD)

    def _cases(self) -> None:
        """Open the cases whose ids the requests use."""
        for number in range(12):
            patient = {"name": f"{CANARY} {number}", "email": f"c{number}@family.example"}
            data = {"patient": patient, "site": "breast", "residence_country": "KE"}
            body = json.dumps({"type": "case.opened", "data": data}).encode()
            self._deliver(f"known-{number}", body)
        end = time.monotonic() + 60
        while self._count('"case"') < 12 and time.monotonic() < end:
            time.sleep(0.5)

    def _requests(self, count: int, seed: float) -> None:
        rng = random.Random(seed)
        routes = [
            (method, route.path)
            for router in page_routers()
            for route in router.routes
            if isinstance(route, PageRoute)
            for method in route.methods or ()
        ]
        with transaction(self.world.engine) as session:
            refs = list(session.scalars(text('SELECT ref FROM "case" ORDER BY id LIMIT 12')))
        known = [*refs, *(str(n) for n in range(1, 40)), "overview", "messages", "pdf", "png"]
        people = [Visitor(self.settings.web_port, role) for role in (None, *sorted(ROLES))]
        for number in range(count):
            who = rng.choice(people)
            if who.asked % SIGN_IN_AGAIN == 0:
                who.enter()
            who.asked += 1
            wanted = inputs.request(rng, routes, known)
            if rng.random() < 0.05:
                self._raw(rng, wanted)
                continue
            body = wanted.body
            if wanted.token and wanted.headers.get("content-type") == inputs.TYPES[0]:
                body += f"&csrf={who.token}".encode()
            elif wanted.token and b"--x\r\n" in body:
                field = b'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n'
                body = field + who.token.encode() + b"\r\n" + body
            status, said = who.ask(wanted.method, wanted.target, dict(wanted.headers), body)
            self._heard(f"{who.role} {wanted.method} {wanted.target[:300]}", status, said, body)
            if number % 5000 == 0:
                print(f"{number} of {count} requests", file=sys.stderr, flush=True)

    def _heard(self, asked: str, status: int, said: bytes, body: bytes, kind: str = "") -> None:
        out = self.outcome
        with self.lock:
            answers = out.hook_answers if kind else out.answers
            answers[str(status)] = answers.get(str(status), 0) + 1
            if kind:
                out.hooks += 1
            else:
                out.requests += 1
            fault = status >= 500 or bool(TOLD.search(said))
            out.errors += status >= 500
            out.told += bool(TOLD.search(said))
            out.no_answer += status == 0
            if (out.requests + out.hooks) % 2000 == 0:
                self.tell()
            if (fault or status == 0) and out.errors + out.no_answer <= KEPT:
                name = f"{kind or 'http'}-{status}-{out.requests + out.hooks}"
                (self.folder / name).write_bytes(asked.encode() + b"\n\n" + body + b"\n\n" + said)

    def _raw(self, rng: random.Random, wanted: inputs.Request) -> None:
        """Send a request whose very bytes are broken; an end without an answer is right too."""
        head = f"{wanted.method} {wanted.target} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in wanted.headers.items())
        raw = head.encode("latin-1", "replace") + b"Content-Length: %d\r\n\r\n" % len(wanted.body)
        raw = inputs.broken(rng, raw) + wanted.body
        said = b""
        try:
            with socket.create_connection(("127.0.0.1", self.settings.web_port), 10) as line:
                line.settimeout(2)
                line.sendall(raw)
                line.shutdown(socket.SHUT_WR)
                said = line.recv(65536)
        except OSError:
            pass
        status = int(said[9:12]) if said[:5] == b"HTTP/" and said[9:12].isdigit() else 1
        with self.lock:
            self.outcome.raw += 1
        self._heard("raw", status, said, raw)

    def _hooks(self, count: int) -> None:
        for number in range(count):
            body = inputs.bad_json(self.rng)
            odd = self.rng.choice(inputs.WORDS)[:500] if self.rng.random() < 0.1 else ""
            plain = re.sub(r"[^\x21-\x7e]", "", odd)
            self._deliver(f"fuzz-{number}{plain}", body)

    def _deliver(self, message_id: str, body: bytes) -> None:
        headers = _signed(self.secret, message_id, body)
        visitor = Visitor(self.settings.web_port, None)
        status, said = visitor.ask("POST", f"/hooks/{SOURCE}", dict(headers), body)
        visitor.connection.close()
        self._heard(f"hook {message_id}", status, said, body, "hook")

    def _mails(self, count: int) -> None:
        settings = self.settings
        rng = random.Random(self.outcome.seed + 1)
        server: imaplib.IMAP4 | None = None
        for number in range(count):
            raw = inputs.mail(rng, number)
            try:
                if server is None or number % 100 == 0:
                    server = imaplib.IMAP4(settings.imap_host, settings.imap_port, timeout=60)
                    server.login(settings.imap_user, settings.imap_password.get_secret_value())
                taken, _ = server.append(settings.imap_folder, "", "", raw)
                self.outcome.mails += taken == "OK"
            except (imaplib.IMAP4.error, OSError):
                # The local mailbox (a library's) cannot hold every mail: the next ones go on.
                self.outcome.mails_not_laid_in += 1
                server = None

    def _settle(self, mails: int) -> None:
        """Wait until every mail was fetched; those of before the fuzzing are answers of ours."""
        end = time.monotonic() + 900
        while time.monotonic() < end:
            self.outcome.mails_kept = self._count("mailbox_message")
            if self.outcome.mails_kept >= mails and not self._count(
                "step_run", "state <> 'done' AND state <> 'cancelled' AND state <> 'dead'"
                " AND due_at < now() AND name LIKE 'ingestion.%'",
            ):  # fmt: skip
                break
            time.sleep(2)
        self.outcome.steps_parked = self._count("step_run", "state = 'dead'")

    def _count(self, table: str, where: str = "true") -> int:
        with transaction(self.world.engine) as session:
            return int(session.scalar(text(f"SELECT count(*) FROM {table} WHERE {where}")) or 0)

    def _logs(self) -> None:
        for path in self.var.rglob("*.log"):
            content = path.read_bytes()
            self.outcome.tracebacks += content.count(b"Traceback (most recent")
            self.outcome.canaries += content.count(CANARY.encode())
            if b"Traceback" in content:
                (self.folder / path.name).write_bytes(content)


def _signed(secret: str, message_id: str, body: bytes) -> dict[str, str]:
    """Sign any bytes as Standard Webhooks does; the project's own signs nothing but text."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    sent = str(int(time.time()))
    digest = hmac.new(key, f"{message_id}.{sent}.".encode() + body, hashlib.sha256).digest()
    proof = base64.b64encode(digest).decode()
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": sent,
        "webhook-signature": f"v1,{proof}",
    }


def problems(outcome: Outcome) -> list[str]:
    """Return what did not hold, in words; empty when everything did."""
    checks = {
        "an answer of 500 or more": outcome.errors,
        "an answer with the text of an error": outcome.told,
        "a request without an answer": outcome.no_answer,
        "a process was started anew": outcome.restarts,
        "an error of the program in a log": outcome.tracebacks,
        "a patient's name in a log": outcome.canaries,
        "a mail was not kept": max(0, outcome.mails - outcome.mails_kept),
    }
    return [f"{words}: {number}" for words, number in checks.items() if number]


def main() -> int:
    """Run it and print the outcome; exit code 1 when something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=80_000)
    parser.add_argument("--hooks", type=int, default=15_000)
    parser.add_argument("--mails", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=20261130)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="iort-fuzz-failed-"))
    with tempfile.TemporaryDirectory(prefix="iort-fuzz-") as place:
        run = Run(Path(place) / "var", options.seed, folder, options.json)
        run.run(options.requests, options.hooks, options.mails)
    run.tell()
    print(json.dumps(asdict(run.outcome), indent=1))
    found = problems(run.outcome)
    print("\n".join(found) or "nothing broke", f"\nwhat failed: {folder}" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
