"""OCRmyPDF (MPL-2.0) beside the reader, on the same scans: for this benchmark alone, no dependency.

It makes a PDF with text under each scan; ours finds out what the pages are, compares, reads marks,
looks for findings and writes the case's facts. Both use the same Tesseract with one thread a page.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from adapters.reader.installed import find_tesseract

_OPTIONS = ("--output-type", "pdf", "--optimize", "0", "--quiet")


def installed(folder: Path) -> Path:
    """Install OCRmyPDF into an environment of its own in `folder`; return its program."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "pip"), "install", "--quiet", "ocrmypdf==17.13.0"]
    subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
    return folder / "bin" / "ocrmypdf"


def seconds(program: Path, scan: bytes) -> float:
    """Return how long OCRmyPDF takes for a scan, with as many pages at once as processors."""
    engine = find_tesseract("eng")
    if engine is None:
        raise SystemExit("no Tesseract is installed")
    environment = {
        "PATH": f"{Path(engine.command).parent}:{os.environ['PATH']}",
        "OMP_THREAD_LIMIT": "1",
        "LANG": "C.UTF-8",
    }
    if engine.tessdata:
        environment["TESSDATA_PREFIX"] = engine.tessdata
    with tempfile.TemporaryDirectory(prefix="iort-upload-") as folder:
        source, target = Path(folder) / "scan.pdf", Path(folder) / "read.pdf"
        source.write_bytes(scan)
        jobs = str(len(os.sched_getaffinity(0)))
        began = time.monotonic()
        subprocess.run(
            [str(program), *_OPTIONS, "--jobs", jobs, str(source), str(target)],
            env=environment,
            check=True,
        )
        return time.monotonic() - began
