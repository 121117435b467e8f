"""The application's settings as `IORT_*` variables.

They are written to a file, read back, or made from a `Settings` object for a child process.
"""

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from dotenv import dotenv_values
from pydantic import SecretStr
from pydantic_core import to_jsonable_python

from local.embedded.paths import embedded_env_file
from local.embedded.secrets_file import write_private
from settings import PROJECT_ROOT, Settings

PREFIX = "IORT_"
_HEAD = "# Written by ./iort up: where the embedded servers are. Secrets: keep it to yourself.\n"


def write_env_file(path: Path, values: Mapping[str, str]) -> None:
    """Write `NAME='value'` lines, readable by the owner only."""
    lines = [f"{name}='{value}'" for name, value in sorted(values.items())]
    write_private(path, _HEAD + "\n".join(lines) + "\n")


def read_env_file(path: Path) -> dict[str, str]:
    """Return the variables of a file that `write_env_file` wrote; none if it is missing."""
    if not path.exists():
        return {}
    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def use_embedded_environment(var: Path) -> bool:
    """Point this process at the embedded servers of `var`; return whether that was done.

    Servers given by URL win: when `IORT_DATABASE_URL` is set, or stands in `.env`, nothing is
    changed.
    """
    if names_own_servers():
        return False
    values = read_env_file(embedded_env_file(var))
    for key, value in values.items():
        os.environ.setdefault(key, value)
    return bool(values)


def names_own_servers() -> bool:
    """Say whether the environment or `.env` names a database, so that ours are not meant."""
    name = f"{PREFIX}DATABASE_URL"
    return name in os.environ or name in dotenv_values(PROJECT_ROOT / ".env")


def settings_environment(settings: Settings) -> dict[str, str]:
    """Return every setting as a variable, so that a child process has exactly these settings."""
    return {
        f"{PREFIX}{name.upper()}": _as_text(getattr(settings, name))
        for name in type(settings).model_fields
        if getattr(settings, name) is not None
    }


def _as_text(value: object) -> str:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case timedelta():
            return str(to_jsonable_python(value))
        case dict():
            return json.dumps({key: _as_text(entry) for key, entry in value.items()})
        case list() | tuple():
            return json.dumps([_as_text(entry) for entry in value])
        case _:
            return str(value)
