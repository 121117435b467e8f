"""A reader at a socket, as a thread of the test."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sandbox.house import serve


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    path, stop = tmp_path / "s", threading.Event()
    ready = tmp_path / "ready"
    monkeypatch.setenv("IORT_READY_FILE", str(ready))
    house = threading.Thread(target=serve, args=(path, stop))
    house.start()
    while not ready.exists():
        assert house.is_alive()
        stop.wait(0.01)
    yield str(path)
    stop.set()
    house.join(10)
    assert not path.exists()
