"""What a step or an answer may raise, declared beside it.

Checked while tests run (`tests/declaring.py`), and walked by the test that looks for endless loops.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Raises:
    """Events by type, requests of ON_REQUEST by name, letters by code."""

    events: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()


NOTHING = Raises()
