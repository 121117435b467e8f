"""What shutting a parser in costs: `python -m benchmarks.sandbox [FILES]`.

Reads a file of one line (all of it is start) and a report of one page behind each kind of walls, in
turns; prints the quickest and the median time of a file, in milliseconds.
"""

import statistics
import sys
import time

from adapters.reader import SandboxedReader
from adapters.sandbox.parser import LocalSandbox
from adapters.sandbox.walls import FILTER, LIMITS, NAMESPACES
from tests.adapters.reader import files

FILES = {"one line of text": b"one line of text\n", "a report of one page": files.report()}
Figures = dict[tuple[str, str], list[float]]


def main() -> None:
    """Print a line for each file and kind of walls."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    readers = {
        walls: SandboxedReader(sandbox=LocalSandbox(walls))
        for walls in (LIMITS, FILTER, NAMESPACES)
    }
    taken: Figures = {}
    for _ in range(times):
        for name, content in FILES.items():
            for walls, reader in readers.items():
                taken.setdefault((name, walls), []).append(_read(reader, content, walls))
    for (name, walls), found in taken.items():
        print(f"{name:22} {walls:12} {min(found):7.0f} ms {statistics.median(found):7.0f} ms")


def _read(reader: SandboxedReader, content: bytes, walls: str) -> float:
    began = time.perf_counter()
    document = reader.read(content)
    taken = time.perf_counter() - began
    assert (document.status, document.walls) == ("read", walls)
    return taken * 1000


if __name__ == "__main__":
    main()
