"""Predicates of the criteria: parsed strictly, evaluated in three values (SCHEMA 2 to 4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from suitability.evidence import CONFLICT, INDETERMINATE, STRADDLES, Facts, Undetermined
from suitability.nodes import Node
from suitability.values import Interval, Number, Value, in_interval
from suitability.vocabulary import Field, Vocabulary

ORDER_OPS = ("lt", "le", "gt", "ge")
VALUE_OPS = ("eq", "ne")
LIST_OPS = ("in", "not_in")
OPS = (*VALUE_OPS, *LIST_OPS, *ORDER_OPS, "between", "stated")


@dataclass(frozen=True, slots=True)
class Truth:
    """True, False, or None with the reasons why it cannot be told."""

    value: bool | None
    reasons: frozenset[str] = frozenset()


TRUE = Truth(True)
FALSE = Truth(False)
_UNKNOWN: dict[frozenset[str], Truth] = {}


def unknown(reasons: frozenset[str]) -> Truth:
    """Return the unknown with these reasons."""
    return _UNKNOWN.setdefault(reasons, Truth(None, reasons))


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """`{field, op, value}`: a comparison of one field with a constant.

    `limits` for numbers with lt, le, gt, ge, between; else `members`, the values that match.
    `negated` for ne and not_in.
    """

    field: str
    op: str
    limits: Interval | None
    members: frozenset[Value]
    negated: bool
    indeterminate: frozenset[str]

    def evaluate(self, facts: Facts) -> Truth:
        """Evaluate on every kept value; differing outcomes are a conflict (SCHEMA 3, rule 3)."""
        known = facts.truths.get(self)
        if isinstance(known, Truth):
            return known
        made = self._evaluate(facts)
        facts.truths[self] = made
        return made

    def _evaluate(self, facts: Facts) -> Truth:
        kept = facts.kept(self.field)
        if kept.reason is not None:
            return unknown(frozenset((kept.reason,)))
        if len(kept.values) == 1:
            return self.test(kept.values[0])
        outcomes = [self.test(value) for value in kept.values]
        if len({outcome.value for outcome in outcomes}) > 1:
            return unknown(frozenset((CONFLICT,)))
        if outcomes[0].value is not None:
            return outcomes[0]
        return unknown(frozenset().union(*(outcome.reasons for outcome in outcomes)))

    def test(self, value: Value | Undetermined) -> Truth:
        """Compare one value."""
        if isinstance(value, Undetermined):
            return unknown(frozenset((value.reason,)))
        if isinstance(value, str) and value in self.indeterminate:
            return unknown(frozenset((INDETERMINATE,)))
        matched = self._matches(value)
        if matched is None:
            return unknown(frozenset((STRADDLES,)))
        return TRUE if matched is not self.negated else FALSE

    def _matches(self, value: Value) -> bool | None:
        if self.limits is not None:
            if isinstance(value, str | bool | frozenset):
                return False
            return in_interval(value, self.limits)
        if isinstance(value, frozenset):
            return bool(value & self.members)
        if isinstance(value, Interval):
            if value.low == value.high:
                return value.low in self.members
            inside = any(
                isinstance(member, int | float) and value.contains(member)
                for member in self.members
            )
            return None if inside else False
        return value in self.members

    def leaves(self) -> Iterator["Leaf"]:
        """Yield itself."""
        yield self


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """`{all: [...]}`, `{any: [...]}` or `{not: ...}` in Kleene's strong logic."""

    kind: Literal["all", "any", "not"]
    parts: tuple["Predicate", ...]

    def evaluate(self, facts: Facts) -> Truth:
        """Combine the parts; an unknown carries the reasons of its unknown parts."""
        if self.kind == "not":
            return negate(self.parts[0].evaluate(facts))
        decisive = self.kind == "any"
        reasons: frozenset[str] = frozenset()
        open_part = False
        for part in self.parts:
            truth = part.evaluate(facts)
            if truth.value is None:
                open_part = True
                reasons |= truth.reasons
            elif truth.value is decisive:
                return truth
        if open_part:
            return unknown(reasons)
        return FALSE if decisive else TRUE

    def leaves(self) -> Iterator[Leaf]:
        """Yield every comparison below."""
        for part in self.parts:
            yield from part.leaves()


Predicate = Leaf | Group


def negate(truth: Truth) -> Truth:
    """Return Kleene's not; an unknown stays unknown for the same reasons."""
    if truth.value is None:
        return truth
    return FALSE if truth.value else TRUE


def either(first: Truth, second: Truth) -> Truth:
    """Return Kleene's or."""
    if first.value is True or second.value is True:
        return TRUE
    if first.value is False and second.value is False:
        return FALSE
    return unknown(first.reasons | second.reasons)


def open_leaves(predicate: Predicate, facts: Facts) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield (field, reasons) of the comparisons that keep this predicate unknown."""
    truth = predicate.evaluate(facts)
    if truth.value is not None:
        return
    if isinstance(predicate, Leaf):
        yield predicate.field, truth.reasons
        return
    for part in predicate.parts:
        yield from open_leaves(part, facts)


def parse_predicate(node: Node, what: str, vocabulary: Vocabulary) -> Predicate:
    """Parse one predicate.

    Raises PlaybookError, with the line, for an unknown field, operator or value, an operator
    that does not suit the field, or a shape that is none of the four.
    """
    keys = node.mapping(what)
    for kind in ("all", "any"):
        if kind in keys:
            node.mapping(what, (kind,), ())
            parts = tuple(
                parse_predicate(item, what, vocabulary) for item in keys[kind].sequence(what)
            )
            return Group("all" if kind == "all" else "any", parts)
    if "not" in keys:
        node.mapping(what, ("not",), ())
        return Group("not", (parse_predicate(keys["not"], what, vocabulary),))
    return _parse_leaf(node, keys, what, vocabulary)


def _parse_leaf(node: Node, keys: dict[str, Node], what: str, vocabulary: Vocabulary) -> Leaf:
    optional = ("value", "lo", "hi", "lo_open", "hi_closed")
    node.mapping(what, ("field", "op"), optional)
    name = keys["field"].text(f"field of {what}")
    field = vocabulary.fields.get(name)
    if field is None:
        keys["field"].fail(
            f"unknown field `{name}` in {what}", "use a name of vocabularies/findings.yaml"
        )
    if not field.used:
        keys["field"].fail(
            f"`{name}` is marked `criteria: false`, so {what} may not read it",
            "take the mark off in vocabularies/findings.yaml",
        )
    if not vocabulary.is_stated(name):
        keys["field"].fail(
            f"nobody reads or states `{name}`, which {what} compares",
            "say who does, `stated_by: reader, person or system`, in vocabularies/findings.yaml",
        )
    op = keys["op"].one_of(f"operator of {what}", OPS)
    if op == "between":
        node.mapping(what, ("field", "op", "lo", "hi"), ("lo_open", "hi_closed"))
        limits = _between(node, keys, what, field)
        return Leaf(name, op, limits, frozenset(), False, field.indeterminate)
    if op == "stated":
        node.mapping(what, ("field", "op"), ())
        if field.type != "number":
            keys["op"].fail(f"`stated` needs a number; `{name}` is {field.type}", "use in")
        return Leaf(name, op, Interval(), frozenset(), False, field.indeterminate)
    node.mapping(what, ("field", "op", "value"), ())
    if op in ORDER_OPS:
        if field.type != "number":
            keys["op"].fail(f"`{op}` needs a number; `{name}` is {field.type}", "use eq or in")
        limits = Interval.from_bounds({op: _limit(keys["value"], what, field)})
        return Leaf(name, op, limits, frozenset(), False, field.indeterminate)
    members = _members(keys["value"], op, what, field)
    return Leaf(name, op, None, members, op in ("ne", "not_in"), field.indeterminate)


def _limit(node: Node, what: str, field: Field) -> Number:
    number = node.number(f"limit in {what}")
    low, high = field.minimum, field.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        node.fail(f"limit {number} in {what} is outside {low}..{high} of `{field.name}`")
    return number


def _between(node: Node, keys: dict[str, Node], what: str, field: Field) -> Interval:
    if field.type != "number":
        node.fail(f"`between` needs a number; `{field.name}` is {field.type}", "use in")
    low, high = _limit(keys["lo"], what, field), _limit(keys["hi"], what, field)
    low_open = "lo_open" in keys and keys["lo_open"].flag("lo_open")
    high_closed = "hi_closed" in keys and keys["hi_closed"].flag("hi_closed")
    if low >= high:
        node.fail(f"lo is not below hi in {what}", "swap them")
    return Interval(low, high, low_open, not high_closed)


def _members(node: Node, op: str, what: str, field: Field) -> frozenset[Value]:
    items = node.sequence(f"value list of {what}") if op in LIST_OPS else [node]
    members: set[Value] = set()
    for item in items:
        value = item.value
        if field.type == "number":
            members.add(_limit(item, what, field))
        elif field.type == "bool":
            members.add(item.flag(f"value of {what}"))
        elif isinstance(value, str) and value in field.values:
            if value in field.indeterminate:
                item.fail(
                    f"`{value}` of `{field.name}` counts as unknown, so {what} can never match it",
                    "compare with a determined value",
                )
            members.add(value)
        else:
            item.fail(
                f"`{value}` is no value of `{field.name}`", f"use one of: {', '.join(field.values)}"
            )
    if len(members) != len(items):
        node.fail(f"{what} lists a value twice", "remove one")
    return frozenset(members)
