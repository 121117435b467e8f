"""The text of an HTML letter: what a reader would see, quoted blocks marked with ">"."""

from html.parser import HTMLParser

_BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol"})
_HIDDEN = frozenset({"script", "style", "head", "title", "template", "noscript"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
        self._hidden = 0
        self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden += 1
        if tag in _BREAKS or tag == "blockquote":
            self._end_line()
        if tag == "blockquote":
            self._quoted += 1
        if tag == "td":
            self._line.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        if tag in _BREAKS or tag == "blockquote":
            self._end_line()
        if tag == "blockquote":
            self._quoted = max(0, self._quoted - 1)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._line.append(data)

    def _end_line(self) -> None:
        text = " ".join("".join(self._line).split())
        self._line.clear()
        if text or (self._lines and self._lines[-1]):
            self._lines.append(f"> {text}" if self._quoted and text else text)

    def text(self) -> str:
        self._end_line()
        return "\n".join(self._lines).strip()


def html_to_text(html: str) -> str:
    """Return the visible text of `html`; broken markup gives what could be read of it."""
    reader = _Reader()
    try:
        reader.feed(html)
        reader.close()
    except (AssertionError, ValueError):  # the parser's own limits on malformed declarations
        return reader.text()
    return reader.text()
