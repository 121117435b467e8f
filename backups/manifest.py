"""What a backup says of itself: every file's hash, every table's count, and a proof over it all.

No name, no address and no secret stands in it, so that it may be read without any key.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backups.errors import BackupError
from keys import Ring

NAME = "manifest.json"
_PROOF = "proof"
_KIND = "backup manifest 1"


class ProofMissing(BackupError):
    """The manifest was changed, or made by an installation with another secret key."""

    def __init__(self) -> None:
        super().__init__(
            "the manifest does not bear a proof of our secret keys: it was changed, or made with "
            "another secret key. Put the ring of then into the settings; without it patients' "
            "links, answers to old letters and second factors do not work"
        )


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest as it was read; `proven` is False where its proof is not ours."""

    told: Mapping[str, Any]
    proven: bool

    @property
    def moment(self) -> str:
        """The moment that the database was read at: ISO 8601, UTC."""
        return str(self.told["point"])

    @property
    def migration(self) -> str:
        """The migration that the schema was at."""
        return str(self.told["migration"])

    @property
    def tables(self) -> Mapping[str, Mapping[str, Any]]:
        """Columns, rows, digest and file of each table."""
        found: Mapping[str, Mapping[str, Any]] = self.told["tables"]
        return found

    @property
    def sequences(self) -> Mapping[str, int]:
        """The last number of each sequence."""
        found: Mapping[str, int] = self.told["sequences"]
        return found


def write(path: Path, ring: Ring, told: Mapping[str, Any]) -> bytes:
    """Return the manifest's text with its proof; `path` is where it will stand."""
    proof = ring.stamp(_KIND, _text(path.parent.name, told))
    return json.dumps({**told, _PROOF: proof}, indent=1, sort_keys=True).encode() + b"\n"


def read(path: Path, ring: Ring) -> Manifest:
    """Return the manifest of a backup; raise `BackupError` for one that cannot be read."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        proof = str(told.pop(_PROOF))
        ours = ring.stamped(_KIND, _text(path.parent.name, told), proof)
        manifest = Manifest(told, ours)
        if told["format"] != 1:
            raise BackupError("the backup was written by a version that this one does not know")
        _ = manifest.moment, manifest.migration, manifest.tables, manifest.sequences
    except (OSError, ValueError, KeyError, AttributeError):
        raise BackupError("the manifest cannot be read: it was changed or cut off") from None
    return manifest


def _text(moment: str, told: Mapping[str, Any]) -> str:
    return f"{moment}|{json.dumps(told, sort_keys=True)}"
