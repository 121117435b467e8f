"""Names among the words of lines: alone, in any order, broken over lines, run together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import OSA

from deidentify.common_words import is_common
from deidentify.dates import MONTHS
from deidentify.folding import fold, romanised, skeletons
from deidentify.lines import CELL, Line
from deidentify.name_parts import PARTICLES, TITLES, How, NameTable, Part, how_alike
from deidentify.tokens import Token, beside, tokens_of

_HEARD = 0.8
_MOST_IN_ONE, _LONG, _LEAST_JOINED = 4, 7, 6
_FAMILY_WITH = frozenset(["先生", "女士", "小姐", "太太", "某某", "某", "同志", "氏", "患者", "氏"])
_CLEAR: tuple[How, ...] = ("exact", "ending", "spelling")


@dataclass(frozen=True, slots=True)
class Found:
    """Tokens of a name: which words, what was matched and how; `doubt` where it may be a word."""

    line: int
    start: int
    end: int
    words: tuple[int, ...]
    text: str
    how: How
    doubt: bool


def names_in(
    lines: Sequence[Line],
    table: NameTable,
    *,
    loose: bool = False,
    unsure: frozenset[int] = frozenset(),
) -> list[Found]:
    """Return where a name of the table stands, in lines of one or more pages.

    Words of `unsure` may differ more, as all may where it is `loose`.
    """
    tokens = tokens_of(lines)
    found: list[Found] = []
    for number, line in enumerate(lines):
        found += _in_line(line, number, tokens[number], table, loose, unsure)
        found += _unparted_in(line, number, table)
    found += _broken(lines, tokens, table, loose)
    return found


@dataclass(slots=True)
class _Mark:
    token: Token
    part: Part
    how: How
    common: bool


def _in_line(
    line: Line, number: int, tokens: list[Token], table: NameTable, loose: bool,
    unsure: frozenset[int],
) -> Iterator[Found]:  # fmt: skip
    marks: dict[int, _Mark] = {}
    for at, token in enumerate(tokens):
        misread = bool(unsure) and not unsure.isdisjoint(line.at(token.start, token.end))
        mark = _mark(token, table, loose or misread)
        if mark is None and len(token.folded) >= 5:
            mark = _inside(token, table)
        if mark is not None:
            marks[at] = mark
    joined = list(_joined(line, tokens, table, loose, marks))
    covered: dict[int, tuple[How, bool]] = {}
    for first, last, how in joined:
        for at in range(first, last + 1):
            covered[at] = (how, False)
    for at, mark in marks.items():
        company = mark.common and _in_company(line, tokens, at, marks, table)
        if at not in covered and (company or loose or mark.how != "weak"):
            doubt = mark.common and not company
            covered[at] = (mark.how, doubt)
    # What merely stands beside a name is not looked for when names should all be gone.
    sure = set() if loose else {at for at, (_, doubt) in covered.items() if not doubt}
    for at in _besides(line, tokens, sure, table):
        covered.setdefault(at, ("exact", False))
    for at, (how, doubt) in sorted(covered.items()):
        token = tokens[at]
        words = line.at(token.start, token.end)
        yield Found(number, token.start, token.end, words, token.text, how, doubt)


def _mark(token: Token, table: NameTable, loose: bool) -> _Mark | None:
    best: _Mark | None = None
    for part in (*table.parts, *(table.joined if len(token.folded) >= _LEAST_JOINED else ())):
        how = how_alike(token.folded, token.latin, part, loose=loose)
        if how is None:
            continue
        if part.common and how not in _CLEAR and not loose:
            continue
        common = part.common or how == "weak" or (how != "exact" and _is_weak(token, part))
        mark = _Mark(token, part, how, common)
        if how in _CLEAR and not common:
            return mark
        if best is None or (best.common and not common):
            best = mark
    return best


def _is_weak(token: Token, part: Part) -> bool:
    return is_common(token.folded) or min(len(token.latin), len(part.latin)) < 3


def _inside(token: Token, table: NameTable) -> _Mark | None:
    """Return the long part of a name that stands within a token, as in `NameWanjiru`."""
    for part in (*table.joined, *table.parts):
        if len(part.folded) >= 5 and not part.common and part.folded in token.folded:
            return _Mark(token, part, "exact", False)
    return None


def _joined(
    line: Line, tokens: list[Token], table: NameTable, loose: bool, marks: dict[int, _Mark]
) -> Iterator[tuple[int, int, How]]:
    """Yield runs of tokens that make a name when written as one: `Al Ahmad`, `W a n j i r u`."""
    wholes = [part for part in (*table.joined, *table.parts) if len(part.folded) >= 4]
    if not wholes or len(tokens) < 2:
        return
    lengths = {len(part.folded) for part in wholes} | {len(part.latin) for part in wholes}
    most, least = max(lengths) + 2, min(lengths) - 2
    for first in range(len(tokens)):
        folded, latin = tokens[first].folded, tokens[first].latin
        if not tokens[first].has_letters:
            continue
        single = len(folded) <= 2
        for last in range(first + 1, len(tokens)):
            if not (beside(line, tokens[last - 1], tokens[last]) and tokens[last].has_letters):
                break
            folded += tokens[last].folded
            latin += tokens[last].latin
            single = single and len(tokens[last].folded) <= 2
            if len(folded) > most or (last - first >= _MOST_IN_ONE and not single):
                break
            if len(folded) < least:
                continue
            how = _whole(folded, latin, wholes, loose)
            heard = how == "sound" and (loose or not folded.isascii())
            near = (how == "read" or heard) and len(folded) >= _LONG
            edges = (tokens[first].folded, tokens[last].folded)
            near = near and not any(map(is_common, edges)) and min(map(len, edges)) > 1
            if how is not None and (
                how in ("exact", "spelling")
                or (near and any(at in marks for at in range(first, last + 1)))
            ):
                yield first, last, how


def _whole(folded: str, latin: str, wholes: Sequence[Part], loose: bool) -> How | None:
    for part in wholes:
        how = how_alike(folded, latin, part, loose=loose)
        if how is not None and (not part.common or how == "exact"):
            return how
    return None


def _in_company(
    line: Line, tokens: list[Token], at: int, marks: dict[int, _Mark], table: NameTable
) -> bool:
    """Say whether another part of a name, a title or an initial stands beside a doubtful one."""
    for step in (-1, 1):
        here = at
        for _ in range(3):
            near = here + step
            if not 0 <= near < len(tokens):
                break
            pair = (tokens[near], tokens[here]) if step < 0 else (tokens[here], tokens[near])
            if not beside(line, *pair):
                break
            if near in marks and marks[near].part.folded != marks[at].part.folded:
                return True
            if step < 0 and tokens[near].folded in TITLES:
                return True
            if tokens[near].is_initial and _goes_with(line, tokens[near], table):
                return True
            if not tokens[near].is_initial:
                break
            here = near
    return False


def _besides(line: Line, tokens: list[Token], sure: set[int], table: NameTable) -> Iterator[int]:
    """Yield initials, titles and what stands between two parts, beside parts that are sure."""
    for at in sure:
        for step in (-1, 1):
            here = at + step
            while 0 <= here < len(tokens) and here not in sure:
                pair = (tokens[here], tokens[here - step])
                if not beside(line, *(pair if step < 0 else pair[::-1])):
                    break
                token = tokens[here]
                between = line.text[
                    min(pair[0].end, pair[1].end) : max(pair[0].start, pair[1].start)
                ]
                if not _goes_with(line, token, table) or any(sign in between for sign in ":;="):
                    break
                yield here
                here += step
    for first, second in pairwise(sorted(sure)):
        middle = tokens[first + 1 : second]
        if 0 < len(middle) <= 2 and all(token.text[:1].isupper() for token in middle):
            whole = line.text[tokens[first].end : tokens[second].start]
            if CELL not in whole and not any(sign in whole for sign in ":;."):
                yield from range(first + 1, second)


def _goes_with(line: Line, token: Token, table: NameTable) -> bool:
    """Say whether a token beside a name is of it: an initial, a particle, another name."""
    if token.is_initial:
        dotted = line.text[token.end : token.end + 1] == "."
        return token.text.isupper() and (dotted or token.folded in table.initials)
    if token.folded in PARTICLES:
        return token.text[:1].isupper() or len(token.folded) > 2
    word = token.text.isalpha() and token.text[:1].isupper() and len(token.folded) > 2
    common = is_common(token.folded) and token.folded not in MONTHS
    return word and not common and token.folded not in TITLES


def _unparted_in(line: Line, number: int, table: NameTable) -> Iterator[Found]:
    """Yield names in scripts without spaces, also where another part was written in Latin."""
    signs = [
        (at, sign) for at, sign in enumerate(line.text) if ord(sign) > 0x2E7F and sign.isalpha()
    ]
    if not signs:
        return
    wholes = [*table.unparted, *(part for part in table.joined if len(part.latin) >= 4)]
    wholes += [part for part in table.parts if part.script == "latin"]
    for first in range(len(signs)):
        for long in range(4, 0, -1):
            run = signs[first : first + long]
            if len(run) < long or run[-1][0] - run[0][0] > long + 2:
                continue
            text = "".join(sign for _, sign in run)
            if _is_unparted_name(text, wholes, line.text[run[-1][0] + 1 : run[-1][0] + 3]):
                start, end = run[0][0], run[-1][0] + 1
                yield Found(number, start, end, line.at(start, end), text, "exact", False)
                break


def _is_unparted_name(text: str, wholes: Sequence[Part], behind: str) -> bool:
    folded, latin = fold(text), romanised(text)
    for part in wholes:
        if len(text) >= 2:
            if folded == part.folded or (
                latin == part.latin and len(latin) >= 4 and not part.common
            ):
                return True
            is_given = part.script == "unparted" and len(part.folded) >= 3 and len(text) >= 2
            if is_given and (folded == part.folded[1:] or latin == romanised(part.folded[1:])):
                return True
            heard = len(latin) >= 6 and skeletons(latin) & part.sounds
            if heard and OSA.normalized_similarity(latin, part.latin) >= _HEARD:
                return True
        elif (
            folded == part.folded[:1] if part.script == "unparted" else latin == part.latin
        ) and any(behind.startswith(title) for title in _FAMILY_WITH):
            return True
    return False


def _broken(
    lines: Sequence[Line], tokens: list[list[Token]], table: NameTable, loose: bool
) -> Iterator[Found]:
    """Yield names that begin at the end of a line, or of its cell, and go on below."""
    wholes = [part for part in (*table.joined, *table.parts) if len(part.folded) >= 4]
    for number, line in enumerate(lines):
        for below in range(number + 1, min(number + 3, len(lines))):
            other = lines[below]
            if (other.page, other.reading, other.turn) != (line.page, line.reading, line.turn):
                break
            for last in _cell_ends(line, tokens[number]):
                for first in _cell_begins(other, tokens[below]):
                    folded = last.folded + first.folded
                    latin = last.latin + first.latin
                    if not _is_half(last, wholes) or not _is_half(first, wholes):
                        continue
                    how = _whole(folded, latin, wholes, loose)
                    if how in _CLEAR or (
                        how == "read" and line.text[last.end : last.end + 1] == "-"
                    ):
                        yield _found(line, number, last, how)
                        yield _found(other, below, first, how)


def _is_half(token: Token, wholes: Sequence[Part]) -> bool:
    """Say whether a token may be a piece of a name: letters, and not the name itself."""
    whole = any(token.folded == part.folded or token.latin == part.latin for part in wholes)
    return len(token.folded) >= 2 and token.folded.isalpha() and not whole


def _found(line: Line, number: int, token: Token, how: How) -> Found:
    words = line.at(token.start, token.end)
    return Found(number, token.start, token.end, words, token.text, how, False)


def _cell_ends(line: Line, tokens: list[Token]) -> list[Token]:
    return [
        token
        for at, token in enumerate(tokens)
        if at + 1 == len(tokens) or CELL in line.text[token.end : tokens[at + 1].start]
    ]


def _cell_begins(line: Line, tokens: list[Token]) -> list[Token]:
    return [
        token
        for at, token in enumerate(tokens)
        if at == 0 or CELL in line.text[tokens[at - 1].end : token.start]
    ]
