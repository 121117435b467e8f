"""A large content in the parts that an S3 store takes one by one."""

from collections.abc import Iterable, Iterator
from typing import Final

PART_BYTES: Final = 8 * 1024 * 1024
"""S3 takes parts of at least 5 MB, the last excepted."""


def in_parts(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks' bytes in parts of one size; only the last may be smaller."""
    held = bytearray()
    for chunk in chunks:
        left = memoryview(chunk)
        while left:
            wanted = PART_BYTES - len(held)
            held += left[:wanted]
            left = left[wanted:]
            if len(held) == PART_BYTES:
                part = bytes(held)
                held.clear()
                yield part
                del part
    if held:
        yield bytes(held)
