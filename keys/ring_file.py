"""Where a process has its ring from: a file that is looked at again at every use, or settings."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keys.ring import LEGACY, Key, Ring, RingRefused, parse_ring, written
from settings import Settings


class RingSource:
    """The ring of these settings. A file that was changed is read anew at the next use; one that
    cannot be used leaves the ring that was read before in use.
    """

    def __init__(self, settings: Settings) -> None:
        self._file = Path(settings.secret_keys_file) if settings.secret_keys_file else None
        self._given = settings.secret_keys.get_secret_value()
        self._single = settings.secret_key.get_secret_value()
        self._seen: tuple[int, int, int] | None = None
        self._ring: Ring | None = None

    def __call__(self) -> Ring:
        """Return the ring as it is now; raise `RingRefused` when there never was one."""
        seen = self._stat()
        if self._ring is None or seen != self._seen:
            try:
                self._ring = self._read()
            except RingRefused:
                if self._ring is None:
                    raise
            self._seen = seen
        return self._ring

    def _stat(self) -> tuple[int, int, int] | None:
        if self._file is None:
            return None
        try:
            found = os.stat(self._file)  # noqa: PTH116  (at every use: a third of the time)
        except OSError:
            return (0, 0, 0)
        return found.st_mtime_ns, found.st_ino, found.st_size

    def _read(self) -> Ring:
        keys = read_ring_file(self._file) if self._file else parse_ring(self._given)
        if self._single and all(key.id != LEGACY for key in keys):
            keys.append(Key(LEGACY, self._single))
        return Ring(keys)


def read_ring_file(path: Path) -> list[Key]:
    """Return the keys of a file; raise `RingRefused`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RingRefused(
            f"IORT_SECRET_KEYS_FILE cannot be read ({type(error).__name__})"
        ) from None
    return parse_ring(text)


@contextmanager
def changing(path: Path) -> Iterator[list[Key]]:
    """Yield the keys of a file to change; what they are then is written, whole or not at all.

    Two that change it at once wait for each other. Raises `RingRefused`; then nothing is written.
    """
    with Path(f"{path}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        keys = read_ring_file(path) if path.exists() else []
        before = list(keys)
        yield keys
        if keys != before:
            Ring(keys)
            _write(path, written(keys))


def _write(path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    with draft.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
