"""A playbook as data that is checked against a typed model, its mistakes named with their place."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from playbook_reader.errors import PlaybookError
from playbook_reader.marked import Marked, read_marked

Place = Sequence[str | int]
Model = TypeVar("Model", bound=BaseModel)

_MENDS: Mapping[str, str] = {
    "missing": "add it",
    "extra_forbidden": "correct its spelling or remove it",
    "bool_type": "write true or false, without quotes",
    "int_type": "write a whole number, without quotes or unit",
    "int_from_float": "write a whole number",
    "float_type": "write a number, without quotes or unit",
    "string_type": "put it in quotes",
    "date_type": "write it as 2026-11-23",
    "date_from_datetime_parsing": "write it as 2026-11-23",
    "date_parsing": "write it as 2026-11-23",
    "tuple_type": "write it as [a, b] or as `- ` lines",
    "list_type": "write it as [a, b] or as `- ` lines",
    "dict_type": "write it as `name: value` lines",
    "model_type": "write it as `name: value` lines",
    "model_attributes_type": "write it as `name: value` lines",
    "literal_error": "use one of these words",
    "string_pattern_mismatch": "write it in that form",
}
"""What to do, by pydantic's name of the mistake."""


class Strict(BaseModel):
    """Base of every playbook model: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Document:
    """A parsed playbook that still knows where each value stands."""

    def __init__(self, file: str, root: Marked) -> None:
        self.file = file
        self.data: Any = root.plain()
        self._root = root

    def mark(self, place: Place) -> Marked:
        """Return the value at `place`, or the nearest thing around it that is there."""
        found = self._root
        for step in place:
            children = found.value
            if isinstance(children, dict) and step in children:
                found = children[str(step)]
            elif isinstance(children, list) and isinstance(step, int) and step < len(children):
                found = children[step]
            else:
                break
        return found

    def error(self, place: Place, reason: str, mend: str = "") -> PlaybookError:
        """Return the error that names this place, for the caller to raise."""
        mark = self.mark(place)
        return PlaybookError(self.file, mark.line, reason, column=mark.column, mend=mend)

    def validate(self, model: type[Model], place: Place = ()) -> Model:
        """Return the data at `place` as `model`; raise PlaybookError at the first mistake.

        Types are strict: a number is no text, and NO, "yes" or 1 is no truth value. Texts become
        dates, and lists tuples, where the model says so.
        """
        data = self.data
        for step in place:
            data = data[step]
        try:
            return model.model_validate_json(json.dumps(data), strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            where = ".".join(str(step) for step in first["loc"])
            reason = f"{where}: {first['msg']}" if where else first["msg"]
            mend = _MENDS.get(first["type"], "")
            raise self.error((*place, *first["loc"]), reason, mend) from None


def parse(text: str, file: str) -> Document:
    """Parse YAML text; `file` is only the name used in errors. Raises PlaybookError."""
    return Document(file, read_marked(text, file))


def read(path: Path, name: str = "") -> Document:
    """Parse a playbook file, called `name` in errors (else by its own name).

    Raises PlaybookError, also when it is missing or not UTF-8.
    """
    file = name or path.name
    return parse(read_text(path, file), file)


def plain_text(text: str) -> str:
    """Return a playbook's text as it counts: no byte order mark, and lines that end in LF.

    Some editors write the one or change the other by themselves; neither changes what is said.
    """
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def read_text(path: Path, name: str) -> str:
    """Return the text of a playbook's file as `plain_text` has it.

    Raises PlaybookError, with the line of the first byte that is no UTF-8.
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise PlaybookError(name, None, "cannot be read", mend="put the file back") from None
    try:
        return plain_text(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PlaybookError(name, line, "is not UTF-8", mend="save it as UTF-8 text") from None
