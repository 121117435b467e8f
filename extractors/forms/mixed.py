"""Lines of a scan that hold a part of another question's answers.

Where two lines of a page, or two columns, became one, an answer stands behind the label of another
question: `Grade: [x] 1 [ ] 2 ER: [ ] Negative [x] Positive [x] Grade 3`. What is ticked before it
is then not all that is ticked, and all of the line is for a person.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from extractors.forms.groups import Group

_KINDS = (
    re.compile(r"\b(?:positive|negative|equivocal)\b", re.IGNORECASE),
    re.compile(r"\b(?:present|absent|not (?:identified|seen|present))\b", re.IGNORECASE),
    re.compile(r"\b(?:un)?involved\b", re.IGNORECASE),
    re.compile(r"\bgrade\s?[1-4I]", re.IGNORECASE),
)


def without_mixed(text: str, groups: Sequence[Group]) -> list[Group]:
    """Return the groups, all options unclear on lines where one has the answers of two questions.

    `Not identified, focally positive` is one answer, and no second question.
    """
    mixed = {_line(text, group) for group in groups if _is_mixed(text, group)}
    return [_unclear(group) if _line(text, group) in mixed else group for group in groups]


def _is_mixed(text: str, group: Group) -> bool:
    kinds: set[int] = set()
    for option in group.options:
        words = text[option.start : option.end]
        found = [at for at, kind in enumerate(_KINDS) if kind.match(words.strip(" \t.,;:_-"))]
        kinds.update(found[:1])
    return len(kinds) > 1


def _line(text: str, group: Group) -> int:
    return text.rfind("\n", 0, group.options[0].start)


def _unclear(group: Group) -> Group:
    return replace(group, options=tuple(replace(one, unclear=True) for one in group.options))
