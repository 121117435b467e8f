"""Every sentence of a letter is bound: to the fact that it tells, or to why it claims nothing.

`{% tells asked_on %}We wrote on {{ asked_on | day }}.{% endtells %}` stands in the letter only
where the field holds something: the tag is binding and condition at once. A field is a fact;
`playbooks/letters/facts.yaml` says where it comes from. Forms: `field`, `field.part`, `not field`
(it is known that there is none), `field == "code"`; several, with commas, must all hold.

`{% says request %}Please send it again.{% endsays %}` claims nothing: a greeting, a request. The
kinds, each with its reason, stand in the same file, and a claim under such a kind is refused.

Text outside of both is refused when the letters load.

`{% opening %}` and `{% closing %}` mark how a letter begins and ends: one mail that brings several
letters has one of each (`inner_of`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from pydantic import Field

from correspondence.letter_places import Place
from playbook_reader import Strict

_TOLD, _NOT, _AS, _SAID = "told", "told_not", "told_as", "said"
_LETTERS = re.compile(r"[^\W\d_]")
_SENTENCE_ENDS = re.compile(r"\w[\"')”]?[.!?。।؟][\"')”]?\s+\w")
_DONE = re.compile(
    r"\b(?:we|they|hospitals?|doctors?|family|somebody|nobody|coordinators?) (?:have|has|had)\b"
    r"|\b(?:was|were|has been|have been|had been)\b"
    r"|\b(?:received|arrived|sent you|told you|asked you|wrote to you)\b",
    re.IGNORECASE,
)
_COMING = re.compile(
    r"\b(?:will|shall)\b|\b(?:planned|expected|expects)\b"
    r"|\bwe (?:\w+ )?(?:call|write|answer|ring|tell)\b|\b(?:calls|writes to) you\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\b(?:if|when|whether|what|until|after|before)\b[^,.:;]*", re.IGNORECASE)
ALWAYS_SO = ("rule", "limit", "question")
"""Kinds of how we always work, what does not follow, what is asked: they speak of what will be."""


class Facts(Strict):
    """`facts.yaml`: where each field comes from, what needs no fact, where readers are sent."""

    says: dict[str, str]
    fields: dict[str, tuple[str, ...]]
    """By field, or by letter and field (`M13.items`) where a letter means something of its own."""
    places: dict[str, Place] = Field(default_factory=dict)
    """What letters may tell their reader to open or to call, by its name."""

    def sources(self, code: str, field: str) -> tuple[str, ...]:
        """Return where a field of a letter comes from; nothing when nobody has said it."""
        return self.fields.get(f"{code}.{field}") or self.fields.get(field) or ()


@dataclass(frozen=True, slots=True)
class Block:
    """One bound piece of a letter: to `facts`, or to the `kind` of what claims nothing."""

    facts: tuple[str, ...]
    kind: str | None
    roots: tuple[str, ...]
    """The letter's fields that the facts belong to; a name of a loop is its list's field."""
    texts: tuple[str, ...]
    """What it says itself, piece by piece, without the blocks inside it."""
    line: int

    @property
    def binding(self) -> str:
        """The binding as the template writes it: the same in every language."""
        return f"says {self.kind}" if self.kind else f"tells {', '.join(self.facts)}"


_OPENED, _CLOSES = "\ue000\ue001\ue000", "\ue000\ue002\ue000"
"""Where an opening has ended and a closing begins, in a text that is not finished yet."""


def inner_of(rendered: str) -> tuple[str, str]:
    """Return a rendered text without its marks, and what stands between opening and closing."""
    before, opened, rest = rendered.partition(_OPENED)
    inner, closes, after = rest.rpartition(_CLOSES)
    if not (opened and closes):
        return rendered.replace(_OPENED, "").replace(_CLOSES, ""), ""
    return before + inner + after, inner


def frame_of(tree: nodes.Template) -> tuple[str, ...]:
    """Return which of opening and closing a template marks, in order."""
    marks = [one.data for one in tree.find_all(nodes.TemplateData)]
    return tuple(mark for mark in marks if mark in (_OPENED, _CLOSES))


class Claims(Extension):
    """The tags `tells` and `says`, each a condition on its fact; `opening` and `closing`."""

    def __init__(self, environment: Environment) -> None:
        """Bring the conditions into the environment."""
        super().__init__(environment)
        self.tags = {"tells", "says", "opening", "closing"}
        environment.tests[_TOLD] = _there
        environment.tests[_NOT] = _known_to_be_none
        environment.tests[_AS] = _equal
        environment.tests[_SAID] = _there

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """Parse one tag with what it holds."""
        tag = next(parser.stream)
        if tag.value in ("opening", "closing"):
            return _frame(parser, str(tag.value), tag.lineno)
        condition: nodes.Expr
        if tag.value == "says":
            kind = nodes.Const(parser.stream.expect("name").value, lineno=tag.lineno)
            condition = _test(kind, _SAID)
        else:
            condition = _fact(parser)
            while parser.stream.skip_if("comma"):
                condition = nodes.And(condition, _fact(parser), lineno=tag.lineno)
        body = parser.parse_statements((f"name:end{tag.value}",), drop_needle=True)
        return nodes.If(condition, body, [], [], lineno=tag.lineno)


def _frame(parser: Parser, name: str, line: int) -> list[nodes.Node]:
    """Parse an opening or a closing: its mark stands on the side of what lies between them."""
    body = list(parser.parse_statements((f"name:end{name}",), drop_needle=True))
    text = _OPENED if name == "opening" else _CLOSES
    mark = nodes.Output([nodes.TemplateData(text, lineno=line)], lineno=line)
    return [*body, mark] if name == "opening" else [mark, *body]


def _there(value: object) -> bool:
    return bool(value)


def _equal(value: object, code: object) -> bool:
    return value == code


def _known_to_be_none(value: object) -> bool:
    return value is not None and not value


def _fact(parser: Parser) -> nodes.Expr:
    """Parse `name`, `name.part`, `not name` or `name == "code"`."""
    stream = parser.stream
    negated = stream.skip_if("name:not")
    token = stream.expect("name")
    node: nodes.Expr = nodes.Name(token.value, "load", lineno=token.lineno)
    while stream.skip_if("dot"):
        part = nodes.Const(stream.expect("name").value, lineno=token.lineno)
        node = nodes.Getitem(node, part, "load", lineno=token.lineno)
    if negated:
        return _test(node, _NOT)
    if stream.skip_if("eq"):
        code = next(stream)
        if code.type not in ("string", "integer"):
            parser.fail("a fact is compared with a code or a number", token.lineno)
        return _test(node, _AS, nodes.Const(code.value, lineno=token.lineno))
    return _test(node, _TOLD)


def _test(node: nodes.Expr, name: str, *args: nodes.Expr) -> nodes.Test:
    return nodes.Test(node, name, list(args), [], None, None, lineno=node.lineno)


def blocks_of(tree: nodes.Template) -> Iterator[Block]:
    """Yield the blocks of a template in the order in which they stand."""
    for found in _walk(tree.body, {}, None):
        if isinstance(found, Block):
            yield found


def unbound(
    tree: nodes.Template, fields: Iterable[str], kinds: Mapping[str, str], language: str
) -> Iterator[tuple[int, str]]:
    """Yield line and reason for what a letter says without a fact, or without the right one.

    `fields` are the letter's own, `kinds` those of sentences that claim nothing; what is a claim
    is only known in English.
    """
    known = frozenset(fields)
    for found in _walk(tree.body, {}, None):
        if not isinstance(found, Block):
            yield found
        elif found.kind is None:
            for root in found.roots:
                if root not in known:
                    yield found.line, f"{root} is no field of this letter: it bears no sentence"
            if any(_SENTENCE_ENDS.search(text) for text in found.texts):
                yield found.line, "one sentence in each tells: the next one has a fact of its own"
        elif found.kind not in kinds:
            yield found.line, f"{found.kind} is no kind of facts.yaml: says"
        elif language == "en" and (claim := _claim(found)):
            yield found.line, f'"{claim}" claims something: name its fact with tells'


def _claim(block: Block) -> str | None:
    patterns = (_DONE,) if block.kind in ALWAYS_SO else (_DONE, _COMING)
    for text in block.texts:
        said = _CONDITION.sub("", " ".join(text.split()))
        for pattern in patterns:
            if match := pattern.search(said):
                return match.group()
    return None


def _walk(
    body: Sequence[nodes.Node], loops: Mapping[str, str], inside: str | None
) -> Iterator[Block | tuple[int, str]]:
    """Yield blocks, and (line, reason) for text that stands in none."""
    for node in body:
        if isinstance(node, nodes.If):
            own = _block(node, loops)
            if own is not None:
                yield own
            deeper = own.binding if own is not None else inside
            for part in (node.body, node.elif_, node.else_):
                yield from _walk(part, loops, deeper)
        elif isinstance(node, nodes.For):
            targets = {
                name.name: _root(node.iter, loops) for name in node.target.find_all(nodes.Name)
            }
            if isinstance(node.target, nodes.Name):
                targets[node.target.name] = _root(node.iter, loops)
            yield from _walk([*node.body, *node.else_], {**loops, **targets}, inside)
        elif isinstance(node, nodes.Output):
            if inside is None:
                yield from _free(node)
        elif not isinstance(node, nodes.Macro):  # what a macro says counts where it is called
            yield node.lineno, f"{type(node).__name__} has no place in a letter"


def _free(node: nodes.Output) -> Iterator[tuple[int, str]]:
    """Yield what an output outside of all blocks says by itself: values alone may stand there."""
    for part in node.nodes:
        if isinstance(part, nodes.TemplateData):
            if _LETTERS.search(part.data):
                line = part.lineno + part.data[: len(part.data) - len(part.data.lstrip())].count(
                    "\n"
                )
                yield line, "a sentence without its fact: tells <field>, or says <kind>"
        elif not isinstance(part, nodes.Name) and not _is_sentence(part):
            yield part.lineno, "words outside of tells and says"


def _is_sentence(node: nodes.Expr) -> bool:
    return (
        isinstance(node, nodes.Getattr)
        and isinstance(node.node, nodes.Name)
        and node.node.name == "sentences"
    )


def _block(node: nodes.If, loops: Mapping[str, str]) -> Block | None:
    tests = list(_tests(node.test))
    if not tests or any(test.name not in (_TOLD, _NOT, _AS, _SAID) for test in tests):
        return None
    kind = None
    if isinstance(tests[0].node, nodes.Const) and tests[0].name == _SAID:
        kind = str(tests[0].node.value)
        tests = []
    return Block(
        facts=tuple(_written(test) for test in tests),
        kind=kind,
        roots=tuple(_root(test.node, loops) for test in tests),
        texts=tuple(_own_texts(node.body)),
        line=node.lineno,
    )


def _tests(condition: nodes.Node) -> Iterator[nodes.Test]:
    if isinstance(condition, nodes.And):
        yield from _tests(condition.left)
        yield from _tests(condition.right)
    elif isinstance(condition, nodes.Test):
        yield condition


def _written(test: nodes.Test) -> str:
    """Return a fact as the template writes it."""
    node, parts = test.node, []
    while isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        parts.append(str(node.arg.value))
        node = node.node
    assert isinstance(node, nodes.Name)
    name = ".".join([node.name, *reversed(parts)])
    if test.name == _NOT:
        return f"not {name}"
    if test.name == _AS:
        (code,) = test.args
        assert isinstance(code, nodes.Const)
        return f"{name} == {code.value}"
    return name


def _root(node: nodes.Node, loops: Mapping[str, str]) -> str:
    """Return the field that a value belongs to."""
    if isinstance(node, nodes.Name):
        return loops.get(node.name, node.name)
    name = next(node.find_all(nodes.Name), None)
    return _root(name, loops) if name is not None else ""


def _own_texts(body: Sequence[nodes.Node]) -> Iterator[str]:
    """Yield the texts of a block, without those of the blocks inside it."""
    for node in body:
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                yield from [part.data] if isinstance(part, nodes.TemplateData) else _words(part)
        elif isinstance(node, nodes.For):
            yield from _own_texts([*node.body, *node.else_])
        elif isinstance(node, nodes.If) and _block(node, {}) is None:
            yield from _own_texts([*node.body, *node.elif_, *node.else_])


def _words(node: nodes.Node) -> Iterator[str]:
    """Yield the words that an expression says: not the codes that it compares or looks up."""
    if isinstance(node, nodes.Const):
        yield from [node.value] if isinstance(node.value, str) else []
    elif isinstance(node, nodes.CondExpr):
        for part in (node.expr1, node.expr2):
            yield from _words(part) if part is not None else ()
    elif isinstance(node, nodes.BinExpr):
        yield from (word for part in (node.left, node.right) for word in _words(part))
    elif isinstance(node, nodes.Filter):
        said = [node.node, *(pair.value for pair in node.kwargs)]
        yield from (word for part in said if part is not None for word in _words(part))


def differing(english: Iterable[Block], other: Iterable[Block]) -> str | None:
    """Return how the blocks of a translation are not those of the English; None when they are."""
    left, right = (sorted(block.binding for block in blocks) for blocks in (english, other))
    more = [binding for binding in right if right.count(binding) > left.count(binding)]
    less = [binding for binding in left if left.count(binding) > right.count(binding)]
    said = [f"has {one[0]}" for one in (more,) if one] + [
        f"lacks {one[0]}" for one in (less,) if one
    ]
    return f"{' and '.join(said)}: other blocks than the English" if said else None
