"""Addresses that look alike: a second one of the same person, a slip of the finger, or a trap."""

from functools import lru_cache

MOST_SLIPS = 2
_NAMES = """admin billing care contact desk doctor dr enquiries enquiry help hello hospital info
international ipd mail office opd patient patients post reception service support"""
SHARED = frozenset(_NAMES.split())
"""What stands before the sign @ in the addresses of many: alike there says nothing."""


def is_similar(one: str, other: str) -> bool:
    """Return whether two addresses look alike and are not the same, whatever their case.

    The same name at another house, or at most two letters that differ in the whole address. Names
    that many share count only with a house that looks alike.
    """
    one, other = one.strip().lower(), other.strip().lower()
    if one == other or "@" not in one or "@" not in other:
        return False
    name, _, house = one.rpartition("@")
    other_name, _, other_house = other.rpartition("@")
    if not name or not other_name:
        return False
    if name == other_name:
        return name not in SHARED or slips(house, other_house) <= MOST_SLIPS
    short = min(len(name), len(other_name))
    return house == other_house and short > 2 * MOST_SLIPS and slips(name, other_name) <= MOST_SLIPS


@lru_cache(maxsize=4096)
def slips(one: str, other: str) -> int:
    """Return how many letters are wrong, missing, too many or swapped; 3 means 3 or more."""
    if abs(len(one) - len(other)) > MOST_SLIPS:
        return MOST_SLIPS + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, their in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != their))
            swapped = i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == their
            row.append(min(cost, older[j - 2] + 1) if swapped else cost)
    return min(row[-1], MOST_SLIPS + 1)
