"""Runs the text operators of a content stream over a regular-expression tokenizer.

pdfminer parses content streams byte class by byte class with a method call per token and runs
every path and colour operator. Text needs a score of operators; the rest is skipped here. The
meaning of each operator is pdfminer's (ISO 32000-1, 9.3 and 9.4).
"""

import re
from collections.abc import Callable, Sequence
from typing import ClassVar

from pdfminer.pdfinterp import LITERAL_FORM, LITERAL_IMAGE, PDFTextState
from pdfminer.pdftypes import PDFStream, dict_value, list_value, resolve1, stream_value
from pdfminer.psparser import LIT, PSLiteral
from pdfminer.utils import MATRIX_IDENTITY, Matrix, mult_matrix

from extractors.pages.device import PageTooComplexError
from extractors.pages.painting import PaintingInterpreter, numbers

MAX_FORMS = 5_000
MAX_FORM_DEPTH = 28
MAX_NESTING = 60

_TOKEN = re.compile(
    rb"[\x00\t\n\x0c\r ]*(?:"
    rb"\(([^()\\\r]*)\)"  # 1 a plain string
    rb"|([+-]?(?>\d+\.?\d*|\.\d+))(?=[\x00\t\n\x0c\r /\[\]<>(){}%A-Za-z'\"]|$)"  # 2 number
    rb"|([A-Za-z'\"][^\x00\t\n\x0c\r /\[\]<>(){}%]*)"  # 3 operator
    rb"|/([^\x00\t\n\x0c\r /\[\]<>(){}%]*)"  # 4 name
    rb"|(<<|>>|[\[\](])"  # 5 brackets, or a string that needs care
    rb"|<([0-9A-Fa-f\x00\t\n\x0c\r ]*)>"  # 6 hexadecimal string
    rb"|%[^\r\n]*"  # a comment
    rb"|([^\x00\t\n\x0c\r /\[\]<>(){}%]+|.)"  # 7 anything else is skipped
    rb")",
    re.DOTALL,
)
_STRING_PART = re.compile(rb"[^()\\\r]+|\\([0-7]{1,3}|\r\n|.)|[()]|\r\n?", re.DOTALL)
_INLINE_END = re.compile(rb"[\x00\t\n\x0c\r ]EI(?=[\x00\t\n\x0c\r ]|$)")
_HEX_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
_ESCAPES = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"b": b"\b",
    b"f": b"\f",
    b"\n": b"",
    b"\r": b"",
    b"\r\n": b"",
}


def _careful_string(data: bytes, start: int) -> tuple[bytes, int]:
    """Read a string with escapes or nested parentheses; `start` is behind its opening one."""
    parts: list[bytes] = []
    depth = 1
    position = start
    while True:
        match = _STRING_PART.match(data, position)
        if match is None:
            return b"".join(parts), len(data)
        position = match.end()
        escape = match.group(1)
        part = match.group()
        if escape is not None:
            if escape[:1].isdigit():
                parts.append(bytes((int(escape, 8) & 255,)))
            else:
                parts.append(_ESCAPES.get(escape, escape))
            continue
        if part == b"(":
            depth += 1
        elif part == b")":
            depth -= 1
            if not depth:
                return b"".join(parts), position
        parts.append(b"\n" if part[:1] == b"\r" else part)


def _hex_string(digits: bytes) -> bytes:
    digits = bytes(digits).translate(None, b"\x00\t\n\x0c\r ")
    return bytes.fromhex((digits + b"0" if len(digits) % 2 else digits).decode("ascii"))


def _name(raw: bytes) -> PSLiteral:
    if b"#" in raw:
        raw = _HEX_NAME.sub(lambda match: bytes((int(match.group(1), 16),)), raw)
    try:
        return LIT(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return LIT(raw)


class TextInterpreter(PaintingInterpreter):
    """pdfminer's page interpreter with the text operators only; feeds a `CharacterDevice`."""

    depth = 0

    def init_state(self, ctm: Matrix) -> None:
        """Begin a content stream with an empty stack of states."""
        super().init_state(ctm)
        self.saved: list[tuple[Matrix, PDFTextState, bool, bool, float]] = []

    def subinterp(self) -> "TextInterpreter":
        """Return the interpreter of a form that this content invokes; limits the nesting."""
        inner = super().subinterp()
        assert isinstance(inner, TextInterpreter)
        inner.depth = self.depth + 1
        self.device.forms += 1
        if inner.depth > MAX_FORM_DEPTH or self.device.forms > MAX_FORMS:
            raise PageTooComplexError
        return inner

    def execute(self, streams: Sequence[object]) -> None:
        """Run the streams as one program; a stream that is already running is left out."""
        self.stream_ids.clear()
        contents: list[bytes] = []
        for item in streams:
            stream = stream_value(item)
            if stream.objid is None or stream.objid in self.parent_stream_ids:
                continue
            self.stream_ids.add(stream.objid)
            contents.append(stream.get_data())
        self._run(contents[0] if len(contents) == 1 else b"\n".join(contents))
        self.close_marks()

    def _run(self, data: bytes) -> None:
        match_token = _TOKEN.match
        operators = self._OPERATORS
        arguments: list[object] = []
        outer: list[tuple[list[object], bool]] = []
        position, end = 0, len(data)
        while position < end:
            match = match_token(data, position)
            if match is None:
                break
            position = match.end()
            kind = match.lastindex
            if kind == 2:
                number = match.group(2)
                arguments.append(float(number) if b"." in number else int(number[:18]))
            elif kind == 1:
                arguments.append(match.group(1))
            elif kind == 3:
                word = match.group(3)
                if word == b"BI":
                    position = self._inline_image(data, position)
                    arguments = []
                    outer.clear()
                    continue
                run = operators.get(word)
                if outer:
                    if word in (b"true", b"false", b"null"):
                        arguments.append(word == b"true")
                        continue
                    if run is None:
                        continue
                    # An operator inside brackets: the closing one was lost.
                    while outer:
                        arguments, _ = outer.pop()
                if run is not None:
                    run(self, arguments)
                arguments = []
            elif kind == 4:
                arguments.append(_name(match.group(4)))
            elif kind == 6:
                arguments.append(_hex_string(match.group(6)))
            elif kind == 5:
                bracket = match.group(5)
                if bracket == b"(":
                    text, position = _careful_string(data, position)
                    arguments.append(text)
                elif bracket in (b"[", b"<<"):
                    if len(outer) > MAX_NESTING:
                        raise PageTooComplexError
                    outer.append((arguments, bracket == b"["))
                    arguments = []
                elif outer:
                    inner = arguments
                    arguments, _ = outer.pop()
                    arguments.append(inner)

    def _inline_image(self, data: bytes, position: int) -> int:
        start = data.find(b"ID", position)
        if start < 0:
            return len(data)
        self.device.add_image(self.ctm)
        match = _INLINE_END.search(data, start + 3)
        return match.end() if match else len(data)

    # Operators: (self, arguments). Too few or wrong arguments leave the state as it is.

    def _save(self, _arguments: list[object]) -> None:
        if len(self.saved) < 10_000:
            device = self.device
            self.saved.append(
                (self.ctm, self.textstate.copy(), device.pale, device.clear, device.shade)
            )

    def _restore(self, _arguments: list[object]) -> None:
        if self.saved:
            device = self.device
            self.ctm, self.textstate, device.pale, device.clear, device.shade = self.saved.pop()
            device.set_ctm(self.ctm)

    def _concatenate(self, arguments: list[object]) -> None:
        matrix = numbers(arguments, 6)
        if matrix is not None:
            self.ctm = mult_matrix((*matrix,), self.ctm)  # type: ignore[arg-type]
            self.device.set_ctm(self.ctm)

    def _begin_text(self, _arguments: list[object]) -> None:
        self.textstate.reset()

    def _number_setter(attribute: str, factor: int = 1) -> Callable[..., None]:  # type: ignore[misc]  # noqa: N805
        def setter(self: "TextInterpreter", arguments: list[object]) -> None:
            values = numbers(arguments, 1)
            if values is not None:
                setattr(self.textstate, attribute, values[0] * factor)

        return setter

    def _font(self, arguments: list[object]) -> None:
        if len(arguments) < 2:
            return
        name, size = arguments[-2:]
        font = self.fontmap.get(name.name) if isinstance(name, PSLiteral) else None
        self.textstate.font = font or self.rsrcmgr.get_font(None, {})
        if isinstance(size, int | float):
            self.textstate.fontsize = size

    def _move(self, arguments: list[object]) -> None:
        values = numbers(arguments, 2)
        state = self.textstate
        if values is not None:
            x, y = values
            a, b, c, d, e, f = state.matrix
            state.matrix = (a, b, c, d, x * a + y * c + e, x * b + y * d + f)
        state.linematrix = (0, 0)

    def _move_leading(self, arguments: list[object]) -> None:
        values = numbers(arguments, 2)
        if values is not None:
            self.textstate.leading = values[1]
        self._move(arguments)

    def _set_matrix(self, arguments: list[object]) -> None:
        values = numbers(arguments, 6)
        if values is not None:
            self.textstate.matrix = (*values,)  # type: ignore[assignment]
            self.textstate.linematrix = (0, 0)

    def _next_line(self, _arguments: list[object]) -> None:
        self._move([0, self.textstate.leading])

    def _show(self, arguments: list[object]) -> None:
        if arguments:
            self.device.render_string(self.textstate, arguments[-1:])

    def _show_spaced(self, arguments: list[object]) -> None:
        if arguments and isinstance(arguments[-1], list):
            self.device.render_string(self.textstate, arguments[-1])

    def _next_line_show(self, arguments: list[object]) -> None:
        self._next_line([])
        self._show(arguments)

    def _space_next_line_show(self, arguments: list[object]) -> None:
        values = numbers(arguments[:-1], 2)
        if values is not None:
            self.textstate.wordspace, self.textstate.charspace = values
        self._next_line_show(arguments)

    def _invoke(self, arguments: list[object]) -> None:
        name = arguments[-1] if arguments else None
        target = self.xobjmap.get(name.name) if isinstance(name, PSLiteral) else None
        target = resolve1(target)
        if not isinstance(target, PDFStream):
            return
        subtype = resolve1(target.get("Subtype"))
        if self.device.layers.hide(target.get("OC")):
            return
        if subtype is LITERAL_IMAGE:
            self.device.add_image(self.ctm)
        elif subtype is LITERAL_FORM:
            self.run_form(target, self.ctm)

    def run_form(self, form: PDFStream, ctm: Matrix) -> None:
        """Run a form XObject (also an annotation's appearance) with its own resources."""
        matrix = numbers(list_value(form.get("Matrix", MATRIX_IDENTITY)), 6) or MATRIX_IDENTITY
        own = form.get("Resources")
        resources = dict_value(own) if own else self.resources.copy()
        inner = self.subinterp()
        device = self.device
        pale, clear, shade = device.pale, device.clear, device.shade
        inner.render_contents(resources, [form], ctm=mult_matrix((*matrix,), ctm))  # type: ignore[arg-type]
        device.pale, device.clear, device.shade = pale, clear, shade
        # The device follows the interpreter that runs: give it this one's matrix again.
        device.set_ctm(self.ctm)

    _OPERATORS: ClassVar[dict[bytes, Callable[["TextInterpreter", list[object]], None]]] = {
        b"q": _save,
        b"Q": _restore,
        b"cm": _concatenate,
        b"BT": _begin_text,
        b"Tc": _number_setter("charspace"),
        b"Tw": _number_setter("wordspace"),
        b"Tz": _number_setter("scaling"),
        b"TL": _number_setter("leading", -1),
        b"Tr": _number_setter("render"),
        b"Ts": _number_setter("rise"),
        b"Tf": _font,
        b"Td": _move,
        b"TD": _move_leading,
        b"Tm": _set_matrix,
        b"T*": _next_line,
        b"Tj": _show,
        b"TJ": _show_spaced,
        b"'": _next_line_show,
        b'"': _space_next_line_show,
        b"Do": _invoke,
        **PaintingInterpreter.PAINTING,
    }
