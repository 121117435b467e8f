"""How long signing in takes while pages are drawn and files come, beside an idle server.

    python benchmarks/sign_in.py [--rounds 5] [--tree FOLDER] [--json FILE]

Real servers, the web application in a process of its own, real HTTP on loopback. Rounds alternate:
nobody else, then 44 browsers of two people that each ask for pages nobody has seen, and eight that
send files in pieces. At the end forms come that would fill the memory: what the web process holds
is read from /proc before, at its highest, and after. `--tree` runs another copy of the code.
"""

import argparse
import http.client
import io
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil
from reportlab.pdfgen.canvas import Canvas
from sqlmodel import col, select

from accounts.sessions import open_session
from accounts.users import add_user
from benchmarks.machine import ran_on
from local.embedded.child import Child, base_environment, wait_until
from local.embedded.postgres import OWNER, SUPERUSER
from local.embedded.processes import web
from local.embedded.servers import EmbeddedServers
from models import Document
from models.base import require_id
from models.database import transaction
from settings import PROJECT_ROOT, Settings
from workflows.cases.intake import NewCase, NewPatient, add_document, open_case, store_original
from workflows.engine.record import Recorder
from workflows.engine.world import World
from workflows.events import Actor
from workflows.portal.upload_tickets import ticket_for
from workflows.portal.uploads import Owner

DATABASE, PASSWORD = "sign_in", "a long pass phrase of nobody"
PAGES, LOOKING, SENDING, SIGN_INS, PEOPLE, CASES = 300, 44, 8, 6, 12, 60
PATIENCE = 60
"""Seconds after which somebody gives up: told as that long."""
PIECE = 4 * 1024 * 1024
TOKEN = re.compile(rb'name="csrf" value="([0-9a-f]+)"')


class Bench:
    """Servers, a case with papers of many pages, people, and the web process."""

    def __init__(self, folder: Path, tree: Path) -> None:
        self.servers = EmbeddedServers(folder / "var", durable=False)
        self.servers.start()
        postgres = self.servers.postgres
        with postgres.connect("postgres", user=SUPERUSER) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        given = self.servers.env() | {
            "IORT_DATABASE_URL": postgres.url(DATABASE),
            "IORT_TRUSTED_PROXIES": "127.0.0.1",
        }
        owner = {"IORT_DATABASE_OWNER_URL": postgres.url(DATABASE, user=OWNER)}
        subprocess.run(
            [sys.executable, "-m", "alembic", "upgrade", "head"],
            cwd=PROJECT_ROOT, check=True, capture_output=True, env=os.environ | given | owner,
        )  # fmt: skip
        values: dict[str, Any] = {k.removeprefix("IORT_").lower(): v for k, v in given.items()}
        values["webhook_secrets"] = json.loads(values["webhook_secrets"])
        self.world = World(Settings(_env_file=None, **values))
        self.tokens: list[str] = []
        self.names = [f"person{number}" for number in range(PEOPLE)]
        self.documents: list[int] = []
        self.cases: list[int] = []
        self._fill()
        self.addresses = count(1)
        self.pages = ((d, p) for d in self.documents for p in range(1, PAGES + 1))
        self._lock = threading.Lock()
        process = web("127.0.0.1", self.servers.ports["web"])
        self.child = Child(
            "web", [sys.executable, *process.command], folder=tree, log=folder / "web.log",
            environment=base_environment(self.servers.instance) | given
            | {"PYTHONPATH": str(tree)},
        )  # fmt: skip
        self.child.start()
        if not wait_until(lambda: self.ask("GET", "/health")[0] == 200, 60):
            raise SystemExit(f"the web process does not answer: {self.child.last_lines()}")

    def _fill(self) -> None:
        world, now = self.world, self.world.clock.now()
        with transaction(world.engine) as session:
            for name in self.names:
                user = add_user(session, user_name=name, role="coordinator", password=PASSWORD)
                self.tokens.append(open_session(session, user, method="code"))
        papers = [paper(number) for number in range(8)]
        stored = [(store_original(world, one), len(one)) for one in papers]
        with transaction(world.engine) as session:
            recorder = Recorder(session, world.process, now)
            patient = NewPatient(name="Anna Example", email="anna@home.example")
            actor = Actor("coordinator", "c1")
            for _ in range(CASES):
                case = open_case(session, recorder, world, NewCase(patient=patient), actor)
                self.cases.append(require_id(case.id))
            for (sha256, key), size in stored:
                add_document(
                    session, recorder, self.cases[0], sha256=sha256, key=key, size=size,
                    file_name="paper.pdf", channel="portal",
                )  # fmt: skip
            recorder.flush()
        with transaction(world.engine) as session:
            self.documents = [
                require_id(one) for one in session.exec(select(col(Document.id))).all()
            ]

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        """Ask the web process once."""
        line = http.client.HTTPConnection("127.0.0.1", self.servers.ports["web"], timeout=PATIENCE)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            line.request(method, path, body, given)
            answer = line.getresponse()
            content = answer.read()
            return answer.status, content, {k.lower(): v for k, v in answer.getheaders()}
        except OSError:
            return 0, b"", {}
        finally:
            line.close()

    def sign_in(self, name: str) -> float:
        """Sign somebody in from an address of their own; return how long the answer took, ms."""
        number = next(self.addresses)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        status, page, headers = self.ask("GET", "/login", X_Forwarded_For=address)
        found = TOKEN.search(page)
        if not status:
            return float(PATIENCE * 1000)
        if status != 200 or found is None:
            raise SystemExit(f"/login answers {status}")
        cookie = headers.get("set-cookie", "").partition(";")[0]
        form = {"user_name": name, "password": PASSWORD, "csrf": found[1].decode()}
        began = time.perf_counter()
        status, _, _ = self.ask(
            "POST", "/login", urlencode(form), X_Forwarded_For=address, Cookie=cookie,
            Content_Type="application/x-www-form-urlencoded",
        )  # fmt: skip
        if status not in (0, 303):
            raise SystemExit(f"a sign-in answers {status}")
        return (time.perf_counter() - began) * 1000

    def look(self, who: int, stop: threading.Event, done: list[int]) -> None:
        """Ask for pages that nobody has seen."""
        while not stop.is_set():
            with self._lock:
                document, page = next(self.pages)
            cookie = f"iort_session={self.tokens[who]}"
            status, _, _ = self.ask("GET", f"/documents/{document}/pages/{page}.png", Cookie=cookie)
            done.append(status)

    def send(self, stop: threading.Event, done: list[int]) -> None:
        """Send files of one piece."""
        while not stop.is_set():
            owner = Owner("case", self.cases[next(self.addresses) % CASES])
            own = {"Tus_Resumable": "1.0.0", "Upload_Ticket": ticket_for(self.world, owner)}
            status, _, headers = self.ask(
                "POST", "/portal/uploads", Upload_Length=str(PIECE), **own
            )
            if status == 201:
                status, _, _ = self.ask(
                    "PATCH", headers["location"], os.urandom(PIECE), Upload_Offset="0",
                    Content_Type="application/offset+octet-stream", **own,
                )  # fmt: skip
            done.append(status)

    def memory(self, send: Callable[[], object]) -> dict[str, object]:
        """Return what the web process holds (MB) before, at the highest, and after `send`."""
        own, highest, over = psutil.Process(self.child.pid), [0], threading.Event()

        def watch() -> None:
            while not over.wait(0.02):
                highest[0] = max(highest[0], own.memory_info().rss)

        before = own.memory_info().rss
        watcher = threading.Thread(target=watch)
        watcher.start()
        said = send()
        over.set()
        watcher.join()
        after = own.memory_info().rss
        held = {"before": before, "highest": highest[0], "after": after}
        return {name: round(size / 1e6, 1) for name, size in held.items()} | {"answers": said}

    def forms(self, body: Callable[[], Iterator[bytes]], times: int) -> list[int]:
        """Send forms of one kind side by side; return the answers."""
        kind = "multipart/form-data; boundary=cut"

        def one(_: int) -> int:
            return self.ask("POST", "/portal/nobodys-link", body(), Content_Type=kind)[0]

        with ThreadPoolExecutor(times) as crowd:
            return list(crowd.map(one, range(times)))


def paper(number: int) -> bytes:
    """Return a report of many pages."""
    target = io.BytesIO()
    canvas = Canvas(target)
    for page in range(PAGES):
        for line in range(40):
            canvas.drawString(60, 780 - 18 * line, f"{number} {page} {line} " + "finding " * 8)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _parts(size: int, times: int, name: str) -> Iterator[bytes]:
    for number in range(times):
        head = f'--cut\r\nContent-Disposition: form-data; name="f{number}"{name}\r\n\r\n'
        yield head.encode() + b"x" * size + b"\r\n"
    yield b"--cut--\r\n"


def fields() -> Iterator[bytes]:
    """Yield 280 MB of fields of 900 kB."""
    return _parts(900_000, 310, "")


def files() -> Iterator[bytes]:
    """Yield 30 files of 1 MB less a little: they were held in memory."""
    return _parts(1_000_000, 30, '; filename="a.pdf"')


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--tree", type=Path, default=PROJECT_ROOT)
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="iort-sign-in-") as folder:
        bench = Bench(Path(folder), given.tree.resolve())
        found: dict[str, Any] = {"ran": ran_on(), "tree": str(given.tree.name), "rounds": []}
        try:
            bench.sign_in(bench.names[0])
            for _ in range(given.rounds):
                found["rounds"].append(_round(bench))
                print(found["rounds"][-1], flush=True)
            for state in ("idle", "busy"):
                for figure in ("p50", "p95"):
                    values = [one[state][figure] for one in found["rounds"]]
                    found[f"{state} {figure} ms, median of rounds"] = statistics.median(values)
            found["8 forms of 30 files"] = bench.memory(lambda: bench.forms(files, 8))
            found["2 forms of 280 MB of fields"] = bench.memory(lambda: bench.forms(fields, 2))
        finally:
            bench.child.kill()
            bench.world.engine.dispose()
            bench.servers.stop()
    told = json.dumps(found, indent=2)
    print(told)
    if given.json:
        given.json.write_text(told + "\n")


def _round(bench: Bench) -> dict[str, Any]:
    idle = _signed_in(bench)
    print("idle", idle, flush=True)
    stop, looked, sent = threading.Event(), [], []  # type: ignore[var-annotated]
    crowd = [
        threading.Thread(target=bench.look, args=(who % 2, stop, looked)) for who in range(LOOKING)
    ] + [threading.Thread(target=bench.send, args=(stop, sent)) for _ in range(SENDING)]
    for one in crowd:
        one.start()
    wait_until(lambda: len(looked) > 3, 120)
    busy = _signed_in(bench)
    print("busy", busy, flush=True)
    stop.set()
    for one in crowd:
        one.join()
    kinds = (("look", looked), ("piece", sent))
    counts = {f"{what} {one}": done.count(one) for what, done in kinds for one in set(done)}
    return {"idle": idle, "busy": busy, **counts}


def _signed_in(bench: Bench) -> dict[str, float]:
    times = sorted(bench.sign_in(bench.names[number % PEOPLE]) for number in range(SIGN_INS))
    p95 = times[max(0, round(0.95 * len(times)) - 1)]
    return {"p50": round(statistics.median(times)), "p95": round(p95), "most": round(times[-1])}


if __name__ == "__main__":
    main()
