"""From a file that was handed in to findings that a person can look at, in the running product.

    python benchmarks/upload.py [--tree FOLDER ...] [--jobs text scan photos] [--rounds 3]
        [--ocrmypdf PROGRAM | --alone] [--json FILE]

Everything of `./iort up` is started for each `--tree` (this one, and others with the same packages:
`git worktree add ../before COMMIT`). They take the same files in turn, through `./iort case open`,
OCRmyPDF beside them on the same scans: a born-digital report of two pages, a scan of ten, twenty
photos of one paper. Counted is from `document.received` to `extraction.completed`, by the server's
clock. Meanwhile a harmless step of the queue `ingestion` is due eight times a second: how late each
begins is what mail, uploads and other people's files would wait.
"""

import argparse
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psycopg
import pypdfium2
from PIL import Image, ImageFilter
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from benchmarks import upload_peer
from benchmarks.extraction_pages import dense_report
from benchmarks.idle import wait_until_up
from benchmarks.machine import ran_on
from benchmarks.reading_cost import scanned_report
from local.embedded.environment import read_env_file
from local.embedded.paths import embedded_env_file
from settings import PROJECT_ROOT

EVERY = 0.125
"""Seconds between two steps of the probe."""
LONGEST = 400.0
PROBE = "ingestion.check_completeness"
"""Does nothing for a case that is not compared with a checklist now."""


def phone_photos(count: int, seed: int) -> list[bytes]:
    """Return photos of the pages of one paper: 8 megapixels, a little turned, on a dark desk."""
    draw = random.Random(seed)
    library: Any = pypdfium2
    found = []
    for page in library.PdfDocument(dense_report(count, seed)):
        picture = page.render(scale=200 / 72, grayscale=True).to_pil().convert("L")
        desk = Image.new("L", (2448, 3264), 60)
        desk.paste(picture.resize((2000, 2828)), (200, 200))
        desk = desk.rotate(draw.uniform(-1.5, 1.5), Image.Resampling.BICUBIC, fillcolor=60)
        target = io.BytesIO()
        desk.filter(ImageFilter.GaussianBlur(0.8)).save(target, "JPEG", quality=85)
        found.append(target.getvalue())
    return found


def as_pdf(photos: list[bytes]) -> bytes:
    """Return photos as the pages of one PDF, for who reads PDFs alone."""
    target = io.BytesIO()
    paper = Canvas(target, pagesize=A4)
    for photo in photos:
        paper.drawImage(ImageReader(io.BytesIO(photo)), 0, 0, *A4)
        paper.showPage()
    paper.save()
    return target.getvalue()


Papers = dict[str, bytes]
JOBS: dict[str, Callable[[int], Papers]] = {
    "text": lambda seed: {"report.pdf": dense_report(2, seed)},
    "scan": lambda seed: {"scan.pdf": scanned_report(10, seed)},
    "photos": lambda seed: {
        f"IMG_{number:04d}.jpg": photo for number, photo in enumerate(phone_photos(20, seed), 1)
    },
}


class Installation:
    """The product, running in a folder of its own."""

    def __init__(self, tree: Path, folder: Path) -> None:
        self.name = f"{tree.name} {_commit(tree)}"
        self._tree, self._var = tree, folder / "var"
        self._environment = {**os.environ, "IORT_VAR_DIR": str(self._var), "PYTHONPATH": str(tree)}
        self._log = (folder / "log").open("wb")
        self._supervisor = subprocess.Popen(
            [sys.executable, "-m", "local.embedded.supervisor"],
            cwd=tree, env=self._environment, stdin=subprocess.DEVNULL,
            stdout=self._log, stderr=self._log,
        )  # fmt: skip

    def wait(self) -> None:
        """Return when everything is ready."""
        wait_until_up(self._var, self._supervisor)
        url = read_env_file(embedded_env_file(self._var))["IORT_DATABASE_URL"]
        self._database = url.replace("postgresql+psycopg://", "postgresql://")
        self.probe = self.opened({"note.txt": b"A note of no importance.\n"})

    def stop(self) -> None:
        """End everything."""
        self._supervisor.terminate()
        self._supervisor.wait(120)
        self._log.close()

    def opened(self, papers: Papers) -> int:
        """Open a case with files; return its id."""
        with tempfile.TemporaryDirectory(prefix="iort-upload-") as folder:
            paths = []
            for name, content in papers.items():
                paths.append(Path(folder) / name)
                paths[-1].write_bytes(content)
            done = subprocess.run(
                [sys.executable, "-m", "cli", "case", "open", "--site", "breast", "--json",
                 *map(str, paths)],
                cwd=self._tree, env=self._environment, check=True, capture_output=True, text=True,
            )  # fmt: skip
        ref = json.loads(done.stdout)["ref"]
        with self.connected() as database:
            row = database.execute('SELECT id FROM "case" WHERE ref = %s', [ref]).fetchone()
        assert row is not None
        return int(row[0])

    @contextmanager
    def connected(self) -> Iterator[psycopg.Connection[Any]]:
        """Give a connection to its database; each statement is a transaction."""
        with psycopg.connect(self._database, autocommit=True) as database:
            yield database

    def proposed(self, case_id: int) -> list[float]:
        """Wait until all of a case is proposed; return after how many seconds, first to last."""
        end = time.monotonic() + LONGEST
        with self.connected() as database:
            while time.monotonic() < end:
                row = database.execute(_OPEN, {"case": case_id}).fetchone()
                if row is not None and row[0] == 0:
                    found = database.execute(_PROPOSED, {"case": case_id}).fetchall()
                    if not found:
                        raise SystemExit(f"{self.name} read nothing")
                    return [float(one[0]) for one in found]
                time.sleep(0.2)
        raise SystemExit(f"{self.name} did not come to an end")


_OPEN = """
    SELECT count(*) FROM document
     WHERE case_id = %(case)s AND state IN ('received', 'stored', 'read')
"""
_PROPOSED = """
    SELECT extract(epoch FROM recorded_at - (SELECT min(recorded_at) FROM case_event
             WHERE case_id = %(case)s AND type = 'document.received'))
      FROM case_event WHERE case_id = %(case)s AND type = 'extraction.completed' ORDER BY 1
"""
_DUE = """
    INSERT INTO step_run (case_id, name, state, wait, safety, due_at, attempt, fence, objects)
    VALUES (%s, %s, 'queued', false, false, now(), 0, 0, '{}') RETURNING id
"""
_CALL = "SELECT pg_notify('iort_due', 'due')"
_LATE = """
    SELECT extract(epoch FROM finished_at - due_at) FROM step_run WHERE id = ANY(%s)
"""


class Probe:
    """Steps of `ingestion` that are due now and then, and how late each began."""

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._over = threading.Event()
        self._ids: list[int] = []
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> "Probe":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _ask(self) -> None:
        with self._house.connected() as database:
            while not self._over.wait(EVERY):
                row = database.execute(_DUE, [self._house.probe, PROBE]).fetchone()
                assert row is not None
                self._ids.append(int(row[0]))
                database.execute(_CALL)  # as a door does

    def lateness(self) -> list[float]:
        """Return seconds of each, once all of them were worked."""
        with self._house.connected() as database:
            while True:
                found = [row[0] for row in database.execute(_LATE, [self._ids]).fetchall()]
                if all(one is not None for one in found):
                    return [float(one) for one in found]
                time.sleep(0.2)


def of(figures: list[float], *, digits: int = 2) -> dict[str, float]:
    """Return how many, median, and the 95th and 99th of a hundred."""
    many = quantiles(figures, n=100, method="inclusive") if len(figures) > 1 else figures * 99
    return {
        "n": len(figures),
        "p50": round(median(figures), digits),
        "p95": round(many[94], digits),
        "p99": round(many[98], digits),
    }


def take(job: str, papers: Papers, house: Installation, kept: dict[str, list[float]]) -> None:
    """Hand the files of a job to an installation; keep what it took."""
    with Probe(house) as probe:
        seconds = house.proposed(house.opened(papers))
    kept.setdefault(f"{job} first", []).append(seconds[0])
    kept.setdefault(f"{job} last", []).append(seconds[-1])
    kept.setdefault(f"ingestion lateness during {job}", []).extend(probe.lateness())


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Do the jobs in turn; yield the figures by installation after each of them."""
    taken: dict[str, dict[str, list[float]]] = {}
    loads: list[float] = []
    with ExitStack() as stack:
        root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="iort-upload-")))
        peer = options.ocrmypdf
        if peer is None and not options.alone:
            peer = upload_peer.installed(root / "peer")
        houses = []
        for number, tree in enumerate(options.tree or [PROJECT_ROOT]):
            (root / str(number)).mkdir()
            houses.append(Installation(tree.resolve(), root / str(number)))
            stack.callback(houses[-1].stop)
        for house in houses:
            house.wait()
        for turn in range(options.rounds):
            for job in options.jobs:
                papers = JOBS[job](turn + 1)
                for house in houses if turn % 2 else houses[::-1]:
                    loads.append(os.getloadavg()[0])
                    take(job, papers, house, taken.setdefault(house.name, {}))
                if peer and job != "text":
                    pages = list(papers.values())
                    scan = pages[0] if job == "scan" else as_pdf(pages)
                    kept = taken.setdefault("ocrmypdf", {})
                    kept.setdefault(f"{job} last", []).append(upload_peer.seconds(peer, scan))
                yield _figures(taken, loads)


def _figures(taken: dict[str, dict[str, list[float]]], loads: list[float]) -> dict[str, Any]:
    seconds = {name: {job: of(all_) for job, all_ in kept.items()} for name, kept in taken.items()}
    return {**ran_on(), "loads": [round(load, 1) for load in loads], "seconds": seconds}


def _commit(tree: Path) -> str:
    return subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=tree, capture_output=True, text=True,
        check=False,
    ).stdout.strip()  # fmt: skip


def main() -> int:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--tree", type=Path, action="append")
    parser.add_argument("--jobs", nargs="+", choices=list(JOBS), default=list(JOBS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ocrmypdf", type=Path)
    parser.add_argument("--alone", action="store_true", help="without OCRmyPDF")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    # Whoever ends it in the middle has what was measured until then, and nothing is left running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for figures in run(options):
        shown = json.dumps(figures, indent=1)
        if options.json:
            options.json.write_text(shown + "\n")
    print(shown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
