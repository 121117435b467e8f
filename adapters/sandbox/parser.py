"""Starting a parser: a module of ours that reads what a stranger sent, in a process of its own."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

from adapters.sandbox.walls import NAMESPACES

ROOT = Path(__file__).resolve().parents[2]
_OURS = ("adapters", "extractors", "playbooks", "playbook_reader")
_OF_THE_SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/etc/fonts",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/tessdata",
    "/usr/share/tesseract-ocr",
    "/usr/local/share/tessdata",
    os.devnull,
)
MEMORY = 1024 * 1024 * 1024
SECONDS = 60
_ENTER = (sys.executable, "-E", "-s", "-m", "adapters.sandbox.enter")
_ENVIRONMENT = {"LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}


class Parser(Protocol):
    """A parser at work. `output` is a descriptor from which comes what it says, then its end."""

    output: int

    def end(self) -> None:
        """End it, with all that it started; again is no error."""

    def was_lost(self) -> bool:
        """Say whether it ended because who started it did: asked before `end`."""


class Sandbox(Protocol):
    """Starts parsers."""

    def start(
        self,
        module: str,
        *arguments: str,
        stdin: int,
        keep: Sequence[int] = (),
        memory: int = MEMORY,
        seconds: int = SECONDS,
    ) -> Parser:
        """Start `module`, which reads `stdin`; numbers of `keep` follow its arguments.

        `memory` is what one process may take, in bytes; `seconds` how long it may compute.
        """
        ...


class LocalSandbox:
    """Parsers as children of this process, in namespaces of their own where the machine allows."""

    def __init__(self, walls: str = NAMESPACES, *, see: Sequence[str] = ()) -> None:
        """Raise no more than `walls`; let parsers see the files and folders `see` besides."""
        self._walls = walls
        self._see = tuple(see)

    def start(
        self,
        module: str,
        *arguments: str,
        stdin: int,
        keep: Sequence[int] = (),
        memory: int = MEMORY,
        seconds: int = SECONDS,
    ) -> Parser:
        """Start `module` in a session of its own, with an empty environment."""
        heard, said = os.pipe()
        try:
            process = self.begin(
                module, *arguments, stdin=stdin, said=said, keep=keep, memory=memory,
                seconds=seconds,
            )  # fmt: skip
        except BaseException:
            os.close(heard)
            raise
        finally:
            os.close(said)
        return _LocalParser(process, heard)

    def begin(
        self,
        module: str,
        *arguments: str,
        stdin: int,
        said: int,
        keep: Sequence[int],
        memory: int,
        seconds: int,
    ) -> "subprocess.Popen[bytes]":
        """Start `module`, which writes what it says to the descriptor `said`; see `start`."""
        visible = _visible(self._see)
        limits = {"memory": memory, "seconds": seconds}
        task = json.dumps({"walls": self._walls, "visible": visible, "limits": limits})
        return subprocess.Popen(
            [*_ENTER, task, module, *arguments, *map(str, keep)],
            stdin=stdin,
            stdout=said,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            cwd=ROOT,
            pass_fds=tuple(keep),
            start_new_session=True,
        )


class _LocalParser:
    def __init__(self, process: "subprocess.Popen[bytes]", output: int) -> None:
        self.output = output
        self._process = process
        self._ended = False

    def end(self) -> None:
        """End the group: it outlives its leader when something that it started is at work."""
        if self._ended:
            return
        self._ended = True
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        os.close(self.output)
        self._process.wait()

    def was_lost(self) -> bool:
        """Say no: it is a child of this process."""
        return False


@cache
def _visible(more: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return what a parser sees, as it lies and where it is seen: code, libraries, fonts, OCR."""
    tesseract = shutil.which("tesseract")
    wanted = [str(ROOT / name) for name in _OURS]
    wanted += [f"{sys.base_prefix}/lib", f"{sys.prefix}/lib", *_OF_THE_SYSTEM]
    wanted += [tesseract] if tesseract else []
    found: dict[str, str] = {}
    for path in (*wanted, *more):
        if Path(path).exists() and not any(path.startswith(f"{seen}/") for seen in found):
            found[path] = str(Path(path).resolve())
    return [(real, seen) for seen, real in found.items()]


def answer(parser: Parser, seconds: float, most: int) -> bytes | None:
    """Return all that a parser says; None when it says more than `most` bytes, or takes longer.

    It is ended in any case.
    """
    end = time.monotonic() + seconds
    parts: list[bytes] = []
    size = 0
    poll = select.poll()
    poll.register(parser.output, select.POLLIN)
    try:
        while size <= most and poll.poll(max(0.0, end - time.monotonic()) * 1000):
            part = os.read(parser.output, 1 << 16)
            if not part:
                return b"".join(parts)
            parts.append(part)
            size += len(part)
        return None
    finally:
        parser.end()


@contextlib.contextmanager
def file_of(content: bytes) -> Iterator[int]:
    """Give bytes as a file without a name, in memory and not to be changed where that can be."""
    if not hasattr(os, "memfd_create"):
        with tempfile.TemporaryFile() as file:
            file.write(content)
            file.flush()
            os.lseek(file.fileno(), 0, os.SEEK_SET)
            yield file.fileno()
        return
    import fcntl

    descriptor = os.memfd_create("document", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        sealed = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, sealed)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)
