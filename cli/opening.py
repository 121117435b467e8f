"""Files on their way into a case: read, stored first, then written down; and the wait for them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli.errors import CommandError

if TYPE_CHECKING:
    from views.progress import DocumentProgress
    from workflows.engine.world import World

POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Stored:
    """One file whose bytes are in object storage."""

    name: str
    sha256: str
    key: str
    size: int


def check_files(files: Sequence[Path], max_bytes: int) -> None:
    """Refuse what cannot be taken before anything is stored; files are named by their position."""
    for number, path in enumerate(files, 1):
        which = f"file {number} of {len(files)}"
        if not path.exists():
            raise CommandError(f"{which} does not exist; nothing was opened or added")
        if not path.is_file():
            raise CommandError(f"{which} is not a file; give the documents one by one")
        size = path.stat().st_size
        if size > max_bytes:
            raise CommandError(
                f"{which} has {size / 1e6:.0f} MB; at most {max_bytes / 1e6:.0f} MB are taken. "
                "Send a smaller scan or split it; nothing was opened or added"
            )


def store_files(world: "World", files: Sequence[Path], *, show: bool) -> list[Stored]:
    """Store the originals under their SHA-256, before any row is written."""
    from workflows.cases.intake import store_original

    check_files(files, world.settings.document_max_bytes)
    stored: list[Stored] = []
    with _bar(show) as bar:
        task = bar.add_task("Storing the originals", total=len(files))
        for number, path in enumerate(files, 1):
            try:
                content = path.read_bytes()
            except OSError as error:
                raise CommandError(
                    f"file {number} of {len(files)} cannot be read ({type(error).__name__}); "
                    "nothing was opened or added"
                ) from None
            sha256, key = store_original(world, content)
            stored.append(Stored(path.name, sha256, key, len(content)))
            bar.advance(task)
    return stored


def wait_for_documents(
    world: "World", case_id: int, *, timeout: float, show: bool
) -> "list[DocumentProgress]":
    """Wait until every document of the case has reached a person, or `timeout` seconds passed."""
    from models.database import transaction
    from views.progress import document_progress

    end = time.monotonic() + timeout
    with _bar(show) as bar:
        task = bar.add_task("Reading the documents", total=None)
        while True:
            with transaction(world.engine) as session:
                found = document_progress(session, case_id)
            done = sum(each.settled for each in found)
            bar.update(task, total=len(found), completed=done)
            if done == len(found) or time.monotonic() > end:
                return found
            time.sleep(POLL_SECONDS)


def _bar(show: bool):  # type: ignore[no-untyped-def]  # rich's class, imported when needed
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        disable=not show or not console.is_terminal,
        transient=True,
    )
