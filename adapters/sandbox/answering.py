"""In a parser: the answer to the one question that `asking` puts."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

Answer = tuple[dict[str, Any], list[bytes]]
"""A JSON object, and bytes of any kind beside it."""


def answer_once(work: Callable[[dict[str, Any], list[bytes]], Answer]) -> int:
    """Do the task that was asked and say what came of it; say nothing if it fails."""
    with open(0, "rb", closefd=False) as source:
        task = json.loads(source.read())
    with os.fdopen(int(sys.argv[1]), "rb", closefd=False) as source:
        contents = cut(source.read(), task["sizes"])
    try:
        told, parts = work(task, contents)
    except Exception:  # its text could hold what the file says
        return 1
    head = json.dumps({**told, "sizes": [len(one) for one in parts]}).encode()
    with open(1, "wb", closefd=False) as target:
        target.write(b"\n".join((head, b"".join(parts))))
    return 0


def cut(joined: bytes, sizes: Sequence[int]) -> list[bytes]:
    """Part bytes at their lengths; raises ValueError when they do not fit."""
    if any(type(size) is not int or size < 0 for size in sizes) or sum(sizes) != len(joined):
        raise ValueError("parts that do not fit")
    parts, begin = [], 0
    for size in sizes:
        parts.append(joined[begin : begin + size])
        begin += size
    return parts
