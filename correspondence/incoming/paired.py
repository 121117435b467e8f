"""Which answer belongs to which of our numbered questions.

Hospitals answer into our letter, line by line, or write "1. yes 2. possible 3. slides" above it.
Both are put beside the question, as they are written; what an answer means is for a person.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_QUESTION = re.compile(r"^[>\s]{0,6}\((\d{1,2})\)\s+(\S.*)$")
_NUMBERED = re.compile(
    r"^[\s>*_•-]{0,6}(?:ad\s|re\s|to\s|zu\s|q(?:uestion)?\s?|point\s|frage\s|пункт\s|вопрос\s|soru\s)?"
    r"\(?(\d{1,2})(?:\s?[.):：、）]|\s[-–—])(?!\d)\s*",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"^[\s>|:：=\-–—→.?？!*_]+|[\s>|=\-–—→*_(]+$")
"""What quoting and typing leave around an answer."""
_RUN = 4
_HEAD = 6
"""So many first words name a question where it is quoted."""
_MOST_QUESTIONS = 20
_LONGEST = 60_000
_LONGEST_ANSWER = 1_000


@dataclass(frozen=True, slots=True)
class Paired:
    """A numbered question of ours, and what was written to it."""

    number: int
    question: str
    answer: str


def paired(text: str, new_text: str, ours: Sequence[str]) -> list[Paired]:
    """Return our questions that got an answer, in order.

    `text` is the whole letter, `new_text` what is new in it, `ours` our letters, newest first: the
    first with numbered questions counts.
    """
    letter = next((one for one in ours if _questions(one)), None)
    if letter is None:
        return []
    questions = _questions(letter)
    answers = _inline(text[:_LONGEST], new_text, letter, questions)
    for number, answer in _numbered(new_text, questions):
        answers.setdefault(number, answer)
    return [Paired(n, q, answers[n]) for n, q in questions.items() if answers.get(n)]


def _questions(letter: str) -> dict[int, str]:
    found = (_QUESTION.match(line) for line in letter[:_LONGEST].split("\n"))
    numbered = [(int(one[1]), one[2].strip()) for one in found if one][:_MOST_QUESTIONS]
    return dict(numbered) if len(numbered) > 1 else {}


def _inline(text: str, new_text: str, letter: str, questions: dict[int, str]) -> dict[int, str]:
    """Return what stands between a question of ours and the next words of our letter."""
    words = list(_WORD.finditer(text))
    said = [word.group().casefold() for word in words]
    ours = _own(said, [word.casefold() for word in _WORD.findall(letter[:_LONGEST])])
    places = {}
    for number, question in questions.items():
        head = [word.casefold() for word in _WORD.findall(question)][:_HEAD]
        at = _find(said, head)
        if at is not None:
            places[number] = at - (at > 0 and said[at - 1] == str(number))
    answers: dict[int, str] = {}
    for number, at in places.items():
        following = min((one for one in places.values() if one > at), default=len(words))
        end = at
        while end < following and ours[end]:
            end += 1
        stop = end
        while stop < len(words) and not ours[stop]:
            stop += 1
        behind = words[end - 1].end() if end else 0
        until = words[stop].start() if stop < len(words) else len(text)
        answer = _bare(text[behind:until], new_text)
        if answer:
            answers[number] = answer
    return answers


def _own(said: Sequence[str], letter: Sequence[str]) -> list[bool]:
    """Return for each word whether it stands in a run of words of our letter."""
    known = {tuple(letter[at : at + _RUN]) for at in range(len(letter) - _RUN + 1)}
    own = [False] * len(said)
    for at in range(len(said) - _RUN + 1):
        if tuple(said[at : at + _RUN]) in known:
            own[at : at + _RUN] = [True] * _RUN
    return own


def _find(said: Sequence[str], head: Sequence[str]) -> int | None:
    if len(head) < _RUN:
        return None
    size = len(head)
    return next((at for at in range(len(said) - size + 1) if said[at : at + size] == head), None)


def _bare(answer: str, new_text: str) -> str:
    """Return an answer without marks around it; only lines that are new count."""
    new = [" ".join(line.split()) for line in new_text.split("\n")]
    lines: list[str] = []
    for line in answer.split("\n"):
        plain = _BETWEEN.sub("", " ".join(line.split()))
        if lines and not plain:
            break
        if plain and not any(plain in one for one in new):
            break
        lines += [plain] if plain else []
    return "\n".join(lines)[:_LONGEST_ANSWER]


def _numbered(new_text: str, questions: dict[int, str]) -> Iterator[tuple[int, str]]:
    """Yield what stands behind numbers of our questions that begin lines, one after the other.

    A single number, or numbers that go down, are a list of the sender's own or a date.
    """
    found: list[tuple[int, list[str]]] = []
    for line in new_text[:_LONGEST].split("\n"):
        start = _NUMBERED.match(line)
        if start and int(start[1]) in questions:
            found.append((int(start[1]), [line[start.end() :].strip()]))
        elif found and not line.strip():
            found[-1][1].append("")
        elif found and found[-1][1][-1] != "":
            found[-1][1].append(line.strip())
    numbers = [number for number, _ in found]
    if len(numbers) > 1 and all(a < b for a, b in pairwise(numbers)):
        for number, lines in found:
            yield number, "\n".join(lines).strip()[:_LONGEST_ANSWER]
