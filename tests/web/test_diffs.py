"""Two texts side by side: what came, what went, word by word."""

from tests.fixtures.growth import must_stay_linear
from web.diffs import ADDED, MAX_WORDS, REMOVED, SAME, Changes, changes


def pieces(found: Changes, kind: str) -> list[str]:
    return [piece.text for piece in found.pieces if piece.kind == kind]


def rebuilt(found: Changes, without: str) -> str:
    return "".join(piece.text for piece in found.pieces if piece.kind != without)


def test_a_changed_word_is_marked_and_its_neighbours_are_not() -> None:
    found = changes("Could you review the case?\nThanks", "Could you treat the case?\nThanks")
    assert pieces(found, REMOVED) == ["review"] and pieces(found, ADDED) == ["treat"]
    assert (found.added, found.removed) == (1, 1)
    assert "".join(pieces(found, SAME)) == "Could you  the case?\nThanks"


def test_both_texts_can_be_read_from_the_pieces() -> None:
    old = "Dear all,\n\nThe cost is USD 7,800 to 9,100.\nKind regards\n\nA"
    new = "Dear Dr Li,\n\nThe cost is USD 7,800 to 9,900.\nOne more line.\nKind regards\n\nA"
    found = changes(old, new)
    assert rebuilt(found, ADDED) == old and rebuilt(found, REMOVED) == new


def test_line_ends_and_spaces_around_are_no_change() -> None:
    assert changes("one\r\ntwo  \r\n", "one\ntwo").none
    assert not changes("one", "one two").none


def test_a_line_break_that_went_is_made_visible() -> None:
    found = changes("one\n\ntwo", "one\ntwo")
    (gone,) = [piece for piece in found.pieces if piece.kind == REMOVED]
    assert gone.shown == "↵\n"


def test_very_long_texts_take_no_time() -> None:
    must_stay_linear(lambda size: changes("a b " * size, "b a " * size), MAX_WORDS // 2)
    must_stay_linear(lambda size: changes("x\n" * size, "y\n" * size), MAX_WORDS)
    found = changes("a b " * 50_000, "b a " * 50_000)
    many = changes("x\n" * 50_000, "y\n" * 50_000)
    assert not found.none and not many.none
