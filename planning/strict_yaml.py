"""Reading a playbook strictly: a mistake in it is named with its file and line.

YAML is friendlier than a playbook can afford: it takes the second of two equal keys, reads NO
(Norway) as false, and ignores a misspelt key. Here the first is an error, only `true` and `false`
are truth values, and unknown keys are refused by the models that the data is validated against.
"""

import re
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

_DEEPEST = 20

Place = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


class PlaybookError(ValueError):
    """A playbook cannot be used. Says which file, which line and why."""

    def __init__(self, file: str, line: int | None, reason: str) -> None:
        super().__init__(f"{file}{f':{line}' if line else ''}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


class Strict(BaseModel):
    """Base of every playbook model: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Document:
    """A parsed playbook that still knows on which line each value stands."""

    def __init__(self, file: str, data: Any, lines: Mapping[Place, int]) -> None:
        self.file = file
        self.data = data
        self._lines = lines

    def line(self, place: Sequence[str | int]) -> int | None:
        """Return the line of a value, or of the nearest thing around it that has one."""
        place = tuple(place)
        for length in range(len(place), -1, -1):
            if (line := self._lines.get(place[:length])) is not None:
                return line
        return None

    def error(self, place: Sequence[str | int], reason: str) -> PlaybookError:
        """Return the error that names this place, for the caller to raise."""
        return PlaybookError(self.file, self.line(place), reason)

    def validate(self, model: type[Model], place: Sequence[str | int] = ()) -> Model:
        """Return the data at `place` as `model`; raise PlaybookError at the first mistake."""
        data = self.data
        for step in place:
            data = data[step]
        try:
            return model.model_validate(data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            where = ".".join(str(step) for step in first["loc"])
            reason = f"{where}: {first['msg']}" if where else first["msg"]
            raise self.error((*place, *first["loc"]), reason) from None


class _Loader(yaml.SafeLoader):
    """SafeLoader without YAML 1.1's yes/no/on/off."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:bool"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), ["t", "f"])


def parse(text: str, file: str) -> Document:
    """Parse YAML text; `file` is only the name used in errors. Raises PlaybookError."""
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        if root is None:
            raise PlaybookError(file, None, "empty")
        lines: dict[Place, int] = {}
        _walk(root, (), lines, file)
        return Document(file, loader.construct_document(root), lines)
    except PlaybookError:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise PlaybookError(file, line, error.problem or "not YAML") from None
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        # Control characters, endless nesting, 2027-13-40 where a date should be.
        raise PlaybookError(file, None, f"not YAML: {type(error).__name__}") from None


def read(path: Path) -> Document:
    """Parse a playbook file. Raises PlaybookError, also when it is missing or not UTF-8."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise PlaybookError(path.name, None, "cannot be read") from None
    except UnicodeDecodeError:
        raise PlaybookError(path.name, None, "is not UTF-8") from None
    return parse(text, path.name)


def _walk(node: yaml.Node, place: Place, lines: dict[Place, int], file: str) -> None:
    """Note the line of every value; refuse a key that stands twice and endless nesting."""
    if len(place) > _DEEPEST:
        raise PlaybookError(file, node.start_mark.line + 1, "nested too deeply")
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(item, (*place, index), lines, file)
    elif isinstance(node, yaml.MappingNode):
        seen: set[Hashable] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise PlaybookError(file, key.start_mark.line + 1, "a key must be a word")
            if key.value in seen:
                raise PlaybookError(
                    file, key.start_mark.line + 1, f"key {key.value!r} stands twice"
                )
            seen.add(key.value)
            _walk(value, (*place, key.value), lines, file)
            lines[(*place, key.value)] = key.start_mark.line + 1
