"""The exact texts of criteria sets that results were made with, under their content hash.

An old result stays explainable although the playbooks have moved on: its assessment names each
set by hash, and the text stands here. Objects are never overwritten or deleted.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

from adapters.storage import ObjectMissing, ObjectStorage
from suitability import CriteriaSet, Library, PlaybookError
from suitability.loader import load_set
from suitability.meaning import meaning_text
from workflows.engine import outside


def key_of(sha256: str) -> str:
    """Return the object key of a set's text."""
    return f"criteria/{sha256}.yaml"


def meaning_key_of(sha256: str) -> str:
    """Return the object key of what a set's text meant."""
    return f"criteria/meaning/{sha256}.json"


class CriteriaArchive:
    """Keeps texts in object storage; what this process has kept once is not sent again."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage
        self._kept: set[str] = set()

    def keep(self, sets: Iterable[CriteriaSet]) -> None:
        """Store the text of each set; called before the row that names its hash is written.

        Raises `adapters.storage.StorageError`: a result that could not be explained later is not
        stored at all.
        """
        missing = [one for one in sets if one.sha256 not in self._kept]
        if missing:
            name = f"criteria {' '.join(one.sha256 for one in missing)}"
            outside.first(name, partial(self._put, missing))

    def _put(self, sets: Iterable[CriteriaSet]) -> None:
        for one in sets:
            self._storage.put(key_of(one.sha256), one.text.encode(), "application/yaml")
            self._kept.add(one.sha256)

    def keep_meaning(self, one: CriteriaSet, library: Library) -> str:
        """Store what a set's text means in `library`; return the hash. Raises `StorageError`."""
        content = meaning_text(one, library).encode()
        sha256 = hashlib.sha256(content).hexdigest()
        self._storage.put(meaning_key_of(sha256), content, "application/json")
        return sha256

    def meaning(self, sha256: str) -> str:
        """Return a kept meaning as `meaning_text` wrote it; raise PlaybookError as `text` does."""
        return self._kept_as(meaning_key_of(sha256), sha256)

    def text(self, sha256: str) -> str:
        """Return a kept text; raise PlaybookError when there is none or it is not what it says."""
        return self._kept_as(key_of(sha256), sha256)

    def _kept_as(self, key: str, sha256: str) -> str:
        try:
            content = self._storage.get(key)
        except ObjectMissing:
            raise PlaybookError("no text is kept under this hash", file=key) from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise PlaybookError("the kept text does not have this hash", file=key)
        return content.decode()

    def load(self, sha256: str, library: Library) -> CriteriaSet:
        """Load a kept set with the vocabulary and sources of `library`; raise PlaybookError."""
        return load_set(
            self.text(sha256),
            file=key_of(sha256),
            vocabulary=library.vocabulary,
            sources=library.sources,
        )

    def library_of(self, set_versions: Mapping[str, Mapping[str, str]], now: Library) -> Library:
        """Return `now` with the sets of an old result in the texts that it was made with.

        `set_versions` is the assessment's: set id to version and SHA-256. Sets that the result did
        not use are left out. Raises PlaybookError when a text is missing or no longer loads.
        """
        sets: dict[str, CriteriaSet] = {}
        known = [name for name in now.sets if name in set_versions]  # in the order of the files
        for identifier in [*known, *sorted(set_versions.keys() - now.sets.keys())]:
            version = set_versions[identifier]
            current = now.sets.get(identifier)
            if current is not None and current.sha256 == version["sha256"]:
                sets[identifier] = current
            else:
                sets[identifier] = self.load(version["sha256"], now)
        others = {
            name: one
            for name, one in now.sets.items()
            if name not in sets and one.kind == "reference"
        }
        return replace(now, sets={**sets, **others}, plans={})
