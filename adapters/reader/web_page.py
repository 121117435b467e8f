"""Inside the child: the words that a web page shows, and the files that lie in it."""

import base64
import binascii
import codecs
import re
from html.parser import HTMLParser
from urllib.parse import unquote_to_bytes

from adapters.reader.code_pages import decode_text, known_encoding
from adapters.reader.types import Attachment

_WHITE = re.compile(r"\s+")
_BLANKS = re.compile(r" {2,}")
_BLOCKS = frozenset(
    {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "hr", "blockquote"}
)
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_NEVER_SHOWN = frozenset({"script", "style", "title", "template"})
_WITHDRAWN = frozenset({"del", "s", "strike"})
_CLOSE_THEMSELVES = frozenset({"p", "li", "td", "th", "tr", "option", "title"})
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|line-through", re.I)
_META = re.compile(rb"<meta\b[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,30})", re.I)
_DATA = re.compile(r"data:(?:image/|application/pdf)[^,]{0,100},", re.I)
MAX_DATA = 100


class _Shown(HTMLParser):
    """Collects what a reader of the page sees: nothing hidden, nothing struck out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.data: list[bytes] = []
        self._open: list[tuple[str, bool]] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._close_before(tag)
        if tag not in _VOID:
            hidden = (
                tag in _NEVER_SHOWN
                or tag in _WITHDRAWN
                or "hidden" in given
                or bool(_HIDING.search(given.get("style") or ""))
            )
            self._open.append((tag, hidden))
            self._hidden += hidden
        if self._hidden:
            return
        if tag in ("td", "th"):
            self.pieces.append("\t")
        elif tag in _BLOCKS:
            self.pieces.append("\n")
        for name in ("src", "href", "data"):
            self._take_data(given.get(name) or "")

    def handle_endtag(self, tag: str) -> None:
        if any(known == tag for known, _ in self._open):
            while True:
                known, hidden = self._open.pop()
                self._hidden -= hidden
                if known == tag:
                    break
        if tag in _BLOCKS and not self._hidden:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(_WHITE.sub(" ", data))

    def _close_before(self, tag: str) -> None:
        """Close what its sender left open and a browser closes (HTML 13.1.2.4)."""
        if not self._open:
            return
        last, hidden = self._open[-1]
        ends = last == tag or (last in ("p", "title") and (tag in _BLOCKS or tag == "body"))
        if last in _CLOSE_THEMSELVES and ends:
            self._open.pop()
            self._hidden -= hidden

    def _take_data(self, address: str) -> None:
        match = _DATA.match(address)
        if match is None or len(self.data) >= MAX_DATA:
            return
        body = unquote_to_bytes(address[match.end() :])
        if ";base64" in match.group().lower():
            try:
                body = base64.b64decode(body)
            except binascii.Error:
                return
        if body:
            self.data.append(body)


def html_parts(source: str) -> tuple[str, list[Attachment]]:
    """Return the visible text of an HTML page, and the pictures and PDFs in its `data:` links."""
    parser = _Shown()
    parser.feed(source)
    parser.close()
    lines = (_BLANKS.sub(" ", line).strip() for line in "".join(parser.pieces).split("\n"))
    inside = [Attachment(f"inside {n}", content) for n, content in enumerate(parser.data, 1)]
    return "\n".join(line for line in lines if line), inside


def decode_html(content: bytes) -> str:
    """Decode a page: by its mark, as UTF-8 when it is, else as it states, else by what it shows."""
    if content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return decode_text(content) or ""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        stated = _META.search(content[:4096])
        encoding = known_encoding(stated.group(1).decode("ascii")) if stated else None
        if encoding and encoding != "utf-8":
            return content.decode(encoding, "replace")
    return decode_text(content) or ""
