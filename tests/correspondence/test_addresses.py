"""Addresses that look alike, and those that only share a name or a house."""

import random
import string

import pytest

from correspondence.addresses import is_similar, slips


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("leila.k@mail.example", "leila.k@post.example"),
        ("leila.k@mail.example", "Leila.K@gmail.example"),
        ("leila.kim@mail.example", "leila.kin@mail.example"),
        ("leila.kim@mail.example", "leilakim@mail.example"),
        ("leila.kim@mail.example", "leila.ikm@mail.example"),
        ("ipd@sahyadri.example", "ipd@sahyadri.exarnple"),
        ("ipd@sahyadri.example", "ipd@sahyadry.example"),
    ],
)
def test_they_look_alike_both_ways(one: str, other: str) -> None:
    assert is_similar(one, other) and is_similar(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("leila@mail.example", "LEILA@mail.example"),
        ("info@one.example", "info@another.example"),
        ("ana@mail.example", "ina@mail.example"),
        ("leila.kim@mail.example", "timur.kim@mail.example"),
        ("", ""),
        ("no address", "no address either"),
        ("@mail.example", "@post.example.org"),
    ],
)
def test_they_do_not(one: str, other: str) -> None:
    assert not is_similar(one, other)


def test_slips_are_counted_as_made() -> None:
    chance = random.Random(20261130)
    for _ in range(300):
        word = "".join(chance.choices(string.ascii_lowercase, k=12))
        made, wrong = chance.randint(0, 2), list(word)
        for _ in range(made):
            place = chance.randrange(len(wrong))
            wrong[place : place + 1] = chance.choice([[], ["x", wrong[place]], ["x"]])
        assert slips(word, "".join(wrong)) <= made
        assert slips(word, "".join(wrong)) == slips("".join(wrong), word)
    assert slips("abcdefgh", "hgfedcba") == 3
