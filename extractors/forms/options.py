"""Options: the answers that a form prints after a label, and which of them is given."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from extractors.forms.answers import ANSWER, ANSWERS, how_many, is_like, without_box
from extractors.forms.columns import Columns
from extractors.forms.crowded import crowded_row
from extractors.forms.groups import Group, Option, trimmed
from extractors.forms.headings import Line, heading, label_alone
from extractors.forms.labels import is_label
from extractors.forms.marks import Mark, find_marks, is_checked, is_crossed
from extractors.forms.mixed import without_mixed
from extractors.forms.penned import is_penned, penned
from extractors.forms.printed import loose_answer, loose_first, loose_row, printed, struck_row
from extractors.types import Word

_WORD = re.compile(r"[^\W_]")
_LONGEST = 60
LONGEST_OPTION = 200
"""Letters of an answer with its lines below; more is running text beside a mark that is no box."""
_UNIT = re.compile(r"\W*(?:mm|cm|x|by|%|percent|per cent|gy|g|of|/)?\W*", re.IGNORECASE)
_NEXT_LABEL = re.compile(r"(?<=[\w)\];])[ \t]+(?=[A-Z][\w /()&'.+-]{0,40}:(?:\s|$))")
_ANY_LABEL = re.compile(r"[ \t]+(?=[A-Z][\w /()&'.+-]{0,40}:(?:\s|$))")
# A short name of a finding begins the next question of a line, also without a colon.
_SHORT = (
    r"(?:ER|PR|PgR|HER-?2(?:/neu)?|Ki-?67|LVI|PNI|DCIS|EIC|ENE|Estrogen receptors?|"
    r"Progesterone receptors?)(?: status)?[ \t]*"
)
_SHORT_LABEL = re.compile(rf"(?<=[.;])[ \t]+(?={_SHORT}$)")
_SHORT_LEAD = re.compile(rf"[ \t•*-]*{_SHORT}")
# What stands behind all marks of a line: a bracket, a measure, a method.
_REMARK = re.compile(r"\(|\d|by\b|clone\b|see\b|\*", re.IGNORECASE)
# What OCR makes of a speck before a box, and of a circle right behind an answer.
_SPECK = re.compile(r"\s*[a-z]{1,3}\s+")
_GLUED = re.compile(r"(?i:positive|negative|equivocal|present|identified|carcinoma|\))[O0Q@©®]")
# What it makes of a box in the middle of a line: a bracket on the word behind, or a letter.
_LOST_BOX = re.compile(r"\w[^\n]*[\[{|©®@](?=[^\W\d])")
_ANY_ANSWER = re.compile(r"(?i:positive|negative|equivocal|present|identified|involved|grade\s?\w)")
_BARE_CROSS = re.compile(r"[✗✘]")
_WORDS_END = re.compile(r"[.;](?=\s)|\s(?=[A-Z][\w /()&'-]{1,40}:)")


def find_groups(text: str, words: Sequence[Word] = (), *, scanned: bool = False) -> list[Group]:
    """Return the groups of options in `text`, in order; they do not overlap.

    `words` tell where on the page the text stands; without them its columns are its characters. In
    a `scanned` text marks may be lost: answers side by side or below each other are options too.
    """
    columns = Columns(text, words)
    groups: list[Group] = []
    label: tuple[int, int] | None = None
    options: list[Option] = []
    # Whether the label stood on a line with options: a line with several is a whole group.
    inline = False

    def close() -> None:
        nonlocal options, inline
        inline = False
        running = any(option.end - option.start > LONGEST_OPTION for option in options)
        if options and not running and not _is_sentence(text, options) and _is_form(text, options):
            groups.append(Group(label, tuple(_by_the_whole(text, options))))
        options = []

    lines = list(_lines(text))
    for number, line in enumerate(lines):
        if scanned and _are_crumbs(text, line):
            line.marks = []
        stripped = text[line.start : line.end].strip()
        if not line.marks:
            if not stripped or (scanned and len(stripped) < 4 and not _WORD.search(stripped)):
                continue
            if options and _continues(columns, line, options[-1]):
                options[-1] = replace(options[-1], end=line.end)
                continue
            loose = loose_answer(text, line.start, line.end) if scanned else None
            if loose is not None and (options or label is not None):
                options.append(loose)
                continue
            close()
            label = label_alone(text, line)
            if label is None and scanned:
                label = heading(text, lines, number)
            found = penned(text, line.start, line.end, scanned=scanned) or printed(
                text, line.start, line.end, scanned=scanned
            )
            if scanned and not found:
                at = (line.start, line.end)
                found = loose_row(text, *at) or struck_row(text, *at) or crowded_row(text, *at)
                first = loose_first(text, line.start, line.end)
                if first is not None and not found:
                    label, options, inline = first[0], [first[1]], True
            groups.extend(found)
            continue
        if all(mark.family == "blank" for mark in line.marks) and not scanned:
            # "Reaches / Does not reach margin   Distance ___ mm": it is a blank beside it.
            found = printed(text, line.start, line.marks[0].start)
            if found:
                close()
                groups.extend(found)
                continue
        own, row = _row(text, line, scanned=scanned)
        if scanned:
            row = _sure(text, row)
            if own is not None and _is_muddled(text[own[0] : own[1]]):
                row = [replace(option, unclear=True) for option in row]
            row = _to_the_end(text, row, line.end)
        if own is not None:
            close()
            label = own
        elif inline and len(options) > 1 and not _is_below(columns, line, options[0]):
            close()
            label = None
        inline = own is not None or (inline and bool(options))
        options.extend(row)
    close()
    groups.sort(key=lambda group: group.options[0].start)
    return without_mixed(text, groups) if scanned else groups


def _are_crumbs(text: str, line: Line) -> bool:
    """Say whether the marks of a line are blanks that OCR made of ink between printed answers."""
    blank = all(mark.family == "blank" and not mark.ticked for mark in line.marks)
    return bool(line.marks) and blank and bool(printed(text, line.start, line.end, scanned=True))


def _is_below(columns: Columns, line: Line, first: Option) -> bool:
    """Say whether a line's first mark stands below the first one of the group, or right of it."""
    at = first.mark[0] if first.mark else first.start
    return not columns.opens_line(at) and columns.right_of(line.marks[0].start, columns.of(at))


def _lines(text: str) -> Iterator[Line]:
    marks = list(find_marks(text))
    at = 0
    for match in re.finditer(r"[^\n]*", text):
        own = []
        while at < len(marks) and marks[at].start < match.end():
            own.append(marks[at])
            at += 1
        chosen = _choices(text, match.start(), match.end(), own)
        yield from _parted(text, Line(match.start(), match.end(), chosen))


def _choices(text: str, start: int, end: int, marks: list[Mark]) -> list[Mark]:
    """Return the marks of a line that choose: beside boxes, or behind words, a blank is filled in.

    Where blanks stand behind their answers each is a mark, the last one too.
    """
    blanks = [mark for mark in marks if mark.family == "blank"]
    if not blanks:
        return marks
    if len(blanks) < len(marks):
        return [mark for mark in marks if mark.family != "blank"]
    behind = text[start : marks[0].start].rpartition(":")[2].strip(" \t-•*.,;")
    ends = [mark.start for mark in marks[1:]] + [end]
    worded = [
        mark
        for mark, stop in zip(marks, ends, strict=True)
        if mark.ticked or _WORD.search(text[mark.end : stop].replace("_", ""))
    ]
    return marks if behind and worded else worded


def _parted(text: str, line: Line) -> Iterator[Line]:
    """Yield a line, or its parts where another label with its own boxes begins on it."""
    start, marks = line.start, line.marks
    short = _SHORT_LABEL.search(text, start, marks[0].start) if marks else None
    if short is not None:
        yield Line(start, short.start(), [])
        start = short.end()
    lead = text[start : marks[0].start].rpartition(":")[2] if marks else ""
    # Behind a mark a label begins only where marks stand behind their answers.
    pattern = _ANY_LABEL if lead.strip(" \t-•*.,;") else _NEXT_LABEL
    for before, mark in pairwise(line.marks):
        found = pattern.finditer(text, before.end, mark.start)
        label = next((one for one in found if not ANSWER.match(text, one.end())), None)
        label = label or _SHORT_LABEL.search(text, before.end, mark.start)
        if label is not None and start < label.start():
            yield Line(start, label.start(), [one for one in marks if one.end <= label.start()])
            start, marks = label.end(), [one for one in marks if one.start >= label.end()]
    yield Line(start, line.end, marks)


def _row(text: str, line: Line, *, scanned: bool) -> tuple[tuple[int, int] | None, list[Option]]:
    """Return a line's label, if it has one of its own, and its options."""
    first = line.marks[0]
    lead = text[line.start : first.start]
    if scanned and _SPECK.fullmatch(lead):
        lead = ""
    colon, first_colon = lead.rfind(":"), lead.find(":")
    if how_many(lead[first_colon:colon]):
        # Not a second label: an answer behind which a lost box was read as a colon.
        colon = first_colon
    head = lead[: colon + 1] if colon >= 0 else lead
    tail = text[line.marks[-1].end : line.end].strip(" \t.;,)")
    tail = without_box(tail) if scanned else tail
    behind = not tail or (
        len(line.marks) > 1 and _is_remark(tail) and not _SHORT_LEAD.fullmatch(lead)
    )
    words = lead[colon + 1 :].strip(" \t-•*.,;:")
    asked = _answer_before_colon(lead) if behind and not words else None
    if asked is not None:
        colon, words = asked, lead[asked:]
    whole = lead.strip(" \t-•*")
    if not behind and len(line.marks) > 1 and ANSWER.fullmatch(whole) and not how_many(tail):
        # "Positive [ ] Negative [x] ER": the label stands behind its answers.
        return trimmed(text, line.marks[-1].end, line.end), _behind(text, line, line.start)
    if behind and words:
        answer = ANSWERS.search(lead, max(0, colon + 1 if asked is None else asked))
        begin = line.start + (answer.start() if answer else colon + 1)
        label = (
            trimmed(text, line.start, begin) if text[line.start : begin].strip(" \t-•*") else None
        )
        return label, _behind(text, line, begin)
    label = trimmed(text, line.start, line.start + len(head)) if head.strip(" \t-•*") else None
    if words and colon < 0:
        label = trimmed(text, line.start, first.start)
    before = _before(text, line)
    answers = how_many(words) > 0 or (scanned and is_like(words))
    orphan = (colon >= 0 or ANSWER.match(words)) and len(words) <= _LONGEST and answers
    if orphan and text[first.start] != "_":
        # An answer whose own box is not there.
        start = line.start + colon + 1
        before.insert(0, Option(start, first.start, ticked=False, unclear=True))
    return label, before


def _answer_before_colon(lead: str) -> int | None:
    """Return where an answer begins that only a colon parts from its mark: "Positive: [x]"."""
    written = lead.rstrip(" \t:")
    last = [match for match in ANSWER.finditer(written) if match.end() == len(written)]
    return last[-1].start() if last and written != lead.rstrip() else None


def _is_remark(tail: str) -> bool:
    """Say whether words behind the last mark are no answer of their own: "(clone SP1)", "0 %"."""
    return not how_many(tail) and _REMARK.match(tail) is not None


def _by_the_whole(text: str, options: Sequence[Option]) -> Sequence[Option]:
    """Return a group's options as the whole of it is marked.

    Beside a tick a cross says no. A bare cross without one, marks on both sides of their words and
    words of two answers before one mark are unclear: nobody can tell what is chosen.
    """
    signs = [text[slice(*o.mark)] if o.mark else "" for o in options]
    if any(is_checked(sign) for sign in signs):
        options = [
            replace(option, ticked=False) if is_crossed(sign) else option
            for option, sign in zip(options, signs, strict=True)
        ]
    elif any(_BARE_CROSS.fullmatch(sign) for sign in signs):
        return [replace(option, unclear=True) for option in options]
    behind = {option.mark[0] >= option.start for option in options if option.mark}
    doubled = True in behind and any(
        len(ANSWER.findall(text[option.start : option.end])) > 1 for option in options
    )
    # "[x] Yes No [ ]": one mark more than there are words behind marks.
    bare = [not _WORD.search(text[option.start : option.end]) for option in options]
    if len(behind) > 1 or doubled or (bare[-1] and not all(bare) and False in behind):
        return [one for option in options for one in _apart(text, option)]
    return options


def _apart(text: str, option: Option) -> Iterator[Option]:
    """Yield the answers that one option's words hold, each unclear."""
    starts = [match.start() for match in ANSWERS.finditer(text, option.start, option.end)]
    if len(starts) < 2:
        yield replace(option, unclear=True)
        return
    for start, end in pairwise([option.start, *starts[1:], option.end]):
        mark = option.mark if end == option.end else None
        yield Option(start, end, option.ticked, mark, unclear=True)


def _sure(text: str, row: list[Option]) -> list[Option]:
    """Return the options of a scanned line; unclear where a box, or a line's end, may be lost.

    Then one option has the words of two answers, or two options have the same.
    """
    found = [ANSWER.findall(text[option.start : option.end].lower()) for option in row]
    first = [one[0] for one in found if one]
    if len(set(first)) < len(first):
        return [replace(option, unclear=True) for option in row]
    return [
        replace(
            option,
            unclear=option.unclear
            or _is_crowded(text[option.start : option.end])
            or is_penned(text, option.start, option.end),
        )
        for option in row
    ]


def _is_crowded(words: str) -> bool:
    """Say whether an option's words hold another one's, or what is left of its box."""
    several = how_many(words) > 1 or len(_ANY_ANSWER.findall(words)) > 1
    return several or without_box(words) != words or _LOST_BOX.search(words) is not None


def _to_the_end(text: str, row: list[Option], end: int) -> list[Option]:
    """Return an unclear row with what stands behind a stop in it: another of its answers.

    One with what is left of a box, there or between two options, makes a row unclear.
    """
    if not row:
        return row
    begins = [option.mark[0] if option.mark else option.start for option in row[1:]]
    behind = [text[option.end : at] for option, at in zip(row, [*begins, end], strict=True)]
    boxed = any(without_box(words) != words for words in behind)
    if boxed or (how_many(behind[-1]) and any(option.unclear for option in row)):
        ends = [option.end + len(words) for option, words in zip(row, behind, strict=True)]
        return [replace(one, end=at, unclear=True) for one, at in zip(row, ends, strict=True)]
    return row


def _is_muddled(label: str) -> bool:
    """Say whether a scanned label holds an answer with its box, or the label of another column."""
    first, _, rest = label.partition(":")
    return _GLUED.search(label) is not None or (rest.strip() != "" and is_label(first))


def _before(text: str, line: Line) -> list[Option]:
    ends = [mark.start for mark in line.marks[1:]] + [line.end]
    return [
        _option(mark, mark.end, _end_of(text, mark.end, end))
        for mark, end in zip(line.marks, ends, strict=True)
    ]


def _option(mark: Mark, start: int, end: int) -> Option:
    unclear = mark.family == "unclear"
    return Option(start, end, mark.ticked, (mark.start, mark.end), unclear)


def _end_of(text: str, start: int, end: int) -> int:
    """Return where an option's words end: at a full stop, or where another label begins."""
    for stop in _WORDS_END.finditer(text, start, end):
        if _WORD.search(text, start, stop.start()) and not ANSWER.match(text, stop.end()):
            return stop.start()
    return end


def _behind(text: str, line: Line, begin: int) -> list[Option]:
    starts = [begin] + [mark.end for mark in line.marks[:-1]]
    found = []
    for mark, start in zip(line.marks, starts, strict=True):
        # A colon between the words and their mark belongs to the mark.
        end = start + len(text[start : mark.start].rstrip(" \t:"))
        found.append(_option(replace(mark, start=max(start, end)), start, max(start, end)))
    return found


def _continues(columns: Columns, line: Line, last: Option) -> bool:
    """Say whether a line without marks goes on with the option above it: indented deeper."""
    text = columns.text
    if last.mark is None or ":" in text[line.start : line.end]:
        return False
    written = text[line.start : line.end]
    begin = line.start + len(written) - len(written.lstrip())
    indented = columns.beyond(begin, columns.of(last.mark[0]))
    return indented and "\n\n" not in text[last.end : line.start]


def _is_sentence(text: str, options: Sequence[Option]) -> bool:
    """Say whether this is a plain value behind or below its label, with nothing like a box."""
    if any(option.mark is not None for option in options):
        return False
    start = options[0].start
    before = text[text.rfind("\n", 0, start) + 1 : start].strip()
    return before.endswith(":") or (len(options) == 1 and (not before or ":" in before))


def _is_form(text: str, options: Sequence[Option]) -> bool:
    """Say whether these are answers to choose from, and not blanks to fill in.

    A blank or a pair of brackets alone is nothing; a blank before a unit waits for a number.
    """
    worded = [o for o in options if not _UNIT.fullmatch(text[o.start : o.end])]
    blanks = [o for o in options if o.mark and text[o.mark[0]] == "_"]
    if len(worded) < len(options):
        return bool(worded) and not blanks
    if len(options) > 1 or options[0].ticked or options[0].mark is None:
        return True
    start = options[0].mark[0]
    alone = not text[text.rfind("\n", 0, start) + 1 : start].strip(" \t-•*")
    return not blanks and (alone or text[start] not in "[(")
