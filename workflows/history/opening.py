"""What links say of values that were in clear when they were written, and are sealed since."""

import json
from collections.abc import Callable
from dataclasses import replace

from sqlmodel import SQLModel

from keys.values import open_value
from models.evidence import Form, salt_place
from models.sealed import Sealed
from workflows.history.reading import LinkedRow

_EMPTY = {"object": "{}", "list": "[]", "json": "null"}
"""How the database wrote what held nothing, by kind; a text was written as it is."""


def as_it_was(find: Callable[[int], bytes], table: str, form: Form, row: LinkedRow) -> LinkedRow:
    """Return a row with its salt, and with what goes at an erasure as it stood when it was linked.

    `find` gives a key by its number. Raises what it raises, and `keys.OpeningFailed`.
    """
    if row.hidden is None or (row.salt is None and row.sealed_salt is None):
        return row
    salt = row.salt
    if row.sealed_salt is not None:
        salt = bytes.fromhex(open_value(find, salt_place(table, row.row_id), row.sealed_salt))
    columns = SQLModel.metadata.tables[table].columns
    parts = []
    for name, value in zip(form.hidden, json.loads(row.hidden), strict=True):
        type_ = columns[name].type
        if isinstance(type_, Sealed):
            parts.append(_in_clear(find, type_, row, value))
        else:
            parts.append(_quoted(value))
    return replace(row, salt=salt, hidden=f"[{', '.join(parts)}]")


def _in_clear(
    find: Callable[[int], bytes], type_: Sealed, row: LinkedRow, value: str | None
) -> str:
    """Return a value as the database wrote it into the list that was hashed."""
    if not value:
        return _EMPTY.get(type_.kind) or _quoted(value)
    whose = f"{'' if row.case_id is None else row.case_id}.{row.row_id}"
    text = open_value(find, f"{type_.place}|{whose}", value)
    return text if type_.kind in _EMPTY else _quoted(text)


def _quoted(value: str | None) -> str:
    return json.dumps(value, ensure_ascii=False)
