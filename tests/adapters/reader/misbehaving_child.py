"""Stands in for the reader's child; what it does is the text of the file it is given.

`hang N SECONDS` stops on page N and starts `sleep SECONDS`, `die N` kills itself there, `shout`
writes without end, `tell` reports its environment, limits and session.
"""

import os
import resource
import signal
import subprocess
import sys
import time

from adapters.reader.context import Child
from extractors.types import Page


def main() -> None:
    child = Child.from_stdin()
    child.watch_time()
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    with os.fdopen(int(sys.argv[1]), "rb", closefd=False) as stream:
        what, detail, seconds = (stream.read().decode() + "  ").split(" ")[:3]
    child.media_type("application/pdf")
    if what == "tell":
        tell(child)
        return
    if what == "shout":
        child.start(1)
        while True:
            os.write(1, b"x" * 65536)
    bad = {int(number) for number in detail.split(",")} if detail else set()
    for number in range(child.config.first_page, 6):
        child.start(number)
        if number in bad and what == "hang":
            subprocess.Popen(["sleep", seconds])
            time.sleep(600)
        if number in bad and what == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        child.send_page(Page(number, 100, 100, "plain", "fine", f"page {number}", ()))
    child.done("read" if child.readable else "no_text", child.no_text_message())


def tell(child: Child) -> None:
    child.done(
        "read",
        "",
        {
            "environment": sorted(os.environ),
            "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
            "core": resource.getrlimit(resource.RLIMIT_CORE)[0],
            "session": os.getsid(0),
            "descriptors": sum(map(_is_open, range(1024))),
        },
    )


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
