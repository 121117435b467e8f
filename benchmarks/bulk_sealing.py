"""Seals the rows of made-up cases as the product does, each with a key of its case."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlmodel import SQLModel

import models  # noqa: F401  (registers the tables)
from keys import Marks, Ring, seal
from keys.ring import WRAPPING
from keys.values import seal_value
from models.findable import address_mark, name_marks_of, near_marks_of
from models.sealed import Sealed

HOUSE = 1
"""The number of the key of marks; that of a case's key is the case's number behind it."""
Named = dict[str, Any]


class Sealing:
    """The keys of a database that is filled, and what is sealed with them."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._house = os.urandom(32)
        self._marks = Marks(self._house)
        self._keys: dict[int, bytes] = {}
        self._columns: dict[str, Mapping[str, Sealed]] = {}

    def house_key(self) -> Sequence[Any]:
        """Return the row of the key of marks."""
        return HOUSE, "house", "marks", None, self._wrapped(HOUSE, self._house)

    def case_key(self, case_id: int) -> Sequence[Any]:
        """Make the key of a case; return its row."""
        key = self._keys[case_id] = os.urandom(32)
        number = HOUSE + case_id
        return number, "case", str(case_id), case_id, self._wrapped(number, key)

    def sealed(self, table: str, names: Sequence[str], values: Sequence[Any]) -> Sequence[Any]:
        """Return the values of a row as they stand in the database, with its marks."""
        columns = self._of(table)
        if not columns:
            return values
        row = dict(zip(names, values, strict=True))
        case_id = row["case_id"]
        marks = self._found(table, row)
        for name, type_ in columns.items():
            if name in row and (row[name] or (type_.kind == "json" and row[name] is not None)):
                place = f"{type_.place}|{case_id}.{row['id']}"
                said = type_.written(row[name])
                row[name] = seal_value(HOUSE + case_id, self._keys[case_id], place, said)
            elif name in row and (row[name] is not None or not type_.nullable):
                row[name] = ""
        return list({**row, **marks}.values())

    def forget(self) -> None:
        """Let go of the keys of cases that are written."""
        self._keys.clear()

    def _of(self, table: str) -> Mapping[str, Sealed]:
        if table not in self._columns:
            of = SQLModel.metadata.tables[table].columns
            self._columns[table] = {
                one.name: one.type for one in of if isinstance(one.type, Sealed)
            }
        return self._columns[table]

    def _found(self, table: str, row: Named) -> Named:
        find = _MARKS.get(table)
        return find(self._marks, row) if find else {}

    def _wrapped(self, number: int, key: bytes) -> str:
        return seal(self._ring, WRAPPING, f"data_key|{number}", key)


def _patient(marks: Marks, row: Named) -> Named:
    return {
        "email_mark": address_mark(marks, row["email"]),
        "near_marks": _array(near_marks_of(marks, row["email"])),
        "name_marks": _array(name_marks_of(marks, row["name"])),
    }


def _letter(marks: Marks, row: Named) -> Named:
    return {"address_mark": address_mark(marks, row["address"])}


def _array(several: Sequence[str]) -> str:
    return "{" + ",".join(several) + "}"


_MARKS: Mapping[str, Callable[[Marks, Named], Named]] = {"patient": _patient, "message": _letter}
