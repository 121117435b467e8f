"""A pattern finds in a searched text what `re` finds in the plain one."""

import gc
import importlib
import pkgutil
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import extractors
from extractors import pages_from_text
from extractors.beginnings import beginnings
from extractors.reading import Reading
from extractors.searched import Pattern, Searched
from tests.extractors.test_properties import PHRASES

PIECES = [
    "a",
    "no",
    "1",
    "\\d",
    "\\s",
    "\\w",
    "\\W",
    "\\b",
    ".",
    "[ab1]",
    "[^ab]",
    "[a-c-]",
    "[^\\d]",
    "[\\s:.]",
    "[\u00e0-\u00fc]",
    "\u00e9",
    "\\.",
    "\\n",
    "\\u00e9",
    "(?<!a)",
    "(?=b)",
    "(?!1)",
    "(?:ab|c|)",
    "(?P<x>n|o)",
    "^",
    "$",
    "(?m:^)",
]
TIMES = ["", "?", "*", "+", "{2}", "{0,2}", "{1,}", "?+", "*?", "++", "{1,2}?"]


def found(pattern: Pattern | re.Pattern[str], text: str) -> list[tuple[object, ...]]:
    return [(match.span(), match.groups()) for match in pattern.finditer(text)]


def house_patterns() -> list[Pattern]:
    for module in pkgutil.walk_packages(extractors.__path__, "extractors."):
        importlib.import_module(module.name)
    gc.unfreeze()  # what the run has frozen is not among the objects
    return [thing for thing in gc.get_objects() if isinstance(thing, Pattern)]


def test_nearly_all_patterns_of_the_house_know_how_they_begin() -> None:
    patterns = house_patterns()
    known = [pattern for pattern in patterns if beginnings(pattern.pattern)]
    assert len(patterns) > 200
    assert len(known) > 0.9 * len(patterns)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(PHRASES), max_size=60))
def test_the_patterns_of_the_house_find_the_same_in_searched_texts(phrases: list[str]) -> None:
    low = Reading(pages_from_text(" ".join(phrases))).low
    assert isinstance(low, Searched)
    for pattern in house_patterns():
        assert found(pattern, low) == found(re.compile(pattern.pattern), str(low))


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(TIMES)), min_size=1, max_size=5),
    st.text("ab1c2 no.\n\u00e9\u0661-:", max_size=60),
    st.integers(0, 12),
)
def test_any_pattern_finds_the_same_in_a_searched_text(
    pieces: list[tuple[str, str]], text: str, start: int
) -> None:
    words, named = "", 0
    for piece, times in pieces:
        if piece.startswith("(?P"):
            named += 1
            piece = piece.replace("<x>", f"<x{named}>")
        looks = piece.startswith(("^", "$", "\\b", "(?<", "(?=", "(?!", "(?m"))
        words += piece if looks else piece + times
    compiled = re.compile(words)
    pattern = Pattern(words)
    long = (text + " ") * 8
    assert found(pattern, Searched(long)) == found(compiled, long)
    one, other = pattern.search(Searched(long), start, 50), compiled.search(long, start, 50)
    assert (one and one.span()) == (other and other.span())


@pytest.mark.parametrize("words", [r"(?P<q>a)(?P=q)", r"(a)\1", r"\w*a", "a?", r"(?i:a)"])
def test_patterns_with_backreferences_flags_or_vague_beginnings_find_the_same(words: str) -> None:
    text = "xaxaa A1aa " * 9
    assert found(Pattern(words), Searched(text)) == found(re.compile(words), text)


def test_a_pattern_that_ignores_case_is_searched_everywhere() -> None:
    pattern = Pattern("node", re.IGNORECASE)
    assert len(list(pattern.finditer(Searched("Node NODE node " * 40)))) == 120
