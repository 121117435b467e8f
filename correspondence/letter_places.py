"""What a letter tells its reader to open, press or call must stand in it: a page with its address.

`playbooks/letters/facts.yaml: places` names each such place, the field that shows it and the words
of each language that speak of it. A template is refused when it loads if it speaks of a place where
its field is not shown; `lint` finds the same in a text that a person has changed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from jinja2 import nodes

from correspondence.letter_words import Words
from playbook_reader import Strict

_SHAPES: Mapping[str, re.Pattern[str]] = {
    "address": re.compile(r"https?://\S"),
    # Seven digits and more, which no day has: 2027-03-01.
    "number": re.compile(r"(?<![\d-])(?!\d{4}-\d\d-\d\d)\+?\d(?:[ ()/.-]{0,2}\d){6,}"),
}


class Place(Strict):
    """A page, a telephone, a card: what a letter may send its reader to."""

    shown_by: str
    """The field of a letter that shows it."""
    shape: Literal["address", "number"]
    words: dict[str, tuple[str, ...]]
    """By language: what speaks of it. A star at the end stands for any ending of the word."""

    def pattern(self, language: str) -> re.Pattern[str]:
        """Return what finds the words of a language; raise KeyError for one that has none."""
        return re.compile("|".join(_phrase(one) for one in self.words[language]), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A place as letters of one language speak of it."""

    name: str
    shown_by: str
    shape: str
    words: re.Pattern[str]

    def is_missing_in(self, text: str) -> bool:
        """Return whether a text speaks of the place and does not show it."""
        return bool(self.words.search(text)) and not _SHAPES[self.shape].search(text)


def spoken(places: Mapping[str, Place], language: str) -> tuple[Spoken, ...]:
    """Return the places as a language names them; raise KeyError where it names one not."""
    return tuple(
        Spoken(name, place.shown_by, place.shape, place.pattern(language))
        for name, place in places.items()
    )


def _phrase(words: str) -> str:
    inner = r"\s+".join(re.escape(word) for word in words.removesuffix("*").split())
    return rf"(?<!\w){inner}" + (r"\w*" if words.endswith("*") else r"(?!\w)")


Conditions = frozenset[str]
"""What must hold for a piece of a template to be there."""


def unshown(
    tree: nodes.Template, places: Sequence[Spoken], words: Words
) -> Iterator[tuple[int, str]]:
    """Yield line and reason for each place that is spoken of where its field is not shown.

    It is shown there when what must hold for the field to be printed holds for the words too.
    """
    pieces = list(_pieces(tree.body, frozenset()))
    for place in places:
        shown = [where for output, where in pieces if _shows(output, place.shown_by)]
        for output, where in pieces:
            for text in _said(output, words):
                if place.words.search(text) and not any(one <= where for one in shown):
                    reason = f"speaks of the {place.name} where {place.shown_by} is not shown"
                    yield output.lineno, reason


def _pieces(
    body: Sequence[nodes.Node], holds: Conditions
) -> Iterator[tuple[nodes.Output, Conditions]]:
    """Yield what a template prints, each with what must hold for it."""
    for node in body:
        if isinstance(node, nodes.Output):
            yield node, holds
        elif isinstance(node, nodes.For):
            yield from _pieces([*node.body, *node.else_], holds | {f"for {node.iter!r}"})
        elif isinstance(node, nodes.Macro):
            yield from _pieces(node.body, holds)
        elif isinstance(node, nodes.If):
            yield from _pieces(node.body, holds | frozenset(_facts(node.test)))
            yield from _pieces(node.elif_, holds | {f"not {node.test!r}"})
            yield from _pieces(node.else_, holds | {f"not {node.test!r}"})


def _facts(test: nodes.Node) -> Iterator[str]:
    """Yield what a condition asks for, one fact each; nothing for a kind that claims nothing."""
    if isinstance(test, nodes.And):
        yield from _facts(test.left)
        yield from _facts(test.right)
    elif isinstance(test, nodes.Test) and not isinstance(test.node, nodes.Const):
        plain = test.name == "told" and isinstance(test.node, nodes.Name)
        yield repr(test.node) if plain else repr(test)
    elif not isinstance(test, nodes.Test):
        yield repr(test)


def _shows(output: nodes.Output, field: str) -> bool:
    return any(_printed(part) == field for part in output.nodes)


def _printed(part: nodes.Expr) -> str | None:
    while isinstance(part, nodes.Filter) and part.node is not None:
        part = part.node
    return part.name if isinstance(part, nodes.Name) else None


def _said(output: nodes.Output, words: Words) -> Iterator[str]:
    """Yield the texts of an output: its own, and those that a code of it may stand for."""
    for part in output.nodes:
        if isinstance(part, nodes.TemplateData):
            yield part.data
        for constant in part.find_all(nodes.Const):
            if isinstance(constant.value, str):
                yield constant.value
        found: list[nodes.Filter] = list(part.find_all(nodes.Filter))
        for call in (*found, *([part] if isinstance(part, nodes.Filter) else [])):
            if call.name == "word":
                yield from words.of_group(*(_text(argument) for argument in call.args))


def _text(node: nodes.Expr) -> str:
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else ""
