"""Stands in for the reader's child; what it does is the text of the file it is given.

`hang N SECONDS` stops on page N and starts `sleep SECONDS`, `die N` kills itself there, `shout`
writes without end, `chatter` only says that it goes on, `count` begins a million pages, `tell`
reports its environment, limits and session. `together HOW N` has copies read eight pages, each of
which says whether it met another; on page N a copy does what HOW says.
"""

import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from adapters.reader.context import Child
from adapters.reader.copies import Copies
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
    if what == "chatter":
        child.send_page(Page(1, 100, 100, "plain", "fine", "page 1", ()))
        while True:
            child.in_ocr(2)
            time.sleep(0.1)
    if what == "count":
        for number in range(1, 10**6):
            child.start(number)
    if what == "together":
        together(child, detail, int(seconds or 0))
        return
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


PAGES = 8
MEETS = 3


def together(child: Child, how: str, bad: int) -> None:
    child.stated(PAGES)
    copies = Copies(child, child.send_page)
    for number in range(child.config.first_page, PAGES + 1):
        if number not in child.config.skip:
            child.start(number)
            what = how if number == bad else ""
            copies.add(number, partial(one_of_many, number, what))
    copies.finish()
    child.done("read" if child.readable else "no_text", child.no_text_message())


def one_of_many(number: int, how: str) -> Page:
    """Say whether another copy is at work too: pages wait for each other before the third."""
    if how == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "hang":
        time.sleep(600)
    if how == "end":
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(600)
    with suppress(OSError):  # there is none where there are no namespaces
        Path(f"/tmp/{number}").touch()
    end = time.monotonic() + (60 if how == "wait" else 0.2)
    met = False
    while number < MEETS and not met and time.monotonic() < end:
        with suppress(OSError):
            met = Path(f"/tmp/{MEETS - number}").exists()
        time.sleep(0.01)
    return Page(number, 100, 100, "plain", "fine", f"{number} {met}", ())


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
