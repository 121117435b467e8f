"""What a person newly wrote, without the letters quoted below it.

Line by line and in linear time: a mail is a stranger's text, and the pattern-based libraries
tried here took 19 seconds for 20 kB of empty lines.
"""

import re
from collections.abc import Sequence

from correspondence.incoming.quote_words import (
    ADDRESS,
    DEVICE,
    FIELD_KINDS,
    FRAMED,
    MOMENT,
    SENDER_FIELD,
    SENTENCE,
    SEPARATOR,
    STARTS,
    TIME_OF_DAY,
    WROTE,
)

_LONGEST_HEADER = 300
_LONGEST_LINE = 200
_RULE = re.compile(r"^[_-]{20,}$")
_CLOSES = re.compile(rf"^>\s?(?:[:：]|{WROTE.pattern})", re.IGNORECASE)
"""The end of an address that a mail program broke off, which looks like a quoted line."""
_SIGNATURE = re.compile(r"^(?:--\s?|_{5,30}|[—–]\s?)$")
_SMALL_PRINT = re.compile(
    r"^\W{0,4}(?:disclaimer|confidentiality notice|confidential(?:ity)?\s*:|legal notice"
    r"|this (?:e-?mail|message)(?: and any attachments?)? (?:is|are|may|contains?)"
    r"|the information (?:contained )?in this (?:e-?mail|message))",
    re.IGNORECASE,
)


def new_text(text: str) -> str:
    """Return what the sender wrote now: no quoted letters, no signature block, no small print.

    Answers written between quoted lines are kept. When nothing else is there (an answer that is
    all quotation), the result is empty and the whole text has to be looked at.
    """
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept: list[str] = []
    position = 0
    while position < len(lines):
        line = lines[position].strip()
        if _is_quoted(line):
            position += 1
            continue
        attribution = _attribution(lines, position)
        if attribution:
            # Answers may stand between the quoted lines; without ">" all below is the old letter.
            if not _quoted_below(lines, position + attribution):
                break
            position += attribution
            continue
        if _ends_here(lines, position):
            break
        if not DEVICE.match(line[:_LONGEST_LINE]):
            kept.append(lines[position])
        position += 1
    return "\n".join(kept).strip("\n ​ᐧ")


def _is_quoted(line: str) -> bool:
    return line.startswith((">", "＞"))


def _ends_here(lines: list[str], position: int) -> bool:
    """Say whether what the sender wrote ends before this line."""
    line = lines[position].strip()
    short = line[:_LONGEST_LINE]
    if SEPARATOR.match(short) or _header_block(lines, position):
        return True
    if _RULE.match(line) and _header_block(lines, position + 1):
        return True
    return bool(_SIGNATURE.match(line) or _SMALL_PRINT.match(short))


def _attribution(lines: list[str], position: int) -> int:
    """Return how many lines an "On ... wrote:" takes at this position (0: none).

    Its first line starts like one: a line of the answer above it is never taken along.
    """
    first = lines[position].strip()[:_LONGEST_HEADER]
    if not (STARTS.search(first) or ADDRESS.search(first) or FRAMED.match(first)):
        return 0
    joined = ""
    for count in range(1, 6):
        if position + count > len(lines):
            return 0
        part = lines[position + count - 1].strip()
        if not part:
            below = lines[position + count : position + count + 1]
            if count == 1 or not (joined.endswith(("<", "(")) or below == ["<"]):
                return 0
            continue
        if _is_quoted(part) and not _CLOSES.match(part):
            return 0
        joined = f"{joined} {part}".strip()
        if len(joined) > _LONGEST_HEADER:
            return 0
        below = lines[position + count : position + count + 3]
        if _says_who_wrote(joined, below, quoted=_quoted_below(lines, position + count)):
            return count
    return 0


def _says_who_wrote(joined: str, below: Sequence[str], *, quoted: bool) -> bool:
    """Say whether a line is the one a mail program puts above a quoted letter.

    It ends as such a line does and names a moment or an address. "On 12 May our surgeon wrote:"
    with nothing marked as quoted below it is a person's sentence.
    Without the word "wrote" it names both and stands alone.
    """
    framed = FRAMED.match(joined)
    said = framed["inside"] if framed else joined
    ends = framed is not None or said.endswith((":", "：", "؛", "하였습니다.", "写道"))
    address = ADDRESS.search(said)
    by_program = quoted or not SENTENCE.search(STARTS.sub("", said))
    moment = (MOMENT if by_program else TIME_OF_DAY).search(said)
    if ends and WROTE.search(said) and (moment or address):
        return True
    if not (address and MOMENT.search(said) and STARTS.search(said)):
        return False
    if below and _CLOSES.match(below[0].strip()):
        return False  # it goes on
    stands_alone = quoted or not below or not below[0].strip()
    return stands_alone and said.rstrip(":： ").endswith((">", ")", "]"))


def _quoted_below(lines: list[str], position: int) -> bool:
    """Say whether the next line with text on it is quoted with ">"."""
    for line in lines[position : position + 5]:
        if line.strip():
            return _is_quoted(line.strip())
    return False


def _header_block(lines: list[str], position: int) -> bool:
    """Say whether the block of fields that Outlook puts above a quoted letter starts here.

    At least three different kinds of field, the sender among the first two.
    """
    window = [line.strip()[:_LONGEST_HEADER] for line in lines[position : position + 9]]
    window = [line for line in window if line][:6]
    if not window or not any(kind.match(window[0]) for kind in FIELD_KINDS):
        return False
    if not any(SENDER_FIELD.match(line) for line in window[:2]):
        return False
    return sum(any(kind.match(line) for line in window) for kind in FIELD_KINDS) >= 3
