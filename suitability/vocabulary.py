"""The vocabulary of findings (`playbooks/vocabularies/findings.yaml`), strictly loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from suitability.errors import PlaybookError
from suitability.nodes import Node, parse_yaml
from suitability.values import BOUND_KEYS, Interval, Number, Value

INTAKE = "intake_form"
STATED_BY = ("reader", "person", "system")
"""The reader of documents, a person who reads or is asked, or the system from the case itself."""
FIELD_TYPES = ("number", "enum", "bool", "set")
_FIELD_KEYS = (
    "label", "type", "avail", "unit", "min", "max", "self_ok", "supersede", "values",
    "indeterminate", "derive", "criteria", "stated_by", "note", "ask",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Threshold:
    """Derive an enum value from a number: at or above the limit, or below it."""

    limit: Interval
    then: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a field that nobody reported follows from another: by threshold or by map.

    Values of the other field in `beside` count even where the field is stated itself.
    """

    source: str
    threshold: Threshold | None
    mapping: Mapping[str, Value]
    beside: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Field:
    """One kind of fact.

    `unit`, `minimum`, `maximum` are of numbers; `values` of enum and set, `value_words` what people
    read for them; `used` is False for what documents state and no criterion reads. `ask` is the
    question for this field alone, to the patient.
    """

    name: str
    type: str
    avail: str
    unit: str | None
    minimum: Number | None
    maximum: Number | None
    self_ok: bool
    supersede: bool
    values: tuple[str, ...]
    indeterminate: frozenset[str]
    derive: Derivation | None
    used: bool
    stated_by: str
    note: str
    label: str
    line: int | None
    ask: str = ""
    value_words: Mapping[str, str] = dataclass_field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All fields by name, and the rank of every kind of source (higher replaces lower)."""

    fields: Mapping[str, Field]
    source_rank: Mapping[str, int]

    def is_stated(self, name: str) -> bool:
        """Say whether anybody reads or states the field, or one that it follows from."""
        field = self.fields[name]
        if field.stated_by:
            return True
        return field.derive is not None and self.is_stated(field.derive.source)


def load_vocabulary(text: str, *, file: str) -> Vocabulary:
    """Parse and check the vocabulary; raises PlaybookError with file, line and mend."""
    root = parse_yaml(text, file=file, error=PlaybookError)
    top = root.mapping("the vocabulary", ("source_rank", "fields"), ("value_words",))
    ranks: dict[str, int] = {}
    for name, node in top["source_rank"].mapping("source_rank").items():
        rank = node.number(f"rank of `{name}`")
        ranks[name] = int(rank)
    if INTAKE not in ranks:
        top["source_rank"].fail(f"source_rank has no `{INTAKE}`", f"add `{INTAKE}: 10`")
    nodes = top["fields"].mapping("fields")
    said = _value_words(top)
    fields = {name: _field(name, node, said) for name, node in nodes.items()}
    for word in said.keys() - {value for one in fields.values() for value in one.values}:
        top["value_words"].fail(f"`{word}` is no value of any field", "remove its words")
    for name, node in nodes.items():
        _check_derivation(fields, name, node)
    if "disease.site" not in fields:
        top["fields"].fail("the vocabulary has no `disease.site`", "it decides which sets apply")
    return Vocabulary(fields, ranks)


def _value_words(top: Mapping[str, Node]) -> dict[str, str]:
    if "value_words" not in top:
        return {}
    listed = top["value_words"].mapping("value_words")
    return {value: node.text(f"words of `{value}`") for value, node in listed.items()}


def _field(name: str, node: Node, said: Mapping[str, str]) -> Field:
    keys = node.mapping(f"field `{name}`", ("type", "avail"), _FIELD_KEYS)
    kind = keys["type"].one_of(f"type of `{name}`", FIELD_TYPES)
    avail = keys["avail"].one_of(f"avail of `{name}`", ("preop", "postop"))

    def flag(key: str, default: bool) -> bool:
        return keys[key].flag(f"{key} of `{name}`") if key in keys else default

    def number(key: str) -> Number | None:
        return keys[key].number(f"{key} of `{name}`") if key in keys else None

    def names(key: str) -> tuple[str, ...]:
        if key not in keys:
            return ()
        listed = tuple(
            item.text(f"{key} of `{name}`") for item in keys[key].sequence(f"{key} of `{name}`")
        )
        if len(set(listed)) != len(listed):
            keys[key].fail(f"{key} of `{name}` lists a value twice", "remove one")
        return listed

    values = names("values")
    if (kind in ("enum", "set")) != bool(values):
        node.fail(f"`{name}` is of type {kind}", "enum and set list `values`; others have none")
    unit = keys["unit"].text(f"unit of `{name}`") if "unit" in keys else None
    if (kind == "number") != (unit is not None):
        node.fail(f"`{name}` is of type {kind}", "every number says its `unit`; others have none")
    indeterminate = frozenset(names("indeterminate"))
    if not indeterminate <= set(values):
        keys["indeterminate"].fail(f"indeterminate of `{name}` is not among its values")
    low, high = number("min"), number("max")
    if low is not None and high is not None and low >= high:
        node.fail(f"min of `{name}` is not below its max", "swap them")
    return Field(
        name=name,
        type=kind,
        avail=avail,
        unit=unit,
        minimum=low,
        maximum=high,
        self_ok=flag("self_ok", False),
        supersede=flag("supersede", False),
        values=values,
        indeterminate=indeterminate,
        derive=_derivation(name, keys["derive"]) if "derive" in keys else None,
        used=flag("criteria", True),
        stated_by=keys["stated_by"].one_of(f"stated_by of `{name}`", STATED_BY)
        if "stated_by" in keys
        else "",
        note=keys["note"].text("note") if "note" in keys else "",
        label=keys["label"].text("label") if "label" in keys else _own_words(name),
        line=node.line,
        ask=keys["ask"].text(f"ask of `{name}`") if "ask" in keys else "",
        value_words={value: said[value] for value in values if value in said},
    )


def _own_words(name: str) -> str:
    rest = name.partition(".")[2]
    for ending in ("_mm", "_percent", "_weeks", "_gy", "_g"):
        rest = rest.removesuffix(ending)
    return rest.replace("_", " ")


def _derivation(name: str, node: Node) -> Derivation:
    what = f"derive of `{name}`"
    keys = node.mapping(what, ("from",), ("map", "beside", "then", "else", *BOUND_KEYS))
    source = keys["from"].text(f"{what}: from")
    bounds = {key: keys[key].number(what) for key in BOUND_KEYS if key in keys}
    if "map" in keys:
        if bounds or "then" in keys or "else" in keys:
            node.fail(f"{what} has both a map and a threshold", "keep one of them")
        mapping = {
            key: _derived_value(what, item) for key, item in keys["map"].mapping(what).items()
        }
        beside = [item.one_of(f"{what}: beside", mapping) for item in _listed(keys, what)]
        return Derivation(source, None, mapping, frozenset(beside))
    if "beside" in keys:
        keys["beside"].fail(f"{what} has `beside` and no map", "write it beside a map")
    if len(bounds) != 1 or "then" not in keys or "else" not in keys:
        node.fail(f"{what} is not complete", "write {from: F, ge: N, then: A, else: B} or a map")
    threshold = Threshold(
        Interval.from_bounds(bounds), keys["then"].text(what), keys["else"].text(what)
    )
    return Derivation(source, threshold, {})


def _listed(keys: Mapping[str, Node], what: str) -> list[Node]:
    return keys["beside"].sequence(f"{what}: beside") if "beside" in keys else []


def _derived_value(what: str, node: Node) -> Value:
    if isinstance(node.value, dict):
        bounds = {key: child.number(what) for key, child in node.value.items()}
        try:
            return Interval.from_bounds(bounds)
        except ValueError as problem:
            node.fail(f"{what}: {problem}", "write for example {ge: 1, le: 3}")
    if not isinstance(node.value, str | bool | int | float):
        node.fail(f"{what}: `{node.value}` is no value")
    plain: str | bool | int | float = node.value
    return plain


def _check_derivation(fields: Mapping[str, Field], name: str, node: Node) -> None:
    field = fields[name]
    derive = field.derive
    if derive is None:
        return
    origin = fields.get(derive.source)
    if origin is None:
        node.fail(f"`{name}` derives from unknown field `{derive.source}`", "name a field")
    if origin.derive is not None:
        node.fail(
            f"`{name}` derives from `{origin.name}`, which is derived itself", "name its source"
        )
    results: list[Value] = list(derive.mapping.values())
    if derive.threshold is not None:
        if origin.type != "number":
            node.fail(f"`{origin.name}` is no number", "a threshold needs one; use a map")
        results = [derive.threshold.then, derive.threshold.otherwise]
    for key in derive.mapping:
        if key not in origin.values:
            node.fail(f"`{key}` is no value of `{origin.name}`", f"use: {', '.join(origin.values)}")
    for result in results:
        if not fits_type(field, result):
            node.fail(f"`{result}` is no value of `{name}`")


def fits_type(field: Field, value: Value) -> bool:
    """Say whether a value is of the field's type and, for enum and set, one of its values."""
    if field.type == "bool":
        return isinstance(value, bool)
    if field.type == "enum":
        return isinstance(value, str) and value in field.values
    if field.type == "set":
        return isinstance(value, frozenset) and value <= set(field.values)
    return isinstance(value, int | float | Interval) and not isinstance(value, bool)
