"""Bytes of a letter as text, where the declared character set is missing, wrong or too small."""

import email.errors
import re
from email.header import decode_header

from charset_normalizer import from_bytes

_WIDER = {
    # Mail programs announce the smaller set and write the larger one.
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    # As browsers do (WHATWG): the euro sign and the long dash stand where ISO 8859-1 has controls.
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
}
_GUESSED = [
    "gb18030", "big5hkscs", "cp949", "cp1251", "koi8_r", "cp1252", "cp1254", "cp1256", "cp932",
    "euc_jp",
]  # fmt: skip
"""Sets that hospitals' mail programs write without saying so."""
_TURKISH = frozenset(b"\xd0\xdd\xde\xf0\xfd\xfe")
"""Letters of Turkish that would be Icelandic ones in cp1252; no hospital of ours writes those."""
_LOOKED_AT = 8_000


def decoded(content: bytes, declared: str = "") -> tuple[str, bool]:
    """Return the text of `content` and whether its character set was as declared.

    What is not what it says is guessed from the bytes; the last resort reads every byte as a sign.
    """
    name = declared.strip("\"' ").lower()
    if not name.startswith("iso-2022") and (b"\x1b$B" in content or b"\x1b$@" in content):
        return content.decode("iso2022_jp", "replace"), False
    for charset in (_WIDER.get(name, name or "utf-8"), "utf-8"):
        try:
            return content.decode(charset), charset == _WIDER.get(name, name or "utf-8")
        except (LookupError, UnicodeError, ValueError):
            continue
    best = from_bytes(content[:_LOOKED_AT], cp_isolation=_GUESSED).best()
    guess = best.encoding if best else "cp1252"
    if guess == "cp1252" and set(content) & _TURKISH:
        guess = "cp1254"
    return content.decode(guess, "replace"), False


def header_text(value: str) -> str:
    """Return a header value with its encoded words read; as it stands when they are broken."""
    try:
        parts = decode_header(value)
        text = "".join(
            part if isinstance(part, str) else decoded(part, charset or "")[0]
            for part, charset in parts
        )
    except (LookupError, ValueError, TypeError, email.errors.HeaderParseError):
        text = value
    return clean(text)


def clean(text: str, hint: str = "") -> str:
    """Return text that a database takes: raw bytes of headers as they are meant, no NUL.

    `hint` is the character set of the body: a program that writes raw headers writes them in it.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        # Raw bytes in headers arrive as U+DC80..U+DCFF; any other lone surrogate becomes "?".
        raw = re.sub("[\ud800-\udc7f\udd00-\udfff]", "?", text).encode("utf-8", "surrogateescape")
        text, _ = decoded(raw, hint)
    return text.replace("\x00", "")
