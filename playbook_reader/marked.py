"""YAML text as values that know their line and column.

YAML is friendlier than a playbook can afford. Here a key that stands twice is an error, and so is
an alias: nobody needs one, and they are how a small file becomes a huge one. What is written
without quotes is text unless it is surely something else (YAML 1.2, and stricter where that is
safer): `true` and `false` are truth values, `null`, `~` and nothing are not stated, `12` and `1.5`
are numbers. So NO is Norway, `on` is a word, 2027-03-01 is a text that a schema may take for a
date, 12:30 a text and 007 a text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from playbook_reader.errors import PlaybookError

Scalar = str | int | float | bool | None

_DEEPEST = 40
_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None, "~": None, "": None}
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.inf|\.nan")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Marked:
    """A value and where it stands: a dict or a list of marked values, or a scalar.

    The place of a value in a mapping is its key's: a block begins a line below the key, and the
    key is what one looks for.
    """

    value: "dict[str, Marked] | list[Marked] | Scalar"
    line: int
    column: int

    def plain(self) -> Any:
        """Return the value without places."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value


def scalar_of(text: str) -> Scalar:
    """Return what a word without quotes means."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    return float(text.replace(".", "")) if _NOT_FINITE.fullmatch(text) else text


def read_marked(text: str, file: str) -> Marked:
    """Read one YAML document; `file` is only the name used in errors.

    Raises `PlaybookError` for malformed YAML, an empty file, a key that stands twice or is no
    word, an alias, a tag, and endless nesting.
    """
    try:
        return _Builder(yaml.parse(text, Loader=_Loader), file).document()
    except yaml.MarkedYAMLError as problem:
        raise _malformed(problem, text, file) from None
    except (yaml.YAMLError, UnicodeError):
        reason = "malformed YAML: a control character"
        raise PlaybookError(file, no_text_at(text), reason, mend="remove it") from None


def no_text_at(text: str) -> int | None:
    """Return the line of the first character that is no text, such as NUL; None without one."""
    found = _NO_TEXT.search(text)
    return text.count("\n", 0, found.start()) + 1 if found else None


def _malformed(problem: yaml.MarkedYAMLError, text: str, file: str) -> PlaybookError:
    mark = problem.problem_mark or problem.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
    lines = text.splitlines()
    written = lines[line - 1] if line and line <= len(lines) else ""
    mend = "check indentation, brackets and quotes there"
    if "\t" in written[: len(written) - len(written.lstrip())]:
        mend = "indent with spaces, never with tabs"
    reason = f"malformed YAML: {problem.problem or problem.context}"
    return PlaybookError(file, line, reason, column=column, mend=mend)


class _Builder:
    """Builds the tree from the parser's events: PyYAML's own composer falls over deep nesting."""

    def __init__(self, events: Iterator[Any], file: str) -> None:
        self._events = events
        self._file = file

    def document(self) -> Marked:
        """Return the value of the one document."""
        next(self._events)  # the start of the stream
        start = next(self._events)
        if isinstance(start, yaml.StreamEndEvent):
            self._refuse(start.start_mark, "the file is empty", "put its last good version back")
        first = next(self._events)
        whole = self._marked(first, first.start_mark, 0)
        next(self._events)  # the end of the document
        rest = next(self._events)
        if not isinstance(rest, yaml.StreamEndEvent):
            self._refuse(rest.start_mark, "a second document begins", "remove the line `---`")
        return whole

    def _marked(self, event: Any, at: Any, depth: int) -> Marked:
        if depth > _DEEPEST:
            self._refuse(at, "nested too deeply", "write it flatter")
        if isinstance(event, yaml.AliasEvent):
            self._refuse(at, "aliases (*name) are not used here", "write the value out")
        if event.tag not in (None, "!"):
            self._refuse(at, f"the tag {event.tag} is not used here", "remove it")
        return Marked(self._value(event, depth), at.line + 1, at.column + 1)

    def _value(self, event: Any, depth: int) -> "dict[str, Marked] | list[Marked] | Scalar":
        if isinstance(event, yaml.ScalarEvent):
            plain = not event.style
            return scalar_of(event.value) if plain else str(event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Marked] = []
            while not isinstance(item := next(self._events), yaml.SequenceEndEvent):
                items.append(self._marked(item, item.start_mark, depth + 1))
            return items
        children: dict[str, Marked] = {}
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                self._refuse(key.start_mark, "a key must be a word", "write it as `name: value`")
            if key.value in children:
                self._refuse(key.start_mark, f"`{key.value}` stands twice", "remove one of them")
            children[key.value] = self._marked(next(self._events), key.start_mark, depth + 1)
        return children

    def _refuse(self, at: Any, reason: str, mend: str) -> NoReturn:
        raise PlaybookError(self._file, at.line + 1, reason, column=at.column + 1, mend=mend)
