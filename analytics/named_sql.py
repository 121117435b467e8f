"""Files of named statements: `-- name: x`, lines `-- key: value`, then the SQL."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a file; `head` holds what its comment lines say, by key."""

    name: str
    head: Mapping[str, str]
    sql: str


def statements(file: Path) -> Iterator[Statement]:
    """Return the statements of a file in its order."""
    for part in file.read_text(encoding="utf-8").split("-- name: ")[1:]:
        lines = part.strip().splitlines()
        said = [line.removeprefix("-- ") for line in lines[1:] if line.startswith("-- ")]
        head = {key: value.strip() for key, _, value in (line.partition(":") for line in said)}
        sql = "\n".join(line for line in lines[1:] if not line.startswith("-- "))
        yield Statement(lines[0].strip(), head, sql.strip().rstrip(";"))
