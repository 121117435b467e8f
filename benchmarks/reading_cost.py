"""What reading costs here against another checkout: CPU seconds and peak memory, alternating.

    python benchmarks/reading_cost.py OTHER [REPORTS] [--rounds 3] [--count 220]

OTHER is the folder of a checkout with the same packages (`git worktree add ../before COMMIT`);
REPORTS are lines {id, text}. Three jobs, each in a fresh process, here and there in turn: the
statements of the reports (without what loading takes), a text PDF of 300 pages and a scan of 20,
both through the reader with its child process. Printed are medians and how many times as much it
is here as there.
"""

import argparse
import io
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.extraction_pages import dense_report

HERE = Path(__file__).resolve().parent.parent
# VmHWM, not ru_maxrss, for the process itself: that one begins with the peak of who forked it.
_PROGRAM = """
import json, re, resource, sys, time
sys.path.insert(0, sys.argv[1])
from extractors import extract, pages_from_text
job, path = sys.argv[2:]
if job == "reports":
    rows = [json.loads(line) for line in open(path, encoding="utf-8")]
    for row in rows[:6]:
        extract(pages_from_text(row["text"]), document_id="warm")
    begun = time.process_time()
    for row in rows:
        extract(pages_from_text(row["text"]), document_id=row["id"])
    seconds = time.process_time() - begun
else:
    from adapters.reader import SandboxedReader
    content = open(path, "rb").read()
    begun = time.process_time()
    read = SandboxedReader().read(content)
    assert read.status == "read", read
    extract(read.pages, document_id="one")
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = time.process_time() - begun + children.ru_utime + children.ru_stime
own = int(re.search(r"VmHWM:\\s*(\\d+)", open("/proc/self/status").read())[1])
child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([seconds, own / 1024, child / 1024]))
"""


def scanned_report(pages: int, seed: int = 3) -> bytes:
    """Return a PDF of pictures of invented pages, as a scanner makes them, without text."""
    import pypdfium2
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen import canvas

    library: Any = pypdfium2
    target = io.BytesIO()
    paper = canvas.Canvas(target, pagesize=A4)
    for page in library.PdfDocument(dense_report(pages, seed=seed)):
        picture = page.render(scale=200 / 72, grayscale=True).to_pil().convert("L")
        paper.drawImage(ImageReader(picture), 0, 0, *A4)
        paper.showPage()
    paper.save()
    return target.getvalue()


def cost(tree: Path, job: str, path: Path) -> list[float]:
    """Return CPU seconds, and the peak megabytes of the process and of its largest child."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(tree), job, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tree,
    )
    return [float(figure) for figure in json.loads(done.stdout)]


def compare(other: Path, job: str, path: Path, rounds: int) -> None:
    """Run one job here and there in turn; print medians and their ratios."""
    costs: dict[Path, list[list[float]]] = {HERE: [], other: []}
    order = [HERE, other]
    for _ in range(rounds):
        for tree in order:
            costs[tree].append(cost(tree, job, path))
        order.reverse()
    for at, name in enumerate(("CPU seconds", "peak MB", "peak MB of a child")):
        here, there = (statistics.median(each[at] for each in costs[t]) for t in (HERE, other))
        if there:
            ratio = here / there
            print(f"  {job:8} {name:19} here {here:7.2f}  there {there:7.2f}  ratio {ratio:.2f}")


def main() -> None:
    """Parse the arguments, make the files, compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("other", type=Path)
    parser.add_argument("reports", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=220)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        jobs = {}
        if options.reports:
            jobs["reports"] = Path(folder) / "reports.jsonl"
            lines = options.reports.read_text(encoding="utf-8").splitlines(keepends=True)
            jobs["reports"].write_text("".join(lines[: options.count]), encoding="utf-8")
        for job, content in (("300 text", dense_report(300)), ("20 scan", scanned_report(20))):
            jobs[job] = Path(folder) / f"{job}.pdf"
            jobs[job].write_bytes(content)
        for job, path in jobs.items():
            compare(options.other.resolve(), job, path, options.rounds)


if __name__ == "__main__":
    main()
