"""Does somebody say that they are in danger? Signs that a person must hear of now.

Eight languages, pure and quick: words, no model. In doubt a sign counts as there, because a false
alarm costs a call and a missed one may cost a life. A sign is left out only where its clause
plainly takes it back: denied right before or after it, over and not back, long past, or asked
about. Then the text is `mentioned`: a person reads it sooner, and nobody is woken. The words stand
in `playbooks/danger.yaml`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from correspondence.danger_words import DangerWords, Language, Line, plain

Level = Literal["none", "mentioned", "red_flag"]

LONGEST_READ = 10_000
"""Characters that are looked at; a longer text is a document, and its beginning is looked at."""
LONGEST_CLAUSE = 300
"""Characters: what has no comma for longer is cut at a space, so that time stays in bounds."""
MOST_HITS = 12
"""Signs of one clause that are weighed: who says more says it often."""
FURTHEST = 60
"""Characters between the parts of one line: beyond, they are said of two things."""
_SENTENCE = re.compile(r"(?<!\d)[.!?;।؛؟…]+|[!?;।؛؟…]+|(?<=\d)\.(?!\d)|\n+")
_COMMA = re.compile(r"(?<!\d)[,،、:]+|[,،、:]+(?!\d)|\s[-–—]+\s")
_NUMBER = re.compile(
    r"(?<![\d.,/:\-])(\d{2,3}(?:[.,]\d{1,2})?)(?![\d/:]|[.,]\d|-\d|\s*(?:am|pm|mg|ml|kg|eur"
    r"|usd|cm|mm)\b)"
)
_ALONE = re.compile(r"\s*(\d\d[.,]\d)\s*")
"""Nothing but a number with one decimal: how many write a temperature."""
_WORD = re.compile(r"[^\W\d_]{7,}")
_LIST_ENDS = re.compile(r"^\s*(?:or|nor|oder|noch|veya|или|ни|او|ولا|或|या|ou|ni)\b")
_OR = re.compile(
    r"(?:^|\s)(?:or|nor|oder|noch|veya|/|или|ни|ou|ni|و|او|ولا|या|和|或)\s*$|/\s*$|[和或]\s*$"
)


@dataclass(frozen=True, slots=True)
class Danger:
    """What was found. `signs` are codes of `sign` in events.yaml, `taken_back` those that are not.

    `level`: `red_flag` when a sign is there, `mentioned` when a person should read it sooner.
    """

    signs: tuple[str, ...] = ()
    taken_back: tuple[str, ...] = ()
    soft: bool = False

    @property
    def level(self) -> Level:
        """What is to be done about it."""
        if self.signs:
            return "red_flag"
        return "mentioned" if self.taken_back or self.soft else "none"


@dataclass(slots=True)
class _Hit:
    """A sign in a clause, from `start` to `end`; `there` until the clause takes it back.

    `last` is where its last part begins: "the wound is not red".
    """

    sign: str
    start: int
    end: int
    last: int
    there: bool = True


@dataclass(slots=True)
class _Clause:
    """A clause with the sentence around it and the signs in it."""

    text: str
    sentence: str
    hits: list[_Hit]


def read_danger(words: DangerWords, text: str) -> Danger:
    """Return the signs of danger that a text states; any language, mixed ones too."""
    whole = _respelled(words, plain(text[:LONGEST_READ]))
    clauses: list[_Clause] = []
    again = any(one.again.search(whole) for one in words.languages.values())
    still = again or any(one.still.search(whole) for one in words.languages.values())
    soft = False
    for language in words.languages.values():
        bare = whole
        for pattern in language.not_a_sign:
            bare = pattern.sub(lambda m: "\x00" * len(m[0]), bare)
        found = list(_clauses(words, language, bare))
        _take_back(words, found, again, still)
        clauses += found
        soft = soft or any(_spans(line, bare) for line in language.soft)
    measured = [number for part in _sentences(whole) for number in _numbers(words, part)]
    signs = [hit.sign for clause in clauses for hit in clause.hits if hit.there]
    taken = [hit.sign for clause in clauses for hit in clause.hits if not hit.there]
    signs += [sign for sign, level in measured if level == "red_flag"]
    if any(sign == "fever" and level == "normal" for sign, level in measured) and not any(
        level == "red_flag" for _, level in measured
    ):
        signs, taken = _only_temperature(clauses, signs, taken)
    there = tuple(dict.fromkeys(signs))
    return Danger(there, tuple(s for s in dict.fromkeys(taken) if s not in there), soft)


def _only_temperature(
    clauses: Sequence[_Clause], signs: list[str], taken: list[str]
) -> tuple[list[str], list[str]]:
    """Take a bare "temperature" back beside a normal number: "temperature 36.6"."""
    others = [
        hit
        for clause in clauses
        for hit in clause.hits
        if hit.there and hit.sign == "fever" and not _is_temperature(clause.text, hit)
    ]
    if others:
        return signs, taken
    return [sign for sign in signs if sign != "fever"], [*taken, "fever"]


def _is_temperature(clause: str, hit: _Hit) -> bool:
    said = clause[hit.start : hit.end]
    return any(word in said for word in ("температур", "temperature", "حرار", "تापमान"))


def _respelled(words: DangerWords, text: str) -> str:
    """Put right what is one letter off a long word of a sign: "bleading", "brethless"."""

    def mended(match: re.Match[str]) -> str:
        word = match[0]
        if word in words.spelled or word in words.lookalikes:
            return word
        lengths = (len(word) - 1, len(word), len(word) + 1)
        near = (one for length in lengths for one in words.by_length.get(length, ()))
        return next((one for one in near if one[0] == word[0] and _one_off(word, one)), word)

    return _WORD.sub(mended, text)


def _one_off(left: str, right: str) -> bool:
    """Return whether one letter is wrong, missing, too many, or two have changed places."""
    if abs(len(left) - len(right)) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), None)
    if at is None:
        return True
    swapped = left[at : at + 2][::-1] == right[at : at + 2] and left[at + 2 :] == right[at + 2 :]
    return swapped or any(left[at + i :] == right[at + j :] for i, j in ((1, 1), (1, 0), (0, 1)))


def _sentences(text: str) -> list[str]:
    return [piece for part in _SENTENCE.split(text) for piece in _cut(part, 2 * LONGEST_CLAUSE)]


def _cut(text: str, longest: int) -> Iterator[str]:
    """Yield a text in pieces of at most `longest` characters, cut at spaces where there are any."""
    while len(text) > longest:
        at = text.rfind(" ", 0, longest)
        at = at if at > 0 else longest
        yield text[:at]
        text = text[at:]
    if text.strip():
        yield text


def _clauses(words: DangerWords, language: Language, text: str) -> Iterator[_Clause]:
    for sentence in _sentences(text):
        for part in _COMMA.split(sentence):
            for clause in words.but.split(part):
                for piece in _cut(clause, LONGEST_CLAUSE):
                    yield _Clause(piece, sentence, list(islice(_hits(language, piece), MOST_HITS)))


def _hits(language: Language, clause: str) -> Iterator[_Hit]:
    for sign, lines in language.signs.items():
        for line in lines:
            for start, end, last in _spans(line, clause):
                yield _Hit(sign, start, end, start if line.says_no else last)


def _spans(line: Line, clause: str) -> list[tuple[int, int, int]]:
    """Return where all parts of a line stand near each other: start, end, start of the last."""
    first, *others = line.parts
    spans = []
    for match in first.finditer(clause):
        start, end = match.span()
        last = start
        for part in others:
            near = [
                m.span()
                for m in part.finditer(clause)
                if (m.end() <= match.start() or m.start() >= match.end())
                and max(end, m.end()) - min(start, m.start()) - len(m[0]) - len(match[0])
                <= FURTHEST
            ]
            if not near:
                break
            start, end = min(start, near[0][0]), max(end, near[0][1])
            last = max(last, near[0][0])
        else:
            spans.append((start, end, last))
    return spans


def _take_back(words: DangerWords, clauses: Sequence[_Clause], again: bool, still: bool) -> None:
    """Mark the signs that their own clause plainly takes back."""
    for clause in clauses:
        for hit in sorted(clause.hits, key=lambda one: one.start):
            hit.there = not _is_taken_back(words, clause, hit, again, still)
    for at, clause in enumerate(clauses):
        if clause.hits and not any(hit.there for hit in clause.hits) and at + 1 < len(clauses):
            _take_list_back(clauses, at)


def _is_taken_back(
    words: DangerWords, clause: _Clause, hit: _Hit, again: bool, still: bool
) -> bool:
    before, after = clause.text[: hit.start], clause.text[hit.end :]
    up_to_last = clause.text[: hit.last]
    for own in words.languages.values():
        if own.past.search(clause.sentence) and not own.now.search(clause.sentence):
            return True
        if own.asked.search(before) or (own.over.search(after) and not still):
            return True
        denied = own.before.search(before) or own.before.search(up_to_last)
        listed = _OR.search(before) and _follows_a_no(clause, hit)
        if not again and (
            own.after.search(after) or ((denied or listed) and own.rest.search(after))
        ):
            return True
    return False


def _follows_a_no(clause: _Clause, hit: _Hit) -> bool:
    """Return whether only an "or" stands between a sign that is taken back and this one."""
    return any(
        not other.there
        and other.end <= hit.start
        and not clause.text[other.end : hit.start].strip(" /").count(" ")
        for other in clause.hits
    )


def _take_list_back(clauses: Sequence[_Clause], at: int) -> None:
    """Take a list back with its first, when an "or" ends it: "no fever, chills or bleeding"."""
    run = []
    for clause in clauses[at + 1 :]:
        if clause.sentence is not clauses[at].sentence or not clause.hits:
            break
        run.append(clause)
        if not _is_bare(clause):
            return
        if _LIST_ENDS.search(clause.text) or _OR.search(clause.text[: clause.hits[-1].start]):
            for one in run:
                for hit in one.hits:
                    hit.there = False
            return


def _is_bare(clause: _Clause) -> bool:
    """Return whether a clause is nothing but signs and the words that join them."""
    left = list(clause.text)
    for hit in clause.hits:
        left[hit.start : hit.end] = " " * (hit.end - hit.start)
    return not re.sub(
        r"\b(?:or|nor|and|any|или|ни|и|ou|ni|et|या|और)\b|[\W_]|[或和ولا]", "", "".join(left)
    )


def _numbers(words: DangerWords, sentence: str) -> Iterator[tuple[str, str]]:
    """Yield the signs that measured numbers are, with `red_flag`, `raised` or `normal`."""
    if alone := _ALONE.fullmatch(sentence):
        yield ("fever", "red_flag") if 38 <= float(alone[1].replace(",", ".")) <= 43 else ("", "")
    for match in _NUMBER.finditer(sentence):
        value = float(match[1].replace(",", "."))
        around = sentence[max(0, match.start() - 40) : match.end() + 14]
        past = any(
            one.past.search(sentence) and not one.now.search(sentence)
            for one in words.languages.values()
        )
        for kind, beside in words.numbers:
            if not beside.search(around):
                continue
            if kind.lowest <= value <= kind.highest and not past:
                yield kind.sign, "red_flag"
            elif kind.normal[0] <= value <= kind.normal[1]:
                yield kind.sign, "normal"
