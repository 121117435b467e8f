"""Inside the child: bytes as text when no one says in which code page they were written."""

import codecs
import re

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_HIGH = re.compile(rb"[\x80-\xff]+")
_WORD = re.compile("[А-Я][а-я]{2,}")
_COMMON = re.compile("[оеаинтОЕАИНТ]")
_WRONG_CASE = re.compile("[а-я][А-Я]{2,}")
_AMONG_LETTERS = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]+|[\x80-\xff]+(?=[A-Za-z])")
_SAMPLE = 65536
_FEW_PAIRS = 8
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252", "ascii": "cp1252"}
"""Names that senders state for the wider code page that they use (WHATWG Encoding, 4.2)."""


def known_encoding(name: str) -> str | None:
    """Return the encoding to read what is said to be in `name`; None for an unknown name."""
    try:
        found = codecs.lookup(name.strip()).name
        b"".decode(found)
    except (LookupError, UnicodeError):
        return None
    return _WIDER.get(found, found)


def decode_text(content: bytes) -> str | None:
    """Decode bytes as text, or None when they are not text.

    Tried in order: a byte order mark, UTF-8, UTF-16 without a mark; then the code page that the
    bytes above ASCII look like: Chinese (GB 18030, Big5), Cyrillic (Windows-1251, KOI8-R), or
    Windows-1252.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if not content:
        return None
    sample = content[:_SAMPLE]
    low, high = sample[0::2], sample[1::2]
    if high.count(0) > 0.6 * len(high) and low.count(0) < 0.05 * len(low):
        return content.decode("utf-16-le", "replace")
    if len(_CONTROL.findall(sample)) > 0.01 * len(sample):
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(content) - 4:
            return content.decode("utf-8", "ignore")
    runs = _HIGH.findall(sample)
    code_page = _code_page(sample, runs)
    if code_page is not None:
        return content.decode(code_page, "replace")
    return content.decode("cp1252", "replace") if sum(map(len, runs)) < 0.3 * len(sample) else None


def _code_page(sample: bytes, runs: list[bytes]) -> str | None:
    """Name the code page whose letters the bytes above ASCII are, or None.

    Western text has single accented letters among plain ones. Words in Chinese are pairs of high
    bytes (in Big5 the second may be plain), words in Cyrillic rows of any length that stand apart
    from plain letters.
    """
    count = sum(map(len, runs))
    if count < 2 * len(runs):
        return None
    odd = sum(len(run) % 2 for run in runs[:-1])
    if odd <= 0.02 * len(runs) and _is_chinese(sample, runs):
        return "gb18030"
    joined = b"".join(runs)
    letters = sum(byte >= 0xC0 or byte in (0xA8, 0xB8, 0xB9, 0xAB, 0xBB) for byte in joined)
    if letters >= 0.9 * count and len(_AMONG_LETTERS.findall(sample)) <= 0.2 * len(runs):
        text = sample.decode("cp1251", "replace")
        swapped = len(_WRONG_CASE.findall(text)) > len(_WORD.findall(text))
        common, other = (
            len(_COMMON.findall(sample.decode(name, "replace"))) for name in ("cp1251", "koi8-r")
        )
        return "koi8-r" if swapped or other > 1.2 * common else "cp1251"
    return "big5" if _decodes(sample, "big5", 0xA4, 0xC6) else None


def _is_chinese(sample: bytes, runs: list[bytes]) -> bool:
    """Say whether the runs are pairs of GB 2312, most of them of its level of common characters.

    Rows 1 to 3 are signs, 16 to 55 the common characters; a Cyrillic text has nearly all of its
    bytes in one half of the letters. Few pairs count only where they follow each other.
    """
    if not _decodes(sample, "gb18030", 0xA1, 0xF7, fewest=2):
        return False
    joined = b"".join(runs)
    if all(0xC0 <= byte <= 0xDF for byte in joined) or all(byte >= 0xE0 for byte in joined):
        return False
    leads = [lead for run in runs for lead in run[0::2]]
    common = sum(0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3 for lead in leads)
    if len(leads) < _FEW_PAIRS:
        return common == len(leads) and any(len(run) >= 4 for run in runs)
    return common >= 0.6 * len(leads)


def _decodes(sample: bytes, encoding: str, first: int, last: int, fewest: int = 3) -> bool:
    """Say whether the bytes are pairs of an encoding, most of them of its common characters."""
    try:
        sample.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 4:
            return False
    leads = 0
    pairs = 0
    position = 0
    while position < len(sample) - 1:
        if sample[position] < 0x80:
            position += 1
            continue
        pairs += 1
        leads += first <= sample[position] <= last
        position += 2
    return pairs >= fewest and leads >= 0.9 * pairs
