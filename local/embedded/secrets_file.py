"""Random secrets of one `var` folder, made once and kept in a file only the owner reads."""

import base64
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from keys import Key
from keys.ring import LEGACY, new_key
from keys.ring_file import changing

_NAMES = (
    "postgres", "postgres_superuser", "postgres_owner", "postgres_analyst", "valkey",
    "valkey_user", "mail", "s3_access_key", "s3_secret_key",
    "s3_jwt_write", "s3_jwt_read", "s3_jwt_filer_write", "s3_jwt_filer_read",
    "flower",
)  # fmt: skip


def load_secrets(path: Path) -> dict[str, str]:
    """Return the secrets kept at `path`, making those that are missing."""
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = [name for name in _NAMES if name not in known]
    # Letters and digits only: they stand in URLs, options and configuration files unquoted.
    known |= {name: secrets.token_hex(24) for name in missing}
    if "webhook_rehearsal" not in known:
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        known["webhook_rehearsal"] = f"whsec_{key}"
        missing.append("webhook_rehearsal")
    if missing:
        write_private(path, json.dumps(known, indent=1, sort_keys=True) + "\n")
    return known


def make_ring_file(path: Path, known: Mapping[str, str]) -> None:
    """Write the ring of secret keys unless it is there: the key of before, or a first one.

    `known` are the folder's secrets; one of before there was a ring holds `secret_key`.
    """
    with changing(path) as keys:
        if not keys and "secret_key" in known:
            keys.append(Key(LEGACY, known["secret_key"]))
        elif not keys:
            keys.append(new_key((), datetime.now(UTC)))
            keys.append(new_key((), datetime.now(UTC), wraps=True))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, complete or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
