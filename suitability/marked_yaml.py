"""YAML and JSON text as a tree whose every node knows its file and line.

Refusals have to name the line, which plain `yaml.safe_load` forgets. Aliases and merge keys are
refused: nobody needs them here, and they are how a small file becomes a huge one.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from suitability.errors import SuitabilityError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 40
_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")
}


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

    Raises `error` with the line for malformed YAML, duplicate keys, aliases, and keys that are
    no strings.
    """
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        raise error(
            f"malformed YAML: {problem.problem or problem.context}",
            file=file,
            line=mark.line + 1 if mark else None,
            mend="check indentation, brackets and quotes there",
        ) from None
    except (yaml.YAMLError, RecursionError) as problem:
        raise error(f"malformed YAML: {type(problem).__name__}", file=file) from None
    finally:
        loader.dispose()
    if root is None:
        raise error("the file is empty", file=file, line=1)
    return _Builder(file, error).build(root, 0)


class _Builder:
    def __init__(self, file: str, error: type[SuitabilityError]) -> None:
        self._file = file
        self._error = error
        self._seen: set[int] = set()
        self._scalars = yaml.constructor.SafeConstructor()

    def build(self, node: yaml.Node, depth: int) -> Node:
        line = node.start_mark.line + 1
        if depth > _MAX_DEPTH:
            self._refuse(line, "nested too deeply")
        if isinstance(node, yaml.ScalarNode):
            return Node(self._scalar(node, line), self._file, line, self._error)
        self._seen.add(id(node))
        if node.tag not in _TAGS:
            self._refuse(line, f"the tag {node.tag} is not used here", "remove it")
        if isinstance(node, yaml.SequenceNode):
            items = [self._child(item, line, depth) for item in node.value]
            return Node(items, self._file, line, self._error)
        assert isinstance(node, yaml.MappingNode)
        children: dict[str, Node] = {}
        for key_node, value_node in node.value:
            key_line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag.endswith(":merge"):
                self._refuse(key_line, "a key must be a plain name")
            key = key_node.value
            if key in children:
                self._refuse(key_line, f"`{key}` stands twice", "remove one of them")
            child = self._child(value_node, key_line, depth)
            # A block value starts a line below its key; the key's line is the one to point at.
            children[key] = Node(child.value, child.file, key_line, child.error)
        return Node(children, self._file, line, self._error)

    def _child(self, node: yaml.Node, line: int, depth: int) -> Node:
        if id(node) in self._seen:
            self._refuse(line, "aliases (*name) are not used here", "write the value out")
        return self.build(node, depth + 1)

    def _scalar(self, node: yaml.ScalarNode, line: int) -> Any:
        if node.tag not in _TAGS:
            self._refuse(line, f"`{node.value}` is not used here", "put it in quotes")
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError):
            self._refuse(line, f"`{node.value}` cannot be read", "put it in quotes")

    def _refuse(self, line: int, reason: str, mend: str = "") -> NoReturn:
        raise self._error(reason, file=self._file, line=line, mend=mend)


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
    except json.JSONDecodeError as problem:
        raise error(f"malformed JSON: {problem.msg}", file=file, line=problem.lineno) from None
    except RecursionError:
        raise error("malformed JSON: nested too deeply", file=file) from None
    return wrap(data, file=file, error=error, text=text)


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
