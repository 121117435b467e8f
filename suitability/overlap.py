"""Two grades that are true of the same findings: found when a set is loaded, and refused."""

from collections.abc import Iterator, Mapping
from itertools import combinations, pairwise, product
from typing import Any

from suitability.nodes import Node
from suitability.predicates import Leaf, Predicate
from suitability.values import Value
from suitability.vocabulary import Field, Vocabulary
from suitability.words import in_words


def refuse_overlap(
    node: Node, grades: Mapping[str, Predicate], what: str, vocabulary: Vocabulary
) -> None:
    """Refuse grades of which two hold for the same values, with those values.

    A criterion that says in which `order` its grades are tested may have such grades; `node` is
    what holds them. Raises PlaybookError with the line of the second grade.
    """
    for (first, one), (second, other) in combinations(grades.items(), 2):
        both = _values_of_both(one, other, vocabulary)
        if both is not None:
            words = ", ".join(
                f"{vocabulary.fields[name].label} {in_words(vocabulary.fields[name], value)}"
                for name, value in both.items()
            )
            node.mapping(what)[second].fail(
                f"grades `{first}` and `{second}` of {what} overlap: both hold for {words}",
                "move one limit, or write the `order` in which the grades are tested",
            )


def _values_of_both(
    one: Predicate, other: Predicate, vocabulary: Vocabulary
) -> dict[str, Value] | None:
    leaves = [*one.leaves(), *other.leaves()]
    names = list(dict.fromkeys(leaf.field for leaf in leaves))
    tried = [list(_values(vocabulary.fields[name], leaves)) for name in names]
    for values in product(*tried):
        assumed = dict(zip(names, values, strict=True))
        if _holds(one, assumed) and _holds(other, assumed):
            return assumed
    return None


def _values(field: Field, leaves: list[Leaf]) -> Iterator[Value]:
    """Yield one value of each region between the limits, and the limits themselves."""
    if field.type == "bool":
        yield from (True, False)
        return
    if field.type != "number":
        yield from (value for value in field.values if value not in field.indeterminate)
        return
    found: set[Any] = {field.minimum or 0}
    for leaf in leaves:
        if leaf.field == field.name:
            ends = set(leaf.limits.bounds().values()) if leaf.limits else set(leaf.members)
            found |= ends
    points = sorted(found)
    yield from points
    yield from ((low + high) / 2 for low, high in pairwise(points))
    yield points[-1] + 1


def _holds(predicate: Predicate, assumed: Mapping[str, Value]) -> bool:
    if isinstance(predicate, Leaf):
        return predicate.test(assumed[predicate.field]).value is True
    parts = [_holds(part, assumed) for part in predicate.parts]
    if predicate.kind == "not":
        return not parts[0]
    return all(parts) if predicate.kind == "all" else any(parts)
