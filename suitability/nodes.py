"""YAML and JSON text as a tree whose every node knows its file and line, and refuses itself.

YAML comes from the playbook reader; JSON is what programs hand in as findings.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from playbook_reader import Marked, PlaybookError, read_marked
from suitability.errors import SuitabilityError


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a document: a dict of nodes, a list of nodes, or a scalar."""

    value: Any
    file: str
    line: int | None
    error: type[SuitabilityError]

    def fail(self, reason: str, mend: str = "") -> NoReturn:
        """Refuse this node."""
        raise self.error(reason, file=self.file, line=self.line, mend=mend)

    def plain(self) -> Any:
        """Return the value without lines."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def mapping(
        self, what: str, required: Collection[str] = (), optional: Collection[str] | None = None
    ) -> dict[str, "Node"]:
        """Return the children of a mapping; with `optional`, any other key is refused."""
        if not isinstance(self.value, dict):
            self.fail(f"{what} must be a mapping", "write it as `name: value` lines")
        children: dict[str, Node] = self.value
        if optional is not None:
            known = {*required, *optional}
            for key, child in children.items():
                if key not in known:
                    child.fail(
                        f"unknown key `{key}` in {what}", f"known keys: {', '.join(sorted(known))}"
                    )
        for key in required:
            if key not in children:
                self.fail(f"{what} has no `{key}`", f"add `{key}:`")
        return children

    def sequence(self, what: str, *, empty_ok: bool = False) -> list["Node"]:
        """Return the items of a list."""
        if not isinstance(self.value, list):
            self.fail(f"{what} must be a list", "write it as [a, b] or as `- ` lines")
        items: list[Node] = self.value
        if not items and not empty_ok:
            self.fail(f"{what} is empty", "list at least one")
        return items

    def text(self, what: str) -> str:
        """Return a non-empty string."""
        if not isinstance(self.value, str) or not self.value.strip():
            self.fail(f"{what} must be a text", "put it in quotes")
        return str(self.value)

    def one_of(self, what: str, allowed: Collection[str]) -> str:
        """Return a string that is one of `allowed`."""
        if not isinstance(self.value, str) or self.value not in allowed:
            self.fail(f"{what} `{self.value}` is not known", f"use one of: {', '.join(allowed)}")
        return str(self.value)

    def flag(self, what: str) -> bool:
        """Return a boolean."""
        if not isinstance(self.value, bool):
            self.fail(f"{what} must be true or false")
        return bool(self.value)

    def number(self, what: str) -> int | float:
        """Return a finite number; true, "12" and .nan are none."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(f"{what} must be a number, not {value!r}", "write it without quotes or unit")
        if value != value or value in (float("inf"), float("-inf")):
            self.fail(f"{what} must be a finite number")
        return value


def parse_yaml(text: str, *, file: str, error: type[SuitabilityError]) -> Node:
    """Parse one YAML document.

    Raises `error` with the line for whatever the playbook reader refuses: malformed YAML, duplicate
    keys, aliases, tags, and keys that are no words.
    """
    try:
        root = read_marked(text, file)
    except PlaybookError as problem:
        raise error(
            problem.reason, file=problem.file, line=problem.line, mend=problem.mend
        ) from None
    return _node(root, file, error)


def _node(marked: Marked, file: str, error: type[SuitabilityError]) -> Node:
    value: Any = marked.value
    if isinstance(value, dict):
        value = {key: _node(child, file, error) for key, child in value.items()}
    elif isinstance(value, list):
        value = [_node(child, file, error) for child in value]
    return Node(value, file, marked.line, error)


def parse_json(text: str, *, file: str, error: type[SuitabilityError]) -> Node:
    """Parse JSON text; lines are those on which a key stands first."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in items]
        for key in keys:
            if keys.count(key) > 1:
                raise error(f"`{key}` stands twice", file=file, line=_line_of(text, key))
        return dict(items)

    try:
        data = json.loads(text, object_pairs_hook=pairs)
        return wrap(data, file=file, error=error, text=text)
    except json.JSONDecodeError as problem:
        raise error(f"malformed JSON: {problem.msg}", file=file, line=problem.lineno) from None
    except RecursionError:
        raise error("malformed JSON: nested too deeply", file=file) from None


def wrap(
    data: Any, *, file: str, error: type[SuitabilityError], text: str = "", line: int | None = None
) -> Node:
    """Give plain data the shape of a parsed document; without `text` there are no lines."""
    if isinstance(data, Mapping):
        children = {
            str(key): wrap(
                value, file=file, error=error, text=text, line=_line_of(text, str(key)) or line
            )
            for key, value in data.items()
        }
        return Node(children, file, line, error)
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        items = [wrap(item, file=file, error=error, text=text, line=line) for item in data]
        return Node(items, file, line, error)
    return Node(data, file, line, error)


def _line_of(text: str, key: str) -> int | None:
    at = text.find(json.dumps(key)) if text else -1
    return text.count("\n", 0, at) + 1 if at >= 0 else None
