"""The file store as doors hear of it: they know an error of ours, not the adapter."""

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.storage import StorageError


class StoreFailed(StorageError):
    """The file store did not do what was asked; nothing of it counts. `code` is its error code."""


@contextmanager
def store_told() -> Iterator[None]:
    """Turn the store's own error into `StoreFailed`; also a decorator of what a door calls."""
    try:
        yield
    except StorageError as error:
        raise StoreFailed(error.code) from None
