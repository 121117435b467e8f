"""A question to a parser and its one answer: a JSON object, and bytes of any kind beside it.

The task comes as JSON on standard input, the bytes one behind the other in the descriptor that is
the first argument; the answer is a line of JSON and then bytes. Each says how long its parts are.
"""

import json
from collections.abc import Sequence
from typing import Any

from adapters.sandbox.answering import Answer, cut
from adapters.sandbox.elsewhere import ReaderAway
from adapters.sandbox.parser import Sandbox, answer, file_of

_GRACE_SECONDS = 5


def ask(
    sandbox: Sandbox,
    module: str,
    task: dict[str, Any],
    contents: Sequence[bytes],
    *,
    seconds: int,
    most: int,
) -> Answer | None:
    """Return what `module` makes of a task; None when it failed, said nonsense, too much or late.

    `seconds` of computing, `most` bytes beside the JSON.
    """
    given = json.dumps({**task, "sizes": [len(one) for one in contents]}).encode()
    with file_of(given) as first, file_of(b"".join(contents)) as second:
        try:
            parser = sandbox.start(module, stdin=first, keep=[second], seconds=seconds)
        except ReaderAway:
            return None
        said = answer(parser, seconds + _GRACE_SECONDS, most + (1 << 24))
    if not said:
        return None
    head, _, rest = said.partition(b"\n")
    try:
        told = json.loads(head)
        parts = cut(rest, told["sizes"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return (told, parts) if isinstance(told, dict) and len(rest) <= most else None
