"""What a set's text means beyond itself: the words it uses, and what stands behind them.

A rule `breast.size_mm <= 35` means what the vocabulary says of that field, its value counts by the
ranks of the sources, its result becomes a category by the case policy, its citation is what the
register of sources says, and the program judges it. A clinician who approves a text approves it in
this meaning; another meaning is another thing to approve, with the same text.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from suitability.criteria import CriteriaSet, Library
from suitability.predicates import Predicate
from suitability.screening import ENGINE_VERSION, SITE_FIELD, plain_value
from suitability.vocabulary import Vocabulary

ROLLED_UP = ("gate", "grading")
"""Kinds of sets whose results the case policy makes a category of."""


def meaning_hash(one: CriteriaSet, library: Library) -> str:
    """Return the SHA-256 of all that the meaning of a set's text depends on, in hexadecimal."""
    own = library.sets.get(one.id) is one
    known = library.meanings.get(one.id) if own else None
    if known is None:
        known = hashlib.sha256(meaning_text(one, library).encode()).hexdigest()
        if own:
            library.meanings[one.id] = known
    return known


def meaning_text(one: CriteriaSet, library: Library) -> str:
    """Return all that the meaning of a set's text depends on, as JSON that is always the same."""
    return json.dumps(_parts(one, library), sort_keys=True, ensure_ascii=False, default=_plain)


def changed_meaning(before: str, after: str) -> tuple[str, ...]:
    """Return in words what differs between two texts of `meaning_text`."""
    old, new = json.loads(before), json.loads(after)
    found: list[str] = []
    for part, words in _WORDS.items():
        was, now = old.get(part), new.get(part)
        if isinstance(was, dict) and isinstance(now, dict) and "{}" in words:
            names = sorted(was.keys() | now.keys())
            found += [words.format(name) for name in names if was.get(name) != now.get(name)]
        elif was != now:
            found.append(words.format("-"))
    return tuple(found)


_WORDS = {
    "fields": "what {} is (vocabulary of findings)",
    "source_rank": "which source counts more than which (vocabulary of findings)",
    "policy": "how results become one category (case policy: {})",
    "sources": "what the citation {} stands for",
    "program": "the program that judges the rules",
}


def _parts(one: CriteriaSet, library: Library) -> dict[str, Any]:
    vocabulary = library.vocabulary
    return {
        "fields": {name: _field(name, vocabulary) for name in _fields(one, vocabulary)},
        "source_rank": dict(vocabulary.source_rank),
        "policy": _policy(library) if one.kind in ROLLED_UP else {},
        "sources": {name: library.sources.get(name) for name in _sources(one)},
        "program": ENGINE_VERSION,
    }


def _fields(one: CriteriaSet, vocabulary: Vocabulary) -> list[str]:
    """Return the fields that the set reads, those that they follow from, and the site's."""
    read = {SITE_FIELD, *(name for rule in one.criteria for name in rule.fields())}
    read |= _named(rule.needs for rule in one.technique_rules)
    known = vocabulary.fields
    follow = (known[name].derive for name in read if name in known)
    return sorted(read | {derive.source for derive in follow if derive is not None})


def _named(predicates: Iterable[Predicate]) -> set[str]:
    return {leaf.field for predicate in predicates for leaf in predicate.leaves()}


def _field(name: str, vocabulary: Vocabulary) -> Any:
    """Return everything that the vocabulary says of a field but the line where it stands."""
    field = vocabulary.fields.get(name)
    if field is None:
        return None
    said = asdict(field)
    del said["line"]
    return said


def _policy(library: Library) -> dict[str, Any]:
    """Return what the case policy does, without its number, its hash and its remarks."""
    said = asdict(library.policy)
    return {key: value for key, value in said.items() if key not in ("version", "sha256")}


def _sources(one: CriteriaSet) -> set[str]:
    statements = [*one.banners, *one.facts.values()]
    statements += [one.several.said] if one.several else []
    statements += [one.rests_on.said] if one.rests_on else []
    cited = {name for said in statements for name in said.src}
    cited |= {name for rule in one.technique_rules for name in rule.src}
    cited |= {name for rule in one.criteria for name in rule.src}
    return cited | set(one.citations)


def _plain(value: Any) -> Any:
    """Return what JSON does not know as plain data: sets sorted, ranges as bounds."""
    if isinstance(value, Mapping):
        return dict(value)
    return plain_value(value)
