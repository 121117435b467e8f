"""A letter's template is checked when it is loaded: it may use its own fields and known words only.

A mistake is named with file and line, before a letter to a patient shows it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from babel import Locale
from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment

from correspondence.letter_claims import Block, Claims, blocks_of, differing, frame_of, unbound
from correspondence.letter_places import Spoken, unshown
from correspondence.letter_words import LetterError, Words
from correspondence.names import Phrase, own_phrases
from playbook_reader import PlaybookError

ALWAYS_GIVEN = frozenset({"sentences"})
"""What every template may use beside its fields."""
_CATEGORIES = frozenset({"zero", "one", "two", "few", "many", "other"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What the templates of one letter must keep."""

    fields: Mapping[str, Sequence[str]]
    """The letter's fields, each with the codes it may hold (none: anything)."""
    kinds: Mapping[str, str]
    """Kinds of sentences that claim nothing, each with its reason."""
    places: Sequence[Spoken] = ()
    """What letters of this language may send their reader to."""
    unbound: bool = False
    """Whether its sentences are not bound to their facts yet."""


class Checked:
    """A template without mistakes. Its code is made when a letter is first written with it."""

    def __init__(self, environment: ImmutableSandboxedEnvironment, source: str) -> None:
        self._environment, self._source = environment, source

    @cached_property
    def _template(self) -> Template:
        return self._environment.from_string(self._source)

    def render(self, values: Mapping[str, object]) -> str:
        """Write the text. Raises what `jinja2` and the filters of the words raise."""
        return self._template.render(values)


def environment_for(words: Words) -> ImmutableSandboxedEnvironment:
    """Return the sandbox in which the templates of one language are rendered."""
    environment = ImmutableSandboxedEnvironment(
        extensions=[Claims],
        undefined=StrictUndefined,
        finalize=_never_none,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    environment.filters.update(words.filters())
    return environment


def compiled(
    environment: ImmutableSandboxedEnvironment,
    source: str,
    where: str,
    words: Words,
    rules: Rules,
    english: str | None = None,
    *,
    is_body: bool = True,
) -> tuple[Checked, tuple[Block, ...], tuple[Phrase, ...]]:
    """Return a template that names nothing unknown and claims nothing without its fact.

    Beside it stand its blocks, and the phrases that it says by itself.

    `english` is the master that a translation must agree with, block by block. Raises
    PlaybookError with file and line.
    """
    try:
        tree = environment.parse(source)
        used = find_undeclared_variables(tree)  # goes through all of it as the compiler does
    except TemplateError as error:
        raise PlaybookError(where, getattr(error, "lineno", None), str(error)) from None
    unknown = used - set(rules.fields) - ALWAYS_GIVEN
    for name in tree.find_all(nodes.Name):
        if name.name in unknown:
            raise PlaybookError(where, name.lineno, f"{name.name} is no field of this letter")
    wrong = (
        *_words(tree, words),
        *_plurals(tree, words),
        *_codes(tree, rules.fields),
        *(unshown(tree, rules.places, words) if is_body else ()),
    )
    for line, reason in wrong:
        raise PlaybookError(where, line, reason)
    if not rules.unbound:
        for line, reason in unbound(tree, rules.fields, rules.kinds, words.language):
            raise PlaybookError(where, line, reason, mend="see docs/letters.md")
    blocks = tuple(blocks_of(tree))
    if english is not None:
        master = environment.parse(english)
        other = differing(blocks_of(master), blocks)
        if frame_of(tree) != frame_of(master):
            other = "marks another opening and closing than the English"
        if other is not None:
            raise PlaybookError(where, None, other, mend="bind it as en/ does")
    return Checked(environment, source), blocks, own_phrases(tree)


def _never_none(value: object) -> object:
    """Refuse to print None: a missing value must not look like a word."""
    if value is None:
        raise LetterError("a field is empty")
    return value


def _words(tree: nodes.Template, words: Words) -> Iterator[tuple[int, str]]:
    """Find groups, parts and codes without words."""
    groups = words.groups()
    for call in _filters(tree, "word"):
        group, part = (*(_text(arg) for arg in call.args), "", "")[:2]
        if group not in groups:
            yield call.lineno, f"{group or 'what is asked for'} is no group of words"
        elif part not in groups[group]:
            yield call.lineno, f"{group} has the parts {', '.join(groups[group]) or 'none'}"
        elif isinstance(call.node, nodes.Const):
            codes = words.codes(group)
            if codes is not None and str(call.node.value) not in codes:
                yield call.lineno, f"{group} has no words for {call.node.value}"


def _plurals(tree: nodes.Template, words: Words) -> Iterator[tuple[int, str]]:
    """Find numbers whose noun lacks a form that the language has for whole numbers."""
    needed = _plural_forms(words.locale)
    for call in _filters(tree, "plural"):
        given = {str(pair.key) for pair in call.kwargs}
        if lacking := needed - given:
            yield call.lineno, f"plural lacks {', '.join(sorted(lacking))}"
        if wrong := given - _CATEGORIES:
            yield call.lineno, f"plural knows no {', '.join(sorted(wrong))}"


@lru_cache(maxsize=32)
def _plural_forms(locale: Locale) -> frozenset[str]:
    """Return the forms that whole numbers take."""
    return frozenset({locale.plural_form(count) for count in range(201)} | {"other"})


def _codes(tree: nodes.Template, fields: Mapping[str, Sequence[str]]) -> Iterator[tuple[int, str]]:
    """Find comparisons of a field of codes with what is none of its codes."""
    for compare in tree.find_all(nodes.Compare):
        if not isinstance(compare.expr, nodes.Name) or not fields.get(compare.expr.name):
            continue
        known = fields[compare.expr.name]
        for operand in compare.ops:
            for constant in _constants(operand.expr):
                if constant not in known:
                    yield compare.lineno, f"{compare.expr.name} is never {constant}"
    for told in tree.find_all(nodes.Test):
        if isinstance(told.node, nodes.Name) and (known := fields.get(told.node.name, ())):
            for argument in told.args:
                if isinstance(argument, nodes.Const) and argument.value not in known:
                    yield told.lineno, f"{told.node.name} is never {argument.value}"


def _constants(node: nodes.Expr) -> list[object]:
    if isinstance(node, nodes.Const):
        return list(node.value) if isinstance(node.value, tuple | list) else [node.value]
    if isinstance(node, nodes.Tuple | nodes.List):
        return [item.value for item in node.items if isinstance(item, nodes.Const)]
    return []


def _text(node: nodes.Expr) -> str:
    """Return the text of a constant; nothing for what is computed, which no check can follow."""
    return node.value if isinstance(node, nodes.Const) and isinstance(node.value, str) else ""


def _filters(tree: nodes.Template, name: str) -> Iterator[nodes.Filter]:
    return (call for call in tree.find_all(nodes.Filter) if call.name == name)
