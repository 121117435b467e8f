"""Inside the child: the words of an RTF file, and the pictures and files that lie in it."""

import binascii
import re
from dataclasses import dataclass, field, replace

from adapters.reader.code_pages import known_encoding
from adapters.reader.types import Attachment

_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})?[ ]?"  # 1 word, 2 number
    rb"|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])"  # 3 byte, 4 symbol, 5 brace
    rb"|[\r\n]+|([^\\{}\r\n]+)"  # 6 text
)
_SKIP = frozenset(
    b"colortbl stylesheet info object themedata datastore latentstyles generator "
    b"listtable listoverridetable rsidtbl xmlnstbl fldinst filetbl revtbl nonshppict".split()
)
_TEXT = {
    b"par": "\n",
    b"line": "\n",
    b"row": "\n",
    b"sect": "\n",
    b"page": "\f",
    b"tab": "\t",
    b"cell": "\t",
    b"nestcell": "\t",
    b"nestrow": "\n",
    b"emdash": "—",
    b"endash": "–",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"bullet": "•",
}
_WITHDRAWN = frozenset({b"strike", b"striked", b"deleted", b"v"})
"""Struck out, deleted by a reviewer, hidden: not what the page says."""
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"-": "\u00ad", b"\n": "\n"}
_CHARSETS = {
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    134: "gb18030",
    136: "big5",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
}
_STARTS = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
MAX_INSIDE = 200


@dataclass(frozen=True, slots=True)
class _State:
    """What holds in a group and its groups within."""

    skipping: bool = False
    after_unicode: int = 1
    encoding: str = ""
    withdrawn: frozenset[bytes] = frozenset()
    fonts: bool = False
    collecting: bytes = b""


@dataclass(slots=True)
class _Reader:
    pieces: list[str] = field(default_factory=list)
    inside: list[bytes] = field(default_factory=list)
    state: _State = field(default_factory=_State)
    stack: list[_State] = field(default_factory=list)
    base: str = "cp1252"
    font: int = 0
    font_encodings: dict[int, str] = field(default_factory=dict)
    waiting: bytearray = field(default_factory=bytearray)
    collected: bytearray = field(default_factory=bytearray)
    to_skip: int = 0

    def flush(self) -> None:
        """Decode the bytes that stand together: a character may be two of them."""
        if self.waiting:
            encoding = self.state.encoding or self.base
            self.pieces.append(self.waiting.decode(encoding, "replace"))
            self.waiting.clear()

    def say(self, text: str) -> None:
        self.flush()
        if not self.state.withdrawn or text.isspace():
            self.pieces.append(text)

    def add(self, data: bytes) -> None:
        skipped = min(self.to_skip, len(data))
        self.to_skip -= skipped
        if not self.state.withdrawn:
            self.waiting += data[skipped:]

    def brace(self, brace: bytes) -> None:
        self.flush()
        self.to_skip = 0
        if brace == b"{":
            if len(self.stack) < 2000:
                self.stack.append(self.state)
        elif self.stack:
            before, self.state = self.state, self.stack.pop()
            if before.collecting and not self.state.collecting:
                self._keep(before.collecting)

    def word(self, word: bytes, number: bytes | None) -> None:
        state, value = self.state, int(number) if number else None
        self.flush()
        if word == b"fonttbl":
            self.state = replace(state, skipping=True, fonts=True)
        elif word in (b"pict", b"objdata"):
            self.collected.clear()
            self.state = replace(state, skipping=True, collecting=word)
        elif word == b"shptxt":
            self.state = replace(state, skipping=False)
        elif word in _SKIP:
            self.state = replace(state, skipping=True)
        elif word == b"ansicpg" and value:
            self.base = known_encoding(f"cp{value}") or "cp1252"
        elif word == b"uc" and value is not None:
            self.state = replace(state, after_unicode=value)
        elif word == b"f" and value is not None:
            self.font = value
            self.state = replace(state, encoding=self.font_encodings.get(value, ""))
        elif word == b"fcharset" and state.fonts and value in _CHARSETS:
            self.font_encodings[self.font] = _CHARSETS[value or 0]
        elif word in _WITHDRAWN:
            withdrawn = state.withdrawn - {word} if value == 0 else state.withdrawn | {word}
            self.state = replace(state, withdrawn=withdrawn)
        elif word == b"plain":
            self.state = replace(state, withdrawn=frozenset(), encoding="")
        elif not state.skipping:
            if word == b"u" and value is not None:
                self.say(chr(value % 0x10000))
                self.to_skip = state.after_unicode
            elif word in _TEXT:
                self.say(_TEXT[word])

    def symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self.state = replace(self.state, skipping=True)
        elif not self.state.skipping:
            if symbol in b"\\{}":
                self.add(symbol)
            else:
                self.say(_SYMBOLS.get(symbol, ""))

    def _keep(self, kind: bytes) -> None:
        data = bytes(self.collected)
        self.collected.clear()
        if len(self.inside) >= MAX_INSIDE:
            return
        try:
            content = binascii.unhexlify(data[: len(data) & ~1])
        except (binascii.Error, ValueError):
            return
        if kind == b"objdata":
            places = [at for start in _STARTS if (at := content.find(start)) >= 0]
            content = content[min(places) :] if places else b""
            end = content.rfind(b"%%EOF")
            if content.startswith(b"%PDF-") and end > 0:
                content = content[: end + 5]
        if content.startswith((b"\xff\xd8\xff", b"\x89PNG", *_STARTS)):
            self.inside.append(content)


def rtf_parts(content: bytes) -> tuple[str, list[Attachment]]:
    """Return the text of an RTF file and the pictures (JPEG, PNG) and files within it.

    The text is decoded by `\\ansicpg` and the character sets of fonts. What is struck out, hidden
    or deleted by a reviewer is left out.
    """
    reader = _Reader()
    for match in _TOKEN.finditer(content):
        word, number, hexadecimal, symbol, brace, text = match.groups()
        if brace is not None:
            reader.brace(brace)
        elif word is not None:
            reader.word(word, number)
        elif symbol is not None:
            reader.symbol(symbol)
        elif reader.state.collecting:
            reader.collected += b"".join((text or b"").split())
        elif reader.state.skipping:
            continue
        elif hexadecimal is not None:
            reader.add(bytes.fromhex(hexadecimal.decode()))
        elif text is not None:
            reader.add(text)
    reader.flush()
    joined = "".join(reader.pieces)
    # Characters beyond the basic plane come as two surrogates.
    joined = joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip("\n")
    return joined, [Attachment(f"inside {n}", data) for n, data in enumerate(reader.inside, 1)]
