"""What a process signs, seals and marks with: its ring as it is now, and the key of its marks."""

from collections.abc import Callable
from functools import cached_property

from keys.marks import Marks
from keys.ring import Ring


class Keychain:
    """The keys of one process. The ring is asked for at every use: it may turn meanwhile."""

    def __init__(self, ring: Callable[[], Ring], marks: Callable[[Ring], bytes]) -> None:
        self._ring, self._marks = ring, marks

    @property
    def ring(self) -> Ring:
        """The ring as it is now; raises `RingRefused`."""
        return self._ring()

    @cached_property
    def marks(self) -> Marks:
        """The installation's keyed hashes."""
        return Marks(self._marks(self.ring))
