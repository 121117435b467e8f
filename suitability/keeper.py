"""Keep the last good library: a faulty edit must not stop a running system."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from suitability.criteria import Library
from suitability.errors import PlaybookError
from suitability.loader import library_from_texts, playbook_texts, text_hash


@dataclass(frozen=True, slots=True)
class Reload:
    """What a look at the playbooks found: `changed`, or the `problem` to tell the administrator."""

    library: Library
    changed: bool
    problem: PlaybookError | None


class LibraryKeeper:
    """Holds a library and replaces it only by one that loads whole.

    The caller decides when to look again (it owns the clock); unchanged files are not parsed.
    """

    def __init__(
        self, folder: Path, read: Callable[[Path], dict[str, str]] = playbook_texts
    ) -> None:
        """Load the playbooks in `folder`; raises PlaybookError when there is no good version."""
        self._folder = folder
        self._read = read
        texts = read(folder)
        self._library = library_from_texts(texts)
        self._seen = _fingerprint(texts)
        self._problem: PlaybookError | None = None

    @property
    def library(self) -> Library:
        """Return the last good library."""
        return self._library

    def look_again(self) -> Reload:
        """Read the files again; keep the last good library when the new texts are refused."""
        try:
            texts = self._read(self._folder)
            seen = _fingerprint(texts)
            if seen == self._seen:
                return Reload(self._library, False, self._problem)
            self._seen = seen
            self._library = library_from_texts(texts)
        except PlaybookError as problem:
            self._problem = problem
            return Reload(self._library, False, problem)
        self._problem = None
        return Reload(self._library, True, None)


def _fingerprint(texts: dict[str, str]) -> str:
    return text_hash("\0".join(f"{name}\0{text}" for name, text in sorted(texts.items())))
